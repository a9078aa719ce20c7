"""A signal such as Ctrl-C ends any call soon, and the interrupted object stays usable."""

import subprocess
import sys

import pytest

from tilewright import _core

PATIENCE = 0.5  # seconds of CPU time

PROLOGUE = """
import signal, sys, time
import numpy as np
from tilewright import _core

rng = np.random.default_rng(1)

def weights(*shape):
    return rng.integers(-9, 9, shape, dtype=np.int8)

def rest(channels):
    return np.zeros(channels, np.int32), np.full(channels, 0.001, np.float32), 100, 128, False

def new_plan(shape):
    plan = _core.PlanBuilder(1, np.arange(-128, 128).astype(np.int8))
    return plan, plan.input("latents", shape)

def executor_of(plan, result, backend):
    plan.output("result", result)
    return _core.Executor(plan, backend)

def sampled(x, edge, kernel, method, steps, backend):
    plan = _core.PlanBuilder(1, np.zeros(256, np.int8))
    cells, kind = plan.input("cells", (edge, edge)), plan.input("kind")
    x = plan.embed_cells(kind, cells, rng.integers(0, 256, (1, 5, 8), dtype=np.uint8))
    scores = plan.scores(x, weights(4, kernel, kernel, 8), np.zeros(4, np.int32), 0, False)
    plan.sampler(method, 4, steps, cells, scores, np.zeros(4096, np.int32))
    return executor_of(plan, cells, backend)
"""

CALLS = {
    "many-tiles": """
plan, x = new_plan((8, 8, 8))
executor = executor_of(plan, plan.argmax(plan.conv2d(x, weights(16, 3, 3, 8), *rest(16))), backend)
few, many = lambda: executor.run(1, 0, None, None, 9), lambda: executor.run(0, 0, None, None, 1 << 23, THREADS)
""",
    "one-wide-layer": """
plan, x = new_plan((384, 384, 4))
small, y = new_plan((8, 8, 4))
kernel = weights(16, 31, 31, 4)
executor = executor_of(plan, plan.conv2d(x, kernel, *rest(16)), backend)
other = executor_of(small, small.conv2d(y, kernel, *rest(16)), backend)
few, many = lambda: other.run(1, 0, None, None, 9), lambda: executor.run(0, 0, None, None, 40)
""",
    "layers-of-winograd": """
plan, x = new_plan((512, 512, 16))
for _ in range(6):
    x = plan.conv2d(x, weights(16, 3, 3, 16), *rest(16))
executor = executor_of(plan, x, backend)
few, many = lambda: executor.run(1, 0, None, None, 1), lambda: executor.run(0, 0, None, None, 300)
""",
    "one-tile-of-a-sampler": """
executor = sampled(0, 304, 15, "autoregressive", 304 * 304, backend)
other = sampled(0, 8, 3, "masked", 9, backend)
few, many = lambda: other.run(1, 0, None, None, 9), lambda: executor.run(0, 0, None, None, 1)
""",
    "followed-cells": """
executor = sampled(0, 64, 31, "masked", 64 * 64, backend)
few, many = lambda: {}, lambda: executor.run(0, 0, None, None, 256)
""",
    "trace": """
plan, x = new_plan((384, 384, 16))
for _ in range(12):
    x = plan.conv2d(x, weights(16, 31, 31, 16), *rest(16))
executor = executor_of(plan, x, backend)
few, many = lambda: {}, lambda: executor.trace(0, 0)
""",
    "stages": """
plan, x = new_plan((8, 8, 8))
executor = executor_of(plan, plan.conv2d(x, weights(16, 3, 3, 8), *rest(16)), backend)
few, many = lambda: executor.run(1, 0, None, None, 9), lambda: executor.time_stages(1 << 30)
""",
    "level": """
# 26 of 81 cells, no two of them adjacent, do not exist: the proof takes exponential time.
solver = _core.LevelSolver(np.ones((1, 2), np.int32), np.ones((2, 2, 2), np.uint8), 9, 9)
solver.count("26", np.array([0, 1], np.uint8), 26, 81)
solver.separate("apart", np.array([0, 1], np.uint8), 2)
few, many = lambda: {}, lambda: solver.solve(1, 2**60)
""",
    "levels": """
T = 64
allowed = np.ones((2, T, T), np.uint8)
few = lambda: {}
many = lambda: [_core.LevelSolver(np.ones((1, T), np.int32), allowed, 512, 512).solve(s, 2**60) for s in range(99)]
""",
}

EPILOGUE = """
class Asked(Exception):
    pass

def handler(*_):
    global asked
    asked = time.process_time()
    assert few() is not None  # from within the call
    raise Asked

before = few()
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
    many()
except Asked:
    pass
else:
    raise SystemExit("the call ended by itself")
assert time.process_time() - asked < PATIENCE, f"{time.process_time() - asked:.2f} s after the signal"
for name, array in (few() or {}).items():
    assert np.array_equal(array, before[name])
"""


def run(call: str, backend: str, threads: int = 1) -> None:
    program = f"{PROLOGUE}\nbackend, THREADS, PATIENCE = {backend!r}, {threads}, {PATIENCE}\n{CALLS[call]}\n{EPILOGUE}"
    ended = subprocess.run(
        [sys.executable, "-c", program], timeout=60, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.unsanitized("measures times")
@pytest.mark.parametrize("call", CALLS)
def test_a_signal_ends_a_call(call: str) -> None:
    run(call, _core.backends()[0])


@pytest.mark.unsanitized("measures times")
@pytest.mark.parametrize("backend", _core.backends()[1:])
@pytest.mark.parametrize("call", ["one-wide-layer", "layers-of-winograd", "followed-cells"])
def test_a_signal_ends_a_call_on_every_backend(call: str, backend: str) -> None:
    run(call, backend)


def test_a_signal_ends_the_work_of_all_threads() -> None:
    run("many-tiles", _core.backends()[0], threads=4)
