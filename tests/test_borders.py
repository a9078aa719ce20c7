"""Borders between tiles of a caller: Pack.paint_borders."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright import borders
from tilewright.arrays import AnyArray
from tilewright.engine import backends
from tilewright.generator import Pack
from tilewright.pack import check_pack

from .step_networks import conditioned_pack

CELL = 4
SHAPES = "tiles of floor must be uint8 (4, 4, 4) or (N, 4, 4, 4), RGBA"
FLOOR, WALL, WATER = ((colour, colour, colour, 255) for colour in (10, 100, 200))


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(edges=(12, 12), cell=CELL), Path("land.onnx")))


def flat(colour: tuple[int, ...], count: int = 1) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (count, CELL, CELL, 4)).copy()


def own(pack: Pack) -> dict[str, np.ndarray]:
    return dict(zip(pack.kinds, (flat(FLOOR), flat(WALL), flat(WATER)), strict=True))


def halves() -> np.ndarray:
    kinds = np.zeros((4, 6), np.uint8)
    kinds[:, 3:] = 1
    return kinds


def test_tiles_stay_but_for_a_band_along_borders(pack: Pack) -> None:
    kinds = halves()
    for width in (1, 2):
        picture = pack.paint_borders(kinds, own(pack), width=width, seed=3)
        assert picture.shape == (16, 24, 4) and picture.dtype == np.uint8
        assert (picture[:, : 12 - width] == FLOOR).all() and (picture[:, 12 + width :] == WALL).all()
    np.testing.assert_array_equal(
        pack.paint_borders(kinds, own(pack), seed=3), pack.paint_borders(kinds, own(pack), width=1, seed=3)
    )
    seeds = {
        pack.paint_borders(kinds, own(pack), width=2, new_colours=True, seed=seed).tobytes()
        for seed in range(6)
    }
    assert len(seeds) > 1


def test_new_colours_are_painted_only_if_they_may_be(pack: Pack) -> None:
    assert pack.file.head.palette is not None
    floor, wall = (np.broadcast_to(colour, (CELL, CELL, 4)).copy() for colour in pack.file.head.palette[:2])
    tiles = {"floor": floor, "wall": wall}
    colours = {tuple(floor[0, 0]), tuple(wall[0, 0])}
    free = pack.paint_borders(halves(), tiles, width=2, new_colours=True)
    assert {tuple(colour) for colour in free.reshape(-1, 4)} > colours
    for seed in range(4):
        picture = pack.paint_borders(halves(), tiles, width=2, seed=seed)
        assert {tuple(colour) for colour in picture.reshape(-1, 4)} == colours


def test_only_the_tiles_of_the_map_count() -> None:
    """The colours of others must not stand for entries of the palette."""
    tiles = {"floor": flat(FLOOR), "wall": flat(WALL), "water": flat(WATER)}
    found = borders.check_tiles(tiles, tuple(tiles), [0, 1], CELL, "test")
    assert list(found) == [0, 1]


def test_a_map_of_one_kind_is_laid_in_tiles_that_the_seed_chooses(pack: Pack) -> None:
    tiles = np.concatenate([flat(FLOOR), flat(WALL)])
    maps = [
        pack.paint_borders(np.zeros((8, 8), int), {pack.kinds[0]: tiles}, seed=seed) for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert (maps[0] != maps[2]).any()
    cells = maps[0].reshape(8, CELL, 8, CELL, 4).swapaxes(1, 2)
    assert (cells == cells[:, :, :1, :1]).all() and 16 < (cells[:, :, 0, 0, 0] == 10).sum() < 48


def test_the_picture_is_one_on_every_backend(pack: Pack) -> None:
    expected = pack.paint_borders(halves(), own(pack), width=2, seed=5, threads=1)
    for backend in backends():
        np.testing.assert_array_equal(
            Pack(pack.file, backend).paint_borders(halves(), own(pack), width=2, seed=5, threads=2), expected
        )


def grey(*levels: int) -> np.ndarray:
    """A palette of the pack, of greys."""
    return np.array([(level, level, level, 255) for level in levels], np.uint8)


def continued(palette: np.ndarray, *entries: np.ndarray, painted: np.ndarray) -> tuple[np.ndarray, ...]:
    """Two cells of tiles (8, 8) of palette entries, of which all was painted: the tiles, and what they become."""
    kinds = np.array([[range(len(entries))]])
    own = borders.OwnTiles({kind: palette[one][None] for kind, one in enumerate(entries)}, palette)
    plain = borders.lay(own.pictures, kinds[0], 0)
    band, pixels = np.ones((1, *painted.shape), bool), kinds.repeat(8, axis=1).repeat(8, axis=2)
    return plain, own.continue_ground(painted[None], band, pixels, plain[None])[0], own.palette


def test_ground_is_continued_and_lines_are_kept() -> None:
    """Entries 0 and 1 are grass, 2 and 3 sand, 4 a line between them that the network drew."""
    palette, rng = grey(0, 50, 100, 150, 200), np.random.default_rng(0)
    grass, sand = rng.integers(0, 2, (8, 8), np.uint8), rng.integers(2, 4, (8, 8), np.uint8)
    painted = np.zeros((8, 16), np.uint8)
    painted[:, 10], painted[:, 11:] = 4, 2
    plain, picture, colours = continued(palette, grass, sand, painted=painted)
    np.testing.assert_array_equal(picture[:, :8], plain[:, :8])  # the grass of its own cells
    np.testing.assert_array_equal(picture[:, 8], plain[:, 0])  # and beyond them
    np.testing.assert_array_equal(picture[:, 12:], plain[:, 12:])
    np.testing.assert_array_equal(colours[picture[:, 9:12]], palette[painted[:, 9:12]])
    assert (picture[:, 10] == 4).all()  # the line is of neither


def test_of_tiles_with_common_colours_the_likeliest_is_continued() -> None:
    """Grass has all colours of dirt, but few pixels of them."""
    grass, dirt = np.zeros((8, 8), np.uint8), np.ones((8, 8), np.uint8)
    grass[3, 4], dirt[::2] = 1, 2
    grass[5, 5] = 2
    painted = np.zeros((8, 16), np.uint8)
    painted[:, 6:] = 1
    plain, picture, colours = continued(grey(0, 90, 180), grass, dirt, painted=painted)
    np.testing.assert_array_equal(picture[:, :5], plain[:, :5])
    np.testing.assert_array_equal(picture[:, 7:8], plain[:, 15:])
    np.testing.assert_array_equal(picture[:, 8:], plain[:, 8:])
    assert (colours[:3] == grey(0, 90, 180)).all() and (picture >= 3).all()


def test_painted_entries_become_the_most_frequent_colours_that_they_stand_for() -> None:
    art = np.array([[[1, 0, 0, 255], [2, 0, 0, 255]], [[1, 0, 0, 255], [90, 0, 0, 255]]], np.uint8)
    own = borders.OwnTiles({0: art[None]}, grey(0, 80, 250))
    painted = np.array([[[0, 2], [1, 0]]], np.uint8)  # whose neighbours are no ground
    band, kinds = np.ones((1, 2, 2), bool), np.zeros((1, 2, 2), int)
    picture = own.continue_ground(painted, band, kinds, own.pictures[0])
    assert own.palette[picture[0]].tolist() == [
        [[1, 0, 0, 255], [250, 250, 250, 255]],
        [[90, 0, 0, 255], [1, 0, 0, 255]],
    ]


@pytest.mark.parametrize(
    ("kind_map", "tiles", "width", "told"),
    [
        (halves(), {"floor": flat(FLOOR)}, 1, "there are no tiles of wall"),
        (halves(), {"floor": flat(FLOOR), "lava": flat(WALL)}, 1, "no kind 'lava': choose floor, wall"),
        (halves(), {"floor": flat(FLOOR)[0, :3], "wall": flat(WALL)}, 1, SHAPES),
        (halves(), {"floor": flat(FLOOR)[:0], "wall": flat(WALL)}, 1, SHAPES),
        (halves(), {"floor": flat(FLOOR).astype(int), "wall": flat(WALL)}, 1, "tiles of floor must be uint8"),
        (halves(), {"floor": flat((0, 0, 0, 0)), "wall": flat(WALL)}, 1, "tiles of floor have transparent pixels"),
        (halves(), {"floor": flat(FLOOR), "wall": flat(WALL)}, 3, "width must be at most 2, not 3"),
        (np.zeros((0, 3), int), {}, 1, "the map has no cells: 0 x 3"),
    ],
)  # fmt: skip
def test_bad_tiles_are_refused(
    pack: Pack, kind_map: AnyArray, tiles: dict[str, AnyArray], width: int, told: str
) -> None:
    with pytest.raises(tw.UsageError) as caught:
        pack.paint_borders(kind_map, tiles, width=width)
    assert str(caught.value).startswith("pack.paint_borders(): ") and told in str(caught.value)
