"""Terrain from the Wang sets of Tiled."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright.errors import DataError
from tilewright.tileset.quarters import blob_set
from tilewright_training.data.terrain import read_terrain
from tilewright_training.terrain.layouts import OPPOSITE, cornered, opposite_corners
from tilewright_training.terrain.recipe import read_terrain_recipe
from tilewright_training.terrain.terrain_set import TerrainSet, read_terrain_sets

from .test_terrain_set import GRASS, write_art

HEAD = "tile = 4\n"
TILESET = '[[tileset]]\nfile = "set.tsx"\n'
CORNERS = [7, 1, 5, 3]  # the positions of a code's bits
GREEN, BLUE = tw.Terrain("Grass"), tw.Terrain("Deep water")


def pictures(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (count, 4, 4, 4), np.uint8)
    colours[..., 3] = 255
    return colours


def save(
    folder: Path, codes: np.ndarray, terrains: tuple[tw.Terrain, ...] = (GREEN, BLUE), **more: object
) -> None:
    tw.Tileset("set", pictures(len(codes)), None, terrains, codes=codes, **more).save(folder / "set.tsx")  # type: ignore[arg-type]


def read(folder: Path, text: str = HEAD + TILESET) -> TerrainSet:
    (folder / "r.toml").write_text(text)
    (found,) = read_terrain_sets(folder, read_terrain_recipe(folder / "r.toml"))
    return found


def corner_codes(count: int = 16) -> np.ndarray:
    """The code of the tile with each number."""
    codes = np.full((count, 8), -1, np.int16)
    codes[:, CORNERS] = np.arange(count)[:, None] >> np.arange(4) & 1
    return codes


def test_corner_sets_lie_between_cells(tmp_path: Path) -> None:
    save(tmp_path, corner_codes())
    grass, water = read(tmp_path).terrains
    assert (grass.name, grass.outside, water.name, water.outside) == ("grass", None, "deep-water", "grass")
    assert water.between_cells and water.drawn is None
    np.testing.assert_array_equal(grass.fills, pictures(16)[:1])
    np.testing.assert_array_equal(water.tiles[1:], pictures(16)[1:])
    assert not water.tiles[0].any()
    np.testing.assert_array_equal(water.fills, pictures(16)[15:])


def test_opposite_corners_may_be_missing(tmp_path: Path) -> None:
    kept = [code for code in range(16) if code not in OPPOSITE]
    save(tmp_path, corner_codes()[kept])
    water = read(tmp_path).terrains[1]
    np.testing.assert_array_equal(water.tiles[kept[1:]], pictures(14)[1:])
    for code in OPPOSITE:
        np.testing.assert_array_equal(water.tiles[code], opposite_corners(water.tiles, code))


def test_terrains_before_tiled_1_5(tmp_path: Path) -> None:
    save(tmp_path, corner_codes())
    wanted = read(tmp_path).terrains[1].tiles
    rows = "".join(
        f'<tile id="{code}" terrain="{",".join(str(code >> bit & 1) for bit in range(4))}"/>'
        for code in range(16)
    )
    text = (tmp_path / "set.tsx").read_text()
    head = text[: text.index("<wangsets>")].replace("set.png", "elsewhere.png")
    old = '<terraintypes><terrain name="Grass" tile="0"/><terrain name="Deep water" tile="0"/></terraintypes>'
    (tmp_path / "set.tsx").write_text(head + old + rows + "</tileset>")
    found = read(
        tmp_path, HEAD + TILESET + 'sheet = "set.png"\nset = "old"\nnames = {"Deep water" = "sea"}\n'
    )
    assert found.name == "old" and [one.name for one in found.terrains] == ["grass", "sea"]
    np.testing.assert_array_equal(found.terrains[1].tiles, wanted)


def test_sets_of_sides_and_corners_are_of_cells(tmp_path: Path) -> None:
    """Positions without a terrain have that of the recipe. Without single cells, which have no code."""
    same = blob_set()[1:]
    codes = np.where(same, 0, -1).astype(np.int16)
    save(tmp_path, codes, (BLUE,))
    write_art(tmp_path, HEAD + GRASS)
    found = read(tmp_path, HEAD + TILESET + 'outside = "grass"\n' + GRASS)
    water = next(one for one in found.terrains if one.name == "deep-water")
    assert water.outside == "grass" and water.drawn is not None
    masks = [int(mask) for mask in (same << np.arange(8)).sum(axis=1)]
    np.testing.assert_array_equal(water.tiles[masks], pictures(46))
    assert [mask for mask in range(256) if not water.drawn[mask]] == [
        mask for mask in range(256) if not cornered(mask) & 85
    ]


def test_missing_tiles_are_composed_if_the_recipe_says_so(tmp_path: Path) -> None:
    codes = np.where(blob_set()[1:], 0, -1).astype(np.int16)
    save(tmp_path, codes, (BLUE,))
    write_art(tmp_path, HEAD + GRASS)
    found = read(tmp_path, HEAD + TILESET + 'outside = "grass"\nquarters = true\n' + GRASS)
    drawn = found.terrains[1].drawn
    assert drawn is not None and drawn.all()


def test_sets_of_sides_are_paths(tmp_path: Path) -> None:
    codes = np.full((17, 8), -1, np.int16)
    codes[:16, ::2] = np.arange(16)[:, None] >> np.arange(4) & 1
    codes[16, ::2] = 0
    save(tmp_path, codes, centres=np.array([1, *[-1] * 15, 0], np.int16))
    water = read(tmp_path).terrains[1]
    assert water.shape == "path" and water.drawn is not None and water.drawn.all()
    for number in range(16):
        mask = sum(1 << 2 * side for side in range(4) if number >> side & 1)
        np.testing.assert_array_equal(water.tiles[mask], pictures(17)[number])


def test_fills_have_the_probabilities_of_the_file(tmp_path: Path) -> None:
    codes = np.concatenate([corner_codes(), corner_codes(1), corner_codes(1)])
    save(tmp_path, codes, probabilities=np.array([0.5, *[1.0] * 15, 2.0, 0.0]))
    fills = read(tmp_path).terrains[0].fills
    np.testing.assert_array_equal(fills, pictures(18)[[0, 16, 16, 16, 16]])


def test_a_tileset_is_art(tmp_path: Path) -> None:
    """Also in a folder, by a recipe that includes another."""
    (tmp_path / "art").mkdir()
    save(tmp_path / "art", corner_codes())
    (tmp_path / "art" / "LICENSE").write_text("CC0")
    (tmp_path / "inner.toml").write_text(HEAD + TILESET + 'sheet = "set.png"\n')
    (tmp_path / "r.toml").write_text(HEAD + '[[include]]\nrecipe = "inner.toml"\nfolder = "art"\n')
    data = read_terrain(tmp_path, tmp_path / "r.toml", (8, 8), maps=4)
    assert data.kinds == ("deep-water", "grass") and data.images.shape[1:] == (8, 8, 4)
    assert [source.name for source in data.sources] == ["art"]


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / "set.tsx").read_text()
    assert old in text
    (folder / "set.tsx").write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "text", "told"),
    [
        ("", "", 'file = "no.tsx"', "no.tsx: No such file"),
        ("", "", 'file = "../set.tsx"', "file must be a path within the folder of the art, not '../set.tsx'"),
        ("", "", "file = 1", "file must be a path within the folder of the art, not 1"),
        ("", "", "names = 3", "names must be a table such as "),
        ("", "", "names = {Sand = 'sand'}", "names has 'Sand'; set.tsx has Grass, Deep water"),
        ("", "", "names = {Grass = 'Grass'}", "names must be a-z, 0-9, - and _; not 'Grass'"),
        ("", "", "names = {Grass = 'deep-water'}", "has two terrains deep-water; choose different ones in names"),
        ("", "", "colour = 1", "tileset 1 has an unknown key 'colour'; known are file, names, outside, quarters, "),
        ("", "", "quarters = 'no'", "tileset 1: quarters must be true or false, not 'no'"),
        ("", "", "sheet = 'other.png'", "other.png: a broken link, or a file that cannot be opened"),
        ("", "", "sheet = 'large.png'", "set.tsx: it is for an image of 16x16 pixels; large.png has 68x4"),
        ("Grass", "Gräs", "", "set.tsx has a terrain 'Gräs'; choose a name of a-z, 0-9, - and _ in names"),
        ("set.png", "../set.png", "", "set.tsx: '../set.png' is outside of"),
        ("set.png", "/etc/passwd", "", "set.tsx: '/etc/passwd' is outside of"),
        ("set.png", "http://a.b/set.png", "", "set.png: a broken link, or a file that cannot be opened"),
        ('tileid="3"', 'tileid="16"', "", "set.tsx: tileid of <wangtile> must be in 0..15, not '16'"),
        ('tilewidth="4"', 'tilewidth="8"', "", "set.tsx: it has tiles of 8x4 pixels, not 4x4"),
        ("0,2,0,1,0,1,0,1", "0,9,0,1,0,1,0,1", "", "set.tsx: wangid must be eight of the 2 colours or 0"),
        ("0,2,0,1,0,1,0,1", "0,1,0,1,0,1,0,1", "", "set.tsx lacks a tile of deep-water in grass: top right"),
        ("0,1,0,1,0,1,0,1", "0,2,0,2,0,2,0,2", "", "set.tsx lacks a tile that is grass alone"),
        ("wangset", "other", "", "set.tsx has no Wang set; add one in Tiled, or name tiles under [[terrain]]"),
        ("<tileset", '<!DOCTYPE x [<!ENTITY a "b">]><tileset', "", "document type declaration, which is refused"),
        ("<tileset", "<map><tileset", "", "set.tsx: not a file of Tiled: it has <map> instead of <tileset>"),
        ("</tileset>", "", "", "set.tsx: not XML: no element found"),
    ],
)  # fmt: skip
def test_bad_tilesets_are_refused_in_one_line(
    tmp_path: Path, old: str, new: str, text: str, told: str
) -> None:
    save(tmp_path, corner_codes())
    Image.new("RGBA", (68, 4)).save(tmp_path / "large.png")
    if old:
        change(tmp_path, old, new)
    recipe = HEAD + TILESET if not text.startswith("file") else HEAD + "[[tileset]]\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path, recipe + text)
    assert str(caught.value).startswith("read_terrain(): ") and told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_link_must_not_lead_out(tmp_path: Path) -> None:
    save(tmp_path, corner_codes())
    inside = tmp_path / "art"
    inside.mkdir()
    (inside / "set.tsx").symlink_to(tmp_path / "set.tsx")
    with pytest.raises(DataError, match=r"'set\.tsx' is outside of"):
        read(inside)
