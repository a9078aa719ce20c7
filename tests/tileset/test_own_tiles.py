"""Sets of tiles that a caller gives, between which a pack paints the borders."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.tileset.tileset import CORNERS, NO_TERRAIN

from ..step_networks import conditioned_pack
from .own_tiles import own_tiles

CELL, BAND = 10, 2
LAYOUTS = ("dual-grid", "corner-16", "edge-16", "blob-47", "rpgmaker-a2")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(edges=(30, 30), cell=CELL), Path("land.onnx")))


def made(pack: Pack, layout: str = "corner-16", **options: object) -> tw.Tileset:
    return tw.make_tileset(pack, layout=layout, **{"variants": 2, "candidates": 1, "seed": 5} | options)


def whole(tileset: tw.Tileset, terrain: int) -> np.ndarray:
    """The pictures of the slots that have one terrain alone."""
    codes = np.concatenate([tileset.codes, tileset.centres[:, None]], axis=1)
    codes = codes[:, (codes != NO_TERRAIN).any(axis=0)]
    return tileset.rgba[(codes == terrain).all(axis=1)]


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "edge-16"])
def test_slots_of_one_terrain_are_the_tiles_themselves(pack: Pack, layout: str) -> None:
    """Whatever their borders are, each once; a set of A2, which has no variants, has one of them."""
    tiles = {name: np.array(own_tiles(pack, 3, band=1)[name]) for name in ("water", "floor")}
    tileset = made(pack, layout, tiles=tiles, seed=2)
    names = [terrain.name for terrain in tileset.terrains]
    assert names[:2] == ["water", "floor"]
    for number, name in enumerate(names):
        kind, _, turn = name.partition(" ")
        expected = tiles[kind] if layout != "rpgmaker-a2" else tiles[kind][int(turn or 1) - 1 :][:1]
        np.testing.assert_array_equal(whole(tileset, number), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_pixel_has_a_colour_that_the_terrains_lack(pack: Pack, layout: str) -> None:
    tiles = own_tiles(pack)
    tileset = made(pack, layout, tiles={name: tiles[name] for name in ("wall", "water")})
    opaque = tileset.rgba[tileset.rgba[..., 3] > 0]
    for name in ("wall", "water"):
        assert (tiles[name].reshape(-1, 1, 4) == np.unique(opaque, axis=0)).all(axis=2).any(axis=1).all()
    both = np.unique(np.concatenate([tiles[name].reshape(-1, 4) for name in ("wall", "water")]), axis=0)
    assert set(map(tuple, opaque.tolist())) == set(map(tuple, both.tolist()))


def test_borders_take_colours_of_the_terrains_beside_them(pack: Pack) -> None:
    """Those of a third terrain only if new ones are allowed."""
    tiles = {name: np.full((CELL, CELL, 4), 255, np.uint8) for name in pack.kinds}
    for number, art in enumerate(tiles.values()):
        art[..., :3] = pack.file.head.palette[number, :3]
    corners = np.array(made(pack, tiles=tiles).codes[:, CORNERS])
    tileset, free = made(pack, tiles=tiles), made(pack, tiles=tiles, new_colours=True)
    strange = 0
    for code, tile, other in zip(corners, tileset.rgba, free.rgba, strict=True):
        own = {tuple(tiles[pack.kinds[terrain]][0, 0].tolist()) for terrain in code.tolist()}
        assert set(map(tuple, tile.reshape(-1, 4).tolist())) <= own
        strange += len(set(map(tuple, other.reshape(-1, 4).tolist())) - own)
    assert strange


def test_variants_show_the_tiles_that_have_the_borders_of_the_first(pack: Pack) -> None:
    tiles = {name: np.zeros((4, CELL, CELL, 4), np.uint8) for name in ("floor", "water")}
    for kind, art in enumerate(tiles.values()):
        art[:] = (100 * kind, 0, 0, 255)
        art[1:3, 4:6, 4:6, 1] = np.array([50, 90]).reshape(2, 1, 1)  # marks within
        art[3, 0, 0, 1] = 200  # and one at a corner
    tileset = made(pack, "dual-grid", tiles=tiles, variants=3)
    marks = tileset.rgba[..., 1].reshape(len(tileset), -1).max(axis=1)
    joined = ~np.isin(np.arange(len(tileset)), [*range(42, 46), *range(88, 92)])
    assert set(marks[joined].tolist()) == {0, 50, 90}
    assert marks[42:46].tolist() == [0, 50, 90, 200]


@pytest.mark.parametrize("layout", ["edge-16", "blob-47"])
@pytest.mark.parametrize("transparent", [True, False])
def test_variants_of_cells_are_equal_where_they_continue(pack: Pack, layout: str, transparent: bool) -> None:
    """Beyond the other sides is the ground, so there each has borders of its own."""
    options = {"terrains": ["water"], "ground": "floor", "transparent": transparent, "new_colours": True}
    tileset = made(pack, layout, tiles=own_tiles(pack, 1), variants=4, seed=1, **options)
    water = [terrain.name for terrain in tileset.terrains].index("water")
    cells: dict[bytes, list[np.ndarray]] = {}
    for code, centre, art in zip(tileset.codes, tileset.centres, tileset.rgba, strict=True):
        if centre == water:
            cells.setdefault((code == water).tobytes(), []).append(art)
    sides = (np.s_[:, :BAND], np.s_[:, :, -BAND:], np.s_[:, -BAND:], np.s_[:, :, :BAND])
    varied = 0
    for code, variants in cells.items():
        art, same = np.stack(variants), np.frombuffer(code, bool)
        for side, continues in zip(sides, same[::2], strict=True):
            assert not continues or (art[side] == art[side][:1]).all()
        varied += (art != art[:1]).any()
        core = art[:, CELL // 3 : -(CELL // 3), CELL // 3 : -(CELL // 3)]
        assert (core == core[:1]).all() and (core[..., 3] == 255).all()
    assert varied > 0.5 * len(cells)


def test_pictures_of_two_cells_are_enough() -> None:
    small = Pack(check_pack(conditioned_pack(edges=(12, 12), cell=6), Path("land.onnx")))
    assert len(made(small, "blob-47", tiles=own_tiles(small, 1))) == 3 * (2 * 46 + 1)


def test_tiles_of_many_colours_give_a_set_of_rgba(pack: Pack) -> None:
    rng = np.random.default_rng(0)
    tiles = {name: rng.integers(0, 256, (2, CELL, CELL, 4)).astype(np.uint8) for name in ("floor", "water")}
    for art in tiles.values():
        art[..., 3] = 255
    tileset = made(pack, "blob-47", tiles=tiles)
    assert tileset.palette is None and np.array_equal(whole(tileset, 0), tiles["floor"])


@pytest.mark.parametrize("layout", ["dual-grid", "edge-16", "blob-47", "rpgmaker-a2"])
def test_overlays_have_no_colour_of_the_ground(pack: Pack, layout: str) -> None:
    """Holes that were filled are filled with the terrain."""
    tiles = {name: art for name, art in own_tiles(pack, 2).items() if name != "wall"}
    tileset = made(pack, layout, terrains=["water"], ground="floor", tiles=tiles)
    opaque = np.unique(tileset.rgba[tileset.rgba[..., 3] > 0], axis=0)
    assert set(map(tuple, opaque.tolist())) == set(map(tuple, tiles["water"].reshape(-1, 4).tolist()))


def test_crossings_of_paths_have_ground_at_their_corners(pack: Pack) -> None:
    """No slot of edge-16 is filled by a terrain, except by the ground."""
    tiles = own_tiles(pack)
    tileset = made(pack, "edge-16", terrains=["wall"], ground="floor", tiles=tiles, transparent=False)
    np.testing.assert_array_equal(whole(tileset, 0), tiles["floor"])
    for crossing in whole(tileset, 1):
        np.testing.assert_array_equal(crossing[:BAND, :BAND], tiles["floor"][0, :BAND, :BAND])


def test_a_ground_may_be_given_beside_the_terrains(pack: Pack) -> None:
    tiles = own_tiles(pack, 1)
    tileset = made(pack, "blob-47", terrains=["water"], ground="floor", tiles=tiles, transparent=False)
    assert [terrain.name for terrain in tileset.terrains] == ["floor", "water"]
    assert len(tileset) == 46 * 2 + 2
    world = tw.autotile(np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]), tileset).picture()
    np.testing.assert_array_equal(world[:CELL, :CELL], tiles["floor"][0])


@pytest.mark.parametrize("layout", ["dual-grid", "corner-16", "blob-47"])
def test_a_seed_gives_one_set_on_any_number_of_threads(pack: Pack, layout: str) -> None:
    tiles = own_tiles(pack)
    first, second, other = (
        made(pack, layout, tiles=tiles, new_colours=True, candidates=2, threads=threads, seed=seed)
        for threads, seed in ((1, 3), (2, 3), (1, 4))
    )
    np.testing.assert_array_equal(first.pictures, second.pictures)
    assert not np.array_equal(first.pictures, other.pictures)


def test_levels_and_files_take_such_sets(pack: Pack, tmp_path: Path) -> None:
    tileset = made(pack, tiles=own_tiles(pack, 3))
    terrain = np.array(list(product((0, 1), repeat=8))).reshape(64, 32) % 2
    world = tw.autotile(terrain, tileset, seed=1)
    for suffix in ("tmx", "tmj", "ldtk", "tscn"):
        assert world.save(tmp_path / f"world.{suffix}")
    for suffix in ("png", "tsx", "tres"):
        assert tileset.save(tmp_path / f"set.{suffix}")
    back = tw.load_map(tmp_path / "world.tmx")
    np.testing.assert_array_equal(back.picture(), world.picture())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "make_tileset(): give terrains, or tiles= by terrain, not None"),
        ({"tiles": [1]}, "make_tileset(): give terrains, or tiles= by terrain, not [1]"),
        ({"tiles": {"mud": 1}}, "make_tileset(): unknown terrain 'mud'; random has floor, wall, water"),
        ({"terrains": ["wall"]}, "make_tileset(): there are tiles of wall alone, which has no borders"),
        ({"terrains": ["wall", "floor"], "tiles": {}}, "make_tileset(): there are no tiles of wall, floor"),
        ({"terrains": ["wall"], "ground": "water", "tiles": {"wall": 0}},
         "make_tileset(): tiles of wall must be uint8 (10, 10, 4) or (N, 10, 10, 4), RGBA"),
        ({"layout": "wall-16"},
         "make_tileset(): tiles= are plain ground, of which walls with fronts cannot be made"),
        ({"moving": ["water"]},
         "make_tileset(): tiles= are plain ground, of which moving terrains cannot be made"),
        ({"terrains": ["wall", "floor"], "tiles": None, "new_colours": True},
         "make_tileset(): new_colours is for sets of tiles="),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(pack: Pack, options: dict[str, object], told: str) -> None:
    tiles = None if not options else own_tiles(pack, 1)
    with pytest.raises(tw.UsageError) as caught:
        tw.make_tileset(pack, **{"tiles": tiles} | options)
    assert str(caught.value) == told
