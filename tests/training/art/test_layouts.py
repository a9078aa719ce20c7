"""Random sheets of every layout are read correctly, or reported as ambiguous with the options that read them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tilewright_training.art.files import list_pictures
from tilewright_training.art.grid import cut
from tilewright_training.art.layouts import find_grid
from tilewright_training.art.transparency import MAGENTA, clear_colour, harden_alpha, is_opaque
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.survey import SHEET, survey

from ..drawn import save
from ..layouts import LAYOUTS, Sheet, random_sheet

PARTS = 10
SHEETS = 600


def tiles_of(cells: np.ndarray) -> set[bytes]:
    """Return the tiles that have more than one colour."""
    return {cell.tobytes() for cell in cells if (cell != cell[0, 0]).any()}


def canonical(pixels: np.ndarray) -> np.ndarray:
    pixels = pixels.copy()
    harden_alpha(pixels)
    if is_opaque(pixels):
        clear_colour(pixels, MAGENTA)
    return pixels


def check(sheet: Sheet) -> str:
    """Return how the sheet was read. Fails if it was read wrongly without a message."""
    pixels = canonical(sheet.pixels)
    wanted = tiles_of(canonical(sheet.cells) if is_opaque(sheet.pixels) else sheet.cells)
    found = find_grid(pixels, sheet.tile)
    right = found.grid is not None and tiles_of(cut(pixels, found.grid)) == wanted
    assert right or sheet.options in found.doubt, (sheet.options, found)
    stated = find_grid(pixels, sheet.tile, (sheet.left, sheet.top), sheet.spacing)
    assert stated.grid is not None, (sheet.options, stated)
    assert tiles_of(cut(pixels, stated.grid)) == wanted
    return "right" if right and not found.doubt else "right, in doubt" if right else "in doubt"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_sheet_is_read_wrongly_without_a_word(part: int) -> None:
    outcomes = Counter(check(random_sheet(seed)) for seed in range(part, SHEETS, PARTS))
    assert outcomes["right"] > 0.85 * outcomes.total()
    assert outcomes["in doubt"] < 0.07 * outcomes.total()


@pytest.mark.parametrize("seed", range(0, 24))
def test_training_reads_what_the_doctor_says(seed: int, tmp_path: Path) -> None:
    sheet = random_sheet(seed)
    save(tmp_path / "sheet.png", sheet.pixels)
    data, report = read_art([tmp_path], sheet.tile)
    look = survey(list_pictures(tmp_path), sheet.tile).looks[0]
    if look.role == SHEET and look.tile == sheet.tile:
        assert report.grids == {"sheet.png": look.grid}
        assert report.doubts == ({"sheet.png": look.doubt} if look.doubt else {})
    assert {tile.tobytes() for tile in data.images} <= tiles_of(canonical(sheet.cells))


def test_every_layout_is_drawn() -> None:
    assert {random_sheet(seed).layout for seed in range(len(LAYOUTS))} == set(LAYOUTS)
