"""Maps and tilesets of the editor Tiled, as Tiled itself and other readers see them."""

import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import tilewright as tw

from ..level.drawn_map import blob_codes, corner_codes, edge_codes, palette, pictures
from .generated_map import LAYOUTS, generated_map

RASTERIZER = shutil.which("tmxrasterizer")


@pytest.mark.skipif(RASTERIZER is None, reason="needs tmxrasterizer (Debian: apt install tiled)")
def test_tiled_draws_what_we_draw(level: tw.Map, tmp_path: Path) -> None:
    level.save(tmp_path / "map.tmx")
    picture = tmp_path / "drawn.png"
    command = [RASTERIZER, "--hide-layer", "objects", tmp_path / "map.tmx", picture]
    done = subprocess.run(command, env={"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with Image.open(picture) as opened:
        drawn = np.asarray(opened.convert("RGBA")).copy()
    drawn[drawn[..., 3] == 0] = 0
    # Tiled's picture is larger by what layers are moved.
    left = max(0, *(-layer.offset[0] for layer in level.layers))
    top = max(0, *(-layer.offset[1] for layer in level.layers))
    expected = level.picture()
    height, width = expected.shape[:2]
    assert np.array_equal(drawn[top : top + height, left : left + width], expected)


def test_pytmx_reads_what_we_write(level: tw.Map, tmp_path: Path) -> None:
    pytmx = pytest.importorskip("pytmx")
    level.save(tmp_path / "map.tmx")
    read = pytmx.TiledMap(str(tmp_path / "map.tmx"))
    assert (read.height, read.width) == level.shape
    assert (read.tileheight, read.tilewidth) == level.tileset.shape
    assert [layer.name for layer in read.layers][: len(level.layers)] == [
        layer.name for layer in level.layers
    ]
    for written, layer in zip(level.layers, read.layers, strict=False):
        assert (layer.offsetx, layer.offsety) == written.offset
        numbers = np.vectorize(lambda gid: read.tiledgidmap.get(gid, 0))(np.array(layer.data)) - 1
        assert np.array_equal(numbers, written.tiles)
    for (y, x), tile in np.ndenumerate(level.layers[0].tiles):
        if tile >= 0:
            gid = read.get_tile_gid(x, y, 0)
            properties = read.get_tile_properties_by_gid(gid) or {}
            assert bool(properties.get("solid")) == level.tileset.solid[tile]
            assert bool(properties.get("colliders")) == level.tileset.solid[tile]
    things = [(thing.name, thing.type, thing.x, thing.y) for thing in read.objects]
    assert things == [(thing.name, thing.kind, thing.x, thing.y) for thing in level.objects]


def wang_set(path: Path) -> tuple[str, list[tuple[str, str]], dict[int, list[int]]]:
    """The type, the colours and the codes of the Wang set of a .tsx, read without our code."""
    wang = ElementTree.parse(path).getroot().find("wangsets/wangset")
    assert wang is not None
    colours = [(colour.attrib["name"], colour.attrib["color"]) for colour in wang.findall("wangcolor")]
    tiles = {
        int(tile.attrib["tileid"]): [int(number) for number in tile.attrib["wangid"].split(",")]
        for tile in wang.findall("wangtile")
    }
    return wang.attrib["type"], colours, tiles


@pytest.mark.parametrize("transparent", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_generated_sets_come_back_and_draw_the_same(layout: str, transparent: bool, tmp_path: Path) -> None:
    level = generated_map(layout, transparent)
    level.tileset.save(tmp_path / "set.tsx")
    found, _, tiles = wang_set(tmp_path / "set.tsx")
    assert found == {"dual-grid": "corner", "corner-16": "corner", "edge-16": "edge", "wall-16": "edge"}.get(
        layout, "mixed"
    )
    codes = level.tileset.codes
    assert tiles == {tile: (code + 1).tolist() for tile, code in enumerate(codes) if (code >= 0).any()}
    back = tw.load_tileset(tmp_path / "set.tsx")
    assert np.array_equal(back.codes, codes) and np.array_equal(back.rgba, level.tileset.rgba)
    assert np.array_equal(tw.autotile(level.terrain, back, seed=4).picture(), level.picture())


@pytest.mark.parametrize(
    ("codes", "kind"), [(corner_codes(2), "corner"), (edge_codes(2), "edge"), (blob_codes(), "mixed")]
)
def test_wang_sets_have_the_codes(codes: np.ndarray, kind: str, tmp_path: Path) -> None:
    terrains = (tw.Terrain("water", (40, 80, 200)), tw.Terrain("sand", (220, 200, 120)))
    tileset = tw.Tileset("set", pictures(len(codes)), palette(), terrains, codes)
    tileset.save(tmp_path / "set.tsx")
    found, colours, tiles = wang_set(tmp_path / "set.tsx")
    assert found == kind
    assert colours == [("water", "#2850c8"), ("sand", "#dcc878")]
    # A tile without any terrain, such as the lone tile of a blob set, has no entry.
    assert tiles == {tile: (code + 1).tolist() for tile, code in enumerate(codes) if (code >= 0).any()}


def test_files_say_how_tiles_were_made_and_have_relative_paths(level: tw.Map, tmp_path: Path) -> None:
    paths = level.save(tmp_path / "deep" / "map.tmx")
    assert paths == tuple(tmp_path / "deep" / name for name in ("map.png", "map.tsx", "map.tmx"))
    tileset = ElementTree.parse(paths[1]).getroot()
    facts = {p.attrib["name"]: p.attrib["value"] for p in tileset.findall("properties/property")}
    assert facts == level.tileset.provenance
    image = tileset.find("image")
    assert image is not None and image.attrib["source"] == "map.png"
    root = ElementTree.parse(paths[2]).getroot()
    assert root.find("tileset").attrib["source"] == "map.tsx"  # type: ignore[union-attr]
    again = level.save(tmp_path / "again" / "map.tmx")
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]


def test_sheets_keep_the_palette(level: tw.Map, tmp_path: Path) -> None:
    level.tileset.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.text == level.tileset.provenance
        height, width = level.tileset.shape
        columns, rgba = sheet.width // width, np.asarray(sheet.convert("RGBA"))
        for tile, picture in enumerate(level.tileset.rgba):
            y, x = tile // columns * height, tile % columns * width
            assert np.array_equal(rgba[y : y + height, x : x + width], picture)
        if level.tileset.palette is not None:
            colours = sheet.getpalette("RGB")
            assert colours is not None
            assert np.array_equal(np.array(colours).reshape(-1, 3), level.tileset.palette[:, :3])
            assert (sheet.mode, sheet.info["transparency"]) == ("P", 0)


def test_json_has_what_the_xml_has(level: tw.Map, tmp_path: Path) -> None:
    level.save(tmp_path / "map.tmx")
    paths = level.save(tmp_path / "map.tmj")
    assert [path.name for path in paths] == ["map.png", "map.tsj", "map.tmj"]
    made, tileset = json.loads(paths[2].read_text()), json.loads(paths[1].read_text())
    root, tsx = (ElementTree.parse(tmp_path / name).getroot() for name in ("map.tmx", "map.tsx"))
    for xml, found in ((root, made), (tsx, tileset)):
        for key in ("version", "width", "height", "tilewidth", "tileheight", "columns", "tilecount", "name"):
            assert (key in found) == (key in xml.attrib)
            assert str(found.get(key)) == str(xml.get(key))
        facts = {entry["name"]: entry["value"] for entry in found["properties"]}
        assert facts == {p.get("name"): p.get("value") for p in xml.findall("properties/property")}
    assert made["tilesets"] == [{"firstgid": 1, "source": "map.tsj"}]
    for layer, xml in zip(made["layers"], root.findall("layer"), strict=False):
        assert layer["data"] == [int(text) for text in (xml.findtext("data") or "").split(",")]
        assert (str(layer["offsetx"]), str(layer["offsety"])) == (
            xml.get("offsetx", "0"),
            xml.get("offsety", "0"),
        )
    (kind, colours, codes), wang = wang_set(tmp_path / "map.tsx"), tileset["wangsets"][0]
    assert (wang["type"], [(c["name"], c["color"]) for c in wang["colors"]]) == (kind, colours)
    assert {tile["tileid"]: tile["wangid"] for tile in wang["wangtiles"]} == codes
    tiles = {tile["id"]: tile for tile in tileset["tiles"]}
    assert set(tiles) == {int(tile.attrib["id"]) for tile in tsx.findall("tile")}
    for tile in tsx.findall("tile"):
        found = tiles[int(tile.attrib["id"])]
        assert found.get("type") == tile.get("type")
        assert str(found.get("probability", None)) == str(tile.get("probability"))
        assert ("objectgroup" in found) == (tile.find("objectgroup") is not None)
        frames = [
            (int(f.attrib["tileid"]), int(f.attrib["duration"])) for f in tile.findall("animation/frame")
        ]
        assert [(f["tileid"], f["duration"]) for f in found.get("animation", [])] == frames


@pytest.mark.skipif(RASTERIZER is None, reason="needs tmxrasterizer (Debian: apt install tiled)")
def test_tiled_draws_the_json_too(level: tw.Map, tmp_path: Path) -> None:
    for suffix in (".tmx", ".tmj"):
        level.save(tmp_path / suffix[1:] / f"map{suffix}")
        picture = tmp_path / f"{suffix[1:]}.png"
        command = [RASTERIZER, tmp_path / suffix[1:] / f"map{suffix}", picture]
        done = subprocess.run(command, env={"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "tmj.png").read_bytes() == (tmp_path / "tmx.png").read_bytes()
