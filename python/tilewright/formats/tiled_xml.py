"""Files of the editor Tiled: tilesets (.tsx) and maps (.tmx). Validated against Tiled's own `tmxrasterizer`.

The format is described in https://doc.mapeditor.org/en/stable/reference/tmx-map-format/.
"""

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from tilewright.formats.png import columns_of, tileset_png
from tilewright.level.map import Layer, Map
from tilewright.tileset.animation import Animation
from tilewright.tileset.tileset import NO_TERRAIN, Tileset
from tilewright.tileset.wang import wang_type

VERSION = {"version": "1.10", "tiledversion": "1.10.2"}
SOLID = "solid"
BEHIND_WALLS = "behind_walls"


def map_files(level: Map, stem: str) -> dict[str, bytes]:
    """Return NAME.png, NAME.tsx and NAME.tmx."""
    return {**tileset_files(level.tileset, stem), f"{stem}.tmx": _text(_map(level, f"{stem}.tsx"))}


def tileset_files(tileset: Tileset, stem: str) -> dict[str, bytes]:
    """Return NAME.png and NAME.tsx."""
    return {
        f"{stem}.png": tileset_png(tileset),
        f"{stem}.tsx": _text(_tileset(tileset, f"{stem}.png")),
    }


def _tileset(tileset: Tileset, image: str) -> Element:
    (height, width), count = tileset.shape, len(tileset)
    columns = columns_of(count)
    root = _element("tileset", **VERSION, name=tileset.name, tilewidth=width, tileheight=height)
    _attributes(root, tilecount=count, columns=columns)
    _properties(root, tileset.provenance)
    rows = -(-count // columns)
    _child(root, "image", source=image, width=columns * width, height=rows * height)
    animations = {animation.tile: animation for animation in tileset.animations}
    for tile in range(count):
        _tile(root, tileset, tile, animations.get(tile))
    _wang_set(root, tileset)
    return root


def _tile(root: Element, tileset: Tileset, tile: int, animation: Animation | None) -> None:
    """Add what is special about a tile, if anything is."""
    centre, solid = tileset.centres[tile], bool(tileset.solid[tile])
    probability = float(tileset.probabilities[tile])
    if centre == NO_TERRAIN and not solid and probability == 1 and animation is None:
        return
    element = _child(root, "tile", id=tile)
    if centre != NO_TERRAIN:
        _attributes(element, type=tileset.terrains[centre].name)
    if probability != 1:
        _attributes(element, probability=probability)
    if solid:
        _mark(element, SOLID)
        height, width = tileset.shape
        group = _child(element, "objectgroup", draworder="index", id=1)
        _child(group, "object", id=1, x=0, y=0, width=width, height=height)
    if animation is not None:
        frames = _child(element, "animation")
        for number, duration in zip(animation.frames, animation.milliseconds, strict=True):
            _child(frames, "frame", tileid=number, duration=duration)


def _wang_set(root: Element, tileset: Tileset) -> None:
    kind = wang_type(tileset)
    if kind is None and not tileset.terrains:
        return
    wang = _child(_child(root, "wangsets"), "wangset", name="terrains", type=kind or "mixed", tile=-1)
    for terrain in tileset.terrains:
        colour = "#{:02x}{:02x}{:02x}".format(*terrain.colour)
        element = _child(wang, "wangcolor", name=terrain.name, color=colour, tile=-1, probability=1)
        if terrain.behind_walls:
            _mark(element, BEHIND_WALLS)
    for tile in np.flatnonzero((tileset.codes != NO_TERRAIN).any(axis=1)).tolist():
        code = ",".join(str(number + 1) for number in tileset.codes[tile].tolist())
        _child(wang, "wangtile", tileid=tile, wangid=code)


def _map(level: Map, tileset: str) -> Element:
    (rows, columns), (height, width) = level.shape, level.tileset.shape
    root = _element("map", **VERSION, orientation="orthogonal", renderorder="right-down")
    _attributes(root, width=columns, height=rows, tilewidth=width, tileheight=height, infinite=0)
    _attributes(root, nextlayerid=len(level.layers) + 2, nextobjectid=len(level.objects) + 1)
    _properties(root, {"name": level.name, **level.facts})
    _child(root, "tileset", firstgid=1, source=tileset)
    for number, layer in enumerate(level.layers, 1):
        _layer(root, layer, number)
    if level.objects:
        group = _child(root, "objectgroup", id=len(level.layers) + 1, name="objects")
        for number, thing in enumerate(level.objects, 1):
            element = _child(
                group, "object", id=number, name=thing.name, type=thing.kind, x=thing.x, y=thing.y
            )
            if thing.width or thing.height:
                _attributes(element, width=thing.width, height=thing.height)
            else:
                _child(element, "point")
    return root


def _layer(root: Element, layer: Layer, number: int) -> None:
    rows, columns = layer.tiles.shape
    element = _child(root, "layer", id=number, name=layer.name, width=columns, height=rows)
    for name, pixels in zip(("offsetx", "offsety"), layer.offset, strict=True):
        if pixels:
            _attributes(element, **{name: pixels})
    lines = [",".join(map(str, row)) for row in (layer.tiles + 1).tolist()]
    _child(element, "data", encoding="csv").text = "\n" + ",\n".join(lines) + "\n"


def _properties(parent: Element, texts: Mapping[str, str]) -> None:
    if texts:
        element = _child(parent, "properties")
        for name, text in texts.items():
            _child(element, "property", name=name, value=text)


def _mark(element: Element, name: str) -> None:
    """Add a property that is true."""
    _child(_child(element, "properties"), "property", name=name, type="bool", value="true")


def _element(tag: str, /, **attributes: object) -> Element:
    return Element(tag, {key: str(value) for key, value in attributes.items()})


def _child(parent: Element, tag: str, /, **attributes: object) -> Element:
    return SubElement(parent, tag, {key: str(value) for key, value in attributes.items()})


def _attributes(element: Element, **attributes: object) -> None:
    element.attrib.update((key, str(value)) for key, value in attributes.items())


def _text(root: Element) -> bytes:
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()
