"""Tiles by the neighbours that they join: words, tables, and what is composed or left out."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import DataError
from tilewright.pictures import read_picture
from tilewright.tileset.quarters import CASES, QUARTERS, blob_set, cases_of, compose
from tilewright_training.terrain.codes import MissingTileError, mask_of, table_of, word_of
from tilewright_training.terrain.layouts import cornered
from tilewright_training.terrain.maps import neighbour_masks, random_map

from .test_terrain_set import GRASS, HEAD, read, write_art

BLOB = [int(mask) for mask in (blob_set() << np.arange(8)).sum(axis=1)]
ROAD = '[[terrain]]\nsheet = "s.png"\nlayout = "sides"\ninside = "road"\noutside = "grass"\nshape = "lines"\n'
COAST = """[[terrain]]
sheet = "s.png"
layout = "blob"
inside = "lake"
outside = "grass"
shape = "blob"
codes = ["ES ESW SW NESW-SE NESW-SW", "NES NESW NSW NESW-NE NESW-NW", "NE NEW NW . ."]
"""
CODES = 'codes = ["ES EW SW . ESW", "NS NESW NS NES NSW", "NE EW NW . NEW"]\n'


def test_a_word_names_a_mask() -> None:
    assert {word_of(mask) for mask in BLOB} >= {"0", "NESW", "ES-SE", "NESW-NE-SE-SW-NW"}
    assert [mask_of(word_of(mask), corners=True) for mask in BLOB] == BLOB
    assert mask_of("NESW-SE", True) == 255 - 8 and mask_of("ES", True) == 0b11100
    assert mask_of("ES", False) == 0b10100 and mask_of("0", False) == 0


@pytest.mark.parametrize("word", ["", "SE", "NN", "n", "N-NE", "ES-NE", "NESW-", "-SE", "0-NE", "00"])
def test_other_words_are_none(word: str) -> None:
    with pytest.raises(ValueError, match=f"^{word}$"):
        mask_of(word, corners=True)
    with pytest.raises(ValueError):
        mask_of("NESW-SE", corners=False)


def test_missing_tiles_are_composed_of_quarters() -> None:
    """From tiles that together have all twenty quarters come all 47, and without some quarter fewer."""
    pieces = np.random.default_rng(0).integers(0, 256, (len(QUARTERS), CASES, 2, 2, 4), np.uint8)
    whole = dict(zip(BLOB, compose(pieces, cases_of(blob_set())), strict=True))
    words = ["NESW", "ESW", "NSW", "NEW", "NES", "ES", "SW", "NE", "NW"]
    ring = {mask_of(word, True): whole[mask_of(word, True)] for word in words}
    inner = {mask_of(word, True): whole[mask_of(word, True)] for word in ("NES-NE-SE", "NESW-SW-NW")}
    table = table_of(ring | inner, corners=True, quarters=True)
    assert table.drawn.all()
    np.testing.assert_array_equal(table.tiles[BLOB], [whole[mask] for mask in BLOB])
    assert table_of(ring, True, quarters=True).drawn[BLOB].sum() == 16  # no inner corners
    assert table_of(ring | inner, True, quarters=False).drawn[BLOB].sum() == 11
    del ring[mask_of("SW", True)]
    with pytest.raises(MissingTileError, match="SW"):
        table_of(ring | inner, True, quarters=True)


def test_codes_name_the_tiles_of_a_recipe(tmp_path: Path) -> None:
    (terrains,) = read(tmp_path, HEAD + GRASS + ROAD + CODES)
    road, sheet = terrains.terrains[1], read_picture(tmp_path / "s.png")
    for word, (x, y) in {"ES": (0, 0), "NESW": (1, 1), "NES": (3, 1), "EW": (1, 0), "NEW": (4, 2)}.items():
        for mask in (mask_of(word, False), mask_of(word, False) | 0b10101010):  # corners do not count
            np.testing.assert_array_equal(road.tiles[mask], sheet[4 * y : 4 * y + 4, 4 * x : 4 * x + 4])
    assert road.drawn is not None and road.drawn.sum() == 11 * 16  # without ends and single cells


def test_a_tile_shows_beneath_transparent_ones(tmp_path: Path) -> None:
    write_art(tmp_path)
    sheet = read_picture(tmp_path / "s.png").copy()
    sheet[:, ::3, 3] = 0
    sheet[8:12, 28:32, 3] = 255  # the tile beneath
    Image.fromarray(sheet).save(tmp_path / "o.png")
    text = COAST.replace("s.png", "o.png").replace("NESW NSW", ". NSW")
    (terrains,) = read(tmp_path, HEAD + GRASS + text + "fill = [[7, 2]]\nunder = [7, 2]\n")
    coast, under = terrains.terrains[1], sheet[8:12, 28:32]
    assert (coast.tiles[..., 3] == 255).all()
    np.testing.assert_array_equal(coast.tiles[255], under)
    drawn = sheet[:4, :4]
    corner = coast.tiles[mask_of("ES", True)]
    np.testing.assert_array_equal(corner, np.where(drawn[..., 3:] > 0, drawn, under))


@pytest.mark.parametrize(("text", "thin"), [(ROAD + CODES, True), (COAST, False)])
def test_maps_do_without_tiles_that_are_missing(tmp_path: Path, text: str, thin: bool) -> None:
    """Roads without ends lead across the map or in circles, one cell wide; a coast bends only as its tiles do."""
    (terrains,) = read(tmp_path, HEAD + GRASS + text)
    drawn, shown = terrains.terrains[1].drawn, set()
    assert drawn is not None
    for seed in range(40):
        layer = random_map(terrains, np.random.default_rng(seed), 12, 9).cells == 1
        masks = neighbour_masks(layer)[layer]
        assert drawn[masks].all()
        around = np.pad(layer, 1, mode="edge")
        thick = around[:-1, :-1] & around[1:, :-1] & around[:-1, 1:] & around[1:, 1:]
        assert not (thin and thick.any())
        shown |= {cornered(mask) & (85 if thin else 255) for mask in masks.tolist()}
    assert len(shown) == (11 if thin else 13)  # all tiles of the sheet occur


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ROAD, "terrain 1: codes must be a list of rows of words, not None"),
        (ROAD + "codes = []\n", "terrain 1: codes must be a list of rows of words, not []"),
        (ROAD + "codes = ['']\n", "terrain 1: codes must be a list of rows of words, not ['']"),
        (
            ROAD + "codes = ['NESW-SE']\n",
            "1: codes must have words such as NESW, ES or 0, or ., not 'NESW-SE'",
        ),
        (COAST + "quarters = 1\n", "terrain 1: quarters must be true or false, not 1"),
        (COAST.replace("NE NEW", "NE-SE NEW"), "words such as NESW, ES, NESW-SE or 0, or ., not 'NE-SE'"),
        (COAST.replace("NE NEW", ". NEW"), "terrain 2: codes has no NE, which blob needs"),
        (ROAD + CODES.replace("EW ", ". "), "terrain 2: codes has no EW, which sides needs"),
        (ROAD + CODES + "at = [4, 0]\n", "terrain 2: the tile at [8, 0] is not within the sheet"),
        (ROAD + CODES + "under = [8, 0]\n", "terrain 2: the tile at [8, 0] is not within the sheet"),
        (ROAD + CODES + "under = [[7, 0]]\n", "1: under must be [column, row] of a tile, not [[7, 0]]"),
        (
            ROAD + CODES + "quarters = true\n",
            "terrain 1 has an unknown key 'quarters'; known are at, codes, ",
        ),
        (GRASS + "codes = ['0']\n", "terrain 1 has an unknown key 'codes'; known are at, fill, "),
    ],
)
def test_bad_codes_are_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, HEAD + (GRASS + text if "terrain 2" in told else text))
    assert str(caught.value).startswith("read_terrain(): ") and told in str(caught.value)
    assert "\n" not in str(caught.value)
