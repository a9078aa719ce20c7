"""Read maps (.tmx) and tilesets (.tsx) of the editor Tiled. Files are untrusted: every fault is a DataError."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from xml.etree.ElementTree import Element

import numpy as np

from tilewright.arrays import BoolArray, Int32Array, Int64Array, Uint32Array
from tilewright.errors import DataError, NotFoundError, UsageError
from tilewright.formats.merge import merged, turned
from tilewright.formats.tiled_cells import read_cells
from tilewright.formats.tsx_reader import Sources, TilesetParts, read_tileset, read_tsx
from tilewright.formats.xml_tree import decimal, integer, line, read_xml, texts
from tilewright.level.map import EMPTY, MAX_CELLS, MAX_LAYERS, MAX_OBJECTS, MAX_OFFSET, Layer, Map, MapObject
from tilewright.pictures import Budget
from tilewright.tileset.tileset import MAX_EDGE, Tileset

T = TypeVar("T")

MAX_TILESETS = 256
MAX_ALL_CELLS = 1 << 23  # of all layers
_NUMBER = 0x0FFFFFFF  # of a cell; above it are three flags, and a bit of hexagonal maps


def load_tileset(path: str | Path, *, root: str | Path | None = None) -> Tileset:
    """Read a tileset of Tiled (.tsx): pictures, terrains, probabilities, solid tiles, animations, texts.

    root: the folder in which its image must lie; default: that of the file. A tile is solid if it has a collision
    object or the property `solid`. Of several Wang sets, a tile has the code of the first that names it.

    Raises NotFoundError for a file that does not exist, DataError for one that cannot be read.
    """
    path, sources = _opened(path, root, "load_tileset()")
    return _checked(path, lambda: merged([read_tsx(path, sources)], path))


def load_map(path: str | Path, *, root: str | Path | None = None) -> Map:
    """Read an orthogonal map of Tiled (.tmx), with its tilesets and their images.

    root: the folder in which all files must lie; default: that of the map. The tilesets that are used become one, to
    which a tile is added for each that is flipped or turned. Layers that are not visible, images and opacity are left
    out; groups are dissolved. `terrain` is None.

    Raises NotFoundError for a file that does not exist, DataError for one that cannot be read: a number of no tile, a
    file outside of `root`, tiles of several sizes, more than 2**22 cells in a layer.
    """
    path, sources = _opened(path, root, "load_map()")
    return _checked(path, lambda: _Reader(path, sources).map())


def _opened(path: str | Path, root: str | Path | None, caller: str) -> tuple[Path, Sources]:
    if not isinstance(path, (str, Path)) or not isinstance(root, (str, Path, type(None))):
        raise UsageError(f"{caller}: path and root must be names of files, not {path!r:.60} and {root!r:.60}")
    path = Path(path)
    try:
        there = path.exists()
    except (OSError, ValueError):  # a name that is too long, or has a null byte
        there = False
    if not there:
        raise NotFoundError(f"{caller}: there is no file {str(path)!r:.200}: check the path")
    return path, Sources(path.parent if root is None else Path(root), Budget())


def _checked(path: Path, read: Callable[[], T]) -> T:
    """Call `read`. What the file says and the model refuses is a fault of the file."""
    try:
        return read()
    except UsageError as error:
        raise DataError(f"{path}: {error}") from error


@dataclass
class _Found:
    """What a map has, layer by layer. offsets: in pixels."""

    names: list[str] = field(default_factory=list)
    cells: list[tuple[int, int, Uint32Array]] = field(default_factory=list)
    offsets: list[tuple[int, int]] = field(default_factory=list)
    objects: list[MapObject] = field(default_factory=list)


class _Reader:
    """The reading of one map."""

    def __init__(self, path: Path, sources: Sources) -> None:
        self.path = path
        self.sources = sources
        self.root = read_xml(path, "map")
        if self.root.get("orientation", "orthogonal") != "orthogonal":
            raise DataError(
                f"{path}: only orthogonal maps can be read, not {self.root.get('orientation')!r:.40}"
            )
        width, height = (
            integer(self.root, key, path, least=1, most=MAX_CELLS) for key in ("width", "height")
        )
        if width * height > MAX_CELLS:
            raise DataError(f"{path}: {width}x{height} cells, more than {MAX_CELLS}")
        infinite = self.root.get("infinite") == "1"
        self.shape = None if infinite else (height, width)
        sides = (integer(self.root, key, path, least=1, most=MAX_EDGE) for key in ("tilewidth", "tileheight"))
        self.tile_width, self.tile_height = sides

    def map(self) -> Map:
        """Return the map."""
        found = _Found()
        self._collect(self.root, (0.0, 0.0), found)
        left, top, layers = _aligned(found.cells, self.path)
        tileset, tiles = self._tiles(layers)
        facts = texts(self.root)
        name = facts.pop("name", "") or self.path.stem
        seed = facts.pop("seed", "")
        known = seed.isascii() and seed.isdecimal() and len(seed) <= 20 and int(seed) < 2**64
        moved = (left * self.tile_width, top * self.tile_height)
        return Map(
            name=line(name, "map"),
            tileset=tileset,
            layers=tuple(map(Layer, found.names, tiles, found.offsets)),
            objects=tuple(_moved(thing, moved) for thing in found.objects),
            seed=int(seed) if known else None,
            provenance=facts,
        )

    def _collect(self, parent: Element, offset: tuple[float, float], found: _Found) -> None:
        """Read the layers, objects and groups of an element."""
        for element in parent:
            if element.tag not in ("layer", "objectgroup", "group") or element.get("visible") == "0":
                continue
            x, y = (decimal(element, key, self.path, 0.0, MAX_OFFSET) for key in ("offsetx", "offsety"))
            here = (offset[0] + x, offset[1] + y)
            if element.tag == "group":
                self._collect(element, here, found)
            elif element.tag == "layer":
                self._read_layer(element, here, found)
            else:
                found.objects += self._objects(element, here)
                if len(found.objects) > MAX_OBJECTS:
                    raise DataError(f"{self.path}: more than {MAX_OBJECTS} objects")

    def _read_layer(self, element: Element, offset: tuple[float, float], found: _Found) -> None:
        data = element.find("data")
        if data is None:
            raise DataError(f"{self.path}: a layer has no <data>")
        if len(found.names) == MAX_LAYERS:
            raise DataError(f"{self.path}: more than {MAX_LAYERS} visible layers")
        if self.shape is not None and (len(found.names) + 1) * self.shape[0] * self.shape[1] > MAX_ALL_CELLS:
            raise DataError(f"{self.path}: the layers have more than {MAX_ALL_CELLS} cells")
        found.cells.append(read_cells(data, self.shape, self.path))
        found.names.append(line(element.get("name"), f"layer {len(found.names) + 1}"))
        found.offsets.append((round(offset[0]), round(offset[1])))

    def _objects(self, group: Element, offset: tuple[float, float]) -> Iterator[MapObject]:
        for number, element in enumerate(group.iterfind("object"), 1):
            x, y, width, height = (
                decimal(element, key, self.path, 0.0) for key in ("x", "y", "width", "height")
            )
            yield MapObject(
                name=line(element.get("name"), f"object {number}"),
                kind=line(element.get("type", element.get("class")), "object"),
                x=round(x + offset[0]),
                y=round(y + offset[1]),
                width=round(abs(width)),
                height=round(abs(height)),
            )

    def _tiles(self, layers: list[Uint32Array]) -> tuple[Tileset, list[Int32Array]]:
        """Read the tilesets that are used. Returns one of all of them, and its tile for each cell."""
        elements = self.root.findall("tileset")
        if not 1 <= len(elements) <= MAX_TILESETS:
            raise DataError(f"{self.path}: a map must have 1 to {MAX_TILESETS} tilesets, not {len(elements)}")
        firsts = np.array([integer(e, "firstgid", self.path, least=1, most=_NUMBER) for e in elements])
        if (np.diff(firsts) <= 0).any():
            raise DataError(f"{self.path}: the first numbers of its tilesets do not ascend")
        every = np.unique(np.concatenate([cells.ravel() for cells in layers]))
        numbers = (every & _NUMBER).astype(np.int64)
        owner = np.searchsorted(firsts, numbers, side="right") - 1
        self._check_known((numbers > 0) & (owner < 0), every)
        used = sorted(set(owner[numbers > 0].tolist())) or [0]
        parts = [self._tileset(elements[index]) for index in used]
        starts = np.zeros(len(elements), np.int64)
        for place, index in enumerate(used):
            starts[index] = sum(len(part.pictures) for part in parts[:place])
            mine = (numbers > 0) & (owner == index)
            self._check_known(mine & (numbers - firsts[index] >= len(parts[place].pictures)), every)
        whole = merged(parts, self.path)
        tiles = np.where(numbers > 0, starts[owner] + numbers - firsts[owner], EMPTY)
        whole, tiles = self._turned(whole, tiles, every)
        return whole, [tiles[np.searchsorted(every, cells)].astype(np.int32) for cells in layers]

    def _check_known(self, unknown: BoolArray, every: Uint32Array) -> None:
        if unknown.any():
            number = int(every[unknown][0]) & _NUMBER
            raise DataError(f"{self.path}: a layer has tile {number}, which none of its tilesets has")

    def _tileset(self, element: Element) -> TilesetParts:
        source = element.get("source")
        if source is None:
            parts = read_tileset(element, self.path, self.sources)
        else:
            parts = read_tsx(self.sources.find(source, self.path), self.sources)
        height, width = parts.pictures.shape[1:3]
        if (height, width) != (self.tile_height, self.tile_width):
            raise DataError(
                f"{self.path}: tiles of {width}x{height} pixels on a grid of {self.tile_width}x{self.tile_height}"
            )
        return parts

    def _turned(self, tileset: Tileset, tiles: Int64Array, every: Uint32Array) -> tuple[Tileset, Int64Array]:
        """Add a tile for each that is flipped."""
        flags = (every >> 29).astype(np.int64)
        flipped = np.flatnonzero((flags > 0) & (tiles != EMPTY))
        if len(flipped):
            start = len(tileset)
            tileset = turned(tileset, tiles[flipped], flags[flipped], self.path)
            tiles = tiles.copy()
            tiles[flipped] = start + np.arange(len(flipped))
        return tileset, tiles


def _aligned(layers: list[tuple[int, int, Uint32Array]], path: Path) -> tuple[int, int, list[Uint32Array]]:
    """Make all layers of one shape, which those of infinite maps are not. Returns the left and top cell too."""
    if not layers:
        raise DataError(f"{path}: the map has no visible layer of tiles")
    drawn = [layer for layer in layers if layer[2].size]
    if not drawn:
        return 0, 0, [np.zeros((1, 1), np.uint32) for _ in layers]
    left, top = min(x for x, _, _ in drawn), min(y for _, y, _ in drawn)
    width = max(x + cells.shape[1] for x, _, cells in drawn) - left
    height = max(y + cells.shape[0] for _, y, cells in drawn) - top
    if width * height > MAX_CELLS or width * height * len(layers) > MAX_ALL_CELLS:
        raise DataError(
            f"{path}: {len(layers)} layers of {width}x{height} cells, more than {MAX_ALL_CELLS} together"
        )
    whole = []
    for x, y, cells in layers:
        canvas = np.zeros((height, width), np.uint32)
        if cells.size:
            canvas[y - top : y - top + cells.shape[0], x - left : x - left + cells.shape[1]] = cells
        whole.append(canvas)
    return left, top, whole


def _moved(thing: MapObject, by: tuple[int, int]) -> MapObject:
    return MapObject(thing.name, thing.kind, thing.x - by[0], thing.y - by[1], thing.width, thing.height)
