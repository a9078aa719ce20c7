"""Maps of walls one cell thick: where rock becomes void, where walls continue, and levels that are drawn so."""

import numpy as np
import pytest

import tilewright as tw
from tilewright.level.walls import Walls
from tilewright.tileset.tileset import EDGES
from tilewright.tileset.walls import wall_set

from .drawn_map import palette, pictures

SIDES = ((-1, 0), (0, 1), (1, 0), (0, -1))


@pytest.fixture(scope="module")
def tileset() -> tw.Tileset:
    """Floor, wall and void: tile 0 is floor, 1 to 16 have their sides as the bits of number - 1, 17 is void."""
    codes = np.full((18, 8), -1, np.int16)
    codes[:, EDGES] = 0
    codes[1:17, EDGES] = wall_set()[:, EDGES]
    codes[17, EDGES] = 2
    names = tw.Terrain("floor"), tw.Terrain("wall"), tw.Terrain("abyss", behind_walls=True)
    return tw.Tileset("crypt", pictures(18), palette(), names, codes, np.array([0, *[1] * 16, 2], np.int16))


def expected(terrain: np.ndarray) -> np.ndarray:
    """The tiles of a map of floor and wall, cell by cell."""
    walls = np.pad(terrain != 0, 2, mode="edge")
    tiles = np.zeros(terrain.shape, int)
    for (row, column), own in np.ndenumerate(terrain):
        y, x = row + 2, column + 2
        if not own:
            continue
        if walls[y - 1 : y + 2, x - 1 : x + 2].all():
            tiles[row, column] = 17
            continue
        tiles[row, column] = 1
        for side, (down, right) in enumerate(SIDES):
            beside = [(y + right, x + down), (y - right, x - down)]
            beside += [(a + down, b + right) for a, b in beside]
            if walls[y + down, x + right] and not all(walls[place] for place in beside):
                tiles[row, column] += 1 << side
    return tiles


@pytest.mark.parametrize("share", [0.3, 0.6, 0.85, 0.95])
def test_walls_continue_where_something_lies_beside_them(tileset: tw.Tileset, share: float) -> None:
    terrain = (np.random.default_rng(3).random((24, 31)) < share).astype(np.int64)
    drawn = tw.autotile(terrain, tileset)
    (layer,) = drawn.layers
    tiles = expected(terrain)
    assert np.array_equal(layer.tiles, tiles)
    assert np.array_equal(drawn.terrain, np.where(tiles == 17, 2, terrain))


def test_both_tiles_of_a_side_continue_there_or_none(tileset: tw.Tileset) -> None:
    terrain = (np.random.default_rng(4).random((40, 40)) < 0.7).astype(np.int64)
    tiles = tw.autotile(terrain, tileset).layers[0].tiles
    joined = tileset.codes[tiles][..., EDGES] == 1
    assert np.array_equal(joined[:-1, :, 2], joined[1:, :, 0])
    assert np.array_equal(joined[:, :-1, 1], joined[:, 1:, 3])


def test_thick_walls_have_no_rungs(tileset: tw.Tileset) -> None:
    terrain = np.zeros((9, 12), np.int64)
    terrain[3:5], terrain[7:] = 1, 1
    tiles = tw.autotile(terrain, tileset).layers[0].tiles
    along = 1 + 2 + 8  # east and west
    assert np.unique(tiles[3:5]).tolist() == [along]
    assert np.unique(tiles[7]).tolist() == [along] and np.unique(tiles[8]).tolist() == [17]


def test_void_may_be_drawn_too(tileset: tw.Tileset) -> None:
    terrain = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]])
    tiles = tw.autotile(terrain, tileset).layers[0].tiles
    assert tiles.tolist() == [[0] * 3, [11] * 3, [17] * 3]


def test_parts_of_a_world_are_equal(tileset: tw.Tileset) -> None:
    terrain = (np.random.default_rng(5).random((20, 24)) < 0.7).astype(np.int64)
    whole = tw.autotile(terrain, tileset).layers[0].tiles
    part = tw.autotile(terrain[4:14, 6:18], tileset, origin=(4, 6)).layers[0].tiles
    assert np.array_equal(part[2:-2, 2:-2], whole[6:12, 8:16])
    world = tw.World(seed=3)
    kinds = {kind: "floor" for kind in ("grass", "sand", "water", "lava")}
    wide, right = (world.map(x, 0, tileset, width=2 - x, kinds=kinds) for x in (0, 1))
    assert np.array_equal(wide.layers[0].tiles[:, 32:], right.layers[0].tiles)


def test_sets_without_a_terrain_behind_walls_have_none(tileset: tw.Tileset) -> None:
    names = (*tileset.terrains[:2], tw.Terrain("void"))
    paths = tw.Tileset("paths", tileset.pictures, palette(), names, tileset.codes, tileset.centres)
    assert Walls(paths).void is None and not len(Walls(paths).numbers)
    assert Walls(tileset).numbers.tolist() == [1]


@pytest.mark.parametrize("style", ["dungeon", "caves"])
def test_levels_show_a_wall_or_void_on_closed_cells_only(tileset: tw.Tileset, style: str) -> None:
    level = tw.make_level(40, 30, seed=6, style=style)
    kinds = {"water": "floor", "lava": "floor"}
    made = tw.tile_level(level, tileset, kinds=kinds)
    walls = level.cells == level.kinds.index("wall")
    shown = made.map.tileset.centres[made.map.layers[0].tiles]
    assert np.array_equal(shown > 0, walls) and (shown == 2).any()
    assert np.array_equal(made.map.solid, ~level.walkable)
    assert "abyss" not in made.matched.kinds.values()


def test_a_terrain_called_void_draws_what_it_is_asked_to(tileset: tw.Tileset) -> None:
    names = (*tileset.terrains[:2], tw.Terrain("void"))
    paths = tw.Tileset("paths", tileset.pictures, palette(), names, tileset.codes, tileset.centres)
    level = tw.make_level(40, 30, seed=6, style="caves")
    kinds = {"wall": "void", "water": "floor", "lava": "floor"}
    made = tw.tile_level(level, paths, kinds=kinds)
    assert made.matched.kinds["wall"] == "void"
    shown = paths.centres[made.map.layers[0].tiles]
    assert np.array_equal(shown == 2, level.cells == level.kinds.index("wall"))
    with pytest.raises(tw.UsageError, match="crypt has no 'abyss', only floor, wall"):
        tw.tile_level(level, tileset, kinds={**kinds, "wall": "abyss"})
