"""Recipes: the supported syntax, and every error."""

import json
import os
import re
import tomllib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import tilewright_training
from tilewright.errors import DataError, UsageError
from tilewright_training.art.recipe import read_recipe
from tilewright_training.data.dataset import read_art

from ..drawn import TILE_KINDS, draw_folder, draw_set, make_sheet, save

RECIPES = Path(tilewright_training.__file__).parent / "recipes"

RULE = '[[rule]]\nmatch = "*"\nkind = "a"\n'
TOP_KEYS = "licence, margin, palette, rule, shadows, size, spacing, transparent"
RULE_KEYS = "columns, kind, licence, margin, match, palette, rows, skip, spacing, tile, transparent"
NO_KIND = ": kind must be a-z, 0-9, - and _, or say skip = true; not "


def write(folder: Path, text: str) -> Path:
    path = folder / "kinds.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_first_rule_decides_and_the_rest_is_left_out(tmp_path: Path) -> None:
    draw_folder(tmp_path / "art", 6)
    recipe = write(
        tmp_path,
        """
        [[rule]]
        match = "wall/*-000.png"
        skip = true
        [[rule]]
        match = ["wall/*", "floor/*-00[01].png"]
        kind = "stone"
        [[rule]]
        match = "floor/*"
        kind = "ground"
        """,
    )
    data, report = read_art([tmp_path / "art"], 16, kinds=recipe)
    assert data.kinds == ("stone", "ground")
    assert report.kinds == {"stone": 7, "ground": 4}
    assert report.unclaimed == 7


def test_rows_and_columns_give_one_sheet_several_kinds(tmp_path: Path) -> None:
    pictures = draw_set(TILE_KINDS, 4)
    (tmp_path / "art").mkdir()
    save(tmp_path / "art" / "sheet.png", make_sheet(pictures, 4))
    recipe = write(
        tmp_path,
        """
        [[rule]]
        match = "*"
        rows = "0"
        kind = "floor"
        [[rule]]
        match = "*"
        rows = "1-2"
        columns = "0, 2-3"
        kind = "other"
        [[rule]]
        match = "*"
        rows = "1"
        skip = true
        """,
    )
    data, report = read_art([tmp_path / "art"], 16, kinds=recipe)
    wanted = pictures[:4] + [pictures[i] for i in (4, 6, 7, 8, 10, 11)]
    assert np.array_equal(data.images, np.stack(wanted))
    assert data.labels.tolist() == [0] * 4 + [1] * 6
    assert report.unclaimed_cells == 2


def test_facts_about_a_sheet(tmp_path: Path) -> None:
    small = [tile[4:12, 4:12].copy() for tile in draw_set(TILE_KINDS, 4)]
    for tile in small:
        tile[0, 0] = 0
    (tmp_path / "art").mkdir()
    save(tmp_path / "art" / "sheet.png", make_sheet(small, 4, 3, 5))
    recipe = write(tmp_path, "size = 16\n" + RULE + "tile = 8\nmargin = 3\nspacing = 5\n")
    data, report = read_art([tmp_path / "art"], 16, kinds=recipe)
    assert str(report.grids["sheet.png"]) == "4 x 3 cells of 8 pixels, margin 3, spacing 5"
    assert np.array_equal(data.images[:, 4:12, 4:12], np.stack(small))
    assert not data.images[:, :4].any()


def test_a_palette_takes_the_nearest_colour_and_the_first_of_equals(tmp_path: Path) -> None:
    tile = draw_set(TILE_KINDS, 1)[0]
    tile[0, :3, :3] = [(10, 10, 10), (20, 20, 20), (255, 0, 0)]
    save(tmp_path / "tile.png", tile)
    recipe = write(tmp_path, 'palette = ["#1e1e1e", "#000000", "#0A0A0A"]\n' + RULE)
    data, _ = read_art([tmp_path], 16, kinds=recipe)
    assert data.images[0, 0, :2].tolist() == [[10, 10, 10, 255], [30, 30, 30, 255]]
    assert set(np.unique(data.images[..., :3])) <= {0, 10, 30}


def test_a_rule_restricts_its_pictures_to_some_colours(tmp_path: Path) -> None:
    for name, colour in ("a", (40, 40, 60)), ("b", (40, 40, 60)):
        tile = np.full((16, 16, 4), 255, np.uint8)
        tile[:8, :, :3] = colour
        tile[:, 3 if name == "a" else 5, :3] = 0
        save(tmp_path / f"{name}.png", tile)
    colours = 'palette = ["#222222", "#0000ff", "#ffffff"]\n'
    rules = RULE.replace("*", "a.png") + 'palette = ["0000FF", "fff"]\n' + RULE.replace('"a"', '"b"')
    data, _ = read_art([tmp_path], 16, kinds=write(tmp_path, colours + rules))
    assert [image[0, 0, :3].tolist() for image in data.images] == [[0, 0, 255], [34, 34, 34]]


def test_each_rule_of_a_sheet_has_its_colours(tmp_path: Path) -> None:
    sheet = np.full((16, 32, 4), 255, np.uint8)
    sheet[:8, ..., :3] = 40, 40, 60
    sheet[12, 3, :3] = 0
    save(tmp_path / "sheet.png", sheet)
    rules = RULE + 'columns = "0"\n' + RULE.replace('"a"', '"b"') + 'palette = ["#0000ff", "#ffffff"]\n'
    recipe = write(tmp_path, 'palette = ["#222222", "#0000ff", "#ffffff"]\n' + rules)
    data, _ = read_art([tmp_path], 16, kinds=recipe)
    assert [image[0, 0, :3].tolist() for image in data.images] == [[34, 34, 34], [0, 0, 255]]


def test_a_palette_leaves_transparent_pictures_alone(tmp_path: Path) -> None:
    sprite = draw_set(("slime",), 1)[0]
    save(tmp_path / "slime.png", sprite)
    save(tmp_path / "nothing.png", np.zeros_like(sprite))
    data, _ = read_art([tmp_path], 16, kinds=write(tmp_path, 'palette = ["#ff0000"]\n' + RULE))
    assert np.array_equal(data.images[0, ..., 3], sprite[..., 3])
    assert len(np.unique(data.images.reshape(-1, 4), axis=0)) == 2


def test_the_recipe_wins_over_the_arguments(tmp_path: Path) -> None:
    draw_folder(tmp_path / "art", 4)
    draw_folder(tmp_path / "art", 4, ("slime",))
    recipe = write(tmp_path, "transparent = false\n" + RULE + '[[rule]]\nmatch = "*"\nskip = true\n')
    data, report = read_art([tmp_path / "art"], 16, kinds=recipe, transparent=True)
    assert len(data.images) == 12
    assert report.see_through == 4


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("size = 16", " has no rules; add a [[rule]] with match and kind"),
        ("rule = 3", " has no rules; add a [[rule]] with match and kind"),
        ("sise = 16\n" + RULE, " has an unknown key 'sise'; known are " + TOP_KEYS),
        (
            RULE + 'licence = "a\\u001bb"',
            ": rule 1: licence must be a printable text of at most 200 characters, not 'a\\x1bb'",
        ),
        (RULE + "row = 1", ": rule 1 has an unknown key 'row'; known are " + RULE_KEYS),
        ('[[rule]]\nkind = "a"', ": rule 1: match must be a glob or a list of globs, not None"),
        ('[[rule]]\nmatch = []\nkind = "a"', ": rule 1: match must be a glob or a list of globs, not []"),
        (RULE + '[[rule]]\nmatch = "*"', ": rule 2" + NO_KIND + "''"),
        ('[[rule]]\nmatch = "*"\nkind = "A wall"', ": rule 1" + NO_KIND + "'A wall'"),
        (RULE + "skip = 1", ": rule 1: skip must be true or false, not 1"),
        (RULE + "tile = 0", ": rule 1: tile must be 1 to 4096, not 0"),
        (RULE + "margin = -1", ": rule 1: margin must be 0 to 4096, not -1"),
        (RULE + "spacing = true", ": rule 1: spacing must be 0 to 4096, not True"),
        (RULE + "rows = 3", ': rule 1: rows must look like "0-11" or "1, 4-7", not 3'),
        (RULE + 'rows = "7-4"', ': rule 1: rows must look like "0-11" or "1, 4-7", not \'7-4\''),
        (RULE + 'columns = "1,,2"', ': rule 1: columns must look like "0-11" or "1, 4-7", not \'1,,2\''),
        ('palette = "db16"\n' + RULE, ': palette must be a list of at most 256 colours such as "#30346d"'),
        ('palette = ["red"]\n' + RULE, ": a palette colour looks like \"#30346d\", not 'red'"),
        (RULE + "palette = []", ": rule 1: palette must name colours, or be left out"),
        ("licence = 3\n" + RULE, ": licence must be a printable text of at most 200 characters, not 3"),
        (
            RULE + 'palette = ["#30346d"]',
            ": rule 1: #30346d is not in the palette above the rules: add it there",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(DataError) as caught:
        read_recipe(write(tmp_path, text))
    assert str(caught.value) == "read_art(): kinds.toml" + error


def test_files_that_are_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_recipe(tmp_path / "none.toml")
    missing = tmp_path / "none.toml"
    assert (
        str(caught.value) == f"read_art(): cannot read {missing}: No such file or directory; name a TOML file"
    )
    with pytest.raises(DataError, match=r"^read_art\(\): kinds.toml is not TOML: "):
        read_recipe(write(tmp_path, "[[rule"))


def test_a_recipe_for_another_size(tmp_path: Path) -> None:
    draw_folder(tmp_path, 2)
    with pytest.raises(UsageError) as caught:
        read_art([tmp_path], 16, kinds=write(tmp_path, "size = 32\n" + RULE))
    assert str(caught.value) == "read_art(): size 16, but kinds.toml is for size 32"


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(RECIPES.glob("*.toml")) if "[[rule]]" in path.read_text()],
    ids=lambda path: path.stem,
)
def test_recipes_are_sound(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.size == ((32, 32) if path.stem.startswith(("crawl-", "icons")) else (16, 16))
    assert len(recipe.kinds) == len(
        {rule["kind"] for rule in tomllib.loads(path.read_text())["rule"] if "kind" in rule}
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a=" + "[" * 2000 + "]" * 2000, "is not TOML: nested too deeply"),
        ("size = " + "9" * 5000, "is not TOML: Exceeds the limit"),
        ("size = 0x" + "f" * 5000, "is not TOML: a number of more than 100 digits"),
        ("size = [0b" + "1" * 20_000 + "]", "is not TOML: a number of more than 100 digits"),
        (".".join(["a"] * 20_000) + "=1", "is not TOML: a key of more than 4 parts"),
        ("[" + '"a" . ' * 20_000 + "a]", "is not TOML: a key of more than 4 parts"),
        ('x = "\\"" # "\n' + "a." * 20_000 + "a=1", "is not TOML: a key of more than 4 parts"),
        (RULE + "rows = '" + "0-9999," * 50_000 + "0'", ": rule 1: rows must look like"),
        (RULE + "x" * 5000 + " = 1", ": rule 1 has an unknown key 'xxx"),
        (RULE.replace('"a"', f'"{"k" * 61}"'), ": rule 1: kind must have at most 60 characters, not 61"),
        ("#" * (1 << 20) + "\n", ": more than 1048576 bytes; name a TOML file"),
        (1025 * RULE, " must have 1 to 1024 rules, not 1025"),
    ],
    ids=[
        "deep",
        "digits",
        "hexadecimal",
        "binary",
        "dots",
        "quoted-dots",
        "dots-after-a-text",
        "spans",
        "key",
        "kind",
        "long",
        "rules",
    ],
)
def test_a_recipe_of_a_stranger(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(DataError, match="read_art.*kinds.toml.*" + re.escape(error)) as caught:
        read_recipe(write(tmp_path, text))
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


def test_many_numbers_take_little_memory(tmp_path: Path) -> None:
    path = write(tmp_path, 1024 * (RULE + "rows = '0-9999'\ncolumns = '0,2-9999'\n"))
    tracemalloc.start()
    try:
        (rule, *_) = read_recipe(path).rules
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert rule.covers(9999, 0) and rule.covers(0, 9999)
    assert not rule.covers(10_000, 0) and not rule.covers(0, 1)


@pytest.mark.skipif(os.name != "posix", reason="FIFOs and devices of POSIX")
def test_a_recipe_is_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    for name in ("fifo.toml", "zero.toml"):
        with pytest.raises(DataError, match=f"cannot read .*{name}: not a regular file; name a TOML file"):
            read_recipe(tmp_path / name)


def test_dots_in_texts_are_no_keys(tmp_path: Path) -> None:
    globs = ["a.b.c.d.e.f.g.png", 'q".\\.x.y.z.w', "it's.a.b.c.d.e"]
    texts = [
        f'"""{globs[0]}\n"""',
        json.dumps(globs[1]),
        f'"{globs[2]}"',
        "'''\n...... '' .....'''",
        "'.......'",
    ]
    recipe = read_recipe(write(tmp_path, f'[[rule]] # ....... "\nmatch = [{", ".join(texts)}]\nkind = "a"\n'))
    assert recipe.rules[0].match == (globs[0] + "\n", *globs[1:], "...... '' .....", ".......")


def test_palette_colours_in_many_forms(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, 'palette = ["#30346d", "30346D", "fff", "#30346dff"]\n' + RULE))
    assert recipe.palette == ((48, 52, 109), (48, 52, 109), (255, 255, 255), (48, 52, 109))
