"""Near-duplicates: which pairs are found, and with which relation."""

import numpy as np
import pytest

from tilewright_training.art.names import family, name_stem
from tilewright_training.art.relatives import (
    FEW,
    MIRRORED,
    MOVED,
    RECOLOURED,
    RELATIONS,
    find_frames,
    find_pairs,
    join,
)

from ..drawn import SPRITE_KINDS, TILE_KINDS, draw, draw_set


def recoloured(tile: np.ndarray) -> np.ndarray:
    other = tile.copy()
    solid = tile[..., 3] > 0
    other[solid, :3] = tile[solid, :3][:, [2, 0, 1]] // 2 + 40
    return other


def few_changed(tile: np.ndarray) -> np.ndarray:
    other = tile.copy()
    other[7, 7] = (255, 255, 255, 255)
    return other


def test_each_change_has_its_name() -> None:
    axe = np.zeros((16, 16, 4), np.uint8)
    axe[2:7, 3:10] = (120, 130, 140, 255)
    axe[4:14, 7:9] = (90, 50, 20, 255)
    axe[2:4, 3:5] = (200, 210, 220, 255)
    hero = draw("hero", 5)
    hero[3:6, 1:4] = (200, 30, 30, 255)
    for tile in (axe, hero):
        for other, how in (
            (recoloured(tile), RECOLOURED),
            (few_changed(tile), FEW),
            (tile[:, ::-1], MIRRORED),
            (np.rot90(tile), MIRRORED),
            (np.roll(tile, 1, 0), MOVED),
            (np.roll(recoloured(tile), (1, -1), (0, 1)), MOVED),
        ):
            pairs, found = find_pairs(np.ascontiguousarray(np.stack([tile, other])))
            assert pairs.tolist() == [[0, 1]]
            assert RELATIONS[int(found[0])] == RELATIONS[how]


def test_different_drawings_are_no_relatives() -> None:
    walls = np.stack(
        [draw("wall", 1), draw("water", 1), draw("hero", 1), draw("potion", 2), draw("floor", 3)]
    )
    assert len(find_pairs(walls)[0]) == 0
    noise = np.random.default_rng(0).integers(0, 4, (200, 16, 16, 4), np.uint8)
    assert len(find_pairs(noise)[0]) == 0
    blank = np.zeros((9, 16, 16, 4), np.uint8)
    blank[:, 3, 3] = np.arange(36).reshape(9, 4)
    assert len(find_pairs(blank)[0]) == 0  # too little is drawn


@pytest.mark.parametrize("count", [0, 1])
def test_few_tiles(count: int) -> None:
    pairs, how = find_pairs(np.zeros((count, 16, 16, 4), np.uint8))
    assert (pairs.shape, how.shape) == ((0, 2), (0,))


def test_a_crowd_of_one_drawing_is_one_group() -> None:
    hero = draw("hero", 9)
    crowd = np.stack([hero] * 60)
    crowd[:, 7, 7, 0] = np.arange(60)
    others = np.stack(draw_set(TILE_KINDS, 1) + draw_set(SPRITE_KINDS, 1))
    groups = join(66, find_pairs(np.concatenate([crowd, others]))[0])
    assert set(groups[:60]) == {0}
    assert len(set(groups.tolist())) > 4


def test_steps_of_one_walk() -> None:
    hero = draw("hero", 4)
    step = np.roll(hero, 1, axis=0)
    step[12:, :8] = 0
    tiles = np.stack([hero, step, draw("potion", 1), draw("water", 1)])
    sheet, columns = np.zeros(4, np.int64), np.full(4, 2)
    assert find_frames(tiles, sheet, np.arange(4), columns).tolist() == [[0, 1]]
    assert find_frames(tiles, np.arange(4), np.zeros(4, np.int64), columns).tolist() == []
    below = tiles[[0, 2, 1, 3]]
    assert find_frames(below, sheet, np.arange(4), columns).tolist() == [[0, 2]]


def test_join_follows_chains() -> None:
    chain = np.stack([np.arange(999, 0, -1), np.arange(998, -1, -1)], axis=1)
    assert set(join(1001, chain).tolist()) == {0, 1}
    assert join(5, np.array([[3, 1], [4, 0]])).tolist() == [0, 1, 2, 1, 0]
    assert join(3).dtype == np.int32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mon/red_dragon.png", "mon/blue_dragon2.png"),
        ("wall/brick_gray0.png", "wall/brick_gray11.png"),
        ("Characters/Player0.png", "Characters/Player1.png"),
        ("coin (16 x 16).png", "coin_2.png"),
    ],
)
def test_relatives_by_name(one: str, other: str) -> None:
    assert name_stem(one) == name_stem(other) != ""
    assert family(one, 3) == family(other, 3) != family(one, 4)


@pytest.mark.parametrize("name", ["tiles/tile_0007.png", "items/12.png", "red.png", "W_Sword001.png"])
def test_names_that_say_nothing(name: str) -> None:
    assert (name_stem(name), family(name, None)) == ("", 0)
    assert name_stem("mon/dragon.png") != name_stem("item/dragon.png")
