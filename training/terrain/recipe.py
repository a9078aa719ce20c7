"""Autotile recipes: TOML files that say where the autotiles of a sheet are and which terrains they join."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from tilewright.errors import DataError
from tilewright.files import MAX_LINE, is_printable_line

from ..art.recipe_values import check_keys, check_kind, check_number, check_tables, places_of, read_toml
from .layouts import LAYOUTS

PLAIN = "plain"  # tiles without borders
MAX_ENTRIES = 1024
MAX_PLACES = 256
MAX_INCLUDES = 64
SHAPES = ("blob", "path", "rooms")
INCLUDE_KEYS = {"recipe", "folder"}
KEYS = {"set", "sheet", "layout", "at", "offset", "fill", "inside", "outside", "shape"}


@dataclass(frozen=True)
class Entry:
    """One [[terrain]] of a recipe.

    at: (column, row) of the block, or of each plain tile. fill: of the tiles of the interior, if the block has
    none. offset: (x, y) of the sheet's first tile in pixels. shape: one of SHAPES that the terrain has in maps; None
    for blobs and some paths.
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


@dataclass(frozen=True)
class TerrainRecipe:
    """Entries of one or more sets whose tiles have `tile` pixels along an edge.

    held_out: names of sets that are not trained on.
    """

    tile: int
    entries: tuple[Entry, ...]
    held_out: tuple[str, ...] = ()


def read_terrain_recipe(path: Path) -> TerrainRecipe:
    """Read and check a terrain recipe, with those that it includes. Raises DataError, which names the entry and the
    remedy.
    """
    return _read(path, f"read_terrain(): {path.name}", nested=False)


def _read(path: Path, where: str, nested: bool) -> TerrainRecipe:
    table = read_toml(path, "read_terrain()")
    check_keys(table, {"tile", "terrain", "held_out"} | (set() if nested else {"include"}), where)
    tile = check_number(table, "tile", where, lowest=2)
    if tile is None or tile % 2 or tile > 64:
        raise DataError(f"{where}: tile must be an even number from 2 to 64, not {tile!r:.60}")
    read = _included(table, path.parent, tile, where) if "include" in table else ()
    if "terrain" in table or not read:
        told = f"{where} has no terrains; add a [[terrain]] with sheet, layout, at and inside"
        entries = check_tables(table, "terrain", told)
        read += tuple(_entry(entry, f"{where}: terrain {i + 1}") for i, entry in enumerate(entries))
    if len(read) > MAX_ENTRIES:
        raise DataError(f"{where} must have 1 to {MAX_ENTRIES} terrains, not {len(read)}")
    return TerrainRecipe(tile, read, _held_out(table.get("held_out", []), read, where))


def _included(table: dict[str, Any], folder: Path, tile: int, where: str) -> tuple[Entry, ...]:
    """Return the entries of the recipes of [[include]], whose sheets are in a folder beneath that of the art."""
    tables = check_tables(table, "include", f"{where}: include must be tables, each under [[include]]")
    if len(tables) > MAX_INCLUDES:
        raise DataError(f"{where} must include at most {MAX_INCLUDES} recipes, not {len(tables)}")
    found: tuple[Entry, ...] = ()
    for number, one in enumerate(tables, 1):
        at = f"{where}: include {number}"
        check_keys(one, INCLUDE_KEYS, at)
        name, beneath = (_path(one.get(key), key, at) for key in ("recipe", "folder"))
        recipe = _read(folder / name, f"{at}: {name}", nested=True)
        if recipe.tile != tile:
            raise DataError(f"{at}: {name} has tiles of {recipe.tile} pixels, not {tile}")
        if taken := sorted({entry.set for entry in found} & {entry.set for entry in recipe.entries}):
            raise DataError(f"{at}: {name} has the set {taken[0]}, as a recipe before it has")
        found += tuple(replace(entry, sheet=f"{beneath}/{entry.sheet}") for entry in recipe.entries)
    return found


def _held_out(names: object, entries: tuple[Entry, ...], where: str) -> tuple[str, ...]:
    """Check the names of the sets that are held out: not all of the recipe's."""
    sets = {entry.set for entry in entries}
    if not isinstance(names, list) or not all(isinstance(name, str) and name in sets for name in names):
        raise DataError(
            f"{where}: held_out must be a list of its sets, {', '.join(sorted(sets)):.200}, not {names!r:.60}"
        )
    if sets <= set(names):
        raise DataError(f"{where}: held_out names every set; leave one to train on")
    return tuple(names)


def _entry(table: dict[str, Any], where: str) -> Entry:
    check_keys(table, KEYS, where)
    layout = table.get("layout")
    if layout not in (PLAIN, *LAYOUTS):
        raise DataError(f"{where}: layout must be one of {PLAIN}, {', '.join(LAYOUTS)}, not {layout!r:.60}")
    plain = layout == PLAIN
    if plain != ("outside" not in table):
        raise DataError(
            f"{where}: {layout} {'has no border, so it takes no outside' if plain else 'needs outside'}"
        )
    shape = table.get("shape")
    if shape not in (None, *SHAPES) or (plain and shape is not None):
        raise DataError(
            f"{where}: shape must be one of {', '.join(SHAPES)}, for a terrain with a border, not {shape!r:.60}"
        )
    return Entry(
        set=check_kind(table.get("set", "art"), "set", where),
        sheet=_path(table.get("sheet"), "sheet", where),
        layout=layout,
        at=_places(table.get("at"), plain, where, "at"),
        fill=_places(table["fill"], True, where, "fill") if "fill" in table else (),
        inside=check_kind(table.get("inside"), "inside", where),
        outside=None if plain else check_kind(table.get("outside"), "outside", where),
        offset=_places(table.get("offset", [0, 0]), False, where, "offset")[0],
        shape=shape,
    )


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
    if key == "offset":
        form = "[x, y] of the first tile in pixels"
    raise DataError(f"{where}: {key} must be {form}, not {value!r:.60}")
