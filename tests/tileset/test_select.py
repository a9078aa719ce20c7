"""Selection among generated pictures."""

import numpy as np

from tilewright.tileset.select import (
    choose_sprites,
    choose_tiles,
    framing,
    orphans,
    patchiness,
    rarity,
    seams,
)


def flat(*values):
    tiles = np.full((len(values), 16, 16, 4), 255, dtype=np.uint8)
    tiles[..., :3] = np.array(values, dtype=np.uint8)[:, None, None, None]
    return tiles


def test_a_ramp_has_a_seam_and_a_flat_tile_has_none():
    tiles = flat(90, 90)
    tiles[1, ..., :3] = (np.arange(16, dtype=np.uint8) * 10)[None, :, None]
    assert seams(tiles).tolist() == [0, 140]


def test_half_and_half_tiles_are_patchy_and_framed_ones_framed():
    tiles = flat(100, 100, 100)
    tiles[1, :8, :, :3] = 200
    tiles[2, :2, :, :3] = 200
    assert patchiness(tiles)[0] == framing(tiles)[0] == 0
    assert patchiness(tiles)[1] == 50
    assert framing(tiles)[2] > patchiness(tiles)[2]


def test_walls_stand_off_the_floor():
    floor, candidates = flat(100), flat(95, 100, 105, 180)
    for seed in range(8):
        chosen = choose_tiles(candidates, floor, 4, kind="wall", seed=seed)
        assert chosen[0, 0, 0, 0] == 180
        assert len(chosen) == 1


def test_variants_are_like_the_main_tile():
    chosen = choose_tiles(flat(100, 104, 250, 98), flat(0)[:0], 4, seed=0)
    assert len(chosen) == 3
    assert chosen.max(where=np.array([True, True, True, False]), initial=0) < 110


def test_whole_sprites_come_before_scattered_ones():
    sprites = np.zeros((2, 16, 16, 4), dtype=np.uint8)
    sprites[0, ::2, ::2] = 255
    sprites[1, 3:13, 4:14] = 255
    assert np.array_equal(choose_sprites(sprites, 1)[0], sprites[1])


def test_ground_has_its_kinds_typical_colour():
    candidates = flat(*[100] * 9, 240)
    assert choose_tiles(candidates, flat(110), 1, seed=0)[0, 0, 0, 0] == 100


def test_orphans_are_pixels_unlike_all_their_neighbours():
    pictures = flat(100, 100, 100)
    pictures[1, 5, 5, :3] = 7
    pictures[2, 5, 5:7, :3] = 7
    assert orphans(pictures).tolist() == [0, 1, 0]


def test_a_colour_that_few_candidates_have_is_not_taken():
    candidates = flat(*[100] * 20, *[140] * 9, 200)  # the last one contrasts most with the floor
    assert rarity(candidates[:, 0, 0, :3].astype(np.int64)).tolist() == [0] * 29 + [1]
    for seed in range(8):
        assert choose_tiles(candidates, flat(110), 1, kind="wall", seed=seed)[0, 0, 0, 0] == 140
