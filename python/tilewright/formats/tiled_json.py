"""The JSON files of the editor Tiled: tilesets (.tsj) and maps (.tmj), with the content of .tsx and .tmx.

https://doc.mapeditor.org/en/stable/reference/json-map-format/
"""

import json
from collections.abc import Mapping
from typing import Any

from tilewright.formats.png import columns_of, tileset_png
from tilewright.formats.tiled_xml import BEHIND_WALLS, SOLID, VERSION
from tilewright.level.map import Map
from tilewright.tileset.animation import Animation
from tilewright.tileset.tileset import NO_TERRAIN, Tileset
from tilewright.tileset.wang import wang_type

Json = dict[str, Any]


def map_files(level: Map, stem: str) -> dict[str, bytes]:
    """Return NAME.png, NAME.tsj and NAME.tmj."""
    return {**tileset_files(level.tileset, stem), f"{stem}.tmj": _text(_map(level, f"{stem}.tsj"))}


def tileset_files(tileset: Tileset, stem: str) -> dict[str, bytes]:
    """Return NAME.png and NAME.tsj."""
    return {f"{stem}.png": tileset_png(tileset), f"{stem}.tsj": _text(_tileset(tileset, f"{stem}.png"))}


def _tileset(tileset: Tileset, image: str) -> Json:
    (height, width), columns = tileset.shape, columns_of(len(tileset))
    animations = {animation.tile: animation for animation in tileset.animations}
    tiles = [_tile(tileset, tile, animations.get(tile)) for tile in range(len(tileset))]
    return {
        **VERSION,
        "type": "tileset",
        "name": tileset.name,
        "tilewidth": width,
        "tileheight": height,
        "tilecount": len(tileset),
        "columns": columns,
        "margin": 0,
        "spacing": 0,
        "image": image,
        "imagewidth": columns * width,
        "imageheight": -(-len(tileset) // columns) * height,
        "properties": _properties(tileset.provenance),
        "tiles": [tile for tile in tiles if len(tile) > 1],
        "wangsets": _wang_sets(tileset),
    }


def _tile(tileset: Tileset, tile: int, animation: Animation | None) -> Json:
    found: Json = {"id": tile}
    if tileset.centres[tile] != NO_TERRAIN:
        found["type"] = tileset.terrains[tileset.centres[tile]].name
    if tileset.probabilities[tile] != 1:
        found["probability"] = float(tileset.probabilities[tile])
    if tileset.solid[tile]:
        height, width = tileset.shape
        found["properties"] = [_mark(SOLID)]
        shape = _object(1, "", "", (0, 0, width, height))
        found["objectgroup"] = {
            "type": "objectgroup",
            "draworder": "index",
            "id": 1,
            "name": "",
            "objects": [shape],
        }
        found["objectgroup"] |= {"opacity": 1, "visible": True, "x": 0, "y": 0}
    if animation is not None:
        parts = zip(animation.frames, animation.milliseconds, strict=True)
        found["animation"] = [{"tileid": number, "duration": duration} for number, duration in parts]
    return found


def _mark(name: str) -> Json:
    """Return a property that is true."""
    return {"name": name, "type": "bool", "value": True}


def _wang_sets(tileset: Tileset) -> list[Json]:
    kind = wang_type(tileset)
    if kind is None and not tileset.terrains:
        return []
    colours = [
        {
            "name": terrain.name,
            "color": "#{:02x}{:02x}{:02x}".format(*terrain.colour),
            "tile": -1,
            "probability": 1,
            **({"properties": [_mark(BEHIND_WALLS)]} if terrain.behind_walls else {}),
        }
        for terrain in tileset.terrains
    ]
    codes = (tileset.codes + 1).tolist()
    tiles = [{"tileid": tile, "wangid": code} for tile, code in enumerate(codes) if any(code)]
    return [{"name": "terrains", "type": kind or "mixed", "tile": -1, "colors": colours, "wangtiles": tiles}]


def _map(level: Map, tileset: str) -> Json:
    (rows, columns), (height, width) = level.shape, level.tileset.shape
    layers: list[Json] = [
        {
            "type": "tilelayer",
            "id": number,
            "name": layer.name,
            "width": columns,
            "height": rows,
            "offsetx": layer.offset[0],
            "offsety": layer.offset[1],
            "opacity": 1,
            "visible": True,
            "x": 0,
            "y": 0,
            "data": (layer.tiles.ravel() + 1).tolist(),
        }
        for number, layer in enumerate(level.layers, 1)
    ]
    if level.objects:
        things = [
            _object(number, thing.name, thing.kind, (thing.x, thing.y, thing.width, thing.height))
            for number, thing in enumerate(level.objects, 1)
        ]
        group = {"type": "objectgroup", "id": len(layers) + 1, "name": "objects", "draworder": "topdown"}
        layers.append({**group, "opacity": 1, "visible": True, "x": 0, "y": 0, "objects": things})
    return {
        **VERSION,
        "type": "map",
        "orientation": "orthogonal",
        "renderorder": "right-down",
        "compressionlevel": -1,
        "infinite": False,
        "width": columns,
        "height": rows,
        "tilewidth": width,
        "tileheight": height,
        "nextlayerid": len(level.layers) + 2,
        "nextobjectid": len(level.objects) + 1,
        "properties": _properties({"name": level.name, **level.facts}),
        "tilesets": [{"firstgid": 1, "source": tileset}],
        "layers": layers,
    }


def _object(number: int, name: str, kind: str, place: tuple[int, int, int, int]) -> Json:
    x, y, width, height = place
    found = {"id": number, "name": name, "type": kind, "x": x, "y": y, "width": width, "height": height}
    point = {} if width or height else {"point": True}
    return {**found, "rotation": 0, "visible": True, **point}


def _properties(texts: Mapping[str, str]) -> list[Json]:
    return [{"name": name, "type": "string", "value": text} for name, text in texts.items()]


def _text(content: Json) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
