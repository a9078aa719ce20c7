"""Pictures of own tiles: python -m tilewright_training.experiments.border_picture docs/images.

borders.png: a map in tiles of `dawn-tiles`, without borders and with those of `borders`. own-tiles.png: tiles of a
complete set that joins them, and the map drawn with it.
"""

import sys
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright.arrays import Uint8Array
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
KINDS = {"~": "water", ",": "dirt", ".": "grass"}
SEED, TRIED, SCALE = 3, 64, 2


def tiles_of(kinds: list[str]) -> dict[str, Uint8Array]:
    """Return a tile of `dawn-tiles` for each kind that repeats well and differs from the others."""
    pack, chosen = tw.load("dawn-tiles"), np.zeros((0, 16, 16, 4), np.uint8)
    for kind in kinds:
        made = pack.generate(TRIED, kind=kind, seed=SEED).rgba
        chosen = np.concatenate([chosen, tw.choose_tiles(made, chosen, 1, kind)])
    return dict(zip(kinds, chosen, strict=True))


def main() -> None:
    """Write both pictures into a folder."""
    pack, folder = tw.load("borders"), Path(sys.argv[1])
    tiles = tiles_of(["grass", "water", "dirt"])
    kinds = np.array([[pack.kinds.index(KINDS[letter]) for letter in row] for row in MAP])
    laid = np.stack([tiles[pack.kinds[kind]] for kind in kinds.ravel()])
    plain = make_sheet(laid, kinds.shape[1])
    painted = pack.paint_borders(kinds, tiles, seed=SEED)
    save_png(make_sheet(np.stack([plain, painted]), 2, spacing=4, scale=SCALE), folder / "borders.png")

    tileset = tw.make_tileset(pack, tiles=tiles, layout="corner-16", seed=SEED)
    terrain = np.array([[[*tiles].index(KINDS[letter]) for letter in row] for row in MAP])
    drawn = tw.autotile(terrain, tileset, seed=SEED).picture()
    _, first = np.unique(tileset.codes, axis=0, return_index=True)
    pairs = [
        number for number in sorted(first) if 0 in tileset.codes[number]
    ]  # grass alone, and with another
    sheet = make_sheet(tileset.rgba[pairs], 5, spacing=1)
    picture = np.zeros((max(len(sheet), len(drawn)), sheet.shape[1] + drawn.shape[1] + 8, 4), np.uint8)
    picture[: len(sheet), : sheet.shape[1]] = sheet
    picture[: len(drawn), -drawn.shape[1] :] = drawn
    save_png(picture.repeat(SCALE, axis=0).repeat(SCALE, axis=1), folder / "own-tiles.png")


if __name__ == "__main__":
    main()
