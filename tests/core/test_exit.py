"""A program may exit while its threads run the core."""

import subprocess
import sys

import pytest

WORK = {
    "short-calls": "executor.run(1, 0, None, None, 3)",
    "long-calls-of-threads": "executor.run(1, 0, None, None, 1 << 23, 3)",
    "levels": "_core.LevelSolver(np.ones((1, 32), np.int32), np.ones((2, 32, 32), np.uint8), 64, 64).solve(1, 9999)",
    "pictures": "_core.apply_palette(np.zeros((50, 16, 16), np.uint8), np.zeros((1, 4, 4), np.uint8))",
}


@pytest.mark.parametrize("work", WORK)
def test_a_daemon_thread_does_not_abort_the_process(work: str) -> None:
    program = f"""
import threading, time
import numpy as np
from tilewright import _core
plan = _core.PlanBuilder(1, np.arange(-128, 128).astype(np.int8))
x = plan.input("latents", (8, 8, 8))
w = np.ones((16, 3, 3, 8), np.int8)
plan.output("x", plan.argmax(plan.conv2d(x, w, np.zeros(16, np.int32), np.ones(16, np.float32), 0, 0, False)))
executor = _core.Executor(plan)
def work():
    while True:
        {WORK[work]}
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.25)
"""
    for _ in range(3):
        ended = subprocess.run(
            [sys.executable, "-c", program], timeout=60, capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")
