"""Figures that matter to a game: tiles per frame, and the time to the first tile."""

import statistics
import subprocess
import sys

from tilewright import PackError
from tilewright.generator import Pack

from .measure import largest_batch
from .subject import SEED

FRAME = 1 / 60
PROCESSES = 11

_FRESH = """
import sys, time
began = time.perf_counter()
import tilewright
imported = time.perf_counter()
tilewright.load(sys.argv[1])
print(imported - began, time.perf_counter() - imported)
"""


def tiles_in_a_frame(pack: Pack, threads: int) -> int:
    """Return the number of tiles that the median `pack.generate(n, gate=False).rgba` generates within 1/60 s."""
    return largest_batch(
        lambda n: pack.generate(n, seed=SEED, threads=threads, device="cpu", gate=False).rgba, FRAME
    )


def start_up(path: str) -> tuple[float, float]:
    """Return the seconds of `import tilewright` and of `load(path)`, medians over new processes."""
    command = [sys.executable, "-c", _FRESH, path]
    times = []
    for _ in range(PROCESSES):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise PackError(f"bench: {path} cannot be loaded in a separate process")
        times.append([float(word) for word in done.stdout.split()])
    importing, loading = zip(*times, strict=True)
    return statistics.median(importing), statistics.median(loading)
