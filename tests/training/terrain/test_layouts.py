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
        ("corner-3x5-inner", 8, (0, 0)),
        ("corner-3x5-inner", 3, (1, 2)),
        ("corner-3x5-inner", 7, (0, 3)),
        ("corner-3x5-inner", 14, (1, 4)),
        ("blob-47", E | SE | S, (0, 0)),
        ("blob-47", E | S, (4, 0)),
        ("blob-47", E | S | NE | SW, (4, 0)),  # corners between two missing sides do not count
        ("blob-47", 255, (1, 1)),
        ("blob-47", N | E | S | W, (8, 4)),
        ("blob-47", 255 & ~SE, (5, 1)),
        ("blob-47", 0, (3, 3)),
        ("blob-47", N | S, (3, 1)),
        ("blob-47", E | W, (1, 3)),
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
    """Where both are opaque, each is shown on its side of the diagonal."""
    block = numbered("corner-3x3-inner")
    block[:2, :, 3] = 0  # the upper halves of the tiles of row 0, of which is 4
    tiles = read_layout(block, "corner-3x3-inner", (0, 0), 4, "here")
    assert not tiles[0].any()
    of_second = np.arange(4)[:, None] > np.maximum(np.arange(4), 1)  # below the diagonal and opaque
    np.testing.assert_array_equal(tiles[6], np.where(of_second[..., None], tiles[4], tiles[2]))


def test_a_single_cell_is_made_of_the_ends_of_a_line() -> None:
    tiles = read_layout(numbered("blob-46"), "blob-46", (0, 0), 4, "here")
    for mask in (0, NE | SW):
        assert (tiles[mask][:, :2, :2] == (0, 3)).all() and (tiles[mask][:, 2:, :2] == (2, 3)).all()
    beside = [mask for mask in range(256) if mask & (N | E | S | W)]
    whole = read_layout(numbered("blob-47"), "blob-47", (0, 0), 4, "here")
    np.testing.assert_array_equal(tiles[beside], whole[beside])


def test_opaque_tiles_between_cells_hide_no_other_terrain(tmp_path: Path) -> None:
    """They reach half a cell into the cells around their terrain, where no other terrain may be."""
    text = HEAD + GRASS
    for name in ("lake", "sand", "moss"):
        text += f'[[terrain]]\nsheet = "o.png"\nlayout = "corner-3x5-inner"\nat = [0, 0]\ninside = "{name}"\n'
        text += 'outside = "grass"\nshape = "blob"\n'
    Image.fromarray(numbered("corner-3x5-inner")).save(tmp_path / "o.png")
    (terrains,) = read(tmp_path, text)
    rng, together = np.random.default_rng(0), 0
    for _ in range(20):
        cells = random_map(terrains, rng, 16, 16).cells
        together += len(np.unique(cells)) > 2
        four = np.sort(np.stack([cells[y : 15 + y, x : 15 + x] for y in (0, 1) for x in (0, 1)]), axis=0)
        others = (np.diff(four, axis=0) > 0).sum(axis=0) + (
            four[0] > 0
        )  # kinds besides grass, one for each step
        assert (others <= 1).all()
    assert together > 5


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
