"""Steps read only what earlier steps wrote, not the previous contents of memory.

Reads of unused bytes do not show in results. Here, memory blocks have unmapped gaps beside them, so a read
outside of a block ends the process.
"""

import os
import subprocess
import sys

import pytest

from tilewright.engine import backends

PROGRAM = """
import sys
import numpy as np
from tilewright import _core

SIZE, CHANNELS, COLOURS, FILLERS = 7, 7, 32, 600  # so many that a list of steps takes memory of its own
rng = np.random.default_rng(1)
draw = lambda *shape: rng.integers(-128, 128, shape, dtype=np.int8)
plan = _core.PlanBuilder(1, np.zeros(256, dtype=np.int8))
cells, kind = plan.input("cells", (SIZE, SIZE)), plan.input("kind")
x = plan.embed_cells(kind, cells, rng.integers(0, 256, (1, COLOURS + 1, CHANNELS), dtype=np.uint8))
multiplier = np.full(CHANNELS, 0.01, dtype=np.float32)
x = plan.conv2d(x, draw(CHANNELS, 3, 3, CHANNELS), np.zeros(CHANNELS, dtype=np.int32), multiplier, 128, 128, False)
for _ in range(2 + FILLERS):
    x = plan.lookup(x, rng.integers(0, 256, 256, dtype=np.uint8))
bias = rng.integers(-(2**30), 2**30, COLOURS, dtype=np.int32)  # scores of which the halves are large too
scores = plan.scores(x, draw(COLOURS, 3, 3, CHANNELS), bias, 128, False)
plan.sampler("masked", COLOURS, 36, cells, scores, np.zeros(4096, dtype=np.int32))
plan.output("indices", 0)
executor = _core.Executor(plan, sys.argv[1])
for seed in range(10):
    executor.run(seed, 0, None, None, 8)
"""


@pytest.mark.parametrize("backend", backends())
def test_a_masked_sampler_looks_up_its_own_points_alone(backend: str) -> None:
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "4096"}  # option of glibc; has no effect elsewhere
    subprocess.run([sys.executable, "-c", PROGRAM, backend], check=True, timeout=60, env=environment)
