"""Maps and tilesets of Tiled that are read: our own, those of others, and hostile ones."""

import gzip
import json
import os
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import tilewright as tw

from ..level.drawn_map import blob_map, corner_map, layered_map, palette, pictures
from .conftest import same
from .test_tiled import RASTERIZER
from .tiled_files import CELLS, CSV, TMX, folder, layer, packed, read

__all__ = ["folder"]  # a fixture

DATA = os.environ.get("TILEWRIGHT_DATA")


def test_what_we_write_is_read_again(level: tw.Map, tmp_path: Path) -> None:
    level.save(tmp_path / "map.tmx")
    read = tw.load_map(tmp_path / "map.tmx")
    assert same(read, level)
    assert (read.name, read.seed, read.objects) == (level.name, level.seed, level.objects)
    assert read.provenance == level.provenance
    assert [(layer.name, layer.offset) for layer in read.layers] == [
        (la.name, la.offset) for la in level.layers
    ]
    for ours, theirs in zip(level.layers, read.layers, strict=True):
        assert np.array_equal(ours.tiles, theirs.tiles)
    same_tilesets(read.tileset, level.tileset)
    level.tileset.save(tmp_path / "set.tsx")
    same_tilesets(tw.load_tileset(tmp_path / "set.tsx"), level.tileset)
    again = read.save(tmp_path / "again" / "map.tmx")
    assert [path.read_bytes() for path in again[1:]] == [
        (tmp_path / path.name).read_bytes() for path in again[1:]
    ]


def same_tilesets(first: tw.Tileset, second: tw.Tileset) -> None:
    """Assert that two tilesets are equal; one without a palette may have got one."""
    assert np.array_equal(first.rgba, second.rgba)
    if second.palette is not None:
        assert first.palette is not None
        assert np.array_equal(first.palette, second.palette)
        assert np.array_equal(first.pictures, second.pictures)
    assert (first.name, first.terrains, first.animations) == (second.name, second.terrains, second.animations)
    assert first.provenance == second.provenance
    for name in ("codes", "centres", "probabilities", "solid"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_terrain_codes_are_read_again(tmp_path: Path) -> None:
    for level in (corner_map(), blob_map(), blob_map(-1)):
        level.tileset.save(tmp_path / "set.tsx")
        same_tilesets(tw.load_tileset(tmp_path / "set.tsx"), level.tileset)


@pytest.mark.parametrize("layout", ["wall-16", "dual-grid"])
def test_terrains_behind_walls_are_read_again(tmp_path: Path, layout: str) -> None:
    terrains = tw.Terrain("void"), tw.Terrain("abyss", behind_walls=True)
    codes = np.arange(48, dtype=np.int16).reshape(6, 8) % 2
    made = tw.Tileset("set", pictures(6), palette(), terrains, codes, provenance={"layout": layout})
    made.save(tmp_path / "set.tsx")
    made.save(tmp_path / "set.tsj")
    text = (tmp_path / "set.tsx").read_text()
    colours = json.loads((tmp_path / "set.tsj").read_text())["wangsets"][0]["colors"]
    assert [colour.get("properties") for colour in colours] == [
        None,
        [{"name": "behind_walls", "type": "bool", "value": True}],
    ]
    before = layout == "wall-16"  # then the files of earlier versions have a terrain "void" behind walls
    read = tw.load_tileset(tmp_path / "set.tsx")
    assert [terrain.behind_walls for terrain in read.terrains] == [before, True]
    (tmp_path / "set.tsx").write_text(text.replace("behind_walls", "other"))
    earlier = tw.load_tileset(tmp_path / "set.tsx")
    assert [terrain.behind_walls for terrain in earlier.terrains] == [before, False]


@pytest.mark.skipif(not DATA, reason="needs TILEWRIGHT_DATA")
@pytest.mark.skipif(RASTERIZER is None, reason="needs tmxrasterizer (Debian: apt install tiled)")
def test_maps_that_people_drew_are_drawn_as_tiled_draws_them(tmp_path: Path) -> None:
    """They have several tilesets, flipped and turned tiles, spacing, colour keys and compressed layers."""
    root, drawn = Path(str(DATA)), 0
    for path in sorted(root.rglob("*.tmx")):
        try:
            read = tw.load_map(path, root=root)
        except tw.DataError as error:
            assert "a broken link" in str(error)  # the image has another name there
            continue
        picture = tmp_path / "drawn.png"
        root_element = ElementTree.parse(path).getroot()
        groups = {group.get("name", "").lower() for group in root_element.iter("objectgroup")}
        if groups & {name.get("name", "").lower() for name in root_element.iter("layer")}:
            continue  # tmxrasterizer hides by name, whatever the case
        command = [
            RASTERIZER,
            *(word for name in sorted(groups) for word in ("--hide-layer", name)),
            path,
            picture,
        ]
        subprocess.run(command, env={"QT_QPA_PLATFORM": "offscreen"}, check=True, capture_output=True)
        with Image.open(picture) as opened:
            pixels = np.asarray(opened.convert("RGBA")).copy()
        pixels[pixels[..., 3] == 0] = 0
        assert np.array_equal(read.picture(), pixels), path
        drawn += 1
    assert drawn >= 10


@pytest.mark.parametrize(
    ("data", "attributes"),
    [
        (CSV, 'encoding="csv"'),
        (CSV + ",\n", 'encoding="csv"'),
        (packed(CELLS.tobytes()), 'encoding="base64"'),
        (packed(zlib.compress(CELLS.tobytes())), 'encoding="base64" compression="zlib"'),
        (packed(gzip.compress(CELLS.tobytes(), mtime=0)), 'encoding="base64" compression="gzip"'),
        ("".join(f'<tile gid="{gid}"/>' if gid else "<tile/>" for gid in CELLS.ravel()), ""),
    ],
)
def test_every_encoding_gives_the_cells(folder: Path, data: str, attributes: str) -> None:
    assert np.array_equal(read(folder, layer(data, attributes)).layers[0].tiles, CELLS.astype(np.int32) - 1)


def test_flipped_and_turned_tiles_become_tiles(folder: Path) -> None:
    codes = np.arange(48, dtype=np.int16).reshape(6, 8)
    terrains = tuple(tw.Terrain(f"t{number}") for number in range(48))
    tileset = replace(tw.load_tileset(folder / "set.tsx"), terrains=terrains, codes=codes)
    tileset.save(folder / "set.tsx")
    flags = [0, 4, 2, 6, 1, 5]  # horizontal, vertical, diagonal
    made = read(folder, layer(",".join(str((flag << 29) + 2) for flag in flags)))
    art = tileset.rgba[1]
    expected = [art, art[:, ::-1], art[::-1], art[::-1, ::-1], art.swapaxes(0, 1), np.rot90(art, -1)]
    numbers = made.layers[0].tiles.ravel().tolist()
    assert numbers == [1, *(6 + numbers.index(n) - 1 for n in numbers[1:])] or len(set(numbers)) == 6
    for number, picture in zip(numbers, expected, strict=True):
        assert np.array_equal(made.tileset.rgba[number], picture)
    code = codes[1].tolist()  # clockwise from the top
    turned_right = [code[(i - 2) % 8] for i in range(8)]
    assert made.tileset.codes[numbers[5]].tolist() == turned_right
    mirrored = [code[-i % 8] for i in range(8)]
    assert made.tileset.codes[numbers[1]].tolist() == mirrored


def test_chunks_groups_and_hidden_layers(folder: Path) -> None:
    text = TMX.replace('infinite="0"', 'infinite="1"')
    chunks = (
        '<chunk x="-16" y="0" width="2" height="1">1,2</chunk>'
        '<chunk x="0" y="-1" width="1" height="2">3,4</chunk>'
    )
    body = (
        f'<group offsetx="2.4"><layer name="a" offsety="-3"><data encoding="csv">{chunks}</data></layer></group>'
        '<layer name="hidden" visible="0"><data encoding="csv"></data></layer>'
        '<imagelayer name="x"><image source="no.png"/></imagelayer>'
        '<objectgroup><object x="8" y="-16" width="3.5" type="door"/></objectgroup>'
    )
    made = read(folder, text.format(layer=body))
    assert made.shape == (2, 17)
    (only,) = made.layers
    assert only.offset == (2, -3)
    assert only.tiles[1, :2].tolist() == [0, 1]
    assert only.tiles[:, 16].tolist() == [2, 3]
    assert (only.tiles == -1).sum() == 34 - 4
    assert made.objects == (tw.MapObject("object 1", "door", 8 + 256, 0, 4, 0),)


def test_several_tilesets_become_one(folder: Path) -> None:
    second = tw.Tileset(
        "other",
        pictures(4, seed=9),
        palette(seed=9),
        (tw.Terrain("b"), tw.Terrain("a", behind_walls=True)),
        np.ones((4, 8), np.int16),
    )
    second.save(folder / "other.tsx")
    first = tw.load_tileset(folder / "set.tsx")
    text = TMX.replace(
        "{layer}",
        '<tileset firstgid="20" source="other.tsx"/><tileset firstgid="99" source="../no.tsx"/>{layer}',
    )
    made = read(folder, text.format(layer=layer("1,6,20,21,0,23")))
    assert made.layers[0].tiles.tolist() == [
        [0, 5, 6],
        [7, -1, 9],
    ]  # the third tileset is not used, and not opened
    assert np.array_equal(made.tileset.rgba, np.concatenate([first.rgba, second.rgba]))
    assert [(terrain.name, terrain.behind_walls) for terrain in made.tileset.terrains] == [
        ("a", True),
        ("b", False),
    ]
    assert made.tileset.codes[[0, 6]].tolist() == [[0] * 8, [0] * 8]
    assert made.tileset.palette is not None


def test_old_terrains_and_colour_keys(folder: Path) -> None:
    sheet = np.full((16, 32, 3), (255, 0, 255), np.uint8)
    sheet[4:8, 4:20] = (1, 2, 3)
    Image.fromarray(sheet).save(folder / "old.png")
    (folder / "old.tsx").write_text(
        '<tileset name="old" tilewidth="16" tileheight="16"><image source="old.png" trans="ff00ff"/>'
        '<terraintypes><terrain name="grass" tile="0"/><terrain name="sea" tile="1"/></terraintypes>'
        '<tile id="1" terrain="0,1,,1" probability="0.5"/></tileset>'
    )
    made = tw.load_tileset(folder / "old.tsx")
    assert len(made) == 2
    assert made.codes[1].tolist() == [-1, 1, -1, 1, -1, -1, -1, 0]
    assert made.probabilities.tolist() == [1, 0.5]
    assert (made.rgba[..., 3] > 0).sum() == 4 * 16


def test_a_folder_above_can_be_allowed(folder: Path) -> None:
    level = layered_map()
    level.save(folder / "maps" / "map.tmx")
    for name in ("map.tsx", "map.png"):
        shutil.move(folder / "maps" / name, folder / name)
    path = folder / "maps" / "map.tmx"
    path.write_text(path.read_text().replace('"map.tsx"', '"../map.tsx"'))
    with pytest.raises(tw.DataError, match=r"'\.\./map\.tsx' is outside of"):
        tw.load_map(path)
    assert same(tw.load_map(path, root=folder), level)


def test_wrong_use_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        tw.NotFoundError, match=r"^load_map\(\): there is no file '.*no\.tmx': check the path$"
    ):
        tw.load_map(tmp_path / "no.tmx")
    with pytest.raises(
        tw.UsageError, match=r"^load_tileset\(\): path and root must be names of files, not 7 and None$"
    ):
        tw.load_tileset(7)  # type: ignore[arg-type]
    (tmp_path / "folder.tmx").mkdir()
    with pytest.raises(tw.DataError, match=r"not a regular file|Is a directory"):
        tw.load_map(tmp_path / "folder.tmx")
