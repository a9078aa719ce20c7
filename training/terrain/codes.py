"""Tables of tiles from those that an artist drew: for each tile, the neighbours that have the terrain of its cell.

A recipe writes them as the sides with the terrain, in the order NESW, and the corners between two of these sides that
lack it: "NESW" is the interior, "ES" the top left corner of an area, "NESW-SE" an inner corner, "0" a single cell.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tilewright.arrays import BoolArray, Uint8Array
from tilewright.tileset.quarters import QUARTERS, cases_of

from .layouts import MASKS, NEIGHBOURS, cornered

NONE, UNUSED = "0", "."
SIDES = dict(zip("NESW", (0, 2, 4, 6), strict=True))
CORNERS = {"NE": 1, "SE": 3, "SW": 5, "NW": 7}
WHOLE = sum(1 << bit for bit in SIDES.values())
_WORD = re.compile(r"N?E?S?W?(-(NE|SE|SW|NW))*")
_ROUND = (
    "NESW",
    "ESW",
    "NSW",
    "NEW",
    "NES",
    "ES",
    "SW",
    "NE",
    "NW",
)  # what an area of more than one cell needs
_LONG = ("NS", "EW")  # what a line needs


class MissingTileError(Exception):
    """Tiles from which no map can be drawn. The text says which one they lack."""


class Table(NamedTuple):
    """Tiles uint8 (256, T, T, 4) by mask of neighbours (layouts.py), and which masks have one: bool (256,)."""

    tiles: Uint8Array
    drawn: BoolArray


def mask_of(word: str, corners: bool) -> int:
    """Return the mask of a word. corners: whether corners count. Raises ValueError."""
    sides, *missing = ("" if word == NONE else word).split("-")
    mask = sum(1 << SIDES[side] for side in sides if side in SIDES)
    if word and _WORD.fullmatch("-".join((sides, *missing))):
        if not corners:
            if not missing:
                return mask
        elif all(_between(mask, CORNERS[corner]) for corner in missing):
            lacking = sum(1 << CORNERS[corner] for corner in set(missing))
            return cornered(mask | sum(1 << corner for corner in CORNERS.values())) & ~lacking
    raise ValueError(word)


def word_of(mask: int) -> str:
    """Return the word of a mask of sides, or of sides and corners."""
    word = "".join(side for side, bit in SIDES.items() if mask >> bit & 1)
    lacking = [name for name, bit in CORNERS.items() if _between(mask, bit) and not mask >> bit & 1]
    return "-".join([word, *lacking]) if word else NONE


def table_of(given: Mapping[int, Uint8Array], corners: bool, quarters: bool = False) -> Table:
    """Return the table of tiles (T, T, 4) by mask.

    corners: whether corners count, in the keys of `given` too. quarters: compose tiles that are missing of quarters of
    the others, if corners count. Raises MissingTileError, with the word of a tile without which no map can be drawn.
    """
    needed = _ROUND if corners else _LONG
    for word in needed:
        if mask_of(word, corners) not in given:
            raise MissingTileError(word)
    found = _composed(given) if corners and quarters else dict(given)
    keys = [cornered(mask) if corners else mask & WHOLE for mask in range(MASKS)]
    any_tile = next(iter(given.values()))  # where there is none, which maps do not show
    tiles = np.stack([found.get(key, any_tile) for key in keys])
    return Table(tiles, np.array([key in found for key in keys]))


def _between(mask: int, corner: int) -> bool:
    """Whether both sides beside a corner are in a mask."""
    return bool(mask >> corner - 1 & 1 and mask >> (corner + 1) % len(NEIGHBOURS) & 1)


def _composed(given: Mapping[int, Uint8Array]) -> dict[int, Uint8Array]:
    """Add the tiles that can be made of quarters, of as few tiles as possible."""
    known = sorted(given)
    cases = cases_of((np.arange(MASKS)[:, None] >> np.arange(len(NEIGHBOURS)) & 1).astype(bool))
    found = dict(given)
    for mask in sorted({cornered(mask) for mask in range(MASKS)} - given.keys()):
        agrees = cases[known] == cases[mask]  # (tiles, quarters)
        tile, left = np.zeros_like(given[known[0]]), np.ones(len(QUARTERS), dtype=bool)
        half = len(tile) // 2
        while left.any() and (agrees & left).any():
            best = max(range(len(known)), key=lambda n: ((agrees[n] & left).sum(), agrees[n].sum()))
            for quarter in np.flatnonzero(agrees[best] & left):
                y, x = QUARTERS[quarter][0] * half, QUARTERS[quarter][1] * half
                tile[y : y + half, x : x + half] = given[known[best]][y : y + half, x : x + half]
            left &= ~agrees[best]
        if not left.any():
            found[mask] = tile
    return found
