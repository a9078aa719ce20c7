"""Picture of docs/editing.md: python -m tilewright_training.experiments.border_picture docs/images/borders.png."""

import sys
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright.sheet import make_sheet, save_png

MAP = """
................
...~~~~.....,,..
..~~~~~~...,,,,.
..~~~~~~~..,,,,.
...~~~~~....,,..
.....~~.....,,..
..,,......,,,,..
.,,,,,,,,,,,....
..,,,,,,.....~~.
............~~~~
""".strip().splitlines()
KINDS = {".": "grass", "~": "water", ",": "dirt"}
SEED, TRIED, SCALE = 3, 64, 2


def tiles_of(kinds: list[str]) -> dict[str, np.ndarray]:
    """Return a tile of `dawn-tiles` for each kind that repeats well and differs from the others."""
    pack, chosen = tw.load("dawn-tiles"), np.zeros((0, 16, 16, 4), np.uint8)
    for kind in kinds:
        made = pack.generate(TRIED, kind=kind, seed=SEED).rgba
        chosen = np.concatenate([chosen, tw.choose_tiles(made, chosen, 1, kind)])
    return dict(zip(kinds, chosen, strict=True))


def main() -> None:
    """Write the map without borders, and with them, side by side."""
    pack = tw.load("borders")
    tiles = tiles_of([*KINDS.values()])
    kinds = np.array([[pack.kinds.index(KINDS[letter]) for letter in row] for row in MAP])
    laid = np.stack([tiles[pack.kinds[kind]] for kind in kinds.ravel()])
    plain = make_sheet(laid, kinds.shape[1])
    painted = pack.paint_borders(kinds, tiles, seed=SEED)
    save_png(make_sheet(np.stack([plain, painted]), 2, spacing=4, scale=SCALE), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
