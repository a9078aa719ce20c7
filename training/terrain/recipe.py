"""Autotile recipes: TOML files that say where the autotiles of a sheet are and which terrains they join."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from tilewright.errors import DataError
from tilewright.files import MAX_LINE, is_printable_line

from ..art.recipe_values import check_keys, check_kind, check_number, check_tables, places_of, read_toml
from .codes import UNUSED, mask_of
from .layouts import LAYOUTS

PLAIN = "plain"  # tiles without borders
CODED = {"sides": False, "blob": True}  # layouts whose tiles `codes` tells; whether corners count
MAX_ENTRIES = 1024
MAX_PLACES = 256
MAX_ROW = 4096  # characters of a row of codes
MAX_INCLUDES = 64
SHAPES = ("blob", "path", "rooms", "lines")
INCLUDE_KEYS = {"recipe", "folder"}
KEYS = {"set", "sheet", "layout", "at", "offset", "fill", "inside", "outside", "shape"}
CODED_KEYS = {"sides": {"codes", "under"}, "blob": {"codes", "under", "quarters"}}
TILESET_KEYS = {"file", "sheet", "set", "outside", "names", "quarters"}


@dataclass(frozen=True)
class Entry:
    """One [[terrain]] of a recipe.

    at: (column, row) of the block, or of each plain tile. fill: of the tiles of the interior, if the block has
    none. offset: (x, y) of the sheet's first tile in pixels. shape: one of SHAPES that the terrain has in maps; None
    for blobs and some paths.

    Of the layouts CODED: codes: the place of the tile of each mask (codes.py), by its first one. quarters: compose
    tiles that are missing. under: of the tile that shows where the others are transparent.
    """

    set: str
    sheet: str
    layout: str
    at: tuple[tuple[int, int], ...]
    fill: tuple[tuple[int, int], ...]
    inside: str
    outside: str | None
    offset: tuple[int, int] = (0, 0)
    shape: str | None = None
    codes: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    quarters: bool = False
    under: tuple[int, int] | None = None


@dataclass(frozen=True)
class TilesetEntry:
    """One [[tileset]] of a recipe: a .tsx of Tiled, whose Wang sets or terrains are read.

    sheet: used instead of the image that the file names. outside: the terrain of positions for which it states none.
    names: of terrains, by their names in the file. quarters: as of Entry.
    """

    set: str
    file: str
    sheet: str | None = None
    outside: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    quarters: bool = False


@dataclass(frozen=True)
class TerrainRecipe:
    """Entries of one or more sets whose tiles have `tile` pixels along an edge.

    held_out: names of sets that are not trained on.
    """

    tile: int
    entries: tuple[Entry, ...]
    tilesets: tuple[TilesetEntry, ...] = ()
    held_out: tuple[str, ...] = ()

    def sets(self) -> set[str]:
        """Return the names of the sets."""
        return {one.set for one in self.entries} | {one.set for one in self.tilesets}

    def beneath(self, folder: str) -> "TerrainRecipe":
        """Return the recipe for art that is in a folder."""
        return replace(
            self,
            entries=tuple(replace(one, sheet=f"{folder}/{one.sheet}") for one in self.entries),
            tilesets=tuple(
                replace(one, file=f"{folder}/{one.file}", sheet=one.sheet and f"{folder}/{one.sheet}")
                for one in self.tilesets
            ),
        )


def read_terrain_recipe(path: Path) -> TerrainRecipe:
    """Read and check a terrain recipe, with those that it includes. Raises DataError, which names the entry and the
    remedy.
    """
    return _read(path, f"read_terrain(): {path.name}", nested=False)


def _read(path: Path, where: str, nested: bool) -> TerrainRecipe:
    table = read_toml(path, "read_terrain()")
    check_keys(table, {"tile", "terrain", "tileset", "held_out"} | (set() if nested else {"include"}), where)
    tile = check_number(table, "tile", where, lowest=2)
    if tile is None or tile % 2 or tile > 64:
        raise DataError(f"{where}: tile must be an even number from 2 to 64, not {tile!r:.60}")
    read = _included(table, path.parent, tile, where) if "include" in table else TerrainRecipe(tile, ())
    entries, tilesets = read.entries, read.tilesets
    if "tileset" in table:
        told = f"{where}: tileset must be tables, each under [[tileset]]"
        found = check_tables(table, "tileset", told)
        tilesets += tuple(_tileset(one, f"{where}: tileset {i + 1}") for i, one in enumerate(found))
    if "terrain" in table or not (entries or tilesets):
        told = f"{where} has no terrains; add a [[terrain]] with sheet, layout, at and inside"
        found = check_tables(table, "terrain", told)
        entries += tuple(_entry(entry, f"{where}: terrain {i + 1}") for i, entry in enumerate(found))
    if len(entries) > MAX_ENTRIES or len(tilesets) > MAX_INCLUDES:
        raise DataError(
            f"{where} must have at most {MAX_ENTRIES} terrains and {MAX_INCLUDES} tilesets, not {len(entries)} and "
            f"{len(tilesets)}"
        )
    read = TerrainRecipe(tile, entries, tilesets)
    return replace(read, held_out=_held_out(table.get("held_out", []), read.sets(), where))


def _included(table: dict[str, Any], folder: Path, tile: int, where: str) -> TerrainRecipe:
    """Return the recipes of [[include]] as one. Their art is in folders beneath that of the art."""
    tables = check_tables(table, "include", f"{where}: include must be tables, each under [[include]]")
    if len(tables) > MAX_INCLUDES:
        raise DataError(f"{where} must include at most {MAX_INCLUDES} recipes, not {len(tables)}")
    found = TerrainRecipe(tile, ())
    for number, one in enumerate(tables, 1):
        at = f"{where}: include {number}"
        check_keys(one, INCLUDE_KEYS, at)
        name, beneath = (_path(one.get(key), key, at) for key in ("recipe", "folder"))
        recipe = _read(folder / name, f"{at}: {name}", nested=True)
        if recipe.tile != tile:
            raise DataError(f"{at}: {name} has tiles of {recipe.tile} pixels, not {tile}")
        if taken := sorted(found.sets() & recipe.sets()):
            raise DataError(f"{at}: {name} has the set {taken[0]}, as a recipe before it has")
        recipe = recipe.beneath(beneath)
        found = TerrainRecipe(tile, found.entries + recipe.entries, found.tilesets + recipe.tilesets)
    return found


def _held_out(names: object, sets: set[str], where: str) -> tuple[str, ...]:
    """Check the names of the sets that are held out: not all of the recipe's."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name in sets for name in names):
        raise DataError(
            f"{where}: held_out must be a list of its sets, {', '.join(sorted(sets)):.200}, not {names!r:.60}"
        )
    if sets <= set(names):
        raise DataError(f"{where}: held_out names every set; leave one to train on")
    return tuple(names)


def _entry(table: dict[str, Any], where: str) -> Entry:
    layout = table.get("layout")
    if layout not in (PLAIN, *LAYOUTS, *CODED):
        known = ", ".join((PLAIN, *LAYOUTS, *CODED))
        raise DataError(f"{where}: layout must be one of {known}, not {layout!r:.60}")
    plain, coded = layout == PLAIN, layout in CODED
    check_keys(table, KEYS | CODED_KEYS.get(layout, set()), where)
    if plain != ("outside" not in table):
        raise DataError(
            f"{where}: {layout} {'has no border, so it takes no outside' if plain else 'needs outside'}"
        )
    shape = table.get("shape")
    if shape not in (None, *SHAPES) or (plain and shape is not None):
        raise DataError(
            f"{where}: shape must be one of {', '.join(SHAPES)}, for a terrain with a border, not {shape!r:.60}"
        )
    at = _places(table.get("at", [0, 0] if coded else None), plain, where, "at")
    return Entry(
        set=check_kind(table.get("set", "art"), "set", where),
        sheet=_path(table.get("sheet"), "sheet", where),
        layout=layout,
        at=at,
        fill=_places(table["fill"], True, where, "fill") if "fill" in table else (),
        inside=check_kind(table.get("inside"), "inside", where),
        outside=None if plain else check_kind(table.get("outside"), "outside", where),
        offset=_places(table.get("offset", [0, 0]), False, where, "offset")[0],
        shape=shape,
        codes=_codes(table.get("codes"), CODED[layout], at[0], where) if coded else {},
        quarters=_flag(table, "quarters", where),
        under=_places(table["under"], False, where, "under")[0] if "under" in table else None,
    )


def _tileset(table: dict[str, Any], where: str) -> TilesetEntry:
    check_keys(table, TILESET_KEYS, where)
    names = table.get("names", {})
    if not isinstance(names, dict):
        raise DataError(
            f'{where}: names must be a table such as {{"Tall grass" = "tall-grass"}}, not {names!r:.60}'
        )
    return TilesetEntry(
        set=check_kind(table.get("set", "art"), "set", where),
        file=_path(table.get("file"), "file", where),
        sheet=_path(table["sheet"], "sheet", where) if "sheet" in table else None,
        outside=check_kind(table["outside"], "outside", where) if "outside" in table else None,
        names={old: check_kind(new, "names", where) for old, new in names.items()},
        quarters=_flag(table, "quarters", where),
    )


def _flag(table: dict[str, Any], key: str, where: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise DataError(f"{where}: {key} must be true or false, not {value!r:.60}")
    return value


def _codes(value: object, corners: bool, at: tuple[int, int], where: str) -> dict[int, tuple[int, int]]:
    """Return the place of the first tile of each mask. value: rows of words, from the tile `at` on."""
    rows = value if isinstance(value, list) and len(value) <= MAX_PLACES else []
    if not rows or not all(isinstance(row, str) and 0 < len(row) <= MAX_ROW for row in rows):
        raise DataError(f"{where}: codes must be a list of rows of words, not {value!r:.60}")
    places: dict[int, tuple[int, int]] = {}
    for y, row in enumerate(rows):
        for x, word in enumerate(row.split()):
            try:
                if word != UNUSED:
                    places.setdefault(mask_of(word, corners), (at[0] + x, at[1] + y))
            except ValueError as error:
                form = "NESW, ES, NESW-SE or 0" if corners else "NESW, ES or 0"
                raise DataError(
                    f"{where}: codes must have words such as {form}, or ., not {word!r:.60}"
                ) from error
    return places


def _path(value: object, key: str, where: str) -> str:
    """Check a relative path, which must not leave its folder."""
    path = PurePosixPath(value) if isinstance(value, str) else PurePosixPath("/")
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in str(path):
        within = "this recipe" if key == "recipe" else "the art"
        raise DataError(f"{where}: {key} must be a path within the folder of {within}, not {value!r:.60}")
    if not is_printable_line(value):
        raise DataError(f"{where}: {key} must be at most {MAX_LINE} printable characters, not {value!r:.60}")
    return str(path)


def _places(value: object, several: bool, where: str, key: str) -> tuple[tuple[int, int], ...]:
    places = places_of(value if several else [value], MAX_PLACES)
    if places is not None:
        return places
    form = "a list of [column, row], one for each tile" if several else "[column, row] of the block"
    if key == "under":
        form = "[column, row] of a tile"
    if key == "offset":
        form = "[x, y] of the first tile in pixels"
    raise DataError(f"{where}: {key} must be {form}, not {value!r:.60}")
