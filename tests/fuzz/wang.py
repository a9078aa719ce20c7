"""Random Wang sets of Tiled, as a recipe of terrains reads them. A target of targets.py."""

from collections import Counter
from functools import cache
from random import Random
from xml.etree import ElementTree

import numpy as np

import tilewright as tw
from tilewright.errors import DataError
from tilewright.formats import tiled_xml

from .files import folder, refuses
from .packs import FindingError
from .tiled import damaged

PLACES = {"corner": (7, 1, 5, 3), "edge": (0, 2, 4, 6), "mixed": tuple(range(8))}
RECIPE = """tile = 4
[[tileset]]
file = "wang.tsx"
{outside}
{quarters}
[[terrain]]
sheet = "wang.png"
layout = "plain"
at = [[0, 0]]
inside = "c"
"""


@cache
def _files(kind: str, least: int) -> dict[str, bytes]:
    """The image and .tsx of all tiles of two terrains, with codes from `least` on: -1 is none."""
    places = PLACES[kind]
    codes = np.full((1 << len(places), 8), -1, np.int16)
    codes[:, places] = (np.arange(len(codes))[:, None] >> np.arange(len(places)) & 1) + least
    pictures = np.random.default_rng(0).integers(0, 256, (len(codes), 4, 4, 4), np.uint8)
    pictures[..., 3] = 255
    terrains = (tw.Terrain("a"), tw.Terrain("b"))
    probabilities = np.arange(len(codes)) % 5 / 2
    tileset = tw.Tileset("wang", pictures, None, terrains, codes=codes, probabilities=probabilities)
    return tiled_xml.tileset_files(tileset, "wang")


def make_wang(seed: int) -> bytes:
    """Make a .tsx with a Wang set, which may lack tiles; most are damaged."""
    rng = Random(seed)
    root = ElementTree.fromstring(_files(rng.choice(tuple(PLACES)), rng.choice((-1, 0)))["wang.tsx"])
    wang = root.find("wangsets/wangset")
    assert wang is not None
    for tile in wang.findall("wangtile"):
        if rng.random() < 0.02:
            wang.remove(tile)
    return damaged(root, rng)


def check_wang(content: bytes) -> Counter[str]:
    """Read the terrains of a .tsx, and draw a map."""
    from tilewright_training.terrain.maps import random_map
    from tilewright_training.terrain.recipe import read_terrain_recipe
    from tilewright_training.terrain.terrain_set import read_terrain_sets

    place, rng = folder() / "wang", Random(len(content))
    place.mkdir(exist_ok=True)
    (place / "wang.png").write_bytes(_files("mixed", 0)["wang.png"])
    (place / "wang.tsx").write_bytes(content)
    text = RECIPE.format(
        outside=rng.choice(("", 'outside = "a"', 'outside = "c"')),
        quarters=rng.choice(("", "quarters = true")),
    )
    (place / "recipe.toml").write_text(text)

    def read() -> None:
        for one in read_terrain_sets(place, read_terrain_recipe(place / "recipe.toml")):
            numbers = np.random.default_rng(0)
            picture = random_map(one, numbers, 6, 6).draw(one, numbers)
            if picture.shape != (24, 24, 4):
                raise FindingError(f"a map of {picture.shape}")

    return refuses(read, DataError)
