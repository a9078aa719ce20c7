import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tilewright import _core, seeds

from .small_plan import KINDS, LATENTS, OUTPUTS, build_plan


def assert_same(left, right):
    assert left.keys() == right.keys() == OUTPUTS.keys()
    for name in left:
        assert np.array_equal(left[name], right[name]), name


def test_outputs_have_a_row_per_tile(executor):
    results = executor.run(7, 0, None, None, 3)
    assert {name: (array.shape, array.dtype) for name, array in results.items()} == {
        name: ((3, size), np.dtype(np.uint8)) for name, size in OUTPUTS.items()
    }
    assert len(np.unique(results["indices"], axis=0)) == 3


@pytest.mark.parametrize("threads", [0, 1, 2, 3, 16, 64])
def test_a_tile_does_not_depend_on_the_number_of_threads(executor, threads):
    assert_same(executor.run(7, 3, None, None, 17, threads), executor.run(7, 3, None, None, 17, 1))


@pytest.mark.parametrize("start", [0, 5, 2**32 - 4, 2**64 - 4])
def test_a_tile_does_not_depend_on_batch_or_start(executor, start):
    together = executor.run(7, start, None, None, 9)
    one_by_one = [executor.run(7, (start + i) % 2**64, None, None, 1) for i in range(9)]
    assert_same(together, {name: np.concatenate([one[name] for one in one_by_one]) for name in OUTPUTS})
    backwards = [executor.run(7, (start + i) % 2**64, None, None, 1) for i in reversed(range(9))]
    assert_same(one_by_one[0], backwards[-1])


def test_drawn_latents_and_kinds_are_those_of_the_seed():
    plan = _core.PlanBuilder(128, LATENTS, 0, KINDS, seeds.LATENT_TABLE)
    plan.embed((64, (1,)), np.arange(KINDS, dtype=np.uint8).reshape(KINDS, 1))
    plan.output("latents", 0, LATENTS)
    plan.output("kind", 64, 1)
    results = _core.Executor(plan).run(2**64 - 1, 2**64 - 2, None, None, 6)
    latents = seeds.draw_latents(2**64 - 1, 2**64 - 2, 6, LATENTS).astype(np.int16) + 128
    assert np.array_equal(results["latents"], latents)
    assert np.array_equal(results["kind"][:, 0], seeds.draw_kinds(2**64 - 1, 2**64 - 2, 6, KINDS))


def test_given_latents_and_kinds_replace_the_drawn_ones(executor):
    rng = np.random.default_rng(3)
    latents = rng.integers(-128, 127, (4, LATENTS), dtype=np.int8, endpoint=True)
    kinds = np.array([4, 0, 4, 2], dtype=np.int32)
    results = executor.run(1, 2, kinds, latents, 4)
    assert_same(results, executor.run(99, 98, kinds, latents, 4, 2))
    assert (results["indices"][0] != executor.run(1, 2, kinds[::-1].copy(), latents, 4)["indices"][0]).any()


def test_no_tiles_are_an_empty_array(executor):
    assert {name: array.shape for name, array in executor.run(0, 0, None, None, 0, 4).items()} == {
        name: (0, size) for name, size in OUTPUTS.items()
    }


def test_trace_returns_what_each_step_wrote(executor):
    steps = executor.trace(7, 5)
    assert [array.size for array in steps] == [7, 27, 24, 192, 192, 640, 1536, 1536, 1536, 9216, 256]
    results = executor.run(7, 5, None, None, 1)
    assert np.array_equal(steps[-1], results["indices"][0])
    assert np.array_equal(steps[2], results["palette"][0])
    sums = steps[-2].view(np.int32).reshape(256, 9)
    assert np.array_equal(sums.argmax(axis=1), steps[-1])


def test_trace_takes_a_kind_and_latents(executor):
    latents = np.arange(LATENTS, dtype=np.int8)
    steps = executor.trace(0, 0, 3, latents)
    assert np.array_equal(steps[1][:LATENTS], latents.astype(np.uint8) + 128)
    results = executor.run(0, 0, np.array([3], dtype=np.int32), latents[None], 1)
    assert np.array_equal(steps[-1], results["indices"][0])


def test_threads_may_share_an_executor(executor):
    expected = executor.run(7, 0, None, None, 20)
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(executor.run, 7, 0, None, None, 20, 2) for _ in range(8)]:
            assert_same(future.result(), expected)


def test_an_executor_keeps_a_plan_of_its_own():
    plan = build_plan()
    executor = _core.Executor(plan)
    plan.output("more", 0, 1)
    del plan
    assert executor.run(0, 0, None, None, 1).keys() == OUTPUTS.keys()


def test_running_releases_the_gil(executor):
    started = threading.Event()

    def work():
        started.set()
        executor.run(0, 0, None, None, 3000)

    worker = threading.Thread(target=work)
    worker.start()
    started.wait()
    turns = 0
    while worker.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_runs_on():
    program = """
import os, signal
import numpy as np
from tilewright import _core
plan = _core.PlanBuilder(64, 64, 0, 1, np.arange(-128, 128, dtype=np.int8))
plan.output("latents", 0, 64)
executor = _core.Executor(plan)
before = executor.run(7, 0, None, None, 8, 4)["latents"]
child = os.fork()
if child == 0:
    signal.alarm(20)  # a child that hangs dies
    os._exit(0 if np.array_equal(executor.run(7, 0, None, None, 8, 4)["latents"], before) else 3)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"kinds": np.array([0, 5], dtype=np.int32)},
            "Executor.run(): kind 5 of tile 1 is not below 5",
        ),
        (
            {"kinds": np.array([-1, 0], dtype=np.int32)},
            "Executor.run(): kind -1 of tile 0 is not below 5",
        ),
        (
            {"kinds": np.array([0], dtype=np.int32)},
            "Executor.run(): kinds must be a C-contiguous array of int32 (2), not int32 (1)",
        ),
        (
            {"kinds": np.array([0, 1], dtype=np.int64)},
            "Executor.run(): kinds must be a C-contiguous array of int32 (2), not int64 (2)",
        ),
        (
            {"kinds": np.zeros(4, dtype=np.int32)[::2]},
            "Executor.run(): kinds must be a C-contiguous array of int32 (2), "
            "not int32 (2) with gaps or in another order",
        ),
        (
            {"latents": np.zeros((2, 19), dtype=np.int8)},
            "Executor.run(): latents must be a C-contiguous array of int8 (2, 20), not int8 (2, 19)",
        ),
        ({"threads": -1}, "Executor.run(): threads must be 0 or more, not -1"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(executor, arguments, text):
    everything = {"kinds": None, "latents": None, "threads": 1} | arguments
    with pytest.raises(ValueError) as caught:
        executor.run(0, 0, everything["kinds"], everything["latents"], 2, everything["threads"])
    assert str(caught.value) == text
