"""Generate a few tiles of a few packs on the device, for compute-sanitizer and ncu.

  python -m tilewright_benchmarks.gpu.small_cases [--tiles 7] [--device cuda] PACK ...

Prints the number of tiles. Exit code 1 if a byte differs from the CPU's.
"""

import argparse

import numpy as np

from tilewright.generator import Pack

from ..subject import SEED, open_subject
from .core_runner import generate


def main() -> None:
    """Generate, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="+")
    parser.add_argument("--tiles", type=int, default=7)
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    for name in options.pack:
        pack = Pack(open_subject(name, 1).file)
        made = np.asarray(generate(pack, options.tiles, options.device, False, SEED, 0).rgba)
        if not np.array_equal(made, pack.generate(options.tiles, seed=SEED, device="cpu", gate=False).rgba):
            raise SystemExit(f"{pack.name}: the tiles differ from the CPU's")
    print(f"{options.tiles} tiles of {len(options.pack)} packs")


if __name__ == "__main__":
    main()
