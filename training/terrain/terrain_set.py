"""Autotile sets: terrains in one style, read from an artist's sheets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError
from tilewright.palette import remap
from tilewright.pictures import UnreadableError, read_picture

from .autotile import OPAQUE, Autotile
from .codes import MissingTileError, mask_of, table_of
from .layouts import ALL, MASKS, read_layout
from .recipe import CODED, PLAIN, Entry, TerrainRecipe
from .wang import read_wang_sets


@dataclass(frozen=True, eq=False)
class TerrainSet:
    """Terrains in one style. tile: pixels along an edge of a tile."""

    name: str
    tile: int
    terrains: tuple[Autotile, ...]

    @property
    def has_overlays(self) -> bool:
        """Whether some pixels of a terrain show what is below it."""
        return any((terrain.tiles[..., 3] < OPAQUE).any() for terrain in self.terrains)

    def grounds(self) -> list[int]:
        """Return the numbers of the terrains that stand on nothing."""
        return [i for i, terrain in enumerate(self.terrains) if terrain.outside is None]

    def weight(self, number: int) -> int:
        """Return one more than the number of terrains that can stand on a terrain, directly or indirectly."""
        return 1 + sum(self.weight(above) for above in self.on(number))

    def on(self, ground: int) -> list[int]:
        """Return the numbers of the terrains whose outside is that of the terrain with number `ground`."""
        name = self.terrains[ground].name
        return [i for i, terrain in enumerate(self.terrains) if terrain.outside == name]

    def only(self, names: Collection[str]) -> "TerrainSet":
        """Return the set without terrains of other names, and without those that stand on such."""
        kept: list[Autotile] = []
        left = [terrain for terrain in self.terrains if terrain.name in names]
        while ready := [t for t in left if t.outside in {None, *(terrain.name for terrain in kept)}]:
            kept += ready
            left = [terrain for terrain in left if terrain not in ready]
        return replace(self, terrains=tuple(terrain for terrain in self.terrains if terrain in kept))

    def in_palette(self, palette: Uint8Array) -> "TerrainSet":
        """Return the set with the nearest colours, in OKLab, of a palette uint8 (K, 4)."""
        return replace(
            self,
            terrains=tuple(
                replace(one, tiles=remap(one.tiles, palette), fills=remap(one.fills, palette))
                for one in self.terrains
            ),
        )


def read_terrain_sets(folder: Path, recipe: TerrainRecipe) -> tuple[TerrainSet, ...]:
    """Read the sheets of a recipe beneath `folder`. Raises DataError for a sheet or a block that is missing."""
    sheets: dict[str, Uint8Array] = {}
    sets: dict[str, list[Autotile]] = {}
    for number, entry in enumerate(recipe.entries):
        where = f"read_terrain(): terrain {number + 1}"
        if entry.sheet not in sheets:
            sheets[entry.sheet] = _read_sheet(folder / entry.sheet, where)
        x, y = entry.offset
        sheet = sheets[entry.sheet][y:, x:]
        sets.setdefault(entry.set, []).append(_terrain(sheet, entry, recipe.tile, where))
    for number, tileset in enumerate(recipe.tilesets):
        where = f"read_terrain(): tileset {number + 1}"
        sets.setdefault(tileset.set, []).extend(read_wang_sets(folder, tileset, recipe.tile, where))
    found = {name: TerrainSet(name, recipe.tile, tuple(terrains)) for name, terrains in sets.items()}
    _check_outsides(found)
    return tuple(found.values())


def _read_sheet(path: Path, where: str) -> Uint8Array:
    try:
        return read_picture(path)
    except UnreadableError as error:
        raise DataError(f"{where}: cannot read the sheet {path.name}: {error}") from error


def _terrain(sheet: Uint8Array, entry: Entry, tile: int, where: str) -> Autotile:
    plain = entry.at if entry.layout == PLAIN else entry.fill
    fills = np.stack([_cut(sheet, place, tile, where) for place in plain]) if plain else None
    if entry.layout == PLAIN:
        assert fills is not None
        return Autotile(entry.inside, None, np.broadcast_to(fills[0], (MASKS, tile, tile, 4)), fills)
    if entry.layout in CODED:
        return _coded(sheet, entry, tile, fills, where)
    tiles = read_layout(sheet, entry.layout, entry.at[0], tile, where)
    fills = tiles[-1:] if fills is None else fills  # all neighbours, or all four cells
    return Autotile(entry.inside, entry.outside, tiles, fills, entry.shape)


def _coded(sheet: Uint8Array, entry: Entry, tile: int, fills: Uint8Array | None, where: str) -> Autotile:
    """Read the tiles that `codes` names."""
    given = {mask: _cut(sheet, place, tile, where) for mask, place in entry.codes.items()}
    if entry.under is not None:
        under = _cut(sheet, entry.under, tile, where)
        given = {mask: np.where(one[..., 3:] >= OPAQUE, one, under) for mask, one in given.items()}
    if fills is not None:
        given.setdefault(mask_of("NESW", CODED[entry.layout]), fills[0])
    try:
        tiles, drawn = table_of(given, CODED[entry.layout], entry.quarters)
    except MissingTileError as error:
        raise DataError(f"{where}: codes has no {error}, which {entry.layout} needs") from error
    return Autotile(
        entry.inside, entry.outside, tiles, tiles[ALL:] if fills is None else fills, entry.shape, drawn
    )


def _cut(sheet: Uint8Array, place: tuple[int, int], tile: int, where: str) -> Uint8Array:
    column, row = place
    cut = sheet[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
    if cut.shape[:2] != (tile, tile):
        raise DataError(f"{where}: the tile at {list(place)} is not within the sheet")
    return cut


def _check_outsides(sets: Mapping[str, TerrainSet]) -> None:
    """Every terrain must stand on a plain one, directly or indirectly."""
    for terrains in sets.values():
        founded = {terrains.terrains[number].name for number in terrains.grounds()}
        if not founded:
            raise DataError(f"read_terrain(): set {terrains.name} has no terrain of layout {PLAIN}")
        left = [terrain for terrain in terrains.terrains if terrain.outside is not None]
        while ready := [terrain for terrain in left if terrain.outside in founded]:
            founded |= {terrain.name for terrain in ready}
            left = [terrain for terrain in left if terrain not in ready]
        if left:
            raise DataError(
                f"read_terrain(): set {terrains.name}: {left[0].name} stands on {left[0].outside}, which stands "
                f"on nothing; give {left[0].outside} a layout of {PLAIN}"
            )
        if any(terrain.outside == terrain.name for terrain in terrains.terrains) or _has_cycle(terrains):
            raise DataError(f"read_terrain(): set {terrains.name}: terrains stand on each other in a circle")


def _has_cycle(terrains: TerrainSet) -> bool:
    """Whether some terrain stands on itself, by the names of the terrains and of their outsides."""
    above: dict[str, set[str]] = {}
    for terrain in terrains.terrains:
        if terrain.outside is not None:
            above.setdefault(terrain.outside, set()).add(terrain.name)
    while leaves := [name for name, names in above.items() if not names & above.keys()]:
        for name in leaves:
            del above[name]
    return bool(above)
