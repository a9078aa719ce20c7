"""Tilesets of Tiled, from a .tsx or within a .tmx, as parts of a `Tileset`."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from tilewright.arrays import BoolArray, Float64Array, Int16Array, Uint8Array
from tilewright.errors import DataError
from tilewright.formats.tiled_xml import BEHIND_WALLS, SOLID
from tilewright.formats.xml_tree import decimal, integer, line, read_xml, texts
from tilewright.palette import binarize_alpha
from tilewright.palette_files import hex_colour
from tilewright.pictures import Budget, UnreadableError, picture_palette, read_picture
from tilewright.tileset.animation import MAX_FRAMES, MAX_MILLISECONDS, Animation
from tilewright.tileset.tileset import MAX_EDGE, MAX_TERRAINS, MAX_TILES, NO_TERRAIN, Terrain

_OLD_CORNERS = (
    7,
    1,
    5,
    3,
)  # of a tile's terrains before Tiled 1.5: top left, top right, bottom left, bottom right


@dataclass
class TilesetParts:
    """A tileset while it is read. Fields are those of `Tileset`; pictures are RGBA. palette: of an indexed image."""

    name: str
    pictures: Uint8Array
    palette: Uint8Array | None
    terrains: list[Terrain]
    codes: Int16Array
    centres: Int16Array
    probabilities: Float64Array
    solid: BoolArray
    animations: list[Animation] = field(default_factory=list)
    provenance: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """Where the files that a file names may lie, and how many pixels they may have. remedy: for one that does not."""

    root: Path
    budget: Budget
    remedy: str = "root= names a folder that files may lie in"

    def find(self, name: str, base: Path) -> Path:
        """Return the path of a file that `base` names. Raises DataError if it is outside of the folder."""
        try:
            path = (base.parent / name.replace("\\", "/")).resolve()
            inside = path.is_relative_to(self.root.resolve())
        except (OSError, ValueError, RuntimeError) as error:  # null bytes, loops of links
            raise DataError(f"{base}: it names a file that cannot exist: {name!r:.100}") from error
        if not inside:
            raise DataError(f"{base}: {name!r:.100} is outside of {self.root}; {self.remedy}")
        return path


def read_tsx(path: Path, sources: Sources) -> TilesetParts:
    """Read a .tsx and its image. Raises DataError."""
    return read_tileset(read_xml(path, "tileset"), path, sources)


def read_tileset(element: Element, path: Path, sources: Sources) -> TilesetParts:
    """Read a <tileset> of the file `path`, and its image."""
    if element.find("tile/image") is not None:
        raise DataError(f"{path}: a collection of images: only tilesets of one image can be read")
    image = element.find("image")
    name = None if image is None else image.get("source")
    if image is None or name is None:
        raise DataError(f"{path}: a tileset names no image")
    picture = sources.find(name, path)
    try:
        pixels = read_picture(picture, sources.budget)
        palette = picture_palette(picture)
    except UnreadableError as error:
        raise DataError(f"{picture}: {error}") from error
    pictures = _cut(pixels, element, path)
    key = hex_colour(image.get("trans") or "")
    if key is not None:
        pictures[(pictures[..., :3] == key[:3]).all(axis=-1)] = 0
    count = len(pictures)
    parts = TilesetParts(
        name=line(element.get("name"), "tiles"),
        pictures=binarize_alpha(pictures),
        palette=palette if key is None else None,
        terrains=[],
        codes=np.full((count, 8), NO_TERRAIN, np.int16),
        centres=np.full(count, NO_TERRAIN, np.int16),
        probabilities=np.ones(count),
        solid=np.zeros(count, np.bool_),
        provenance=texts(element),
    )
    _read_terrains(parts, element, path)
    if parts.provenance.get("layout") == "wall-16":
        parts.terrains = [replace(t, behind_walls=t.behind_walls or t.name == "void") for t in parts.terrains]
    for tile in element.iterfind("tile"):
        _read_tile(parts, tile, path)
    return parts


def _cut(pixels: Uint8Array, element: Element, path: Path) -> Uint8Array:
    """Cut the tiles (N, H, W, 4) from an image."""
    width, height = (
        integer(element, key, path, least=1, most=MAX_EDGE) for key in ("tilewidth", "tileheight")
    )
    margin, spacing = (integer(element, key, path, 0, most=MAX_EDGE) for key in ("margin", "spacing"))
    columns = max(0, (pixels.shape[1] - margin + spacing) // (width + spacing))
    rows = max(0, (pixels.shape[0] - margin + spacing) // (height + spacing))
    count = min(rows * columns, integer(element, "tilecount", path, rows * columns, least=1))
    if not 1 <= count <= MAX_TILES:
        raise DataError(
            f"{path}: the image has {rows * columns} tiles of {width}x{height}, not 1 to {MAX_TILES}"
        )
    y = margin + np.arange(rows)[:, None] * (height + spacing) + np.arange(height)
    x = margin + np.arange(columns)[:, None] * (width + spacing) + np.arange(width)
    tiles = pixels[y[:, None, :, None], x[None, :, None, :]]
    return tiles.reshape(rows * columns, height, width, 4)[:count].copy()


def _read_terrains(parts: TilesetParts, element: Element, path: Path) -> None:
    """Read the Wang sets; without any, the terrains that tilesets had before Tiled 1.5."""
    for old in element.iterfind("terraintypes/terrain"):
        _add_terrain(parts, Terrain(line(old.get("name"), "terrain")), path)
    for wang in element.iterfind("wangsets/wangset"):
        numbers = [0]
        for colour in wang.iterfind("wangcolor"):
            rgb = hex_colour((colour.get("color") or "").removeprefix("#")[-6:]) or (128, 128, 128, 255)
            name = line(colour.get("name"), "terrain")
            terrain = Terrain(name, rgb[:3], _is_marked(colour, BEHIND_WALLS))
            numbers.append(_add_terrain(parts, terrain, path) + 1)
        for tile in wang.iterfind("wangtile"):
            number = integer(tile, "tileid", path, most=len(parts.codes) - 1)
            if (parts.codes[number] == NO_TERRAIN).all():  # a tile in several sets has the code of the first
                parts.codes[number] = _code(tile, numbers, path)


def _add_terrain(parts: TilesetParts, terrain: Terrain, path: Path) -> int:
    """Return the number of a terrain by its name; add it if there is none."""
    for number, known in enumerate(parts.terrains):
        if known.name == terrain.name:
            parts.terrains[number] = joined(known, terrain)
            return number
    if len(parts.terrains) == MAX_TERRAINS:
        raise DataError(f"{path}: more than {MAX_TERRAINS} terrains")
    parts.terrains.append(terrain)
    return len(parts.terrains) - 1


def joined(first: Terrain, second: Terrain) -> Terrain:
    """Return the terrain that two of one name become: the first, behind walls if one of them is."""
    return replace(first, behind_walls=first.behind_walls or second.behind_walls)


def _is_marked(element: Element, name: str) -> bool:
    """Whether an element has a property that is true."""
    properties = element.iterfind("properties/property")
    return any(one.get("name") == name and one.get("value") == "true" for one in properties)


def _code(tile: Element, numbers: list[int], path: Path) -> Int16Array:
    text = tile.get("wangid") or ""
    if text.startswith("0x"):
        raise DataError(f"{path}: Wang sets of Tiled before 1.5: save the tileset with a newer Tiled")
    colours = text.split(",")
    if len(colours) != 8 or not all(c.isdecimal() and len(c) < 4 and int(c) < len(numbers) for c in colours):
        raise DataError(
            f"{path}: wangid must be eight of the {len(numbers) - 1} colours or 0, not {text!r:.60}"
        )
    return np.array([numbers[int(colour)] - 1 for colour in colours], np.int16)


def _read_tile(parts: TilesetParts, tile: Element, path: Path) -> None:
    count = len(parts.codes)
    number = integer(tile, "id", path, most=count - 1)
    kind = tile.get("type", tile.get("class", ""))
    parts.centres[number] = next(
        (n for n, known in enumerate(parts.terrains) if known.name == kind), NO_TERRAIN
    )
    parts.probabilities[number] = abs(decimal(tile, "probability", path, 1.0))
    parts.solid[number] = _is_marked(tile, SOLID) or tile.find("objectgroup/object") is not None
    old = tile.get("terrain")
    if old is not None and (parts.codes[number] == NO_TERRAIN).all():
        corners = old.split(",")
        known = [
            c if c.isdecimal() and len(c) < 4 and int(c) < len(parts.terrains) else "-1" for c in corners
        ]
        if len(corners) != 4 or known != [c or "-1" for c in corners]:
            raise DataError(
                f"{path}: terrain must be four of the {len(parts.terrains)} terrains, not {old!r:.60}"
            )
        parts.codes[number, list(_OLD_CORNERS)] = [int(c) for c in known]
    frames = tile.findall("animation/frame")
    if len(frames) > MAX_FRAMES:
        raise DataError(f"{path}: tile {number} has {len(frames)} frames, more than {MAX_FRAMES}")
    if frames:
        shown = tuple(integer(frame, "tileid", path, most=count - 1) for frame in frames)
        durations = tuple(integer(f, "duration", path, least=1, most=MAX_MILLISECONDS) for f in frames)
        if number in [animation.tile for animation in parts.animations]:
            raise DataError(f"{path}: tile {number} is animated twice")
        parts.animations.append(Animation(number, shown, durations))
