"""The kinds of cells of levels and worlds."""

import numpy as np

from tilewright.arrays import BoolArray, Uint8Array

KINDS = ("floor", "grass", "wall", "water", "lava", "sand")
"""The kinds of cells. A level's cells are indices into this tuple."""

GLYPHS = {"floor": ".", "grass": ",", "wall": "#", "water": "~", "lava": "%", "sand": ":"}
"""The character of each kind."""

WALKABLE = ("floor", "grass", "sand")
"""The walkable kinds."""

FLOOR, GRASS, WALL, WATER, LAVA, SAND = range(len(KINDS))


def walkable(cells: Uint8Array) -> BoolArray:
    """Return which cells one can walk on: bool, of the shape of `cells`."""
    return np.isin(cells, [KINDS.index(kind) for kind in WALKABLE])
