"""Autotiles of Tiled: terrains with the tiles that the Wang sets of a .tsx, or its terrains before Tiled 1.5, join."""

from pathlib import Path

import numpy as np

from tilewright.arrays import BoolArray, Uint8Array
from tilewright.errors import DataError
from tilewright.formats.tsx_reader import Sources, TilesetParts, read_tileset
from tilewright.formats.xml_tree import integer, read_xml
from tilewright.pictures import Budget, read_picture
from tilewright.tileset.tileset import CORNERS, EDGES, NO_TERRAIN

from ..art.recipe_values import KIND_NAME, MAX_KIND
from .autotile import Autotile
from .codes import WHOLE, MissingTileError, Table, table_of
from .layouts import ALL, CODES, EVERYWHERE, MASKS, OPPOSITE, cornered, opposite_corners
from .recipe import TilesetEntry

CELLS = {7: "top left", 1: "top right", 5: "bottom left", 3: "bottom right"}  # positions, as a code has them
MOST_FILLS = 4096  # of a terrain, with the copies that show their probabilities


def read_wang_sets(folder: Path, entry: TilesetEntry, tile: int, where: str) -> list[Autotile]:
    """Read the terrains of a .tsx beneath `folder`, with tiles of `tile` pixels.

    A terrain stands on `entry.outside`, or on the first one before it in the file to which it has all borders.
    Raises DataError, with a text that begins with `where`, for a file or an image that cannot be read
    or lies outside of the folder, and for borders that lack tiles.
    """
    try:
        parts = _read(folder, entry, tile)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    if not parts.terrains:
        raise DataError(
            f"{where}: {entry.file} has no Wang set; add one in Tiled, or name tiles under [[terrain]]"
        )
    names = _names([terrain.name for terrain in parts.terrains], entry, where)
    outside, told = None, f"{where}: {entry.file}"
    every = names if entry.outside is None or entry.outside in names else [*names, entry.outside]
    if entry.outside is not None:
        outside = every.index(entry.outside)
    found = (_terrain(parts, number, outside, every, entry.quarters, told) for number in range(len(names)))
    return [terrain for terrain in found if terrain is not None]


def _read(folder: Path, entry: TilesetEntry, tile: int) -> TilesetParts:
    """Read the file, with another image if the recipe names one."""
    sources = Sources(folder, Budget(), "name a sheet beneath it")
    path = sources.find(Path(entry.file).name, folder / entry.file)
    element = read_xml(path, "tileset")
    size = tuple(integer(element, key, path) for key in ("tilewidth", "tileheight"))
    if size != (tile, tile):
        raise DataError(f"{path}: it has tiles of {size[0]}x{size[1]} pixels, not {tile}x{tile}")
    image = element.find("image")
    if entry.sheet is not None and image is not None:
        image.set("source", str((folder / entry.sheet).absolute()))
    parts = read_tileset(element, path, sources)
    assert image is not None
    sheet = sources.find(image.get("source", ""), path)
    height, width = read_picture(sheet).shape[:2]
    stated = integer(image, "width", path, width), integer(image, "height", path, height)
    if stated != (width, height):
        told = f"{path}: it is for an image of {stated[0]}x{stated[1]} pixels"
        raise DataError(f"{told}; {sheet.name} has {width}x{height}")
    return parts


def _names(found: list[str], entry: TilesetEntry, where: str) -> list[str]:
    """Return the names of the terrains as kinds."""
    if unknown := sorted(set(entry.names) - set(found)):
        raise DataError(f"{where}: names has {unknown[0]!r:.60}; {entry.file} has {', '.join(found):.200}")
    names = [entry.names.get(name, name.lower().replace(" ", "-")) for name in found]
    for old, new in zip(found, names, strict=True):
        if not KIND_NAME.fullmatch(new) or len(new) > MAX_KIND:
            told = f"{entry.file} has a terrain {old!r:.60}"
            raise DataError(f"{where}: {told}; choose a name of a-z, 0-9, - and _ in names")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{where}: {entry.file} has two terrains {twice}; choose different ones in names")
    return names


def _terrain(
    parts: TilesetParts, number: int, outside: int | None, names: list[str], quarters: bool, where: str
) -> Autotile | None:
    """Return a terrain; None if no tile has it. outside: of positions without one. names: by number."""
    codes, rows = parts.codes, (parts.codes == number).any(axis=1)
    if not rows.any():
        return None
    used = (codes[rows] != NO_TERRAIN).any(axis=0)
    sides, corners = bool(used[EDGES].any()), bool(used[CORNERS].any())
    shown = np.zeros(len(used), dtype=bool)  # positions that say which tile it is
    shown[EDGES], shown[CORNERS] = sides, corners
    if outside is not None:
        coded = (codes != NO_TERRAIN).any(axis=1, keepdims=True)
        codes = np.where(coded & (codes == NO_TERRAIN), outside, codes)
    inside = codes == number
    fills = _fills(parts, inside[:, shown].all(axis=1))
    others = [] if number == outside else [*([] if outside is None else [outside]), *range(number)]
    problem = None
    for other in others:
        pair = (inside | (codes == other))[:, shown].all(axis=1)
        if not (pair & inside[:, shown].any(axis=1) & (codes == other)[:, shown].any(axis=1)).any():
            continue
        try:
            if not sides:
                return Autotile(names[number], names[other], _corner_tiles(parts, inside, pair, fills), fills)
            mine = pair & ((parts.centres == number) | (parts.centres == NO_TERRAIN) & inside.any(axis=1))
            tiles, drawn = _cell_tiles(parts.pictures[mine], inside[mine], corners, quarters)
            shape = None if corners else "path"
            return Autotile(
                names[number], names[other], tiles, fills if len(fills) else tiles[ALL:], shape, drawn
            )
        except MissingTileError as error:
            problem = problem or f"{where} lacks a tile of {names[number]} in {names[other]}: {error}"
    if problem is None and len(fills):
        return Autotile(names[number], None, np.broadcast_to(fills[0], (MASKS, *fills.shape[1:])), fills)
    raise DataError(problem or f"{where} lacks a tile that is {names[number]} alone")


def _fills(parts: TilesetParts, whole: BoolArray) -> Uint8Array:
    """Return the tiles of one terrain (F, T, T, 4), as often as their probabilities say."""
    probabilities = parts.probabilities[whole]
    if not probabilities.any():
        return parts.pictures[whole]
    least = probabilities[probabilities > 0].min()
    most = max(1, MOST_FILLS // len(probabilities))
    copies = np.minimum(np.rint(probabilities / least), most).astype(np.int64)
    return parts.pictures[whole].repeat(copies, axis=0)


def _cell_tiles(pictures: Uint8Array, inside: BoolArray, corners: bool, quarters: bool) -> Table:
    """Return the table of tiles whose sides, and corners if they count, have the terrain: inside, bool (N, 8)."""
    given: dict[int, Uint8Array] = {}
    for mask, picture in zip((inside << np.arange(8)).sum(axis=1).tolist(), pictures, strict=True):
        given.setdefault(cornered(mask) if corners else mask & WHOLE, picture)
    return table_of(given, corners, quarters)


def _corner_tiles(parts: TilesetParts, inside: BoolArray, pair: BoolArray, fills: Uint8Array) -> Uint8Array:
    """Return the tiles between four cells (16, T, T, 4). Raises MissingTileError with the corners of one."""
    given: dict[int, Uint8Array] = {EVERYWHERE: fills[0]} if len(fills) else {}
    for tile in np.flatnonzero(pair):
        code = sum(1 << bit for bit, position in enumerate(CELLS) if inside[tile, position])
        given.setdefault(code, parts.pictures[tile])
    tiles = np.zeros((CODES, *parts.pictures.shape[1:]), dtype=np.uint8)
    for code in range(1, CODES):
        if code not in given and code not in OPPOSITE:
            raise MissingTileError(
                " and ".join(name for bit, name in enumerate(CELLS.values()) if code >> bit & 1)
            )
        tiles[code] = given.get(code, tiles[code])
    for code in OPPOSITE.keys() - given.keys():
        tiles[code] = opposite_corners(tiles, code)
    return tiles
