"""Resources of the engine Godot 4: a TileSet (.tres), and a scene with a TileMapLayer per layer (.tscn, Godot 4.3).

Godot reads the properties of a resource in the order of the file, so their order matters: a tile must exist before its
properties, and its animation before the tile. Paths without "res://" are relative to the file that has them.
"""

import base64
import re
from collections.abc import Iterator, Mapping

import numpy as np

from tilewright.errors import UsageError
from tilewright.formats.png import portable_pictures, sheet_png
from tilewright.formats.strips import Strips, strips
from tilewright.level.map import EMPTY, Layer, Map, MapObject
from tilewright.tileset.animation import Animation
from tilewright.tileset.tileset import NO_TERRAIN, Tileset
from tilewright.tileset.wang import main_terrain, wang_type

# Godot's names of the positions of a code, in the order of POSITIONS.
BITS = (
    *("top_side", "top_right_corner", "right_side", "bottom_right_corner"),
    *("bottom_side", "bottom_left_corner", "left_side", "top_left_corner"),
)
MODES = {"mixed": 0, "corner": 1, "edge": 2}
LAST_CELL = 2**15 - 1  # cells have int16 coordinates
_STRING = 4  # Variant::STRING


def map_files(level: Map, stem: str) -> dict[str, bytes]:
    """Return NAME.png, NAME.tres and NAME.tscn."""
    if max(level.shape) > LAST_CELL:
        height, width = level.shape
        raise UsageError(f"Map.save(): Godot has at most {LAST_CELL} cells in a row, not {width}x{height}")
    return {**tileset_files(level.tileset, stem), f"{stem}.tscn": lines(_scene(level, f"{stem}.tres"))}


def tileset_files(tileset: Tileset, stem: str) -> dict[str, bytes]:
    """Return NAME.png and NAME.tres."""
    arranged = strips(tileset)
    pictures, palette = portable_pictures(tileset)
    sheet = sheet_png(pictures[arranged.cells], palette, tileset.provenance, arranged.columns)
    return {f"{stem}.png": sheet, f"{stem}.tres": lines(_tileset(tileset, arranged, f"{stem}.png"))}


def _tileset(tileset: Tileset, arranged: Strips, image: str) -> Iterator[str]:
    height, width = tileset.shape
    kind = wang_type(tileset)
    yield '[gd_resource type="TileSet" load_steps=3 format=3]'
    yield ""
    yield f'[ext_resource type="Texture2D" path={quoted(image)} id="1"]'
    yield ""
    yield '[sub_resource type="TileSetAtlasSource" id="tiles"]'
    yield f"resource_name = {quoted(tileset.name)}"
    yield 'texture = ExtResource("1")'
    yield f"texture_region_size = Vector2i({width}, {height})"
    for tile, (cell, animation) in enumerate(_places(tileset, arranged)):
        x, y = cell % arranged.columns, cell // arranged.columns
        yield from _tile(tileset, tile, f"{x}:{y}", animation, kind is not None)
    yield ""
    yield "[resource]"
    yield f"tile_size = Vector2i({width}, {height})"
    if tileset.solid.any():
        yield "physics_layer_0/collision_layer = 1"
    if kind is not None:
        yield f"terrain_set_0/mode = {MODES[kind]}"
        for number, terrain in enumerate(tileset.terrains):
            colour = ", ".join(f"{value / 255:.6g}" for value in terrain.colour)
            yield f"terrain_set_0/terrain_{number}/name = {quoted(terrain.name)}"
            yield f"terrain_set_0/terrain_{number}/color = Color({colour}, 1)"
    if (tileset.centres != NO_TERRAIN).any():
        yield 'custom_data_layer_0/name = "terrain"'
        yield f"custom_data_layer_0/type = {_STRING}"
    yield 'sources/0 = SubResource("tiles")'
    yield from metadata(tileset.provenance)


def _places(tileset: Tileset, arranged: Strips) -> list[tuple[int, Animation | None]]:
    """Return the cell of the sheet for each tile; that of the first frame for animated ones."""
    places: list[tuple[int, Animation | None]] = [(tile, None) for tile in range(len(tileset))]
    for animation, start in zip(tileset.animations, arranged.starts, strict=True):
        places[animation.tile] = (start, animation)
    return places


def _tile(tileset: Tileset, tile: int, cell: str, animation: Animation | None, wang: bool) -> Iterator[str]:
    if animation is not None:
        yield f"{cell}/animation_columns = {len(animation.frames)}"
        yield f"{cell}/animation_speed = 1.0"
        for number, duration in enumerate(animation.milliseconds):
            yield f"{cell}/animation_frame_{number}/duration = {duration / 1000}"
    yield f"{cell}/0 = 0"
    codes, centre = tileset.codes[tile].tolist(), int(tileset.centres[tile])
    if wang and main_terrain(tileset, tile) != NO_TERRAIN:
        yield f"{cell}/0/terrain_set = 0"
        yield f"{cell}/0/terrain = {main_terrain(tileset, tile)}"
        for name, terrain in zip(BITS, codes, strict=True):
            if terrain != NO_TERRAIN:
                yield f"{cell}/0/terrains_peering_bit/{name} = {terrain}"
    if tileset.probabilities[tile] != 1:
        yield f"{cell}/0/probability = {float(tileset.probabilities[tile])}"
    if tileset.solid[tile]:
        down, right = (side / 2 for side in tileset.shape)  # coordinates have their origin in the middle
        points = (-right, -down, right, -down, right, down, -right, down)
        yield (
            f"{cell}/0/physics_layer_0/polygon_0/points = PackedVector2Array("
            f"{', '.join(f'{value:g}' for value in points)})"
        )
    if centre != NO_TERRAIN:
        yield f"{cell}/0/custom_data_0 = {quoted(tileset.terrains[centre].name)}"


def _scene(level: Map, tileset: str) -> Iterator[str]:
    arranged = strips(level.tileset)
    cells = np.array([cell for cell, _ in _places(level.tileset, arranged)], np.int32)
    names: set[str] = set()
    yield "[gd_scene load_steps=2 format=4]"  # 4: arrays of bytes in base 64
    yield ""
    yield f'[ext_resource type="TileSet" path={quoted(tileset)} id="1"]'
    yield ""
    yield f'[node name={quoted(_node_name(level.name, set()))} type="Node2D"]'
    yield from metadata(level.facts)
    for layer in level.layers:
        yield ""
        yield f'[node name={quoted(_node_name(layer.name, names))} type="TileMapLayer" parent="."]'
        if layer.offset != (0, 0):
            yield f"position = Vector2({layer.offset[0]}, {layer.offset[1]})"
        if (layer.tiles != EMPTY).any():
            yield f'tile_map_data = PackedByteArray("{_cells(layer, cells, arranged.columns)}")'
        yield 'tile_set = ExtResource("1")'
    for thing in level.objects:
        yield ""
        yield from _marker(thing, names)


def _cells(layer: Layer, cells: np.ndarray, columns: int) -> str:
    """A version, then for each cell x, y, source, x and y in the sheet, alternative; in 16 bits, in base 64."""
    y, x = np.nonzero(layer.tiles != EMPTY)
    place = cells[layer.tiles[y, x]]
    zero = np.zeros_like(x)
    values = np.stack([x, y, zero, place % columns, place // columns, zero], axis=1).astype("<u2")
    return base64.b64encode(b"\0\0" + values.tobytes()).decode("ascii")


def _marker(thing: MapObject, names: set[str]) -> Iterator[str]:
    yield f'[node name={quoted(_node_name(thing.name, names))} type="Marker2D" parent="."]'
    yield f"position = Vector2({thing.x + thing.width / 2:g}, {thing.y + thing.height / 2:g})"
    yield f"metadata/kind = {quoted(thing.kind)}"
    yield f"metadata/size = Vector2({thing.width}, {thing.height})"


def _node_name(text: str, names: set[str]) -> str:
    """A name that a node may have and that no earlier one has."""
    name = re.sub(r'[.:@/"%]', "_", text)
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name} {number}"
    names.add(free)
    return free


def metadata(facts: Mapping[str, str]) -> Iterator[str]:
    if facts:
        pairs = ", ".join(f"{quoted(key)}: {quoted(text)}" for key, text in facts.items())
        yield f"metadata/provenance = {{{pairs}}}"


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def lines(lines: Iterator[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
