"""Terrain recipes and the real art in the folder TILEWRIGHT_DATA."""

import os
from pathlib import Path

import numpy as np
import pytest

import tilewright_training
from tilewright_training.data.terrain import draw_maps
from tilewright_training.terrain.recipe import read_terrain_recipe
from tilewright_training.terrain.terrain_set import read_terrain_sets

DATA = Path(os.environ.get("TILEWRIGHT_DATA", "")) / "train"
RECIPES = Path(tilewright_training.__file__).parent / "recipes"
FOLDERS = {
    "armm-terrain": "armm-zelda-like",
    "bailey-terrain": "george-bailey-16",
    "beast-terrain": "beast-grass-biome",
    "dawn-dungeon": "dawnlike/DawnLike_181/Objects",
    "held-out-terrain": ".",
    "josehzz-terrain": "josehzz-autotile",
    "ninja-terrain": "ninja-adventure",
    "rtp-terrain": "easyrpg-rtp",
    "sharm-terrain": "sharm-16",
    "toen-terrain": "toen-medieval-strategy",
}

pytestmark = pytest.mark.skipif(
    not os.environ.get("TILEWRIGHT_DATA"), reason="needs real art: set TILEWRIGHT_DATA to its folder"
)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_recipe_fits_its_art(name: str) -> None:
    """Every terrain occurs in maps, which have no transparent pixels."""
    sets = read_terrain_sets(DATA / FOLDERS[name], read_terrain_recipe(RECIPES / f"{name}.toml"))
    for one in sets:
        kinds = sorted({terrain.name for terrain in one.terrains})
        pictures, numbers, _ = draw_maps([one], kinds, 60, (12, 12))
        assert set(np.unique(numbers)) == set(range(len(kinds))), one.name
        assert (pictures[..., 3] == 255).all(), one.name


def test_a_tileset_of_tiled_has_the_tiles_that_the_recipe_names(tmp_path: Path) -> None:
    """The recipe of Beast's tiles names places in the sheet; the artist's .tsx has the same borders."""
    (tmp_path / "r.toml").write_text(
        'tile = 16\n[[tileset]]\nfile = "grass_biome.tsx"\nsheet = "16x16-grass-tileset-by-beast.png"\n'
        'names = {Swampgrass = "tall-grass"}\n'
    )
    art = DATA / FOLDERS["beast-terrain"]
    (found,) = read_terrain_sets(art, read_terrain_recipe(tmp_path / "r.toml"))
    named = read_terrain_sets(art, read_terrain_recipe(RECIPES / "beast-terrain.toml"))
    wanted = {terrain.name: terrain for one in named for terrain in one.terrains}
    assert {terrain.name: terrain.outside for terrain in found.terrains} == {
        name: terrain.outside for name, terrain in wanted.items()
    }
    for terrain in found.terrains:
        np.testing.assert_array_equal(terrain.tiles, wanted[terrain.name].tiles)
