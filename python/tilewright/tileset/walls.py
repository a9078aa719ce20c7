"""Walls one cell thick, with front faces: a tile for each set of the four sides at which the wall continues.

Their art does not divide into quarters: a front takes most of a tile's height, and is seen only where the wall turns
from the viewer. So each tile is generated whole, in a window of 3 x 3 cells. The seam between two cells of a straight
wall comes first, then a straight tile whose ends are halves of that seam; then all tiles, with a straight one given
beyond each side at which they continue. So each tile was part of one picture with straight walls, and all tiles that
continue at a side have equal pixels there.
"""

from collections.abc import Mapping

import numpy as np

from tilewright.arrays import BoolArray, Entries, Int64Array
from tilewright.tileset.tileset import CORNERS, EDGES
from tilewright.tileset.windows import Area, Windows

SHARED = 1  # pixels of a tile at a side that all tiles which continue there have in common
_PLACES = ((0, 1), (1, 2), (2, 1), (1, 0))  # (row, column) of the cells at the sides, clockwise from the top
_RUNS = np.array([[True, False, True, False], [False, True, False, True]])  # down and across


def wall_set() -> BoolArray:
    """Return the 16 sets of neighbours that a wall joins, bool (16, 8): a corner counts if both sides beside it do."""
    same = np.zeros((16, 8), bool)
    same[:, EDGES] = np.arange(16)[:, None] >> np.arange(4) & 1
    same[:, CORNERS] = same[:, EDGES] & np.roll(same[:, EDGES], -1, axis=1)
    return same


def wall_tiles(windows: Windows, terrain: int, ground: int, plain: Entries, variants: int) -> Entries:
    """Return the tiles of `wall_set`, (16 * variants, T, T): `variants` of each, one after the other.

    windows: of three cells. terrain, ground: kinds. plain: (T, T), a tile of the ground that repeats.
    """
    windows.give(ground, plain)
    cell = windows.cell
    whole = (slice(0, 3 * cell), slice(0, 3 * cell))
    maps = _maps(_RUNS, terrain, ground)
    down, across = windows.best(maps, windows.empty(len(maps)), whole)
    seams = [picture[_seam(side, cell)] for side, picture in ((2, down), (1, across))] * 2
    straight = windows.best(maps, _given(windows, _RUNS, seams, {}), _cell(1, 1, cell))
    joined = np.repeat(wall_set()[:, EDGES], variants, axis=0)
    pixels = _given(windows, joined, seams, {side: straight[side % 2] for side in range(4)})
    return windows.best(_maps(joined, terrain, ground), pixels, _cell(1, 1, cell))


def _maps(joined: BoolArray, terrain: int, ground: int) -> Int64Array:
    """Return the kinds of windows (N, 3, 3) around walls that continue at some sides, bool (N, 4)."""
    maps = np.full((len(joined), 3, 3), ground)
    maps[:, 1, 1] = terrain
    for side, (row, column) in enumerate(_PLACES):
        maps[joined[:, side], row, column] = terrain
    return maps


def _given(
    windows: Windows, joined: BoolArray, seams: list[Entries], beyond: Mapping[int, Entries]
) -> Entries:
    """Return windows with the seams at the sides where walls continue, and the tiles beyond them, by side."""
    pixels, cell = windows.empty(len(joined)), windows.cell
    for window, sides in zip(pixels, joined, strict=True):
        for side in np.flatnonzero(sides).tolist():
            if side in beyond:
                window[_cell(*_PLACES[side], cell)] = beyond[side]
            window[_seam(side, cell)] = seams[side]
    return pixels


def _cell(row: int, column: int, cell: int) -> Area:
    """Return the area of a cell of a window."""
    return slice(row * cell, (row + 1) * cell), slice(column * cell, (column + 1) * cell)


def _seam(side: int, cell: int) -> Area:
    """Return the pixels on both sides of the border at one side of the middle cell of a window."""
    border = 2 * cell if side in (1, 2) else cell
    across, along = slice(border - SHARED, border + SHARED), slice(cell, 2 * cell)
    return (along, across) if side % 2 else (across, along)
