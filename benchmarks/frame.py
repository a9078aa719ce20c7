"""What matters to a game: tiles within one frame, and the time until the first of them."""

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
    """How many tiles the median `pack.generate(n).rgba` makes within 1/60 s."""
    return largest_batch(lambda n: pack.generate(n, seed=SEED, threads=threads, device="cpu").rgba, FRAME)


def start_up(path: str) -> tuple[float, float]:
    """Seconds of `import tilewright` and of `load(path)`, medians over fresh processes."""
    command = [sys.executable, "-c", _FRESH, path]
    times = []
    for _ in range(PROCESSES):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise PackError(f"bench: {path} cannot be loaded in a process of its own")
        times.append([float(word) for word in done.stdout.split()])
    importing, loading = zip(*times, strict=True)
    return statistics.median(importing), statistics.median(loading)
