"""Autotile recipes and sets: what they read, and what they refuse."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import DataError
from tilewright_training.terrain.recipe import read_terrain_recipe
from tilewright_training.terrain.terrain_set import TerrainSet, read_terrain_sets

HEAD = "tile = 4\n"
GRASS = '[[terrain]]\nsheet = "s.png"\nlayout = "plain"\nat = [[0, 0], [1, 0]]\ninside = "grass"\n'
SAND = '[[terrain]]\nsheet = "s.png"\nlayout = "ring-3x3"\nat = [2, 0]\ninside = "sand"\noutside = "grass"\n'
LAKE = SAND.replace("sand", "lake").replace("grass", "sand").replace("[2, 0]", "[5, 0]\nfill = [[0, 1]]")


def write_art(folder: Path, text: str = HEAD + GRASS + SAND + LAKE) -> Path:
    sheet = np.arange(8 * 12 * 16, dtype=np.uint32).view(np.uint8)[: 12 * 32 * 4].reshape(12, 32, 4) | [
        0,
        0,
        0,
        255,
    ]
    Image.fromarray(sheet.astype(np.uint8)).save(folder / "s.png")
    (folder / "r.toml").write_text(text)
    return folder / "r.toml"


def read(folder: Path, text: str = HEAD + GRASS + SAND + LAKE) -> tuple[TerrainSet, ...]:
    return read_terrain_sets(folder, read_terrain_recipe(write_art(folder, text)))


def test_a_set_knows_what_stands_on_what(tmp_path: Path) -> None:
    (terrains,) = read(tmp_path)
    assert (terrains.name, terrains.tile) == ("art", 4)
    assert [terrain.name for terrain in terrains.terrains] == ["grass", "sand", "lake"]
    assert terrains.grounds() == [0]
    assert [terrains.on(number) for number in range(3)] == [[1], [2], []]
    assert [terrains.weight(number) for number in range(3)] == [3, 2, 1]
    grass, sand, lake = terrains.terrains
    sheet = np.asarray(Image.open(tmp_path / "s.png"))
    np.testing.assert_array_equal(grass.fills, [sheet[:4, :4], sheet[:4, 4:8]])
    np.testing.assert_array_equal(sand.fills, [sheet[4:8, 12:16]])  # the centre of the ring
    np.testing.assert_array_equal(lake.fills, [sheet[4:8, :4]])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tile = 4", "r.toml has no terrains; add a [[terrain]] with sheet, layout, at and inside"),
        ("tile = 5\n" + GRASS, "r.toml: tile must be an even number from 2 to 64, not 5"),
        (GRASS, "r.toml: tile must be an even number from 2 to 64, not None"),
        (HEAD + GRASS.replace("plain", "hex"), "r.toml: terrain 1: layout must be one of plain, rpgmaker2000, "),
        (HEAD + GRASS + 'outside = "sand"\n', "terrain 1: plain has no border, so it takes no outside"),
        (HEAD + SAND.replace('outside = "grass"', ""), "terrain 1: ring-3x3 needs outside"),
        (HEAD + GRASS.replace("s.png", "../s.png"), "sheet must be a path within the folder of the art, not '../"),
        (HEAD + GRASS.replace("s.png", "/s.png"), "sheet must be a path within the folder of the art, not '/s.png'"),
        (HEAD + GRASS.replace("s.png", 201 * "s"), "1: sheet must be at most 200 printable characters, not 'sss"),
        (HEAD + GRASS.replace("s.png", "\\u001b.png"), "sheet must be at most 200 printable characters, not '\\x1b.p"),
        (HEAD + GRASS.replace("s.png", "t.png"), "terrain 1: cannot read the sheet t.png: "),
        (HEAD + GRASS.replace("[[0, 0], [1, 0]]", "[0, 0]"), "at must be a list of [column, row], one for"),
        (HEAD + SAND.replace("[2, 0]", "[2, -1]"), "at must be [column, row] of the block, not [2, -1]"),
        (HEAD + GRASS.replace("[1, 0]", "[9, 0]"), "terrain 1: the tile at [9, 0] is not within the sheet"),
        (HEAD + GRASS + SAND.replace("[2, 0]", "[6, 0]"), "terrain 2: the 3 x 3 tiles of ring-3x3 at [6, 0] are not"),
        (HEAD + GRASS.replace('"grass"', '"Grass!"'), "terrain 1: inside must be a-z, 0-9, - and _; not 'Grass!'"),
        (HEAD + GRASS + "colour = 1\n", "terrain 1 has an unknown key 'colour'; known are at, fill, inside, layout, "),
        (HEAD + GRASS + "offset = [1, -1]\n", "1: offset must be [x, y] of the first tile in pixels, not [1, -1]"),
        (HEAD + GRASS + SAND + 'shape = "star"\n', "2: shape must be one of blob, path, rooms, lines, for a"),
        (HEAD + GRASS + 'shape = "blob"\n', "1: shape must be one of blob, path, rooms, lines, for a"),
        (HEAD + SAND, "set art has no terrain of layout plain"),
        (HEAD + GRASS + LAKE, "set art: lake stands on sand, which stands on nothing; give sand a layout of plain"),
        (HEAD + GRASS + SAND + SAND.replace("grass", "lake") + LAKE, "art: terrains stand on each other in a circle"),
    ],
)  # fmt: skip
def test_bad_recipes_are_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith("read_terrain(): ") and told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_recipe_includes_others(tmp_path: Path) -> None:
    """Their sheets are in folders of their own, and what they hold out is used unless this one holds it out."""
    inner = (
        'held_out = ["meadow"]\n'
        + HEAD
        + (GRASS + SAND).replace("[[terrain]]", '[[terrain]]\nset = "meadow"')
    )
    inner += GRASS.replace("[[terrain]]", '[[terrain]]\nset = "rest"')
    (tmp_path / "art").mkdir()
    write_art(tmp_path / "art")
    (tmp_path / "inner.toml").write_text(inner)
    include = '[[include]]\nrecipe = "inner.toml"\nfolder = "art"\n'
    recipe = read_terrain_recipe(write_art(tmp_path, HEAD + include + GRASS + LAKE + SAND))
    assert recipe.held_out == () and len(recipe.entries) == 6
    found = read_terrain_sets(tmp_path, recipe)
    assert [one.name for one in found] == ["meadow", "rest", "art"]
    assert [len(one.terrains) for one in found] == [2, 1, 3]
    for text, told in (
        (
            HEAD + include + include,
            "r.toml: include 2: inner.toml has the set meadow, as a recipe before it has",
        ),
        ("tile = 8\n" + include, "include 1: inner.toml has tiles of 4 pixels, not 8"),
        (
            HEAD + include.replace("inner", "../inner"),
            "recipe must be a path within the folder of this recipe, not '.",
        ),
        (
            HEAD + include.replace("art", "/art"),
            "folder must be a path within the folder of the art, not '/art'",
        ),
        (HEAD + include.replace("inner", "r"), "include 1: r.toml has an unknown key 'include'; known are "),
        (
            HEAD + include.replace("folder", "place"),
            "include 1 has an unknown key 'place'; known are folder, recipe",
        ),
        ("include = 3\n" + HEAD + GRASS, "r.toml: include must be tables, each under [[include]]"),
        (HEAD + include.replace("inner", "no"), "no.toml: No such file or directory; name a TOML file"),
    ):
        with pytest.raises(DataError) as caught:
            read(tmp_path, text)
        assert str(caught.value).startswith("read_terrain(): ") and told in str(caught.value)


def test_a_set_without_unknown_terrains(tmp_path: Path) -> None:
    (terrains,) = read(tmp_path)
    assert [one.name for one in terrains.only({"grass", "lake"}).terrains] == ["grass"]  # lake stands on sand
    assert [one.name for one in terrains.only({"lake", "grass", "sand", "moss"}).terrains] == [
        "grass",
        "sand",
        "lake",
    ]
