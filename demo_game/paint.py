"""Puts a level's tiles together into one picture, with the light and shade that make a map easy to read."""

import numpy as np
import numpy.typing as npt

import tilewright as tw

Pictures = npt.NDArray[np.uint8]

_LIQUIDS = ("water", "lava")
_ROOF, _DEEP = 58, 26  # percent: a wall seen from above, and one far from any floor
_UNDER_WALL, _BESIDE_WALL, _BANK = 55, 78, 62  # percent: shade on what lies below, right of a wall; a shore
_SCROLL = (0, 1, 2, 1)  # pixels that liquids have moved in each frame

FRAMES = len(_SCROLL)


def paint_map(level: tw.Level, tiles: dict[str, Pictures], tile_map: npt.NDArray[np.int32]) -> Pictures:
    """The whole map, uint8 (FRAMES, H * S, W * S, 3), in frames that differ in how liquids have moved.

    tiles: for each kind that the level uses, its variants uint8 (V, S, S, 4). tile_map: int32 (H, W).
    """
    size = next(iter(tiles.values())).shape[1]
    light = np.repeat(np.repeat(_light(level), size, axis=0), size, axis=1)
    _shade_edges(light, level, size)
    frames = [_lay(level, tiles, tile_map, size, scroll) for scroll in _SCROLL]
    return np.stack([(frame * light[..., None] // 100).astype(np.uint8) for frame in frames])


def _lay(
    level: tw.Level, tiles: dict[str, Pictures], tile_map: npt.NDArray[np.int32], size: int, scroll: int
) -> npt.NDArray[np.uint16]:
    height, width = level.cells.shape
    cells = np.zeros((height, width, size, size, 3), dtype=np.uint16)
    for kind, variants in tiles.items():
        here = level.cells == level.kinds.index(kind)
        moved = np.roll(variants, scroll, axis=2) if kind in _LIQUIDS else variants
        cells[here] = moved[tile_map[here], :, :, :3]
    return cells.transpose(0, 2, 1, 3, 4).reshape(height * size, width * size, 3)


def _light(level: tw.Level) -> npt.NDArray[np.uint16]:
    """Percent of brightness per cell: walls are bright where they face us, dimmer on top, dark inside."""
    wall = level.cells == level.kinds.index("wall")
    around = np.pad(wall, 1, constant_values=True)
    height, width = wall.shape
    inside = wall.copy()
    for row in range(3):
        for column in range(3):
            inside &= around[row : row + height, column : column + width]
    faces_us = wall & ~around[2:, 1:-1]
    light = np.full(wall.shape, 100, dtype=np.uint16)
    light[wall & ~faces_us] = _ROOF
    light[inside] = _DEEP
    return light


def _shade_edges(light: npt.NDArray[np.uint16], level: tw.Level, size: int) -> None:
    """Darken, in place, the ground at the foot of walls and liquids below their shore."""
    wall = level.cells == level.kinds.index("wall")
    liquid = np.isin(level.cells, [level.kinds.index(kind) for kind in _LIQUIDS])
    for row, column in zip(*np.nonzero(~wall), strict=True):
        y, x = row * size, column * size
        if wall[row - 1, column]:
            light[y : y + size // 4, x : x + size] = _UNDER_WALL
        elif liquid[row, column] and not liquid[row - 1, column]:
            light[y : y + size // 8, x : x + size] = _BANK
        if wall[row, column - 1]:
            beside = light[y : y + size, x : x + size // 8]
            np.minimum(beside, _BESIDE_WALL, out=beside)
