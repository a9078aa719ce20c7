"""Real art in the folder TILEWRIGHT_DATA: detected facts equal the known facts."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import tilewright_training
from tilewright_training.art.layouts import find_grid
from tilewright_training.art.stated import open_picture
from tilewright_training.art.transparency import MAGENTA
from tilewright_training.data.dataset import read_art

DATA = Path(os.environ.get("TILEWRIGHT_DATA", ""))
RECIPES = Path(tilewright_training.__file__).parent / "recipes"

pytestmark = pytest.mark.skipif(
    not os.environ.get("TILEWRIGHT_DATA"), reason="needs real art: set TILEWRIGHT_DATA to its folder"
)


def test_grids_are_those_that_the_facts_state() -> None:
    checked = 0
    for source in sorted(DATA.glob("*/*/SOURCE.json")):
        for sheet in json.loads(source.read_text("utf-8")).get("sheets", []):
            tile, margin, spacing = sheet["tile"], sheet["margin"], sheet["spacing"]
            if not isinstance(tile, list) or tile[0] != tile[1] or isinstance(margin, list):
                continue
            for path in sorted(source.parent.glob(sheet["files"])):
                opened = open_picture(path)
                pixels = opened.pixels
                stray = [(n - 2 * margin + spacing) % (tile[0] + spacing) for n in pixels.shape[:2]]
                if any(stray) or max(pixels.shape[:2]) == tile[0] or opened.enlarged > 1:
                    continue  # a file that the known numbers do not divide, or a single tile
                grid = find_grid(pixels, tile[0]).grid
                assert grid is not None, path
                assert (grid.margin, grid.spacing) == (margin, spacing), path
                checked += 1
    assert checked > 500


def test_two_conventions_of_one_sheet_give_the_same_tiles() -> None:
    spaced, report = read_art([DATA / "train" / "kenney-roguelike-rpg"], 16)
    assert report.keyed == {"roguelikeSheet_magenta.png": MAGENTA}
    assert {grid.spacing for grid in report.grids.values()} == {1}
    assert 1600 < len(spaced.images) < 1705  # the magenta copy adds no tiles
    one_bit, report = read_art([DATA / "train" / "kenney-1bit"], 16, transparent=True)
    assert report.keyed == {"colored_packed.png": (71, 45, 60)}
    assert len(one_bit.images) < 1078


def test_a_large_folder_is_read_whole() -> None:
    data, report = read_art([DATA / "train" / "dawnlike"], 16)
    assert report.files > 5400
    # distinct_nonempty of the known facts, without single-coloured cells
    assert 5400 < len(data.images) < 5490
    assert data.sources[0].licence == "CC-BY-4.0"
    # DB16, transparent, and a few other colours
    assert len(np.unique(data.images.reshape(-1, 4), axis=0)) <= 20


@pytest.mark.parametrize(
    ("recipe", "folders", "fewest"),
    [("dawn-tiles", ("dawnlike", "dcss"), 23), ("dawn-sprites", ("dawnlike",), 34)],
)
def test_the_recipes_of_the_bundled_packs(recipe: str, folders: tuple[str, ...], fewest: int) -> None:
    paths = [DATA / "train" / folder for folder in folders]
    data, report = read_art(paths, 16, kinds=RECIPES / f"{recipe}.toml")
    assert min(report.kinds.values()) == fewest
    assert len(data.sources) == len(folders)
    assert (recipe == "dawn-tiles") == bool((data.images[..., 3] == 255).all())
