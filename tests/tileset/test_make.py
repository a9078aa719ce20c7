"""Complete corner sets: every code, equal borders, and one set of bytes per seed."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.engine import Engine
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.texture import PARTS, distances, features, texture_of
from tilewright.tileset.corners import CornerParts
from tilewright.tileset.make import make_tileset
from tilewright.tileset.select import orphan_pixels
from tilewright.tileset.tileset import CORNERS, EDGES, NO_TERRAIN
from tilewright.tileset.windows import Windows

from ..networks import palette_pack
from ..step_networks import conditioned_pack
from .own_tiles import own_tiles

TERRAINS = ("wall", "floor", "water")
CELL, BAND = 10, 2


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(edges=(30, 30), cell=CELL), Path("land.onnx")))


@pytest.fixture(scope="module")
def tileset(pack: Pack) -> tw.Tileset:
    return make_tileset(pack, TERRAINS, layout="corner-16", variants=2, candidates=2, seed=7)


@pytest.fixture(scope="module", params=["pack", "tiles"])
def either(pack: Pack, tileset: tw.Tileset, request: pytest.FixtureRequest) -> tw.Tileset:
    """The set, or one of tiles of a caller."""
    if request.param == "pack":
        return tileset
    tiles = own_tiles(pack, 2)
    return make_tileset(
        pack, TERRAINS, tiles=tiles, new_colours=True, layout="corner-16", variants=2, candidates=2, seed=7
    )


def corners(tileset: tw.Tileset) -> np.ndarray:
    """int (N, 2, 2): the terrain at the top left, top right, bottom left and bottom right."""
    top_right, bottom_right, bottom_left, top_left = tileset.codes[:, CORNERS].T
    return np.stack([top_left, top_right, bottom_left, bottom_right], axis=1).reshape(-1, 2, 2)


def test_windows_have_four_cells_and_the_values_of_the_reference(pack: Pack) -> None:
    small = Windows(pack, 1, 7, 1, "test").pack
    assert pack.shape == (30, 30) and small.shape == (2 * CELL, 2 * CELL)
    made = Engine(small.plan).run(2, seed=7, start=5)
    expected = fast_reference.run(small.plan, 2, seed=7, start=5)
    np.testing.assert_array_equal(made["indices"], expected["indices"])
    assert small.plan.multiply_adds < pack.plan.multiply_adds / 2
    other = replace(pack.plan.buffers[pack.plan.steps[0].output], shape=(15, 15, 1))
    uneven = replace(pack.plan, buffers={**pack.plan.buffers, other.name: other})
    assert uneven.resized(20, 20) is uneven


def test_windows_of_known_pixels_take_fewer_evaluations(pack: Pack) -> None:
    """As many as the share of pixels that are not known, so each evaluation fixes as many pixels."""
    windows = Windows(pack, 1, 7, 1, "test")
    sampler = windows.pack.plan.sampler
    assert sampler is not None
    for share, steps in ((1.0, sampler.steps), (0.5, -(-sampler.steps // 2)), (0.0, 1)):
        quicker = windows._for_share(share).plan.sampler
        assert quicker is not None and quicker.steps == steps
    cells = windows.empty(2)
    cells[:, 4:] = 0
    made = windows.best(np.zeros((2, 2, 2), np.int64), cells, windows.tile)
    expected = windows._for_share(4 / len(cells[0])).sample_windows(
        np.zeros(cells.shape, np.uint8), cells.astype(np.uint8), np.arange(2, dtype=np.uint64), seed=7
    )
    np.testing.assert_array_equal(made, expected[:, *windows.tile])


def test_every_pair_of_terrains_has_all_codes(either: tw.Tileset) -> None:
    codes, counts = np.unique(corners(either).reshape(-1, 4), axis=0, return_counts=True)
    expected = [code for code in product(range(3), repeat=4) if len(set(code)) <= 2]
    assert codes.tolist() == [list(code) for code in expected] and len(codes) == 14 * 3 + 3
    assert (counts == 2).all()
    assert (either.codes[:, EDGES] == NO_TERRAIN).all()
    assert [terrain.name for terrain in either.terrains] == list(TERRAINS)
    assert either.shape == (CELL, CELL)


def test_all_tiles_of_one_edge_have_the_same_pixels_beside_it(either: tw.Tileset) -> None:
    """A strip is half in one tile and half in its neighbour, so tiles of one edge code may replace each other."""
    pictures, terrain = either.pictures, corners(either)
    sides = (
        (terrain[:, 0], pictures[:, :BAND]),  # top
        (terrain[:, 1], pictures[:, -BAND:]),
        (terrain[:, :, 0], pictures[:, :, :BAND]),  # left
        (terrain[:, :, 1], pictures[:, :, -BAND:]),
    )
    for edge, pixels in sides:
        for code in np.unique(edge, axis=0):
            same = pixels[(edge == code).all(axis=1)]
            assert len(same) > 2 and (same == same[0]).all()


def test_variants_differ_inside_only(either: tw.Tileset) -> None:
    pairs = either.pictures.reshape(-1, 2, CELL, CELL)
    different = pairs[:, 0] != pairs[:, 1]
    assert different[:, BAND:-BAND, BAND:-BAND].any(axis=(1, 2)).mean() > 0.9
    different[:, BAND:-BAND, BAND:-BAND] = False
    assert not different.any()


def test_strips_are_parts_of_one_picture(pack: Pack) -> None:
    """A tile and its neighbour show, across their border, what the pack generated for both terrains."""
    tiles = make_tileset(pack, TERRAINS[:2], layout="corner-16", variants=1, candidates=1, seed=3)
    grid = dict(zip(map(tuple, corners(tiles).reshape(-1, 4).tolist()), tiles.pictures, strict=True))
    parts = CornerParts(Windows(pack, 1, 3, None, "test"))
    kinds = [pack.kinds.index(name) for name in TERRAINS[:2]]
    parts.tiles([tuple(kinds[t] for t in code) for code in product(range(2), repeat=4)])
    vertices = [parts.vertices[kind] for kind in kinds]
    across, down = (
        {(a, b): strips[kinds[a], kinds[b]] for a, b in product(range(2), repeat=2)}
        for strips in (parts.across, parts.down)
    )
    inner = slice(BAND, -BAND)
    for a, b, c, d in product(range(2), repeat=4):
        above, below = grid[a, b, c, d], grid[c, d, a, b]
        shown = np.concatenate([above[-BAND:], below[:BAND]])
        np.testing.assert_array_equal(shown[:, inner], across[c, d])
        left, right = grid[a, b, c, d], grid[b, a, d, c]
        shown = np.concatenate([left[:, -BAND:], right[:, :BAND]], axis=1)
        np.testing.assert_array_equal(shown[inner], down[b, d])
        corner = np.block(
            [
                [grid[a, b, c, d][-BAND:, -BAND:], grid[b, a, d, c][-BAND:, :BAND]],
                [grid[c, d, a, b][:BAND, -BAND:], grid[d, c, b, a][:BAND, :BAND]],
            ]
        )
        np.testing.assert_array_equal(corner, vertices[d])


def test_a_seed_gives_one_set(pack: Pack, tileset: tw.Tileset) -> None:
    again = make_tileset(pack, TERRAINS, layout="corner-16", variants=2, candidates=2, seed=7, threads=2)
    np.testing.assert_array_equal(again.pictures, tileset.pictures)
    other = make_tileset(pack, TERRAINS, layout="corner-16", variants=2, candidates=2, seed=8)
    assert not np.array_equal(other.pictures, tileset.pictures)
    assert tileset.provenance["seed"] == "7" and tileset.provenance["pack"] == pack.name


def test_more_candidates_leave_fewer_orphan_pixels(pack: Pack) -> None:
    one, many = (
        orphan_pixels(
            make_tileset(pack, ["wall"], layout="corner-16", variants=16, candidates=c, seed=1).rgba
        )[:, 1:-1, 1:-1].sum()
        for c in (1, 16)
    )
    assert many < one


def test_candidates_are_chosen_by_the_texture_of_the_art() -> None:
    """A pack that states other shares gets other tiles, nearer to them than a single candidate is."""
    for shares in ((1000, 1000, 0), (60_000, 60_000, 30_000)):
        content = conditioned_pack(edges=(30, 30), cell=CELL, texture=(shares,) * 3)
        pack = Pack(check_pack(content, Path("land.onnx")))
        one, many = (
            make_tileset(pack, ["wall"], layout="corner-16", variants=16, candidates=c, seed=1)
            for c in (1, 16)
        )
        whole = slice(None), slice(None)
        far, near = (
            distances(t.pictures, np.zeros_like(t.pictures), pack.file.texture, whole).mean()
            for t in (one, many)
        )
        assert near < 0.95 * far, shares


def test_the_texture_counts_steps_and_orphans() -> None:
    cells = np.array([[[1, 1, 2], [1, 3, 2], [1, 1, 2]]], np.uint8)
    kinds = np.array([[[0, 0, 1], [0, 0, 1], [0, 0, 1]]], np.uint8)
    right, below, orphan = np.moveaxis(features(cells)[0], 2, 0)
    np.testing.assert_array_equal(right, [[0, 1, 0], [1, 1, 0], [0, 1, 0]])
    np.testing.assert_array_equal(below, [[0, 1, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(orphan, [[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    half, sixth, third = PARTS * 4 // 6, PARTS // 6, PARTS // 3
    found = texture_of(cells, kinds, 3)
    assert found[:2] == [[half, third, sixth], [0, 0, 0]]
    assert found[2] == [PARTS * 4 // 9, PARTS * 2 // 9, PARTS // 9]  # does not occur
    whole = slice(None), slice(None)
    assert distances(cells, kinds, found, whole).tolist() == [4 * PARTS % 6 + 2 * PARTS % 6 + PARTS % 6]


def test_orphan_pixels_have_no_equal_neighbour() -> None:
    entries = np.array([[[1, 1, 2], [3, 1, 2], [3, 4, 1]]], np.uint8)
    picture = np.stack([entries, entries, entries, np.full_like(entries, 255)], axis=-1)
    assert orphan_pixels(picture).astype(int).tolist() == [[[0, 0, 0], [0, 0, 0], [0, 1, 1]]]


def test_it_is_saved_for_tiled(tileset: tw.Tileset, tmp_path: Path) -> None:
    tileset.save(tmp_path / "set.tsx")
    back = tw.load_tileset(tmp_path / "set.tsx")
    np.testing.assert_array_equal(back.codes, tileset.codes)


@pytest.mark.parametrize(
    ("terrains", "options", "told"),
    [
        (["wall", "lava"], {}, "make_tileset(): unknown terrain 'lava'; random has floor, wall, water"),
        ([], {}, "make_tileset(): terrains must be 1 to 16 different kinds, not 0"),
        (["wall", "wall"], {}, "make_tileset(): terrains must be 1 to 16 different kinds, not 2"),
        ("wall", {}, "make_tileset(): terrains must be a sequence of kinds, not 'wall'"),
        (
            ["wall"],
            {"layout": "hex"},
            "make_tileset(): layout must be one of dual-grid, corner-16, edge-16, blob-47, rpgmaker-a2, wall-16, "
            "not 'hex'",
        ),
        (
            ["floor", "wall"],
            {"walls": ["wall"]},
            "make_tileset(): walls are terrains of the layout wall-16, not of dual-grid",
        ),
        (
            ["floor", "water"],
            {"layout": "wall-16", "walls": ["wall"]},
            "make_tileset(): walls must be some of water, not 'wall'",
        ),
        (
            ["floor", "wall"],
            {"layout": "wall-16", "walls": ["floor"]},
            "make_tileset(): walls must be some of wall, not 'floor'",
        ),
        (
            ["floor", "wall"],
            {"layout": "wall-16", "walls": []},
            "make_tileset(): wall-16 takes at least one wall, some of wall",
        ),
        (["wall"], {}, "make_tileset(): one terrain needs a ground= around it, one of floor, wall, water"),
        (
            ["wall"],
            {"ground": "wall"},
            "make_tileset(): ground must be another kind than the only terrain, not 'wall'",
        ),
        (
            ["wall"],
            {"ground": "floor", "layout": "corner-16"},
            "make_tileset(): corner-16 joins all pairs of terrains, so it takes no ground",
        ),
        (
            ["wall", "water"],
            {"moving": ["floor"]},
            "make_tileset(): moving must be some of wall, water, not 'floor'",
        ),
        (
            ["wall", "water"],
            {"moving": "water"},
            "make_tileset(): moving must be a sequence of terrains, not 'water'",
        ),
        (["wall", "water"], {"frames": 1}, "make_tileset(): frames must be 2 or more, not 1"),
        (["wall"], {"ground": "mud"}, "make_tileset(): unknown terrain 'mud'; random has floor, wall, water"),
        (["wall"], {"ground": "floor", "variants": 0}, "make_tileset(): variants must be 1 or more, not 0"),
        (
            ["wall"],
            {"ground": "floor", "candidates": 65},
            "make_tileset(): candidates must be at most 64, not 65",
        ),
        (
            ["wall"],
            {"ground": "floor", "seed": -1},
            "make_tileset(): seed must be an integer in 0..2**64-1, not -1",
        ),
    ],
)
def test_bad_arguments(pack: Pack, terrains: list[str], options: dict[str, object], told: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        make_tileset(pack, terrains, **options)
    assert str(caught.value) == told


def test_packs_without_maps_are_refused() -> None:
    for content in (palette_pack(), conditioned_pack()):
        with pytest.raises(
            tw.UsageError, match=r"^make_tileset\(\): random cannot make tilesets: that takes"
        ):
            make_tileset(Pack(check_pack(content, Path("p.onnx"))), ["wall"], layout="corner-16")
