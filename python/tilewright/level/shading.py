"""Derive the pictures of a level's cells from tiles: overlapping edges, light and shadows.

Cells with equal surroundings share a picture, so the cost grows with the number of pictures, not cells.
Integer arithmetic makes the bytes equal on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tilewright.arrays import BoolArray, Int32Array, Int64Array, Uint8Array
from tilewright.level.levels import Level

_LIQUIDS = ("water", "lava")
_OVERLAYS = ("floor", "sand", "grass")  # each may overlap the edges of those before it, and of liquids
_LIGHT = (100, 58, 26)  # percent: ground and wall faces, wall tops, walls far from any floor
_UNDER_WALL, _BESIDE_WALL, _BANK = (
    55,
    78,
    62,
)  # percent: shadow below a wall, right of a wall, on the shore of a liquid
_SCROLL = (0, 1, 2, 1)  # pixels by which liquids move in each frame
FRAMES = len(_SCROLL)
FRAME_MILLISECONDS = 320

# Steps (row, column) to the eight neighbours. The first four share an edge.
_AROUND = ((-1, 0), (0, 1), (1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
# Variation of an overlapping edge along a side, in sixteenths of a tile.
_JAGS = (0, 0, 1, 1, 0, -1, -1, 0, 1, 1, 0, 0, -1, 0, 1, 0)


@dataclass(frozen=True, eq=False)
class Shaded:
    """tiles: uint8 (FRAMES, N, S, S, 4), opaque. index: int32 (H, W), the tile of each cell."""

    tiles: Uint8Array
    index: Int32Array


def shade(level: Level, tiles: Mapping[str, Uint8Array], variants: Int32Array) -> Shaded:
    """Compute the picture of every cell of a level.

    tiles: for each kind of the level, its variants uint8 (V, S, S, 4). variants: int32 (H, W), the variant of
    each cell.
    """
    wall = level.cells == level.kinds.index("wall")
    around_walls = np.pad(wall, 1, constant_values=True)
    parts: list[npt.NDArray[np.integer | np.bool_]] = [level.cells, variants, _light(wall, around_walls)]
    parts += [~wall & around_walls[:-2, 1:-1], ~wall & around_walls[1:-1, :-2]]
    parts += [_neighbours(level, kind) for kind in _OVERLAYS]
    codes, index = np.unique(
        np.stack(parts).reshape(len(parts), -1).astype(np.int64), axis=1, return_inverse=True
    )
    kind, variant, light, below_wall, beside_wall, *overlays = codes

    size = next(iter(tiles.values())).shape[1]
    pictures = np.empty((FRAMES, len(kind), size, size, 3), dtype=np.uint16)
    for name, pool in tiles.items():
        here = np.flatnonzero(kind == level.kinds.index(name))
        for frame, scroll in enumerate(_SCROLL):
            moved = np.roll(pool, scroll, axis=2) if name in _LIQUIDS else pool
            pictures[frame, here] = moved[variant[here], :, :, :3]
    percent = np.repeat(np.array(_LIGHT, dtype=np.uint16)[light], size * size).reshape(-1, size, size)
    liquid = np.isin(kind, [level.kinds.index(name) for name in _LIQUIDS])
    covered = np.zeros((len(kind), size, size), dtype=np.bool_)
    for name, neighbours in zip(_OVERLAYS, overlays, strict=True):
        if neighbours.any():
            over = _edge(neighbours, size)
            pictures = np.where(over[..., None], tiles[name][0, :, :, :3], pictures)
            covered |= over
    percent[_shore(covered, liquid)] = _BANK
    percent[below_wall > 0, : size // 4] = _UNDER_WALL
    beside = percent[beside_wall > 0, :, : size // 8]
    percent[beside_wall > 0, :, : size // 8] = np.minimum(beside, _BESIDE_WALL)

    result = np.full((*pictures.shape[:-1], 4), 255, dtype=np.uint8)
    result[..., :3] = pictures * percent[..., None] // 100
    return Shaded(result, index.reshape(level.cells.shape).astype(np.int32))


def _light(wall: BoolArray, around: BoolArray) -> Int64Array:
    """Return the index into _LIGHT for each cell: walls are bright facing the viewer, dimmer on top, dark
    inside.
    """
    height, width = wall.shape
    inside = wall.copy()
    for row, column in _AROUND:
        inside &= around[1 + row : 1 + row + height, 1 + column : 1 + column + width]
    faces_player = wall & ~around[2:, 1:-1]
    return np.where(inside, 2, np.where(wall & ~faces_player, 1, 0))


def _neighbours(level: Level, kind: str) -> Int64Array:
    """For cells that `kind` may overlap, return a bit for each neighbour in _AROUND of that kind; else 0."""
    here = level.cells == level.kinds.index(kind)
    below = [*_LIQUIDS, *_OVERLAYS[: _OVERLAYS.index(kind)]]
    height, width = here.shape
    padded = np.pad(here, 1)
    bits = np.zeros(here.shape, dtype=np.int64)
    for bit, (row, column) in enumerate(_AROUND):
        bits |= padded[1 + row : 1 + row + height, 1 + column : 1 + column + width].astype(np.int64) << bit
    return np.where(np.isin(level.cells, [level.kinds.index(name) for name in below]), bits, 0)


def _edge(neighbours: Int64Array, size: int) -> BoolArray:
    """Return the pixels that neighbours overlap: bool (N, S, S), for the bits (N,)."""
    along = np.arange(size)
    jags = np.array(_JAGS)[along * 16 // size]
    rows, columns = np.indices((size, size))
    last = size - 1
    # distance from the side in pixels, in the order of _AROUND
    from_side = (rows, last - columns, last - rows, columns)
    place = (columns, rows, columns, rows)
    from_corner = (rows + last - columns, 2 * last - rows - columns, last - rows + columns, rows + columns)
    over = np.zeros((len(neighbours), size, size), dtype=np.bool_)
    has = [(neighbours >> bit & 1).astype(np.bool_) for bit in range(8)]
    for side in range(4):
        depth = (2 * size + size * np.roll(jags, 5 * side)[place[side]]) // 16
        over |= has[side][:, None, None] & (from_side[side] < np.maximum(depth, 1))
    for corner in range(4):
        round_off = has[corner] & has[(corner + 1) % 4]
        over |= round_off[:, None, None] & (from_corner[corner] < size * 6 // 16)
        over |= has[4 + corner][:, None, None] & (from_corner[corner] < max(1, size * 2 // 16))
    return over


def _shore(covered: BoolArray, liquid: BoolArray) -> BoolArray:
    """Return the pixels of liquids directly below an overlapping edge."""
    shore = np.zeros_like(covered)
    for step in range(1, max(1, covered.shape[1] // 8) + 1):
        shore[:, step:] |= covered[:, :-step]
    return shore & ~covered & liquid[:, None, None]
