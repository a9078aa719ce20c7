"""Layouts of whole tiles: which tile of a block a cell shows, and tiles that lie between cells."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright_training.terrain.layouts import LAYOUTS, read_layout
from tilewright_training.terrain.maps import random_map
from tilewright_training.terrain.terrain_set import TerrainSet

from .test_terrain_set import GRASS, HEAD, read

N, NE, E, SE, S, SW, W, NW = (1 << bit for bit in range(8))


def numbered(name: str, tile: int = 4) -> np.ndarray:
    """A block whose tiles have their column in red and their row in green, all opaque."""
    rows, columns = LAYOUTS[name].rows, LAYOUTS[name].columns
    block = np.zeros((rows * tile, columns * tile, 4), np.uint8)
    block[..., 0] = np.arange(columns * tile) // tile
    block[..., 1] = (np.arange(rows * tile) // tile)[:, None]
    block[..., 3] = 255
    return block


@pytest.mark.parametrize(
    ("name", "mask", "place"),
    [
        ("edges-16", 0, (5, 0)),
        ("edges-16", NE | NW, (5, 0)),  # only sides count
        ("edges-16", E | S, (0, 0)),
        ("edges-16", N | E | S | W, (1, 1)),
        ("edges-16", N | E | W, (1, 2)),
        ("edges-16", N | S | SE, (3, 1)),
        ("edges-16", E | W, (5, 1)),
        ("wall", E | S, (0, 0)),
        ("wall", N | S, (0, 1)),
        ("wall", N | E | S | W, (4, 1)),
        ("wall", N | W, (2, 2)),
        ("wall", 0, (1, 1)),
        ("pit", E | S | W, (1, 0)),
        ("pit", N | E | S, (0, 1)),
        ("pit", N | NE | E | W, (5, 0)),
        ("pit", N | E | W, (6, 0)),
        ("pit", N | E | W | NW, (7, 0)),
        ("pit", 255, (1, 1)),
        ("pit", W | S, (2, 0)),
        ("pit", N | S, (4, 1)),
        ("corner-3x3-inner", 8, (0, 0)),  # a code of four cells: the bottom right one
        ("corner-3x3-inner", 12, (1, 0)),
        ("corner-3x3-inner", 15, (1, 1)),
        ("corner-3x3-inner", 7, (3, 0)),
        ("corner-3x3-outer", 7, (4, 1)),
        ("corner-3x3-outer", 14, (3, 0)),
    ],
)
def test_a_mask_selects_a_tile(name: str, mask: int, place: tuple[int, int]) -> None:
    tiles = read_layout(numbered(name), name, (0, 0), 4, "here")
    assert (tiles[mask][..., :2] == place).all()


@pytest.mark.parametrize(
    ("name", "left", "top"), [("ring-3x3", 0, 0), ("ring-3x3-inner", 0, 0), ("rpgmaker2000", 0, 1)]
)
def test_the_tiles_of_a_ring_are_on_their_sides(name: str, left: int, top: int) -> None:
    """Without the western neighbours a cell shows the left border, and so on around the ring."""
    tiles = read_layout(numbered(name), name, (0, 0), 4, "here")
    far, near, whole = slice(2, 4), slice(0, 2), slice(None)
    for missing, area, (column, row) in (
        (W | SW | NW, (whole, near), (0, 1)),
        (E | NE | SE, (whole, far), (2, 1)),
        (N | NE | NW, (near, whole), (1, 0)),
        (S | SE | SW, (far, whole), (1, 2)),
        (N | W | NE | NW | SW, (near, near), (0, 0)),
    ):
        assert (tiles[255 & ~missing][*area][..., :2] == (left + column, top + row)).all(), (column, row)
        assert (tiles[255 & ~missing][..., :2] == (left + 1, top + 1)).any()


def test_water_of_rpg_maker_2000_is_a_column_of_parts() -> None:
    """Corners, borders at the sides, borders above and below, inner corners, interior."""
    tiles = read_layout(numbered("rpgmaker2000-water"), "rpgmaker2000-water", (0, 0), 4, "here")
    for mask, row in ((0, 0), (N | S, 1), (E | W, 2), (255 & ~(NE | NW | SE | SW), 3), (255, 4)):
        assert (tiles[mask][..., 1] == row).all(), mask


def test_opposite_corners_show_both_tiles() -> None:
    block = numbered("corner-3x3-inner")
    block[:2, :, 3] = 0  # the upper halves of the tiles of row 0
    tiles = read_layout(block, "corner-3x3-inner", (0, 0), 4, "here")
    assert not tiles[0].any()
    np.testing.assert_array_equal(tiles[6], np.where(tiles[2][..., 3:] > 0, tiles[2], tiles[4]))


def overlays(folder: Path, layout: str) -> TerrainSet:
    lake = f'[[terrain]]\nsheet = "o.png"\nlayout = "{layout}"\nat = [0, 0]\ninside = "lake"\noutside = "grass"\n'
    block = numbered(layout)
    block[1::4, ::3, 3] = 0
    Image.fromarray(block).save(folder / "o.png")
    (terrains,) = read(folder, HEAD + GRASS + lake + 'shape = "blob"\n')
    return terrains


@pytest.mark.parametrize("layout", ["edges-16", "corner-3x3-inner"])
def test_what_is_below_shows_through(tmp_path: Path, layout: str) -> None:
    terrains = overlays(tmp_path, layout)
    assert terrains.has_overlays
    grass = {tuple(pixel) for pixel in terrains.terrains[0].fills.reshape(-1, 4).tolist()}
    lake = {tuple(pixel) for pixel in terrains.terrains[1].tiles.reshape(-1, 4).tolist()}
    rng = np.random.default_rng(1)
    drawn = random_map(terrains, rng, 12, 12)
    picture = drawn.draw(terrains, rng)
    assert (picture[..., 3] == 255).all()
    here = (drawn.cells == 1).repeat(4, axis=0).repeat(4, axis=1)
    inside = {tuple(pixel) for pixel in picture[here].tolist()}
    assert inside & grass and inside & lake and inside <= grass | lake


def test_tiles_between_cells_lie_half_a_tile_further(tmp_path: Path) -> None:
    terrains = overlays(tmp_path, "corner-3x3-inner")
    rng = np.random.default_rng(3)
    drawn = random_map(terrains, rng, 10, 10)
    picture = drawn.draw(terrains, rng)
    cells = (drawn.cells == 1).astype(int)
    assert 0 < cells.sum() < 100
    for row, column in np.ndindex(9, 9):
        a, b, c, d = cells[row : row + 2, column : column + 2].ravel()
        tile = terrains.terrains[1].tiles[a | b << 1 | c << 2 | d << 3]
        seen = picture[4 * row + 2 : 4 * row + 6, 4 * column + 2 : 4 * column + 6]
        opaque = tile[..., 3] > 0
        np.testing.assert_array_equal(seen[opaque], tile[opaque])


def test_rooms_have_thin_walls(tmp_path: Path) -> None:
    wall = (
        '[[terrain]]\nsheet = "s.png"\nlayout = "ring-3x3"\nat = [2, 0]\ninside = "wall"\noutside = "grass"\n'
    )
    (terrains,) = read(tmp_path, HEAD + GRASS + wall + 'shape = "rooms"\n')
    for seed in range(20):
        walls = random_map(terrains, np.random.default_rng(seed), 12, 12).cells == 1
        assert walls.any()
        assert not (walls[:-1, :-1] & walls[1:, :-1] & walls[:-1, 1:] & walls[1:, 1:]).any()
