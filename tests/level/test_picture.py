"""Pictures of levels: what is drawn where and in which colours, and errors."""

import dataclasses
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright.level.shading import shade

from .drawn_map import overlay_set

ROOT = Path(__file__).parents[2]
LEVEL = tw.make_level(24, 16, 7, "dungeon")
COLOURS = {"floor": 100, "grass": 140, "wall": 200, "water": 60, "lava": 220}


@pytest.fixture(scope="module")
def tiled():
    return tw.tile_level(LEVEL, "dawn-tiles")


def parse(*rows):
    glyphs = ".,#~%"
    cells = np.array([[glyphs.index(glyph) for glyph in row] for row in rows], dtype=np.uint8)
    return dataclasses.replace(LEVEL, cells=cells, walkable=cells < 2, start=(1, 1), objects=(), seed=0)


def shaded(*rows, size=16):
    """Return the first frame of a level of flat tiles, uint8 (H, W, S, S): the red channel."""
    level = parse(*rows)
    tiles = {kind: np.full((1, size, size, 4), red, dtype=np.uint8) for kind, red in COLOURS.items()}
    result = shade(level, tiles, np.zeros(level.cells.shape, dtype=np.int32))
    assert (result.tiles[..., 3] == 255).all()
    return result.tiles[0][result.index][..., 0]


def test_a_picture_is_its_tiles_side_by_side(tiled):
    picture = tw.draw_level(LEVEL, "dawn-tiles")
    assert picture.shape == (16 * 16, 24 * 16, 4)
    assert picture.dtype == np.uint8
    assert (picture[..., 3] == 255).all()
    (layer,), tileset = tiled.map.layers, tiled.map.tileset
    assert layer.tiles.shape == LEVEL.cells.shape
    for row in range(16):
        for column in range(24):
            cell = picture[row * 16 : row * 16 + 16, column * 16 : column * 16 + 16]
            assert np.array_equal(cell, tileset.rgba[layer.tiles[row, column]])
    times, loop = tiled.map.times()
    assert np.array_equal(tiled.map.picture(times[1] + loop), tiled.map.picture(times[1]))
    assert not np.array_equal(tiled.map.picture(times[1]), picture)


def test_only_liquids_move(tiled):
    liquid = np.isin(LEVEL.cells, [LEVEL.kinds.index(kind) for kind in ("water", "lava")])
    animated = [animation.tile for animation in tiled.map.tileset.animations]
    assert liquid.any()
    assert np.array_equal(np.isin(tiled.map.layers[0].tiles, animated), liquid)


def test_a_map_knows_its_level(tiled):
    made, tileset = tiled.map, tiled.map.tileset
    assert np.array_equal(made.solid, ~LEVEL.walkable)
    assert [terrain.name for terrain in tileset.terrains] == list(LEVEL.kinds)
    assert np.array_equal(made.terrain, LEVEL.cells)
    assert np.array_equal(tileset.centres[made.layers[0].tiles], LEVEL.cells)
    row, column = LEVEL.start
    assert made.objects[0] == tw.MapObject("start", "start", column * 16, row * 16, 16, 16)
    assert [(thing.kind, thing.x, thing.y) for thing in made.objects[1:]] == [
        (thing.kind, thing.column * 16, thing.row * 16) for thing in LEVEL.objects
    ]
    assert "exit" in [thing.name for thing in made.objects]
    assert made.seed == LEVEL.seed
    pack = tw.load("dawn-tiles")
    assert tileset.provenance == {
        "generator": f"tilewright {tw.__version__}",
        "pack": "dawn-tiles",
        "pack_sha256": hashlib.sha256(pack.path.read_bytes()).hexdigest(),
        "seed": "7",
        "kinds": ", ".join(f"{kind}={kind}" for kind in tiled.matched.kinds),
        "licences": pack.licence,
        "sources": "; ".join(f"{s.name} by {s.author} ({s.licence})" for s in pack.sources),
    }


def test_a_seed_is_a_picture():
    digest = hashlib.sha256()
    for style in tw.level_styles():
        level = tw.make_level(24, 16, 7, style)
        for seed in (None, 8):
            digest.update(tw.draw_level(level, "dawn-tiles", seed).tobytes())
    assert digest.hexdigest() == "0016e0bc8cd66fc017d58dbc82d4fb142bd3202d46a2b16d6589dec92ffd9d69"


def test_the_documentation_shows_what_its_code_draws():
    page = (ROOT / "docs" / "levels.md").read_text()
    first, world, shores, second = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names = {}
    exec(first.rsplit("\n", 2)[0], names)  # all lines except the one that saves
    with Image.open(ROOT / "docs" / "images" / "level.png") as shown:
        assert np.array_equal(np.asarray(shown), names["picture"])
    exec(world, names)
    assert names["chunk"].cells.shape == (32, 32)
    made = dict(names, tileset=overlay_set(cells=False))
    exec(
        "\n".join(line for line in shores.splitlines() if not line.startswith(("pack =", "tileset ="))), made
    )
    assert made["picture"].shape == (48 * 8, 64 * 8, 4)
    assert made["chunk"].shape == (33, 33) and made["own"].shape == (2, 2)
    pygame = pytest.importorskip("pygame")
    exec(second, names)
    blitted = pygame.image.tobytes(names["screen"], "RGB")
    assert blitted == names["picture"][..., :3].tobytes()


def test_walls_are_lit_and_throw_shade():
    cells = shaded("#####", "#####", "#####", "#...#", "#####")
    assert (cells[0, 2] == 200 * 26 // 100).all()  # far from any floor
    assert (cells[2, 2] == 200).all()  # a face towards the viewer
    assert (cells[4, 2] == 200 * 58 // 100).all()  # a top surface
    assert (cells[3, 2, :4] == 55).all()
    assert (cells[3, 2, 4:] == 100).all()
    assert (cells[3, 1, 4:, :2] == 78).all()
    assert (cells[3, 1, :4] == 55).all()


@pytest.mark.parametrize("size", [8, 16, 24, 32])
def test_the_ground_reaches_over_liquids_but_not_far(size):
    cells = shaded("#######", "#.....#", "#.~~~.#", "#.~~~.#", "#.~~~.#", "#.....#", "#######", size=size)
    middle, corner = cells[3, 3], cells[2, 2]
    assert (middle == 60).all()
    assert corner[0, 0] == corner[0, -1] == corner[-1, 0] == 100
    assert corner[-1, -1] == 60
    assert set(np.unique(corner).tolist()) == {100, 60, 60 * 62 // 100}
    for row, column in ((2, 3), (4, 3), (3, 2), (3, 4)):
        share = (cells[row, column] == 100).mean()
        assert 0.05 < share < 0.3
    assert (cells[1, 3, size // 4 :] == 100).all()  # no wall part overlaps the ground


def test_grass_reaches_over_floor_and_not_the_other_way():
    cells = shaded("######", "#....#", "#.,,.#", "#....#", "######")
    assert (cells[2, 2] == 140).all()
    assert (cells[3, 2, 0] == 140).any()
    assert (cells[3, 2, 4:] == 100).all()


def test_a_palette_is_all_that_is_seen():
    picture = tw.draw_level(LEVEL, "dawn-tiles", palette="game-boy")
    seen = {tuple(colour) for colour in np.unique(picture.reshape(-1, 4), axis=0).tolist()}
    assert len(seen) > 1
    palette = tw.load_palette("game-boy")
    assert seen <= {tuple(colour) for colour in palette.tolist()}
    tileset = tw.tile_level(LEVEL, "dawn-tiles", palette="game-boy").map.tileset
    assert np.array_equal(tileset.palette[1:], palette)  # in its order, after the transparent entry


def test_kinds_say_what_draws_what(tiled):
    assert str(tiled.matched) == ""
    other = tw.tile_level(LEVEL, "dawn-tiles", kinds={"floor": "dirt"}, candidates=8)
    assert other.matched.kinds["floor"] == "dirt"
    assert other.made == 8 * len(other.matched.kinds)
    assert not np.array_equal(other.map.picture(), tiled.map.picture())


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        ((None,), {}, "draw_level(): level must be a Level, as make_level() returns, not None"),
        ((LEVEL, 7), {}, "draw_level(): pack must be a Pack, a Tileset, a name or a path, not 7"),
        ((LEVEL, "dawn-tiles", -1), {}, "draw_level(): seed must be an integer in 0..2**64-1, not -1"),
        (
            (LEVEL, "dawn-tiles"),
            {"kinds": "wall=floor"},
            'draw_level(): kinds must be a mapping, such as {"wall": "cliff"}, not \'wall=floor\'',
        ),
        (
            (LEVEL, "dawn-tiles"),
            {"kinds": {"wall": "wal"}},
            "draw_level(): wall=wal is not possible: dawn-tiles has no 'wal', only floor, grass, dirt, wall, water, "
            "lava, wall-part, floor-part, pool: did you mean 'wall'?",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, options, text):
    with pytest.raises(tw.UsageError) as caught:
        tw.draw_level(*arguments, **options)
    assert str(caught.value) == text


def test_names_are_checked_for_kinds_that_this_level_lacks_too(tiled):
    assert "lava" not in tiled.matched.kinds
    with pytest.raises(tw.UsageError, match=r"lava=larva is not possible.*did you mean 'lava'\?$"):
        tw.draw_level(LEVEL, kinds={"lava": "larva", "hero": "somebody"})


def test_bad_numbers_are_named():
    with pytest.raises(tw.UsageError) as caught:
        tw.tile_level(LEVEL, candidates=0)
    assert str(caught.value) == "tile_level(): candidates must be an integer of 1 or more, not 0"
