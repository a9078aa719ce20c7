"""Walls one cell thick on maps of terrains: where rock becomes void, and at which sides walls continue.

A wall continues to the next cell if floor, or any other open terrain, lies beside their common side. So thick rock has
no ladder of walls in it, and two walls that touch stay two. NetHack's walls ("wall spines") follow the same rule.
"""

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int16Array, Int64Array
from tilewright.tileset.tileset import CORNERS, EDGES, Tileset

STEPS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # of the positions of a code


class Walls:
    """The walls of a tileset. numbers: int64, its terrains that are walls. void: that of the rock behind them, or None.

    A set with a terrain behind walls has walls: terrains whose tiles depend on cells at their sides, not at their
    corners.
    """

    def __init__(self, tileset: Tileset) -> None:
        count = len(tileset.terrains)
        self.void = next((n for n in range(count) if tileset.terrains[n].behind_walls), None)
        found = [] if self.void is None else [n for n in range(count) if _is_wall(tileset, n)]
        self.numbers: Int64Array = np.array(found, np.int64)

    def thinned(self, terrain: Int16Array) -> Int16Array:
        """Return the terrain (H, W) with void where a wall has rock, which is walls and void, all around it."""
        if self.void is None:
            return terrain
        inner = ~around(~self._rock(terrain)).any(axis=-1) & np.isin(terrain, self.numbers)
        return np.where(inner, np.int16(self.void), terrain)

    def joined(self, terrain: Int16Array) -> BoolArray:
        """Return at which sides each wall of a thinned terrain continues, bool (H, W, 4), clockwise from the top."""
        open_cells = around(~self._rock(terrain))
        same = around(terrain) == terrain[..., None]
        walls = np.isin(terrain, self.numbers)
        # Beside the common side of two cells lie the neighbours before and after it, and those at the corners.
        beside = np.roll(open_cells, 2, axis=-1) | np.roll(open_cells, 1, axis=-1)
        beside |= np.roll(open_cells, -1, axis=-1) | np.roll(open_cells, -2, axis=-1)
        return np.asarray((same & beside)[..., EDGES] & walls[..., None])

    def _rock(self, terrain: Int16Array) -> BoolArray:
        return np.asarray(np.isin(terrain, self.numbers) | (terrain == self.void))


def _is_wall(tileset: Tileset, terrain: int) -> bool:
    same = tileset.codes[tileset.centres == terrain] == terrain
    sides, corners = same[:, EDGES], same[:, CORNERS]
    both = sides & np.roll(sides, -1, axis=1)
    return bool(both.any() and not sides.all(axis=1).all() and ((corners == both).all() or not corners.any()))


def around(cells: AnyArray) -> AnyArray:
    """Return the eight neighbours of each cell (H, W, 8), clockwise from the top. Cells continue beyond the edges."""
    height, width = cells.shape
    padded = np.pad(cells, 1, mode="edge")
    return np.stack(
        [padded[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in STEPS],
        axis=-1,
    )
