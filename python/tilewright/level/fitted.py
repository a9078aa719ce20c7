"""Cells of levels and worlds, drawn with the tiles of a complete set."""

from collections.abc import Mapping, Sequence

import numpy as np

from tilewright.arrays import Int16Array, Uint8Array
from tilewright.level.autotile import autotile
from tilewright.level.map import Layer, Map
from tilewright.tileset.tileset import Tileset

HALO = 2  # cells around a part of a world that its tiles depend on


def fitted(
    cells: Uint8Array, numbers: Int16Array, tileset: Tileset, seed: int, origin: tuple[int, int] = (0, 0)
) -> Map:
    """Return the map of cells (H, W), given as (H + 2 * HALO, W + 2 * HALO) with those around them.

    numbers: the tileset's terrain of each kind of cell. origin: (row, column) of the first of the H x W cells in a
    world. Tiles of corners lie between cells: then the map has H + 1 rows, moved up by half a tile, and W + 1 columns,
    moved left, so a cell is where it would be without.
    """
    terrain = numbers[cells]
    drawn = autotile(terrain, tileset, seed=seed, origin=(origin[0] - HALO, origin[1] - HALO))
    between = int(drawn.shape != terrain.shape)
    cut = slice(HALO - between, between - HALO)
    height, width = tileset.shape
    offset = (-(width // 2), -(height // 2)) if between else (0, 0)
    layers = [Layer(layer.name, layer.tiles[cut, cut], offset) for layer in drawn.layers]
    return Map(tileset.name, tileset, tuple(layers), terrain=terrain[cut, cut], seed=seed)


def terrain_numbers(kinds: Sequence[str], matched: Mapping[str, str], tileset: Tileset) -> Int16Array:
    """Return the number of the terrain that draws each kind."""
    names = [terrain.name for terrain in tileset.terrains]
    return np.array([names.index(matched[kind]) for kind in kinds], np.int16)
