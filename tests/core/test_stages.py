"""Fusion: which steps become one stage, as named by `time_stages`."""

import time

import numpy as np
import pytest

from tilewright import _core

from .small_plan import build_plan

BYTES = np.arange(255, -1, -1, dtype=np.uint8)


class Steps:
    """Short names for steps on maps of 4 x 4 x 4."""

    def __init__(self):
        self.plan = _core.PlanBuilder(1, np.zeros(256, dtype=np.int8))
        self.x = self.plan.input("latents", (4, 4, 4))

    def conv(self, x):
        weights, bias = np.ones((4, 3, 3, 4), dtype=np.int8), np.zeros(4, dtype=np.int32)
        return self.plan.conv2d(x, weights, bias, np.full(4, 0.01, dtype=np.float32), 0, 0, True)

    def lookup(self, x):
        return self.plan.lookup(x, BYTES)

    def add(self, a, b):
        return self.plan.add(a, b, 1.0, 1.0, 0, 0, 0)

    def scores(self, x, bias=0):
        return self.plan.scores(
            x, np.ones((5, 1, 1, 4), dtype=np.int8), np.full(5, bias, dtype=np.int32), 0, True
        )


def stages(plan, backend=""):
    return [ops for ops, _, _ in _core.Executor(plan, backend).time_stages(1)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (lambda s: s.lookup(s.conv(s.x)), ["conv2d + lookup"]),
        (lambda s: s.add(s.conv(s.x), s.x), ["conv2d + add"]),
        (lambda s: s.add(s.x, s.conv(s.x)), ["conv2d + add"]),
        (lambda s: s.add(s.x, s.lookup(s.conv(s.x))), ["conv2d + lookup + add"]),
        (lambda s: s.add(s.conv(s.x), s.conv(s.x)), ["conv2d", "conv2d + add"]),
        (lambda s: s.lookup(s.lookup(s.conv(s.x))), ["conv2d + lookup", "lookup"]),
        (lambda s: s.lookup(s.add(s.conv(s.x), s.x)), ["conv2d + add", "lookup"]),
        (lambda s: s.add(s.add(s.conv(s.x), s.x), s.x), ["conv2d + add", "add"]),
        (lambda s: s.add(*[s.conv(s.x)] * 2), ["conv2d", "add"]),
        (lambda s: s.plan.argmax(s.scores(s.x)), ["scores + argmax"]),
        (lambda s: s.plan.argmax(s.conv(s.x)), ["conv2d", "argmax"]),
        # a rank needs spare low bits below the sum; these scores have none
        (lambda s: s.plan.argmax(s.scores(s.x, 2**23)), ["scores", "argmax"]),
        (lambda s: s.plan.argmax(s.scores(s.x, -(2**23))), ["scores", "argmax"]),
    ],
)
@pytest.mark.parametrize("backend", _core.backends())
def test_what_follows_a_layer_is_fused_to_it(backend, steps, expected):
    of = Steps()
    of.plan.output("result", steps(of))
    assert stages(of.plan, backend) == expected


def test_a_value_that_something_else_reads_is_kept():
    of = Steps()
    own = of.conv(of.x)
    looked_up = of.lookup(own)
    of.plan.output("sum", of.add(of.conv(looked_up), looked_up))
    assert stages(of.plan) == ["conv2d + lookup", "conv2d + add"]
    of.plan.output("own", own)
    assert stages(of.plan) == ["conv2d", "lookup", "conv2d + add"]


def test_many_colours_are_compared_after_they_are_stored():
    plan = _core.PlanBuilder(1, np.zeros(256, dtype=np.int8))
    weights, bias = np.ones((65, 1, 1, 4), dtype=np.int8), np.zeros(65, dtype=np.int32)
    plan.output("indices", plan.argmax(plan.scores(plan.input("latents", (4, 4, 4)), weights, bias, 0, True)))
    for backend in _core.backends():
        assert stages(plan, backend) == ["scores", "argmax"]


def test_each_stage_says_what_it_costs():
    executor = _core.Executor(build_plan())
    began = time.perf_counter()
    times = executor.time_stages(2)
    elapsed = time.perf_counter() - began
    assert sum(multiply_adds for _, _, multiply_adds in times) == executor.multiply_adds
    assert 0 < sum(seconds for _, seconds, _ in times) < elapsed
    assert [multiply_adds for ops, _, multiply_adds in times if ops in ("embed", "concat")] == [0, 0]


@pytest.mark.parametrize("rounds", [0, -3])
def test_there_is_no_mean_of_no_rounds(executor, rounds):
    with pytest.raises(ValueError) as caught:
        executor.time_stages(rounds)
    assert str(caught.value) == f"Executor.time_stages(): rounds must be 1 or more, not {rounds}"


def test_measuring_changes_no_tile(executor):
    before = executor.run(7, 0, None, None, 9)
    executor.time_stages(3)
    after = executor.run(7, 0, None, None, 9)
    assert all(np.array_equal(before[name], after[name]) for name in before)
