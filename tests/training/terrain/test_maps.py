"""Random terrain maps: what stands on what, and the pictures."""

from pathlib import Path

import numpy as np

from tilewright_training.terrain.layouts import ALL
from tilewright_training.terrain.maps import neighbour_masks, random_map

from .test_terrain_set import read


def test_terrains_stand_well_inside_their_outside(tmp_path: Path) -> None:
    (terrains,) = read(tmp_path)
    found = set()
    for seed in range(30):
        drawn = random_map(terrains, np.random.default_rng(seed), 12, 9)
        found |= set(np.unique(drawn.cells).tolist())
        assert drawn.layers[0].all()
        lake, sand = drawn.cells == 2, drawn.layers.get(1)
        if lake.any():
            assert sand is not None and sand[lake].all() and (neighbour_masks(sand)[lake] == ALL).all()
    assert found == {0, 1, 2}


def test_the_picture_shows_the_tile_of_each_cell(tmp_path: Path) -> None:
    (terrains,) = read(tmp_path)
    drawn = random_map(terrains, np.random.default_rng(3), 10, 10)
    assert len(drawn.layers) > 1
    picture = drawn.draw(terrains, np.random.default_rng(0))
    assert picture.shape == (40, 40, 4)
    for row, column in np.ndindex(10, 10):
        number = int(drawn.cells[row, column])
        mask = int(neighbour_masks(drawn.layers[number])[row, column])
        terrain = terrains.terrains[number]
        allowed = terrain.fills if mask == ALL else terrain.tiles[mask : mask + 1]
        tile = picture[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        assert any(np.array_equal(tile, one) for one in allowed)


def test_a_seed_gives_one_map(tmp_path: Path) -> None:
    (terrains,) = read(tmp_path)
    one, same, other = (random_map(terrains, np.random.default_rng(seed), 16, 16) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.cells, same.cells)
    assert not np.array_equal(one.cells, other.cells)
