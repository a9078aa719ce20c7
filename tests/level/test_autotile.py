"""Maps of terrains as maps of tiles: codes, layers, draws, levels and worlds."""

from dataclasses import replace

import numpy as np
import pytest

import tilewright as tw
from tilewright.tileset.tileset import CORNERS

from .drawn_map import TERRAINS, blob_map, corner_map, edge_codes, overlay_set, palette, pictures


def test_corners_join_the_terrains_around_them() -> None:
    drawn = corner_map()
    made = tw.autotile(drawn.terrain, drawn.tileset)
    assert np.array_equal(made.layers[0].tiles, drawn.layers[0].tiles)
    assert np.array_equal(made.terrain, drawn.terrain) and made.shape == drawn.shape


@pytest.mark.parametrize("outside", [1, -1])
def test_cells_have_the_tile_of_their_neighbours(outside: int) -> None:
    drawn = blob_map(outside)
    made = tw.autotile(drawn.terrain, drawn.tileset)
    assert len(made.layers) == 1
    assert np.array_equal(made.layers[0].tiles, drawn.layers[0].tiles)


def test_edges_lead_to_neighbours_of_the_same_terrain() -> None:
    codes = np.where(edge_codes(2) == 0, 0, -1).astype(np.int16)
    tileset = tw.Tileset(
        "paths", pictures(16), palette(), (tw.Terrain("path"),), codes, np.zeros(16, np.int16)
    )
    terrain = np.array([[-1, 0, -1], [0, 0, -1], [-1, 0, 0]])
    made = tw.autotile(terrain, tileset).layers[0].tiles
    ways = {(1, 1): (0, 4, 6), (0, 1): (0, 4), (2, 1): (0, 2, 4), (1, 0): (2, 6), (2, 2): (2, 4, 6)}
    assert ((made == -1) == (terrain == -1)).all()
    for place, expected in ways.items():  # beyond the edges, each cell continues
        assert np.flatnonzero(codes[made[place]] == 0).tolist() == list(expected)


@pytest.mark.parametrize("cells", [False, True])
def test_overlays_leave_no_hole_and_show_the_terrain_of_each_cell(cells: bool) -> None:
    terrain = np.random.default_rng(3).integers(0, 4, (12, 15))
    tileset = overlay_set(cells)
    made = tw.autotile(terrain, tileset, seed=2)
    assert [layer.name for layer in made.layers] == list(TERRAINS)
    entries, _ = made.indexed()
    assert (entries > 0).all()
    size = 8
    if cells:
        assert np.array_equal(entries[size // 2 :: size, size // 2 :: size], terrain + 1)
    else:  # the pixels around a vertex
        assert np.array_equal(entries[::size, ::size], terrain[:-1, :-1] + 1)
        assert np.array_equal(entries[size - 1 :: size, size - 1 :: size], terrain[1:, 1:] + 1)


def test_parts_of_a_world_are_equal() -> None:
    terrain = np.random.default_rng(4).integers(0, 4, (20, 24))
    tileset = overlay_set(False)
    whole = tw.autotile(terrain, tileset, seed=9, origin=(-5, 70))
    part = tw.autotile(terrain[4:15, 6:20], tileset, seed=9, origin=(-1, 76))
    inside = slice(2, -2)
    for layer, other in zip(whole.layers, part.layers, strict=True):
        assert np.array_equal(layer.tiles[4:14, 6:19][inside, inside], other.tiles[inside, inside])


def test_tiles_are_drawn_by_their_probabilities() -> None:
    tileset = overlay_set(False, variants=3)
    chances = np.tile([1.0, 0.0, 3.0], len(tileset) // 3)
    drawn = tw.autotile(np.zeros((101, 101), np.int64), replace(tileset, probabilities=chances)).layers[0]
    counts = np.bincount(drawn.tiles.ravel() % 3, minlength=3)
    assert counts[1] == 0 and 0.7 < counts[2] / counts.sum() < 0.8
    again = tw.autotile(np.zeros((101, 101), np.int64), tileset, seed=1).layers[0].tiles
    assert not np.array_equal(again, drawn.tiles)


def test_terrains_that_no_tile_joins_are_named() -> None:
    drawn = corner_map()
    pairs = drawn.tileset.codes[:, CORNERS].sum(axis=1) != 2
    tileset = tw.Tileset(
        "shore", drawn.tileset.pictures[pairs], palette(), drawn.tileset.terrains, drawn.tileset.codes[pairs]
    )
    with pytest.raises(tw.UsageError) as caught:
        tw.autotile(np.array([[0, 0, 0], [0, 0, 0], [1, 1, 0]]), tileset)
    assert str(caught.value) == (
        "autotile(): shore has no tile that joins water, sand as at row 1, column 0; transparent sets "
        "of the layout dual-grid join all"
    )


@pytest.mark.parametrize(
    ("terrain", "told"),
    [
        (np.zeros((1, 5), int), "autotile(): terrain must have 2 x 2 to 4194304 cells, not (1, 5)"),
        (np.full((3, 3), 2), "autotile(): terrain must be -1..1, the tileset's terrains, not 2..2"),
        (np.zeros((3, 3)), "autotile(): terrain must be an integer array (rows, columns), not array("),
    ],
)
def test_bad_arguments(terrain: np.ndarray, told: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        tw.autotile(terrain, corner_map().tileset)
    assert str(caught.value).startswith(told)


def test_an_origin_out_of_range() -> None:
    with pytest.raises(tw.UsageError, match=r"^autotile\(\): origin must be at most 1099511627776, not "):
        tw.autotile(np.zeros((3, 3), int), corner_map().tileset, origin=(0, 2**41))


def test_a_tileset_without_codes_is_refused() -> None:
    with pytest.raises(tw.UsageError, match=r"^autotile\(\): plain has no terrain codes$"):
        tw.autotile(np.zeros((3, 3), int), tw.Tileset("plain", pictures(2), palette()))


@pytest.mark.parametrize("cells", [False, True])
def test_a_level_shows_its_kinds(cells: bool) -> None:
    level = tw.make_level(24, 18, seed=3, style="overworld")
    kinds = {"floor": "sand", "lava": "water"}
    tiled = tw.tile_level(level, overlay_set(cells), kinds=kinds)
    drawn = tiled.picture()
    assert drawn.shape == (18 * 8, 24 * 8, 4)
    assert np.array_equal(drawn, tw.draw_level(level, overlay_set(cells), kinds=kinds))
    names = [kinds.get(kind, kind) for kind in level.kinds]
    colours = palette()[1 + np.array([TERRAINS.index(name) for name in names])[level.cells]]
    assert np.array_equal(drawn[4::8, 4::8], colours) and np.array_equal(drawn[3::8, 3::8], colours)
    start = tiled.map.objects[0]
    assert (start.x, start.y) == (level.start[1] * 8, level.start[0] * 8)
    assert tiled.made == 0 and tiled.matched.kinds["grass"] == "grass"
    assert tiled.map.provenance["style"] == "overworld"


@pytest.mark.parametrize("form", ["corners", "cells", "opaque", "256 colours", "RGBA"])
def test_cells_of_a_level_that_are_not_walkable_are_solid(form: str) -> None:
    level, kinds = tw.make_level(24, 18, seed=3, style="overworld"), {"floor": "sand", "lava": "water"}
    tileset = overlay_set(form != "corners")
    if form == "RGBA":
        tileset = replace(tileset, pictures=tileset.rgba, palette=None)
    if form in ("opaque", "256 colours"):  # no entry is transparent
        table = palette(5 if form == "opaque" else 256)
        table[0, 3] = 255
        tileset = replace(tileset, palette=table)
    tileset = replace(tileset, solid=np.ones(len(tileset), bool))  # the level decides
    drawn = tw.tile_level(level, tileset, kinds=kinds).map
    assert np.array_equal(drawn.solid[:18, :24], ~level.walkable)
    assert drawn.solid.sum() == (~level.walkable).sum() and drawn.tileset.solid.sum() == 1
    without = replace(drawn, layers=drawn.layers[:-1])
    assert np.array_equal(drawn.picture(), without.picture())
    assert (drawn.tileset.palette is None) == (form in ("256 colours", "RGBA"))


@pytest.mark.parametrize("cells", [False, True])
def test_chunks_of_a_world_are_solid_where_they_are_not_walkable(cells: bool) -> None:
    world = tw.World(5, chunk=16)
    drawn = world.map(2, 1, overlay_set(cells), kinds={"floor": "sand", "lava": "water"})
    free = world.chunk(2, 1).walkable
    assert not free.all() and np.array_equal(drawn.solid[:16, :16], ~free)


@pytest.mark.parametrize("cells", [False, True])
def test_chunks_of_a_world_continue_each_other(cells: bool) -> None:
    world, tileset, kinds = tw.World(5, chunk=16), overlay_set(cells), {"floor": "sand", "lava": "water"}
    whole = world.map(-1, 0, tileset, 2, 1, kinds=kinds).picture()[:128, :256]
    parts = [world.map(x, 0, tileset, kinds=kinds).picture()[:128, :128] for x in (-1, 0)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_a_palette_recolours_the_tiles() -> None:
    level = tw.make_level(12, 12, seed=1, style="islands")
    black = tw.draw_level(
        level, overlay_set(False), kinds={"floor": "sand", "lava": "water"}, palette=["#000000"]
    )
    assert (black[..., :3] == 0).all() and (black[..., 3] == 255).all()


def test_world_takes_a_tileset() -> None:
    with pytest.raises(tw.UsageError, match=r"^World.map\(\): tileset must be a Tileset, not 'coast.tsx'$"):
        tw.World(1).map(0, 0, "coast.tsx")
