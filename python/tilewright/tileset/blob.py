"""Quarters of a cell of terrain by its neighbours, composed of the quarters of one generated block (quarters.py).

The ground around is given: a tile of the ground that repeats. So all that is drawn of a border lies within the cells of
the terrain, as in the blocks of artists. Quarters meet at the middles of cells, where strips between vertices are
shared (corners.py), and at the borders of cells, where they are generated as parts of one picture: first interiors,
edges and outer corners; then inner corners, with the edges beside them given.
"""

from copy import copy
from dataclasses import dataclass
from itertools import product

import numpy as np

from tilewright.arrays import BoolArray, Entries, Int64Array
from tilewright.tileset.corners import CornerParts, Corners
from tilewright.tileset.overlay import cleaned, ground_colours, near, opaque_pixels
from tilewright.tileset.quarters import (
    CASES,
    FULL,
    HORIZONTAL_EDGE,
    INNER,
    OUTER,
    QUARTERS,
    VERTICAL_EDGE,
    cases_of,
    compose,
)
from tilewright.tileset.tileset import CORNERS, EDGES
from tilewright.tileset.windows import Windows

OUTLINE = 2  # pixels of a terrain along its border that all variants share
_PLACES = (1, 2, 5, 8, 7, 6, 3, 0)  # of the neighbours, in rows of three


@dataclass(frozen=True, eq=False)
class Quarters:
    """By quarter and case: (4, 5, T / 2, T / 2). pictures: palette entries. opaque: bool, whether a pixel
    belongs to the terrain.
    """

    pictures: Entries
    opaque: BoolArray


class Blob:
    """Generates tiles of a kind of a pack within another, the ground."""

    def __init__(self, windows: Windows, terrain: int, full: Entries, ground: int, plain: Entries) -> None:
        """full, plain: (cell, cell), tiles of the terrain and of the ground alone. That of the ground repeats."""
        self.windows, self.terrain, self.ground, self.plain = windows, terrain, ground, plain
        self._is_ground = ground_colours(full, plain, len(windows.palette))
        windows.give(ground, plain)
        self.parts = CornerParts(windows)

    def tiles(self, same: BoolArray, variants: int) -> tuple[Entries, BoolArray]:
        """Return tiles by whether each neighbour has the terrain, bool (N, 8): `variants` of each, one after the other.

        Returns (N * variants, T, T), palette entries; and bool of the same shape, the pixels of the terrain.

        The first of them is composed of the quarters alone. The others have the same borders, and other pixels farther
        inside; or, if a caller gives the insides, the same pixels along sides where the terrain continues.
        """
        quarters = self.quarters(notched=not same[:, CORNERS].any())
        composed = (compose(pieces, cases_of(same)) for pieces in (quarters.pictures, quarters.opaque))
        pictures, opaque = (np.repeat(tiles, variants, axis=0) for tiles in composed)
        others = np.arange(len(pictures)) % variants != 0
        if others.any() and self.windows.draws_insides:
            around = np.repeat(np.where(same, self.terrain, self.ground), variants, axis=0)[others]
            outline = near(~opaque[others], OUTLINE)
            pictures[others] = new_insides(self.windows, pictures[others], outline, around, self.terrain)
        elif others.any():
            joined = same.repeat(variants, axis=0)[others]
            pictures[others], opaque[others] = self._new_borders(pictures[others], opaque[others], joined)
        return pictures, opaque

    def _new_borders(self, tiles: Entries, opaque: BoolArray, same: BoolArray) -> tuple[Entries, BoolArray]:
        """Return tiles (N, T, T) of cells, and their pixels of the terrain, with other borders to the ground.

        The pixels along sides where the terrain continues stay. same: bool (N, 8), as in `tiles`.
        """
        windows = copy(self.windows)  # whose middle is the cell, between halves of its neighbours
        cell, band, half = windows.cell, windows.band, windows.cell // 2
        windows.begin = half
        windows.give(self.ground, np.roll(self.plain, (half, half), axis=(0, 1)))
        stay = np.zeros(tiles.shape, bool)
        sides = (np.s_[:band], np.s_[:, -band:], np.s_[-band:], np.s_[:, :band])
        for kept, continues in zip(stay, same[:, EDGES], strict=True):
            for side in np.flatnonzero(continues).tolist():
                kept[sides[side]] = True
        cells = np.full((len(tiles), 9), self.terrain)
        cells[:, _PLACES] = np.where(same, self.terrain, self.ground)
        halves = cells.reshape(-1, 3, 3)[:, [0, 1, 1, 2]][:, :, [0, 1, 1, 2]]
        middle = (slice(half, half + cell), slice(half, half + cell))
        pixels = windows.empty(len(tiles))
        pixels[:, *middle] = np.where(stay, tiles, windows.dtype(windows.unknown))
        made = windows.best(halves, pixels, middle, unit=half)
        self.windows.made = windows.made
        core, rim = np.zeros((2, cell, cell), bool)
        core[cell // 3 : -(cell // 3), cell // 3 : -(cell // 3)] = True
        rim[[0, -1]] = rim[:, [0, -1]] = True
        shown = np.where(stay, opaque, ~self._is_ground[made])
        return made, np.where(stay, opaque, cleaned(shown, stay | core, stay | rim))

    def quarters(self, notched: bool = False) -> Quarters:
        """Generate a block. notched: inner corners may also meet each other, in sets without corners.

        Then they have the borders of the edges, and the ground itself where two borders would overlap.
        """
        half = self.windows.cell // 2
        made = Quarters(
            *(np.zeros((len(QUARTERS), CASES, half, half), kind) for kind in (self.windows.dtype, bool))
        )
        first = list(product(range(len(QUARTERS)), (FULL, VERTICAL_EDGE, HORIZONTAL_EDGE, OUTER)))
        codes = sorted({self._corners(*place) for place in first})
        self._cut(made, first, codes, None)
        inner = [(quarter, INNER) for quarter in range(len(QUARTERS))]
        given = np.full((len(inner), 2 * half, 2 * half), self.windows.unknown, self.windows.dtype)
        for window, (quarter, _) in zip(given, inner, strict=True):
            row, column, *_ = QUARTERS[quarter]
            beside = (
                2 * (1 - row) + column,
                2 * row + 1 - column,
            )  # quarters of the cells above or below, and beside
            _part(window, row, 1 - column)[:] = made.pictures[beside[0], VERTICAL_EDGE]
            _part(window, 1 - row, column)[:] = made.pictures[beside[1], HORIZONTAL_EDGE]
            if notched:
                own, ground = (_part(square, 1 - row, 1 - column) for square in (window, self.plain))
                band = self.windows.band
                rows, columns = (slice(-band, None) if far else slice(band) for far in (row, column))
                own[rows] = made.pictures[quarter, VERTICAL_EDGE][rows]
                own[:, columns] = made.pictures[quarter, HORIZONTAL_EDGE][:, columns]
                own[rows, columns] = ground[rows, columns]
        self._cut(made, inner, [self._corners(*place) for place in inner], given)
        return made

    def _corners(self, quarter: int, case: int) -> Corners:
        """Return the terrains of the four cells that meet at the outer corner of a quarter."""
        row, column, *_ = QUARTERS[quarter]
        cells = [[self.ground, self.ground], [self.ground, self.ground]]
        cells[1 - row][1 - column] = self.terrain
        if case in (FULL, INNER, VERTICAL_EDGE):
            cells[row][1 - column] = self.terrain
        if case in (FULL, INNER, HORIZONTAL_EDGE):
            cells[1 - row][column] = self.terrain
        if case == FULL:
            cells[row][column] = self.terrain
        (a, b), (c, d) = cells
        return a, b, c, d

    def _cut(
        self, made: Quarters, places: list[tuple[int, int]], codes: list[Corners], given: Entries | None
    ) -> None:
        """Generate squares with corners, and cut the quarters (quarter, case) at `places` from them."""
        squares = self.parts.tiles(codes, given)
        inside = np.array(codes).reshape(-1, 2, 2) == self.terrain
        half = self.windows.cell // 2
        outside = ~inside.repeat(half, axis=1).repeat(half, axis=2)
        is_ground = self._is_ground[squares] | outside
        opaque = opaque_pixels(squares, inside, is_ground, self.windows.band)
        for quarter, case in places:
            number = codes.index(self._corners(quarter, case))
            row, column, *_ = QUARTERS[quarter]
            made.pictures[quarter, case] = _part(squares[number], 1 - row, 1 - column)
            made.opaque[quarter, case] = _part(opaque[number], 1 - row, 1 - column)


def new_insides(windows: Windows, tiles: Entries, kept: BoolArray, around: Int64Array, kind: int) -> Entries:
    """Return tiles (N, T, T) of cells with newly generated insides. `kept` (N, T, T) and the borders stay.

    around: (N, 8), the kinds of the neighbours. kind: that of the cells.
    """
    cells = np.full((len(tiles), 9), kind)
    cells[:, _PLACES] = around
    maps: Int64Array = cells.reshape(-1, 3, 3)
    cell, band = windows.cell, windows.band
    area = []
    for axis, edge in enumerate(windows.pack.shape, 1):
        shown = min(3, edge // cell)  # a window of two cells shows the cell and the one after it
        maps = maps.take(range(3 - shown, 3), axis=axis)
        area.append(slice((shown - 2) * cell, (shown - 1) * cell))
    pixels = windows.empty(len(tiles))
    inside = np.zeros(tiles.shape[1:], bool)
    inside[band:-band, band:-band] = True
    pixels[:, area[0], area[1]] = np.where(inside & ~kept, windows.dtype(windows.unknown), tiles)
    return windows.best(maps, pixels, (area[0], area[1]))


def _part(square: Entries | BoolArray, row: int, column: int) -> Entries | BoolArray:
    """Return a view of a quarter of a square."""
    half = len(square) // 2
    return square[row * half : (row + 1) * half, column * half : (column + 1) * half]
