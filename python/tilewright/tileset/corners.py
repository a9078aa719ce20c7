"""Tiles with a terrain at each corner, in which every tile fits all tiles with equal corners.

The pixels around each vertex are generated first, once for each terrain. Then the strips between two vertices, once for
each pair of terrains, with the vertices given; then the insides of the tiles, with the strips given. A strip straddles
the border of two tiles, so no difference can show there. Drawing shared strips first follows Wang tiles: Cohen, Shade,
Hiller and Deussen, "Wang tiles for image and texture generation" (SIGGRAPH 2003).
"""

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np

from tilewright.arrays import Entries, Int16Array
from tilewright.tileset.tileset import CORNERS, NO_TERRAIN
from tilewright.tileset.windows import Windows

Corners = tuple[int, ...]
"""The four terrains at the top left, top right, bottom left and bottom right of a tile."""


def as_codes(corners: Sequence[Corners]) -> Int16Array:
    """Return the codes (N, 8) of tiles with terrains at their corners."""
    codes = np.full((len(corners), 8), NO_TERRAIN, dtype=np.int16)
    codes[:, CORNERS] = np.array(corners, np.int16).reshape(-1, 4)[:, [1, 3, 2, 0]]
    return codes


class CornerParts:
    """Generates the vertices, strips and tiles of kinds of a pack, each vertex and strip once."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.vertices: dict[int, Entries] = {}
        self.across: dict[tuple[int, int], Entries] = {}
        self.down: dict[tuple[int, int], Entries] = {}

    def tiles(self, codes: Sequence[Corners], given: Entries | None = None) -> Entries:
        """Return a tile for each code (N, cell, cell).

        given: (N, cell, cell), pixels of the tiles that are known, or `windows.unknown`.
        """
        pairs = {pair for a, b, c, d in codes for pair in ((a, b), (c, d), (a, c), (b, d))}
        self._make_vertices({terrain for code in codes for terrain in code})
        self._make_strips(pairs, self.across, down=False)
        self._make_strips(pairs, self.down, down=True)
        windows = self.windows
        cells = windows.empty(len(codes))
        if given is not None:
            cells[:, *windows.tile] = given
        at, strip = (windows.first, windows.second), self._between()
        for window, (a, b, c, d) in zip(cells, codes, strict=True):
            for terrain, (y, x) in zip((a, b, c, d), product(at, at), strict=True):
                window[self._around(y), self._around(x)] = self.vertices[terrain]
            for y, pair in zip(at, ((a, b), (c, d)), strict=True):
                window[self._around(y), strip] = self.across[pair]
            for x, pair in zip(at, ((a, c), (b, d)), strict=True):
                window[strip, self._around(x)] = self.down[pair]
        return windows.best(np.array(codes).reshape(-1, 2, 2), cells, windows.tile)

    def _make_vertices(self, terrains: Iterable[int]) -> None:
        """Generate the pixels around a vertex within each terrain."""
        new = sorted(set(terrains) - self.vertices.keys())
        if new:
            area = self._around(self.windows.second)
            maps = np.array([np.full((2, 2), terrain) for terrain in new])
            made = self.windows.best(maps, self.windows.empty(len(new)), (area, area))
            self.vertices.update(zip(new, made, strict=True))

    def _make_strips(
        self, pairs: set[tuple[int, int]], strips: dict[tuple[int, int], Entries], down: bool
    ) -> None:
        """Generate the pixels between two vertices, which lie side by side, or `down`: one below the other."""
        new = sorted(pairs - strips.keys())
        if not new:
            return
        windows, cells = self.windows, self.windows.empty(len(new))
        beside, between = self._around(windows.second), self._between()
        for window, pair in zip(cells, new, strict=True):
            for terrain, place in zip(pair, (windows.first, windows.second), strict=True):
                spot = (self._around(place), beside) if down else (beside, self._around(place))
                window[spot] = self.vertices[terrain]
        maps = np.repeat(np.array(new)[:, None], 2, axis=1)  # (N, 2 rows, the pair)
        area = (between, beside) if down else (beside, between)
        made = windows.best(maps.swapaxes(1, 2) if down else maps, cells, area)
        strips.update(zip(new, made, strict=True))

    def _around(self, vertex: int) -> slice:
        return slice(vertex - self.windows.band, vertex + self.windows.band)

    def _between(self) -> slice:
        band = self.windows.band
        return slice(self.windows.first + band, self.windows.second - band)
