"""A few tiles of a few packs on the device: what compute-sanitizer and ncu watch, and nothing else.

    python -m tilewright_benchmarks.gpu.small_cases [--tiles 7] [--device cuda] PACK ...

Prints how many tiles were made; exit code 1 if a byte is not the CPU's.
"""

import argparse

import numpy as np

from tilewright.generator import Pack

from ..subject import SEED, open_subject
from .core_runner import generate


def main() -> None:
    """Make, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="+")
    parser.add_argument("--tiles", type=int, default=7)
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    for name in options.pack:
        pack = Pack(open_subject(name, 1).file)
        made = np.asarray(generate(pack, options.tiles, options.device, False, SEED, 0).rgba)
        if not np.array_equal(made, pack.generate(options.tiles, seed=SEED, device="cpu").rgba):
            raise SystemExit(f"{pack.name}: these are not the CPU's tiles")
    print(f"{options.tiles} tiles of {len(options.pack)} packs")


if __name__ == "__main__":
    main()
