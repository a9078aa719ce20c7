"""Random recipes, which people write by hand: of kinds, of terrains and of animation sheets. Targets of targets.py."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from tilewright.errors import DataError, UsageError
from tilewright_training.terrain.layouts import LAYOUTS
from tilewright_training.terrain.recipe import CODED, PLAIN, SHAPES

from .files import folder, refuses, write
from .values import INTEGERS, TEXTS, damage_bytes

LARGEST = 1 << 20  # characters of a file, about as many as are read
LONG = 5000  # digits, more than Python converts
ANY = (  # values of TOML, for any key
    *('"*"', '"a/*.png"', '["*.png", "b*"]', '"wall"', '"Wall!"', "true", "false", "[]", "{}", "''"),
    *("16", "0", "-1", "4097", "1.5", "inf", "nan", "[1, 2]", "[1]", "[[1]]", "[[0, 0], [4096, 4096]]"),
    *(
        '"0-11"',
        '"1, 4-7"',
        '"9-1"',
        '"0-99999999999"',
        '"CC0-1.0"',
        '["#30346d"]',
        '["#30346d80"]',
        '"keep"',
    ),
    *(
        "1979-05-27",
        "1979-05-27T07:32:00Z",
        "{ a = 1 }",
        '"\\u001b[2J"',
        '"""\nx"""',
        '"\\u0000"',
        '"/"',
        '"../a"',
    ),
    *("9" * LONG, "0x" + "f" * LONG, "[0o" + "7" * LONG + "]", "[[0, 0b" + "1" * 4 * LONG + "]]"),
    *("[" * 3000, "{a=" * 1000, '"' + "x" * 3000 + '"', "[" + ", ".join(['"' + "x" * 60 + '"'] * 8) + "]"),
    *(
        '"' + "0-9999," * 255 + '0"',
        "[" + "[0, 0]," * 300 + "]",
        '"' + "*a" * 200 + '"',
        '"[' + "a-" * 200 + ']"',
    ),
)
NAMES = ('"wall"', '"b-2"', '"grass"', '"water"', '"sand"', f'"{"k" * 60}"')
LONG_NAMES = str([str(number) * 60 for number in range(8)]).replace("'", '"')
FLAGS, PLACES = ("true", "false"), ("[[0, 0]]", "[[0, 0], [1, 0]]", "[[2, 1]]")


Table = Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """What a recipe may hold: keys and values of TOML.

    table: the name of its tables. top, keys: possible values of the keys at its top and of those in a table. whole: a
    recipe that can be read: its top, and tables.
    """

    table: str
    top: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, tuple[str, ...]]
    whole: tuple[Table, tuple[Table, ...]]


KINDS = Form(
    "rule",
    {
        "palette": ('["#30346d"]', '["fff", "#30346dff"]'),
        "size": ("16", "[16, 16]"),
        "margin": ("0", "1", "[1, 2]"),
        "spacing": ("0", "1"),
        "transparent": FLAGS,
        "shadows": ('"keep"', '"drop"'),
    },
    {
        "match": ('"*"', '"a/*.png"', '["*.png", "b*"]'),
        "kind": NAMES,
        "skip": FLAGS,
        "tile": ("8", "16", "[16, 8]"),
        "margin": ("0", "1", "[1, 2]"),
        "spacing": ("0", "1"),
        "rows": ('"0"', '"1, 4-7"', '"0-9999"'),
        "columns": ('"0"', '"0-2, 3"', f'"{"0-9999," * 255}0"'),
        "transparent": FLAGS,
        "licence": ('"CC0-1.0"',),
    },
    ({}, ({"match": '"*"', "kind": '"wall"'}, {"match": '"a/*"', "skip": "true", "rows": '"1, 4-7"'})),
)
TERRAIN = Form(
    "terrain",
    {
        "tile": ("2", "4", "16"),
        "held_out": ("[]", '["art"]', '["b"]'),
        "tileset": (
            '[{file = "set.tsx", sheet = "b.png", outside = "wall", names = {A = "a"}, quarters = true}]',
            '[{file = "b.png", set = "b"}, {file = "../set.tsx"}]',
        ),
        "include": tuple(
            f'[{{recipe = "{recipe}", folder = "{place}"}}]'
            for recipe in ("one.toml", "recipe.toml", "\\u001b[2J", "x" * 1000, ".")
            for place in ("a", "b\\n", "y" * 1000)
        ),
    },
    {
        "set": ('"art"', *(f'"{str(n) * 60}"' for n in range(10))),
        "sheet": ('"a/one.png"', '"b.png"'),
        "layout": (*(f'"{name}"' for name in (*LAYOUTS, *CODED)), *[f'"{PLAIN}"'] * len(LAYOUTS)),
        "codes": ('["ES EW SW"]', '["NESW NS . EW"]', '["NESW-SE 0", "N-NE"]', '["ES ESW", ""]'),
        "quarters": FLAGS,
        "under": ("[0, 0]", "[3, 2]", "[99, 0]"),
        "at": PLACES,
        "fill": PLACES,
        "inside": NAMES,
        "outside": NAMES,
        "offset": ("[0, 0]", "[2, 3]"),
        "shape": tuple(f'"{shape}"' for shape in SHAPES),
    },
    (
        {"tile": "4"},
        (
            {"sheet": '"a/one.png"', "layout": '"plain"', "at": "[[0, 0], [1, 1]]", "inside": '"wall"'},
            {
                "sheet": '"b.png"',
                "layout": '"ring-3x3"',
                "at": "[2, 1]",
                "inside": '"water"',
                "outside": '"wall"',
            },
            {
                "sheet": '"b.png"',
                "layout": '"sides"',
                "codes": '["ES EW SW NESW", "NS 0 NES N"]',
                "under": "[3, 2]",
                "inside": '"sand"',
                "outside": '"wall"',
                "shape": '"lines"',
            },
        ),
    ),
)
SHEETS = Form(
    "sheets",
    {
        "frame": ("4", "[8, 8]", "[16, 16]", "[16, 8]"),
        "frames": ("1", "2", "4", "16"),
        "directions": ('["down"]', '["down", "left", "right"]', LONG_NAMES),
        "mirrored": ("[]", '[["left", "right"]]', '[["down", "down"]]'),
    },
    {
        "files": ('"*"', '["*_0.png", "a/*"]'),
        "skip": ('"b*"', "[]"),
        "across": ('["down"]', '["left", "down", "right"]', LONG_NAMES.replace("7", "8")),
        "down": ('["down"]', '["right", "down", "left"]'),
        "order": ("[0]", "[1, 0]", "[3, 1, 2, 0]"),
        "at": PLACES,
        "ends": tuple(
            f'["one.png", "{end}"]' for end in ("two.png", "_1.png", ".", "\\u001b[2J", "x" * 1000)
        ),
    },
    (
        {
            "frame": "8",
            "frames": "2",
            "directions": '["down", "left", "right"]',
            "mirrored": '[["left", "right"]]',
        },
        (
            {"files": '"a/*"', "across": '["left", "down", "right"]', "order": "[1, 0]"},
            {"files": '"*"', "skip": '"a/*"', "down": '["right", "down", "left"]', "at": "[[0, 0], [2, 1]]"},
        ),
    ),
)
ONE = b'tile = 4\n[[terrain]]\nset = "other"\nsheet = "one.png"\nlayout = "plain"\nat = [[0, 0]]\ninside = "sand"\n'


def _make(seed: int, form: Form) -> bytes:
    """Make a TOML file, mostly of the form."""
    rng = Random(seed)
    top, tables = form.whole
    lines = _lines(rng, top, form.top)
    for _ in range(rng.choice((1, 2, 2, 5))):
        table = [f"[[{form.table}]]", *_lines(rng, rng.choice(tables), form.keys)]
        most = LARGEST // (1 + sum(map(len, table)))
        lines += table * (min(most, rng.choice((300, 3000, 20_000))) if rng.random() < 0.02 else 1)
    while rng.random() < 0.1:
        key = rng.choice((form.table, "a" + ".b" * rng.choice((1, 4, 30_000)), f'"{rng.choice(TEXTS[:8])}"'))
        value = rng.choice((*ANY, str(rng.choice(INTEGERS))))
        lines.insert(rng.randrange(len(lines) + 1), f"{key} = {value}")
    content = rng.choice(("\n", "\n", "\r\n")).join(lines).encode()
    return damage_bytes(rng, content) if rng.random() < 0.2 else content


def _lines(rng: Random, table: Table, values: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the lines of a table, in which some keys have other values, are missing or new."""
    changed = dict(table)
    for key, possible in sorted(values.items()):
        choice = rng.random()
        if choice < 0.06:
            changed[key] = rng.choice(possible)
        elif choice < 0.08:
            changed[key] = rng.choice(ANY)
        elif choice < 0.09:
            changed.pop(key, None)
    return [f"{key} = {value}" for key, value in changed.items()]


def make_kinds(seed: int) -> bytes:
    """Make a recipe of kinds."""
    return _make(seed, KINDS)


def make_terrain(seed: int) -> bytes:
    """Make a recipe of terrains."""
    return _make(seed, TERRAIN)


def make_sheets(seed: int) -> bytes:
    """Make a recipe of animation sheets."""
    return _make(seed, SHEETS)


def check_kinds(content: bytes) -> Counter[str]:
    """Read a folder of two pictures with a recipe of kinds."""
    from tilewright_training.data.dataset import read_art

    path = write("recipe.toml", content)
    return refuses(lambda: read_art([_two_pictures()], 16, kinds=path), DataError, UsageError)


def check_terrain(content: bytes) -> Counter[str]:
    """Read the autotiles of two pictures with a recipe of terrains, which may include another one."""
    from tilewright_training.terrain.recipe import read_terrain_recipe
    from tilewright_training.terrain.terrain_set import read_terrain_sets

    write("one.toml", ONE)
    path = write("recipe.toml", content)
    return refuses(lambda: read_terrain_sets(_two_pictures(), read_terrain_recipe(path)), DataError)


def check_sheets(content: bytes) -> Counter[str]:
    """Read the characters of two pictures with a recipe of animation sheets."""
    from tilewright_training.data.sheets import read_sheets

    path = write("recipe.toml", content)
    return refuses(lambda: read_sheets(_two_pictures(), path), DataError)


@cache
def _two_pictures() -> Path:
    numbers = np.random.default_rng(1)
    for name in ("a/one.png", "b.png"):
        pixels = numbers.integers(0, 256, (48, 64, 4), np.uint8) | np.array((0, 0, 0, 255), np.uint8)
        Image.fromarray(pixels).save(write(f"two/{name}", b""))
    return folder() / "two"
