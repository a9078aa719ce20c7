"""`World`: a world without an end, in chunks. Each chunk is a function of the seed and its place.

Terrain is noise on a grid of points in world coordinates. Rivers and roads cross the border between two chunks where a
function of that border says, so both chunks agree, whichever is made first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tilewright.arrays import BoolArray, Int64Array, Uint8Array, Uint32Array
from tilewright.errors import UsageError
from tilewright.level.fitted import HALO, fitted, match_terrains, terrain_numbers
from tilewright.level.kinds import FLOOR, GRASS, KINDS, SAND, WALL, WATER, walkable
from tilewright.level.map import Map
from tilewright.seeds import check_seed, philox
from tilewright.streams import Stream
from tilewright.tileset.tileset import Tileset

MIN_CHUNK, MAX_CHUNK = 16, 128
MAX_PLACE = 2**30  # chunks from the middle, in each direction
_HALO = 2  # cells around a chunk that its terrain depends on
_FLOW = 6  # chunks: the length of a river
_HEIGHT, _DETAIL, _RIDGE, _EDGE, _HUB, _SOURCE, _ROAD = range(7)
# Heights, of 2**16: below the first there is water, below the second sand, above the third rock.
_SEA, _BEACH, _ROCK = 26_000, 28_500, 40_500
_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))

Place = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Chunk:
    """A square of a world. x, y: its place, in chunks to the right and down. cells: uint8 (S, S), indices into `kinds`;
    read-only. walkable: bool (S, S); read-only.
    """

    x: int
    y: int
    kinds: tuple[str, ...]
    cells: Uint8Array
    walkable: BoolArray


class World:
    """A world without an end: seas, beaches, meadows, mountains, rivers, and roads with bridges over them.

    seed: 0 .. 2**64 - 1. chunk: the side of a chunk, 16 .. 128 cells. Nothing is stored: a chunk is the same whatever
    was made before, in any order, on every machine. Chunks continue each other across their borders.

    Raises UsageError for arguments out of range.
    """

    def __init__(self, seed: int = 0, chunk: int = 32) -> None:
        if (
            isinstance(chunk, bool)
            or not isinstance(chunk, (int, np.integer))
            or not MIN_CHUNK <= chunk <= MAX_CHUNK
        ):
            raise UsageError(
                f"World(): chunk must be an integer in {MIN_CHUNK}..{MAX_CHUNK} cells, not {chunk!r:.60}"
            )
        self.seed, self.side = check_seed(seed, "World()"), int(chunk)

    def __repr__(self) -> str:
        return f"World({self.seed}, chunk={self.side})"

    def chunk(self, x: int, y: int) -> Chunk:
        """Return the chunk `x` chunks right of the middle and `y` below it: integers of up to 2**30 either way."""
        for name, place in (("x", x), ("y", y)):
            if isinstance(place, bool) or not isinstance(place, (int, np.integer)) or abs(place) > MAX_PLACE:
                raise UsageError(
                    f"World.chunk(): {name} must be an integer in -2**30..2**30, not {place!r:.60}"
                )
        x, y = int(x), int(y)
        cells = self._terrain(x, y)
        sea = cells == WATER
        for ends, kind in ((self._river_ends(x, y), WATER), (self._road_ends(x, y), FLOOR)):
            for end in ends:
                for row, column in self._course(x, y, end):
                    cells[row, column] = kind
        cells[sea] = WATER
        free = walkable(cells)
        cells.setflags(write=False)
        free.setflags(write=False)
        return Chunk(x, y, KINDS, cells, free)

    def cells(self, x: int, y: int, width: int, height: int) -> Uint8Array:
        """Return the cells of width x height chunks, uint8 (height * S, width * S), from the chunk (x, y) on."""
        if not 1 <= width * height <= 4096 or width < 1:
            raise UsageError(f"World.cells(): width * height must be 1..4096 chunks, not {width} x {height}")
        rows = [[self.chunk(x + right, y + down).cells for right in range(width)] for down in range(height)]
        return np.block(rows).astype(np.uint8)

    def map(
        self,
        x: int,
        y: int,
        tileset: Tileset,
        width: int = 1,
        height: int = 1,
        *,
        kinds: Mapping[str, str] | None = None,
    ) -> Map:
        """Return the tiles of width x height chunks, from the chunk (x, y) on, from a complete set (`make_tileset`).

        kinds: the terrain of the tileset for a kind of the world, {"wall": "mountain"}; others are matched by name
        (`match_kinds`). Maps of neighbouring chunks continue each other. Tiles of corners lie between cells: their map
        has a row and a column more, and layers that are moved by half a tile up and left. The last layer, "solid",
        is a transparent solid tile on the cells that are not walkable.

        Raises UsageError as `cells` and `autotile` do.
        """
        if not isinstance(tileset, Tileset):
            raise UsageError(f"World.map(): tileset must be a Tileset, not {tileset!r:.60}")
        matched = match_terrains(KINDS, tileset, kinds, "World.map()")
        cells, side = self.cells(x - 1, y - 1, width + 2, height + 2), self.side
        around = cells[side - HALO : HALO - side, side - HALO : HALO - side]
        numbers = terrain_numbers(KINDS, matched.kinds, tileset)
        free = walkable(cells[side:-side, side:-side])
        return fitted(around, free, numbers, tileset, self.seed, (y * side, x * side))

    def _terrain(self, x: int, y: int) -> Uint8Array:
        """Return the kinds of a chunk without rivers and roads."""
        side = self.side + 2 * _HALO
        top, left = y * self.side - _HALO, x * self.side - _HALO
        height = (
            5 * self._noise(_HEIGHT, top, left, side, 32) + 2 * self._noise(_DETAIL, top, left, side, 8)
        ) // 7
        height = np.minimum(height, 2**16 - 1)
        ridge = self._noise(_RIDGE, top, left, side, 16)
        cells = np.full((side, side), GRASS, dtype=np.uint8)
        cells[height < _BEACH] = SAND
        cells[(height > _ROCK) | ((height > 34_000) & (ridge > 41_000))] = WALL
        cells[height < _SEA] = WATER
        # Grass and rock never touch water: a beach lies between.
        water = np.pad(cells == WATER, 1)
        beside = np.zeros_like(cells, dtype=np.bool_)
        for row in range(3):
            for column in range(3):
                beside |= water[row : row + side, column : column + side]
        cells[beside & (cells != WATER)] = SAND
        return np.ascontiguousarray(cells[_HALO:-_HALO, _HALO:-_HALO])

    def _noise(self, purpose: int, top: int, left: int, side: int, step: int) -> Int64Array:
        """Return value noise of a square, int64 (side, side) in 0 .. 2**16 - 1.

        Random numbers at the points of a grid of `step` cells, and smooth between them.
        """
        first_row, first_column = top // step, left // step
        points = side // step + 3
        grid = (
            self._words(
                purpose, first_column + np.arange(points)[None, :], first_row + np.arange(points)[:, None]
            )[..., 0].astype(np.int64)
            >> 16
        )
        rows, row_share = np.divmod(top - first_row * step + np.arange(side), step)
        columns, column_share = np.divmod(left - first_column * step + np.arange(side), step)

        def smooth(share: Int64Array) -> Int64Array:  # 3 t^2 - 2 t^3, of 2**12
            t = share * 4096 // step
            return (t * t * (3 * 4096 - 2 * t)) >> 24

        down, across = smooth(row_share)[:, None], smooth(column_share)[None, :]
        upper = grid[rows][:, columns] * (4096 - across) + grid[rows][:, columns + 1] * across
        lower = grid[rows + 1][:, columns] * (4096 - across) + grid[rows + 1][:, columns + 1] * across
        mixed: Int64Array = (upper * (4096 - down) + lower * down) >> 24
        return mixed

    def _words(self, purpose: int, x: object, y: object) -> Uint32Array:
        """Return random words uint32 (..., 4) of places x, y, which are taken modulo 2**32."""
        xs, ys = np.broadcast_arrays(np.asarray(x, dtype=np.int64), np.asarray(y, dtype=np.int64))
        counter = np.empty((*xs.shape, 4), dtype=np.uint32)
        counter[..., 0], counter[..., 1] = xs & 0xFFFFFFFF, ys & 0xFFFFFFFF
        counter[..., 2], counter[..., 3] = purpose, Stream.WORLD
        return philox(counter, np.array([self.seed & 0xFFFFFFFF, self.seed >> 32], dtype=np.uint32))

    def _below(self, n: int, purpose: int, x: int, y: int) -> int:
        return _word(self.seed, purpose, x, y) * n >> 32

    def _hub(self, x: int, y: int) -> Place:
        """Return the (row, column) in a chunk where its rivers and roads meet."""
        quarter = self.side // 4
        return (
            quarter + self._below(2 * quarter, _HUB, x, 2 * y),
            quarter + self._below(2 * quarter, _HUB, x, 2 * y + 1),
        )

    def _crossing(self, x: int, y: int, step: Place) -> Place:
        """Return the (row, column) at which a chunk's ways cross its border towards a step (down, right)."""
        down, right = step
        # A border belongs to the chunk above or left of it.
        owner = (x + min(right, 0), y + min(down, 0))
        at = 2 + self._below(self.side - 4, _EDGE, 2 * owner[0] + (right != 0), owner[1])
        if right:
            return at, self.side - 1 if right > 0 else 0
        return self.side - 1 if down > 0 else 0, at

    def _course(self, x: int, y: int, step: Place) -> list[Place]:
        """Return the cells from the middle of a chunk to a crossing, each beside the one before."""
        row, column = self._hub(x, y)
        end_row, end_column = self._crossing(x, y, step)
        cells = [(row, column)]
        turns = int(_word(self.seed, _EDGE, 2 * x + 1, ~y)) | 1
        while (row, column) != (end_row, end_column):
            far_down, far_right = abs(end_row - row), abs(end_column - column)
            turns = (turns * 1664525 + 1013904223) & 0xFFFFFFFF
            if (turns >> 8) % (far_down + far_right) < far_down:
                row += 1 if end_row > row else -1
            else:
                column += 1 if end_column > column else -1
            cells.append((row, column))
        return cells

    def _level(self, x: int, y: int) -> int:
        """Return the height of the middle of a chunk; chunks of equal height are told apart."""
        return _middle_height(self.seed, self.side, x, y)

    def _downhill(self, x: int, y: int) -> Place | None:
        """Return the step (down, right) to the lowest chunk beside one; None if none is lower, or it is in the sea."""
        here = self._level(x, y)
        if here >> 16 < _SEA:
            return None
        lowest = min(_STEPS, key=lambda step: self._level(x + step[1], y + step[0]))
        return lowest if self._level(x + lowest[1], y + lowest[0]) < here else None

    def _river_ends(self, x: int, y: int) -> list[Place]:
        """Return the borders of a chunk, as steps, that rivers cross."""
        ends = [
            (down, right)
            for down, right in _STEPS
            if self._downhill(x + right, y + down) == (-down, -right)
            and self._has_river(x + right, y + down, _FLOW)
        ]
        out = self._downhill(x, y)
        if out is not None and self._has_river(x, y, _FLOW):
            ends.append(out)
        return ends

    def _has_river(self, x: int, y: int, length: int) -> bool:
        """Whether water flows out of a chunk: from a source in it, or from one of up to length - 1 chunks uphill."""
        if self._below(6, _SOURCE, x, y) == 0 and self._level(x, y) >> 16 > _BEACH:
            return True
        return length > 1 and any(
            self._downhill(x + right, y + down) == (-down, -right)
            and self._has_river(x + right, y + down, length - 1)
            for down, right in _STEPS
        )

    def _road_ends(self, x: int, y: int) -> list[Place]:
        """Return the borders of a chunk, as steps, that roads cross.

        Roads follow one row and one column of each block of 4 x 4 chunks, which every chunk of that row or column of
        blocks shares.
        """
        row = self._below(4, _ROAD, 0, y // 4)
        column = self._below(4, _ROAD, 1, x // 4)
        ends = [(0, 1), (0, -1)] if y % 4 == row else []
        return ends + ([(1, 0), (-1, 0)] if x % 4 == column else [])


@lru_cache(maxsize=1 << 16)
def _word(seed: int, purpose: int, x: int, y: int) -> int:
    counter = np.array([x & 0xFFFFFFFF, y & 0xFFFFFFFF, purpose, Stream.WORLD], dtype=np.uint32)
    return int(philox(counter, np.array([seed & 0xFFFFFFFF, seed >> 32], dtype=np.uint32))[0])


@lru_cache(maxsize=1 << 16)
def _middle_height(seed: int, side: int, x: int, y: int) -> int:
    world = World(seed, side)
    middle = side // 2
    height = int(world._noise(_HEIGHT, y * side + middle, x * side + middle, 1, 32)[0, 0])
    return height << 16 | _word(seed, _SOURCE, x, ~y) >> 16
