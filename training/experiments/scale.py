"""Measure memory and speed of data sets with up to a million tiles.

  python -m tilewright_training.experiments.scale --tiles 1200000 --size 16

Builds synthetic sets of growing size and draws training batches from them. Prints for each set the private
memory of the process (RssAnon, which excludes the page cache), its peak while building, opening and drawing,
and the number of images per second.
"""

import argparse
import re
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from tilewright.pack import Source

from ..art.relatives import find_pairs, join
from ..config import preset
from ..data.batches import Batches
from ..data.dataset import read_art
from ..data.stored_set import SetWriter

STEPS = (10_000, 100_000)  # smaller sets, measured first
CHUNK = 4096
Result = TypeVar("Result")
KINDS = ("floor", "wall", "water", "monster")


def own_memory() -> int:
    """Return the private memory of this process in bytes, without mapped files (Linux only)."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    if found is None:
        raise OSError("scale: /proc/self/status has no RssAnon on this system")
    return int(found[1]) * 1024


class Peak:
    """Samples the private memory every few milliseconds within a `with` block and keeps the maximum."""

    def __enter__(self) -> "Peak":
        self.bytes = own_memory()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.bytes = max(self.bytes, own_memory())

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self.bytes = max(self.bytes, own_memory())


def build(path: Path, tiles: int, size: int) -> None:
    """Build a set of random tiles of four out of sixteen colours; nearly all are distinct."""
    labels = (np.arange(tiles) % len(KINDS)).astype(np.int64)
    colours = np.random.Generator(np.random.Philox(7)).integers(0, 256, (16, 4), np.uint8)
    colours[:, 3] = 255
    with SetWriter(path, (size, size)) as writer:
        for start in range(0, tiles, CHUNK):
            count = min(CHUNK, tiles - start)
            rng = np.random.Generator(np.random.Philox(key=[start, 1]))
            palette = rng.integers(0, 16, (count, 4))
            choice = rng.integers(0, 4, (count, size * size))
            index = np.take_along_axis(palette, choice, axis=1).reshape(count, size, size)
            writer.add(colours[index])
        groups = join(tiles, find_pairs(writer.images())[0])
        writer.finish(labels, groups, KINDS, (Source("synthetic", "CC0-1.0", "scale"),))


def measure(path: Path, tiles: int, size: int, batches: int) -> dict[str, float]:
    """Build a set, open it and draw batches. Returns seconds, peak bytes and images per second."""
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Result]) -> Result:
        with Peak() as peak:
            begun = time.perf_counter()
            result = work()
            found[f"{name} s"] = time.perf_counter() - begun
        found[f"{name} bytes"] = peak.bytes
        return result

    timed("build", lambda: build(path, tiles, size))
    data = timed("open", lambda: read_art([path], size)[0])
    config = preset("gan", size=size, steps=1)
    palette = np.unique(np.asarray(data.images[:64]).reshape(-1, 4), axis=0)

    def draw() -> None:
        drawn = Batches(data, config, palette)
        for step in range(batches):
            drawn.draw(step)

    timed("draw", draw)
    found["images a second"] = batches * config.batch / found["draw s"]
    return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiles", type=int, default=1_200_000, help="tiles of the largest set")
    parser.add_argument("--size", type=int, default=16, help="pixels along a tile's edge")
    parser.add_argument("--batches", type=int, default=300, help="batches to draw of each set")
    parser.add_argument(
        "--folder", type=Path, help="where the sets are built; a temporary folder if not given"
    )
    arguments = parser.parse_args()
    print(
        f"{'tiles':>10} {'on disk':>10} {'build, peak':>18} {'open, peak':>18} {'draw, peak':>12} {'images/s':>10}"
    )
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for tiles in (*(step for step in STEPS if step < arguments.tiles), arguments.tiles):
            path = Path(folder) / str(tiles)
            found = measure(path, tiles, arguments.size, arguments.batches)
            disk = _mib(sum(file.stat().st_size for file in path.iterdir()))
            build_ = f"{found['build s']:.1f} s {_mib(found['build bytes'])}"
            open_ = f"{found['open s']:.1f} s {_mib(found['open bytes'])}"
            speed = f"{found['images a second']:,.0f}"
            print(
                f"{tiles:>10,} {disk:>10} {build_:>18} {open_:>18} {_mib(found['draw bytes']):>12} {speed:>10}",
                flush=True,
            )


def _mib(count: float) -> str:
    return f"{count / 2**20:.0f} MiB"


if __name__ == "__main__":
    main()
