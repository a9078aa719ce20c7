"""Sheets: detected grids, cuts, and errors."""

import numpy as np
import pytest

from tilewright_training.art.grid import Grid, Margin, cut
from tilewright_training.art.layouts import find_grid as find

from ..drawn import SPRITE_KINDS, TILE_KINDS, draw_set, make_sheet


def find_grid(pixels: np.ndarray, tile: int, margin: Margin | None, spacing: int | None) -> Grid | None:
    return find(pixels, tile, margin, spacing).grid


@pytest.mark.parametrize("kinds", [TILE_KINDS, SPRITE_KINDS])
@pytest.mark.parametrize("gutter", [(0, 0, 0, 0), (255, 0, 255, 255)])
@pytest.mark.parametrize(("margin", "spacing"), [(0, 0), (0, 1), (1, 1), (0, 2), (2, 2), (1, 2), (2, 1)])
def test_margin_and_spacing_are_detected(
    kinds: tuple[str, ...], gutter: tuple[int, ...], margin: int, spacing: int
) -> None:
    pictures = draw_set(kinds, 5)
    grid = find_grid(make_sheet(pictures, 5, margin, spacing, gutter), 16, None, None)
    assert grid is not None
    assert (grid.margin, grid.spacing, grid.rows, grid.columns) == (margin, spacing, 3, 5)


@pytest.mark.parametrize("columns", [1, 2, 7, 13, 15])
@pytest.mark.parametrize(("margin", "spacing"), [(0, 0), (0, 1), (1, 1), (3, 5)])
def test_cut_gives_the_pictures_back(columns: int, margin: int, spacing: int) -> None:
    pictures = draw_set(TILE_KINDS, 5)
    sheet = make_sheet(pictures, columns, margin, spacing)
    grid = find_grid(sheet, 16, margin, spacing)
    assert grid is not None
    assert np.array_equal(cut(sheet, grid)[: len(pictures)], np.stack(pictures))


def test_only_what_is_missing_is_detected() -> None:
    sheet = make_sheet(draw_set(TILE_KINDS, 5), 5, 1, 1)
    for margin, spacing in ((1, None), (None, 1), (1, 1)):
        grid = find_grid(sheet, 16, margin, spacing)
        assert grid is not None
        assert (grid.margin, grid.spacing) == (1, 1)


def test_a_bare_sheet_whose_size_fits_gutters_too_stays_bare() -> None:
    # 17 cells of 16 pixels could also be 16 cells of 16 with gutters of one pixel, except for one pixel.
    sheet = make_sheet(draw_set(TILE_KINDS, 17), 17)[:, : 16 * 17 - 1]
    assert find_grid(sheet, 16, None, None) is None
    grid = find_grid(make_sheet(draw_set(TILE_KINDS, 17), 17), 16, None, None)
    assert grid is not None
    assert (grid.spacing, grid.columns, grid.rows) == (0, 17, 3)


def test_a_rest_is_allowed_only_where_it_holds_nothing() -> None:
    sheet = make_sheet(draw_set(TILE_KINDS, 4), 4)
    empty = np.pad(sheet, ((0, 1), (0, 3), (0, 0)))
    grid = find_grid(empty, 16, None, None)
    assert grid is not None
    assert (grid.rows, grid.columns) == (3, 4)
    drawn = np.pad(sheet, ((0, 1), (0, 0), (0, 0)), mode="wrap")
    assert find_grid(drawn, 16, None, None) is None


def test_a_larger_sprite_with_an_empty_rim_is_no_sheet() -> None:
    sprite = np.pad(draw_set(SPRITE_KINDS, 1)[0], ((0, 8), (0, 8), (0, 0)))
    assert find_grid(sprite, 16, None, None) is None


@pytest.mark.parametrize(("height", "width"), [(15, 64), (64, 15), (1, 1), (40, 40)])
def test_sizes_off_the_grid_are_refused(height: int, width: int) -> None:
    noise = np.random.default_rng(3).integers(1, 256, (height, width, 4), dtype=np.uint8)
    assert find_grid(noise, 16, None, None) is None


def test_a_grid_prints_as_a_person_would_say_it() -> None:
    grid = find_grid(make_sheet(draw_set(TILE_KINDS, 5), 5, 1, 1), 16, None, None)
    assert str(grid) == "5 x 3 cells of 16 pixels, margin 1, spacing 1"


def test_numbers_that_are_given_are_believed() -> None:
    pictures = draw_set(TILE_KINDS, 5)
    sheet = make_sheet(pictures, 5)
    assert find_grid(sheet, 16, 8, 0) == Grid(16, 8, 8, 0, 2, 4)
    assert find_grid(sheet, 16, (0, 8), 0) == Grid(16, 0, 8, 0, 2, 5)
    found = find(make_sheet(pictures, 5, 1, 1), 16, 0, 0)
    assert found.grid == Grid(16, 0, 0, 0, 3, 5)
    assert (
        found.doubt
        == "4 drawn pixels below and 6 drawn pixels to the right are cut off by --margin 0 --spacing 0"
    )
    assert find(sheet, 16, 80, 0).doubt == "80x48 pixels are too small for --margin 80 --spacing 0"


def test_drawn_margins_are_no_margins() -> None:
    sheet = make_sheet(draw_set(TILE_KINDS, 24), 8)[5:-3, 5:-3]
    found = find(sheet, 16)
    assert found.grid is None
    assert found.doubt == (
        "120x136 pixels are not on a grid of 16; it looks like the grid of --margin 11 --spacing 0: "
        "give these if it is"
    )
    assert find_grid(sheet, 16, 11, 0) == Grid(16, 11, 11, 0, 7, 6)


def test_two_layouts_that_fit_are_both_named() -> None:
    sprite = np.zeros((16, 16, 4), np.uint8)
    sprite[6:10, 6:10] = (200, 30, 40, 255)
    found = find(np.tile(sprite, (3, 3, 1)), 16)
    assert found.grid == Grid(16, 0, 0, 0, 3, 3)
    assert found.doubt.startswith("its pixels fit --margin ")
