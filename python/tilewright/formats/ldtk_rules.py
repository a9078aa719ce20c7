"""Auto-layer rules of LDtk from terrain codes: which tiles a cell may have, given the terrains around it.

A rule has a pattern of 3 x 3 values for a cell and its neighbours: v for terrain v - 1, -v for any other, 0 for
whatever. It lists the tiles that LDtk chooses from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import Int32Array
from tilewright.level.map import EMPTY, Map
from tilewright.level.walls import Walls
from tilewright.tileset.tileset import NO_TERRAIN, Tileset
from tilewright.tileset.wang import main_terrain, wang_type

_MIDDLE = 4
_AROUND = (1, 2, 5, 8, 7, 6, 3, 0)  # the places in the pattern of the positions of a code
# Cells of terrain are the corners of tiles: the tile of a cell is to its lower right.
_CORNERS = {1: 5, 3: 8, 5: 7, 7: 4}
_MOST_COPIES = 16  # of a tile in a rule, by which it is drawn more often

Pattern = tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """A pattern, and the tiles for it; likelier tiles occur more than once."""

    pattern: Pattern
    tiles: tuple[int, ...]


def terrain_at_corners(level: Map) -> bool:
    """Whether the terrain of a map is that of corners rather than cells."""
    return level.terrain is not None and level.terrain.shape != level.shape


def rules_of(level: Map) -> list[Rule]:
    """Return the rules by which the terrain of a map determines the tiles of its lowest layer.

    Returns none if the terrain is unknown, or if the layer has other tiles than the rules would give.
    """
    tileset = level.tileset
    kind = wang_type(tileset)
    if level.terrain is None or kind is None or terrain_at_corners(level) != (kind == "corner"):
        return []
    walls = Walls(tileset).numbers.tolist()  # the cells at their corners do not matter
    patterns = [
        _corner_pattern(tileset, tile) if kind == "corner" else _cell_pattern(tileset, tile, walls)
        for tile in range(len(tileset))
    ]
    if level.layers[0].offset != (0, 0) or not _follows(level, np.array(patterns, np.int32)):
        return []
    used = set(np.unique(level.layers[0].tiles[level.layers[0].tiles != EMPTY]).tolist())
    shown = {
        main_terrain(tileset, tile) for tile in used
    }  # other layers have rules of their own, which LDtk lacks
    tiles: dict[Pattern, list[int]] = {}
    for tile, pattern in enumerate(patterns):
        if len(level.layers) > 1 and main_terrain(tileset, tile) not in shown:
            continue
        if any(pattern) and (tileset.probabilities[tile] > 0 or tile in used):
            tiles.setdefault(pattern, []).append(tile)
    return [Rule(pattern, _repeated(tileset, found)) for pattern, found in tiles.items()]


def _corner_pattern(tileset: Tileset, tile: int) -> Pattern:
    """The pattern of a tile with corners. Where it has none of its terrain, there is any other."""
    own, pattern = main_terrain(tileset, tile), [0] * 9
    for position, place in _CORNERS.items():
        terrain = int(tileset.codes[tile, position])
        pattern[place] = -(own + 1) if terrain == NO_TERRAIN else terrain + 1
    return tuple(pattern)


def _cell_pattern(tileset: Tileset, tile: int, walls: Sequence[int]) -> Pattern:
    """The pattern of a tile with edges. A corner counts only where both edges beside it have the tile's terrain.

    walls: terrains whose corners never count.
    """
    own = main_terrain(tileset, tile)
    if own == NO_TERRAIN:
        return (0,) * 9
    pattern = [0] * 9
    pattern[_MIDDLE] = own + 1
    met = _met(tileset, own)
    if met == [own]:  # the others draw the borders, and it may lie beside anything
        return tuple(pattern)
    one_border = len(met) == 2  # which the terrain has beside any other
    code = tileset.codes[tile].tolist()
    has_corners = wang_type(tileset) == "mixed" and own not in walls
    for position, terrain in enumerate(code):
        is_corner = position % 2 == 1
        if is_corner and not (has_corners and code[position - 1] == code[(position + 1) % 8] == own):
            continue
        other = terrain == NO_TERRAIN or (one_border and terrain != own)
        pattern[_AROUND[position]] = -(own + 1) if other else terrain + 1
    return tuple(pattern)


def _met(tileset: Tileset, terrain: int) -> list[int]:
    """Return the terrains in the codes of the tiles of one, or none if no tile has it in its centre."""
    used = (tileset.codes != NO_TERRAIN).any(axis=0)
    met: list[int] = np.unique(tileset.codes[tileset.centres == terrain][:, used]).tolist()
    return met


def _follows(level: Map, patterns: Int32Array) -> bool:
    """Whether the terrain around each cell of the lowest layer fits the pattern of its tile."""
    assert level.terrain is not None
    height, width = level.shape
    values = level.terrain.astype(np.int32) + 1
    own = values[:height, :width]
    tiles = level.layers[0].tiles
    if not patterns[tiles[tiles != EMPTY]].any(axis=1).all():
        return False
    around = np.pad(values, 1, constant_values=-1)
    for place in range(9):
        row, column = place // 3, place % 3
        there = around[row : row + height, column : column + width]
        there = np.where(there < 0, own, there)  # outside of the map: see outOfBoundsValue
        wanted = patterns[tiles, place]
        fits = (wanted == 0) | np.where(wanted > 0, there == wanted, there != -wanted)
        if not fits[tiles != EMPTY].all():
            return False
    return True


def _repeated(tileset: Tileset, tiles: list[int]) -> tuple[int, ...]:
    """Repeat tiles by their probabilities, which LDtk does not have, in small whole numbers."""
    shares = [float(tileset.probabilities[tile]) for tile in tiles]
    least = min([share for share in shares if share > 0], default=1.0)
    copies = [min(_MOST_COPIES, max(1, round(share / least))) for share in shares]
    return tuple(tile for tile, count in zip(tiles, copies, strict=True) for _ in range(count))
