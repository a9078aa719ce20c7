"""Random maps and tilesets of Tiled, and checks of what reads them. Targets of targets.py."""

import base64
import gzip
import tempfile
import zlib
from collections import Counter
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import numpy as np

import tilewright as tw
from tilewright.errors import DataError, UsageError
from tilewright.formats import godot, ldtk, tiled_xml

from .files import folder, refuses
from .packs import FindingError
from .values import INTEGERS, TEXTS, damage_bytes

MOST_PIXELS = 1 << 22  # of a map that is drawn and written again
NAMES = (
    "set.tsx",
    "other.tsx",
    "set.png",
    "../set.tsx",
    "/dev/zero",
    "map.tmx",
    ".",
    "",
    "a\\b",
    "con",
    "link.tsx",
)
ATTRIBUTES = (
    *(
        "id",
        "gid",
        "firstgid",
        "tileid",
        "width",
        "height",
        "tilewidth",
        "tileheight",
        "margin",
        "spacing",
        "columns",
    ),
    *(
        "tilecount",
        "encoding",
        "compression",
        "infinite",
        "offsetx",
        "offsety",
        "x",
        "y",
        "source",
        "wangid",
        "type",
    ),
    *(
        "probability",
        "duration",
        "terrain",
        "visible",
        "name",
        "value",
        "color",
        "trans",
        "class",
        "orientation",
    ),
)
VALUES = (
    *(str(number) for number in INTEGERS),
    *TEXTS[:-1],
    *(
        "16",
        "0.5",
        "-3.7",
        "1e5",
        "1e-99",
        "nan",
        "inf",
        "9" * 400,
        "0x11",
        "4294967295",
        "2147483650",
        "true",
        "0",
    ),
    *(
        "csv",
        "base64",
        "zlib",
        "gzip",
        "zstd",
        "corner",
        "edge",
        "mixed",
        "isometric",
        "#ff00ff",
        "1,1,1,1,1,1,1,1",
    ),
    *(
        "0,0,0,0,0,0,0,0",
        "0,1,,1",
        "9,9,9,9,9,9,9,9",
        "name\nnext",
        "\u202e",
        "é",
        "terrain",
        "solid",
        "behind_walls",
    ),
)


@cache
def _parts() -> dict[str, bytes]:
    """The files of two small tilesets, and of a map that uses both."""
    numbers = np.random.default_rng(0)
    palette = np.array([(0, 0, 0, 0), (200, 30, 30, 255), (30, 200, 30, 255)], np.uint8)
    with tempfile.TemporaryDirectory() as place:
        for name in ("set", "other"):
            tileset = tw.Tileset(
                name,
                numbers.integers(0, 3, (6, 16, 16), np.uint8),
                palette,
                (tw.Terrain("a"), tw.Terrain("b", (1, 2, 3), name == "set")),
                numbers.integers(-1, 2, (6, 8)).astype(np.int16),
                numbers.integers(-1, 2, 6).astype(np.int16),
                solid=np.arange(6) == 2,
                probabilities=np.array([1, 1, 0.5, 1, 2, 1]),
                animations=(tw.Animation(1, (1, 2, 3), (100, 50, 100)),),
                provenance={"generator": "fuzz", "seed": "7"},
            )
            tileset.save(Path(place) / f"{name}.tsx")
        cells = numbers.integers(-1, 6, (2, 5, 7)).astype(np.int32)
        layers = (tw.Layer("ground", cells[0]), tw.Layer("top", cells[1], (3, -5)))
        tw.Map("fuzz", tileset, layers, (tw.MapObject("start", "door", 3, 4, 16, 16),), seed=7).save(
            Path(place) / "map.tmx"
        )
        return {path.name: path.read_bytes() for path in Path(place).iterdir()}


def make_map(seed: int) -> bytes:
    """A .tmx: layers in any encoding, chunks, groups, flipped tiles, tilesets in it or beside; most are damaged."""
    rng = Random(seed)
    root = ElementTree.fromstring(_parts()["map.tmx"])
    (tileset,) = root.findall("tileset")
    tileset.set("source", "set.tsx")
    if rng.random() < 0.5:
        root.insert(1, ElementTree.Element("tileset", firstgid="7", source="other.tsx"))
    if rng.random() < 0.3:
        inside = ElementTree.fromstring(_parts()["set.tsx"])
        inside.set("firstgid", "1")
        root.remove(tileset)
        root.insert(0, inside)
    infinite = rng.random() < 0.2
    if infinite:
        root.set("infinite", "1")
    for data in root.iter("data"):
        cells = np.array([int(text) for text in (data.text or "").split(",")], np.uint32)
        flags = np.array([rng.choice((0, 0, 0, rng.randrange(8))) for _ in cells], np.uint32) << 29
        _encode(data, np.where(cells > 0, cells | flags, 0).astype(np.uint32), rng, infinite)
    return damaged(root, rng)


def _encode(data: ElementTree.Element, cells: np.ndarray, rng: Random, infinite: bool) -> None:
    choice = rng.randrange(5)
    target = data
    if infinite:
        x, y = rng.choice((0, 16, -7)), rng.choice((0, -3))
        target = ElementTree.SubElement(data, "chunk", x=str(x), y=str(y), width="7", height="5")
        data.text = None
    target.text = None
    if choice == 0:
        data.attrib.pop("encoding")
        target.extend([ElementTree.Element("tile", gid=str(gid)) for gid in cells.tolist()])
        return
    if choice == 1:
        target.text = ",".join(map(str, cells.tolist()))
        return
    packed = {2: lambda c: c, 3: zlib.compress, 4: lambda c: gzip.compress(c, mtime=0)}[choice](
        cells.tobytes()
    )
    data.set("encoding", "base64")
    if choice > 2:
        data.set("compression", "zlib" if choice == 3 else "gzip")
    if rng.random() < 0.05:
        packed = zlib.compress(bytes(1 << 24))
    target.text = base64.b64encode(packed).decode()


def make_tileset(seed: int) -> bytes:
    """A .tsx; most are damaged."""
    rng = Random(seed)
    return damaged(ElementTree.fromstring(_parts()[rng.choice(("set.tsx", "other.tsx"))]), rng)


def damaged(root: ElementTree.Element, rng: Random) -> bytes:
    """Change some elements, or bytes."""
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        elements = list(root.iter())
        one, choice = rng.choice(elements), rng.random()
        if choice < 0.5:
            key = (
                rng.choice(sorted(one.attrib) or ATTRIBUTES) if rng.random() < 0.8 else rng.choice(ATTRIBUTES)
            )
            one.set(key, rng.choice(NAMES) if key == "source" else rng.choice(VALUES))
        elif choice < 0.6 and one.attrib:
            del one.attrib[rng.choice(sorted(one.attrib))]
        elif choice < 0.7:
            one.text = rng.choice((*VALUES, one.text))
        elif choice < 0.8 and len(one):
            one.remove(rng.choice(list(one)))
        elif choice < 0.95:
            one.insert(rng.randrange(len(one) + 1), deepcopy(rng.choice(elements[1:] or elements)))
        else:
            one.tag = rng.choice([other.tag for other in elements])
    content = ElementTree.tostring(root)
    if rng.random() < 0.05:
        content = b'<!DOCTYPE map [<!ENTITY a "aaaa">]>' + content.replace(b">", b">&a;", 1)
    return damage_bytes(rng, content) if rng.random() < 0.1 else content


def _place() -> Path:
    """A folder with the tilesets."""
    place = folder() / "tiled"
    if not place.exists():
        place.mkdir()
        for name, content in _parts().items():
            (place / name).write_bytes(content)
        (place / "link.tsx").symlink_to("/etc/hostname")
    return place


def check_map(content: bytes) -> Counter[str]:
    """Read a .tmx beside two tilesets. What is read can be drawn, written and read again."""
    path = _place() / "fuzz.tmx"
    path.write_bytes(content)
    return refuses(lambda: _again(tw.load_map(path)), DataError)


def check_tileset(content: bytes) -> Counter[str]:
    """Read a .tsx beside its image, in the same way."""
    path = _place() / "fuzz.tsx"
    path.write_bytes(content)

    def read() -> None:
        tileset = tw.load_tileset(path)
        _again(tw.Map("m", tileset, (tw.Layer("a", np.arange(len(tileset), dtype=np.int32)[None]),)))

    return refuses(read, DataError)


def _again(level: tw.Map) -> None:
    (rows, columns), (height, width) = level.shape, level.tileset.shape
    if max(rows * columns * height * width, level.tileset.pictures.size) > MOST_PIXELS:
        return
    place = folder() / "written"
    place.mkdir(exist_ok=True)
    for name, content in tiled_xml.map_files(level, "again").items():
        (place / name).write_bytes(content)
    other = tw.load_map(place / "again.tmx")
    if not np.array_equal(level.picture(), other.picture()):
        raise FindingError("a map that is written and read again looks different")
    if (level.layers[0].name, level.objects, level.facts) != (
        other.layers[0].name,
        other.objects,
        other.facts,
    ):
        raise FindingError("a map that is written and read again has other texts or objects")
    for other_format in (ldtk, godot):
        try:
            other_format.map_files(level, "again")
        except UsageError as error:  # what the format cannot hold
            if "LDtk" not in str(error) and "Godot" not in str(error):
                raise
