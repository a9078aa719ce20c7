"""Godot's TileSet and scene, read by an independent reader."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright.tileset.tileset import POSITIONS

from ..level.drawn_map import blob_codes, corner_codes, corner_map, edge_codes, layered_map, palette, pictures
from . import godot_files
from .generated_map import LAYOUTS, generated_set


def sheet_cells(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """The cells of a sheet, uint8 (rows, columns, H, W, 4)."""
    with Image.open(path) as sheet:
        rgba = np.asarray(sheet.convert("RGBA"))
    height, width = shape
    return rgba.reshape(len(rgba) // height, height, -1, width, 4).swapaxes(1, 2)


def parts(path: Path) -> tuple[godot_files.Section, godot_files.Section, godot_files.Section]:
    """The heading, the atlas and the resource of a .tres."""
    heading, texture, atlas, resource = godot_files.read(path.read_text())
    assert (heading.name, heading.attributes["type"], heading.attributes["format"]) == (
        "gd_resource",
        "TileSet",
        3,
    )
    assert texture.attributes == {"type": "Texture2D", "path": f"{path.stem}.png", "id": "1"}
    assert atlas.attributes["type"] == "TileSetAtlasSource"
    assert atlas.properties["texture"] == ("ExtResource", "1")
    assert resource.properties["sources/0"] == ("SubResource", atlas.attributes["id"])
    return heading, atlas, resource


@pytest.mark.parametrize("at", [0, 150, 320])
def test_the_scene_shows_the_map(level: tw.Map, at: int, tmp_path: Path) -> None:
    level.save(tmp_path / "map.tscn")
    (height, width), (rows, columns) = level.tileset.shape, level.shape
    sheet = sheet_cells(tmp_path / "map.png", level.tileset.shape)
    _, atlas, _ = parts(tmp_path / "map.tres")
    tiles = godot_files.tiles(atlas)
    scene, tileset, root, *nodes = godot_files.read((tmp_path / "map.tscn").read_text())
    assert (scene.name, scene.attributes["format"]) == ("gd_scene", 4)
    assert tileset.attributes["path"] == "map.tres"
    assert root.attributes["type"] == "Node2D"
    layers = [node for node in nodes if node.attributes["type"] == "TileMapLayer"]
    assert [node.attributes["name"] for node in layers] == [layer.name for layer in level.layers]
    canvas = np.zeros((rows * height, columns * width, 4), np.uint8)
    for node in layers:
        assert node.properties["tile_set"] == ("ExtResource", "1")
        _, left, top = node.properties.get("position", ("Vector2", 0, 0))
        for (x, y), place in godot_files.cells(node.properties["tile_map_data"]).items():
            frames = tiles[place].frames
            left_over = at / 1000 % sum(seconds for _, seconds in frames)
            number = 0
            while left_over >= frames[number][1] - 1e-9:
                left_over -= frames[number][1]
                number += 1
            sheet_x, sheet_y = frames[number][0]
            picture = sheet[sheet_y, sheet_x]
            for row, column in np.argwhere(picture[..., 3] > 0) if len(layers) > 1 else ():
                to_y, to_x = y * height + top + row, x * width + left + column
                if 0 <= to_y < len(canvas) and 0 <= to_x < canvas.shape[1]:
                    canvas[to_y, to_x] = picture[row, column]
            if len(layers) == 1:
                canvas[y * height : (y + 1) * height, x * width : (x + 1) * width] = picture
    assert np.array_equal(canvas, level.picture(at))


@pytest.mark.parametrize(("codes", "mode"), [(corner_codes(2), 1), (edge_codes(2), 2), (blob_codes(), 0)])
def test_peering_bits_are_the_codes(codes: np.ndarray, mode: int, tmp_path: Path) -> None:
    terrains = (tw.Terrain("water", (0, 51, 255)), tw.Terrain('sa"nd'))
    count = len(codes)
    centres = np.arange(count, dtype=np.int16) % 3 - 1
    tileset = tw.Tileset("set", pictures(count), palette(), terrains, codes, centres)
    tileset.save(tmp_path / "set.tres")
    _, atlas, resource = parts(tmp_path / "set.tres")
    assert resource.properties["terrain_set_0/mode"] == mode
    assert resource.properties["terrain_set_0/terrain_0/color"] == ("Color", 0, 0.2, 1, 1)
    assert resource.properties["terrain_set_0/terrain_1/name"] == 'sa"nd'
    sides = ("top_side", "right_side", "bottom_side", "left_side")
    corners = ("top_right_corner", "bottom_right_corner", "bottom_left_corner", "top_left_corner")
    columns = 4 if count == 16 else 7
    for (x, y), tile in godot_files.tiles(atlas).items():
        number = y * columns + x
        prefix = "terrains_peering_bit/"
        bits = {key.removeprefix(prefix): value for key, value in tile.data.items() if key.startswith(prefix)}
        code = codes[number].tolist()
        expected = dict(zip(sides, code[::2], strict=True)) | dict(zip(corners, code[1::2], strict=True))
        assert bits == {name: terrain for name, terrain in expected.items() if terrain >= 0}
        terrain = tile.data.get("terrain", -1)
        assert ("terrain_set" in tile.data) == (terrain >= 0)
        if centres[number] >= 0:
            assert terrain == centres[number]
            assert tile.data["custom_data_0"] == terrains[terrain].name
        elif bits:  # the centre is needed in every mode
            assert list(bits.values()).count(terrain) == max(map(list(bits.values()).count, bits.values()))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_generated_sets_have_their_codes_as_bits(layout: str, tmp_path: Path) -> None:
    tileset = generated_set(layout)
    tileset.save(tmp_path / "set.tres")
    _, atlas, resource = parts(tmp_path / "set.tres")
    modes = {"dual-grid": 1, "corner-16": 1, "edge-16": 2, "wall-16": 2}
    assert resource.properties["terrain_set_0/mode"] == modes.get(layout, 0)
    tiles = sorted(godot_files.tiles(atlas).items(), key=lambda item: item[0][::-1])
    assert len(tiles) == len(tileset)
    for (_, tile), code in zip(tiles, tileset.codes.tolist(), strict=True):
        for name, terrain in zip(POSITIONS, code, strict=True):
            kind = "corner" if "_" in name else "side"
            assert tile.data.get(f"terrains_peering_bit/{name}_{kind}", -1) == terrain


def test_solid_tiles_have_a_centred_polygon(tmp_path: Path) -> None:
    level = layered_map((10, 17))
    level.tileset.save(tmp_path / "set.tres")
    _, atlas, resource = parts(tmp_path / "set.tres")
    assert resource.properties["physics_layer_0/collision_layer"] == 1
    polygons = [
        tile.data["physics_layer_0/polygon_0/points"]
        for tile in godot_files.tiles(atlas).values()
        if "physics_layer_0/polygon_0/points" in tile.data
    ]
    assert len(polygons) == level.tileset.solid.sum()
    assert set(polygons) == {("PackedVector2Array", -8.5, -5, 8.5, -5, 8.5, 5, -8.5, 5)}


def test_probabilities_provenance_and_objects_are_kept(tmp_path: Path) -> None:
    level = corner_map()
    level.save(tmp_path / "map.tscn")
    _, atlas, resource = parts(tmp_path / "map.tres")
    found = [
        tile.data.get("probability", 1.0)
        for _, tile in sorted(godot_files.tiles(atlas).items(), key=lambda i: i[0][::-1])
    ]
    assert found == level.tileset.probabilities.tolist()
    assert resource.properties["metadata/provenance"] == level.tileset.provenance
    level = layered_map()
    level.save(tmp_path / "map.tscn")
    markers = [
        s
        for s in godot_files.read((tmp_path / "map.tscn").read_text())
        if s.attributes.get("type") == "Marker2D"
    ]
    assert [(m.attributes["name"], m.properties["metadata/kind"]) for m in markers] == [
        ("start", "start"),
        ("exit <1>", "door"),
    ]
    assert markers[0].properties["position"] == ("Vector2", 24, 40)


def test_names_of_nodes_are_valid_and_different(tmp_path: Path) -> None:
    level = layered_map()
    layers = tuple(tw.Layer(name, level.layers[0].tiles) for name in ("a/b", "a:b", "a_b"))
    tw.Map("m", level.tileset, layers, (tw.MapObject("a_b", "k", 0, 0),)).save(tmp_path / "map.tscn")
    nodes = [
        s.attributes["name"]
        for s in godot_files.read((tmp_path / "map.tscn").read_text())
        if s.name == "node"
    ]
    assert nodes == ["m", "a_b", "a_b 2", "a_b 3", "a_b 4"]


def test_too_wide_a_map_is_refused(tmp_path: Path) -> None:
    tileset = tw.Tileset("a", pictures(1), palette())
    level = tw.Map("a", tileset, (tw.Layer("a", np.zeros((1, 40_000), np.int32)),))
    with pytest.raises(
        tw.UsageError, match=r"^Map\.save\(\): Godot has at most 32767 cells in a row, not 40000x1$"
    ):
        level.save(tmp_path / "map.tscn")
    assert not list(tmp_path.iterdir())
