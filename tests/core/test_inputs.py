"""Inputs of a plan in any order and with any use: the core, and the stand-in for a GPU, against the reference."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tilewright import seeds
from tilewright.compiler import fast_reference, reference
from tilewright.engine import DeviceEngine, Engine, backends
from tilewright.plan import Buffer, Input, Plan

from ..cuda.conftest import gpu, simt  # noqa: F401
from ..test_engine import make_plan
from .test_samplers import Network

Make = Callable[[Plan], Engine | DeviceEngine]


@pytest.fixture(params=[*backends(), "simt"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes an engine of each backend."""
    if request.param == "simt":
        request.getfixturevalue("gpu")
        return DeviceEngine
    return lambda plan: Engine(plan, request.param)


def check(made: Engine | DeviceEngine, count: int, **arguments: object) -> None:
    got = made.run(count, seed=7, start=2**64 - 2, **arguments)  # type: ignore[arg-type]
    expected = reference.run(made.plan, count, seed=7, start=2**64 - 2, **arguments)  # type: ignore[arg-type]
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        assert got[name].dtype == array.dtype
        np.testing.assert_array_equal(got[name], array, err_msg=name)


def with_latents(method: str) -> Plan:
    """A step network on cells that adds a map computed from latents, and a map of the kind, to its own."""
    network = Network()
    network.embed_cells()
    network.latent_map("z", "noise")
    network.kind_map("kinds")
    network.add("noise", "kinds", "still")
    network.conv2d("x", "y", zero_in=200, taps=4)
    network.add("y", "still", "sum")
    return network.plan("sum", method)


@pytest.mark.parametrize("method", ["masked", "autoregressive"])
def test_a_sampler_reads_latents_too(make: Make, method: str) -> None:
    plan = with_latents(method)
    assert plan.latent_size == 13
    made = make(plan)
    check(made, 3)
    check(made, 2, latents=np.arange(26, dtype=np.int8).reshape(2, 13) * 9, kinds=np.array([2, 0], np.int32))
    for step, got in zip(plan.steps, made.trace(3, 4), strict=True):
        value = reference.trace(plan, 1, seed=3, start=4)[step.output]
        assert got.tobytes() == value[0].tobytes(), step.output


def test_latents_change_what_a_sampler_draws() -> None:
    made = Engine(with_latents("autoregressive"))
    one, other = (made.run(8, latents=np.full((8, 13), value, np.int8))["indices"] for value in (-128, 127))
    assert (one != other).any()
    pictures = fast_reference.run(made.plan, 8, seed=1)["indices"]
    np.testing.assert_array_equal(pictures, made.run(8, seed=1)["indices"])


def test_inputs_come_in_any_order(make: Make) -> None:
    """Latents before and after the kind, one input that nothing reads, and all of them as outputs."""
    plan = make_plan()
    buffers = {"early": Buffer("early", (2, 1, 3)), "late": Buffer("late", (37,)), **plan.buffers}
    order = [("latents", "early"), ("kind", "kind"), ("latents", "latent"), ("latents", "late")]
    outputs = {**plan.outputs, "a": "late", "b": "early", "c": "latent"}
    made = make(replace(plan, inputs=tuple(Input(*i) for i in order), buffers=buffers, outputs=outputs))
    check(made, 9)
    latents = seeds.draw_latents(7, 2**64 - 2, 3, 6 + 8 + 37).astype(np.int16) + 128
    got = made.run(3, seed=7, start=2**64 - 2)
    joined = np.concatenate([got[name].reshape(3, -1) for name in "bca"], axis=1)
    np.testing.assert_array_equal(joined, latents)


def test_one_kind_for_all_tiles(make: Make) -> None:
    made = make(make_plan())
    for kind in range(3):
        got, expected = made.run(5, seed=1, kinds=kind), made.run(5, seed=1, kinds=np.full(5, kind, np.int32))
        assert got["kind"].tolist() == [kind] * 5
        for name, array in expected.items():
            np.testing.assert_array_equal(got[name], array)


@pytest.mark.parametrize("kind", [-1, 3, 2**31 - 1])
def test_a_kind_that_the_plan_lacks(make: Make, kind: int) -> None:
    made = make(make_plan())
    with pytest.raises(ValueError, match=rf"Executor\.run\(\): kind {kind} is not below 3$"):
        made.run(2, kinds=kind)


def test_kinds_come_back_in_an_array_of_their_own() -> None:
    kinds = np.array([2, 1, 0], np.int32)
    returned = Engine(make_plan()).run(3, kinds=kinds)["kind"]
    assert not np.shares_memory(returned, kinds)
    np.testing.assert_array_equal(returned, kinds)


def test_stages_are_timed_though_the_memory_of_the_kind_is_used_again() -> None:
    """Every round needs its kind, which later stages may have written over."""
    plan = make_plan()
    for backend in backends():
        assert len(Engine(plan, backend).time_stages(50)) > 2
