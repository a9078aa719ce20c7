"""Cells of levels and worlds, drawn with the tiles of a complete set."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int16Array, Uint8Array
from tilewright.level.autotile import autotile
from tilewright.level.map import EMPTY, Layer, Map
from tilewright.tileset.colours import clear_first
from tilewright.tileset.match import KindMatch, match_kinds
from tilewright.tileset.tileset import NO_TERRAIN, Tileset

HALO = 2  # cells around a part of a world that its tiles depend on


def fitted(
    cells: Uint8Array,
    walkable: BoolArray,
    numbers: Int16Array,
    tileset: Tileset,
    seed: int,
    origin: tuple[int, int] = (0, 0),
) -> Map:
    """Return the map of cells (H, W), given as (H + 2 * HALO, W + 2 * HALO) with those around them.

    walkable: bool (H, W). The others get a solid tile, in a layer of its own, because one tile may be drawn for
    cells of both sorts, and tiles of corners are in four cells. numbers: the tileset's terrain of each kind of cell.
    origin: (row, column) of the first of the H x W cells in a
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
    solid = np.full(layers[0].tiles.shape, EMPTY, np.int32)
    solid[: len(walkable), : walkable.shape[1]] = np.where(walkable, EMPTY, len(tileset))
    layers.append(Layer("solid", solid))
    shown = None if drawn.terrain is None else drawn.terrain[cut, cut]
    return Map(tileset.name, _with_solid_tile(tileset), tuple(layers), terrain=shown, seed=seed)


def _with_solid_tile(tileset: Tileset) -> Tileset:
    """Add a transparent tile, the only solid one."""
    pictures, palette = tileset.pictures, tileset.palette
    if palette is not None and (palette[:, 3] > 0).all():
        pictures, palette = clear_first(pictures, palette) or (tileset.rgba, None)
    clear = 0 if palette is None else int(palette[:, 3].argmin())

    def longer(array: AnyArray, value: float) -> AnyArray:
        return np.concatenate([array, np.full((1, *array.shape[1:]), value, array.dtype)])

    return replace(
        tileset,
        pictures=longer(pictures, clear),
        palette=palette,
        codes=longer(tileset.codes, NO_TERRAIN),
        centres=longer(tileset.centres, NO_TERRAIN),
        probabilities=longer(tileset.probabilities, 0),
        solid=np.arange(len(tileset) + 1) == len(tileset),
    )


def match_terrains(
    kinds: Sequence[str], tileset: Tileset, chosen: Mapping[str, str] | None, caller: str
) -> KindMatch:
    """Return the terrain that draws each kind (`match_kinds`). None is drawn by a terrain behind walls."""
    drawn = [terrain.name for terrain in tileset.terrains if not terrain.behind_walls]
    return match_kinds(kinds, tileset.name, drawn, chosen, caller)


def terrain_numbers(kinds: Sequence[str], matched: Mapping[str, str], tileset: Tileset) -> Int16Array:
    """Return the number of the terrain that draws each kind."""
    names = [terrain.name for terrain in tileset.terrains]
    return np.array([names.index(matched[kind]) for kind in kinds], np.int16)
