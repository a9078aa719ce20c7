"""The exchange of simple tiles for those of a tileset."""

from itertools import pairwise

import numpy as np
import pygame

from tilewright_demo.bloom import Bloom


def flat(colour, width=12, height=8):
    picture = pygame.Surface((width * 8, height * 8))
    picture.fill(colour)
    return picture


def cells(picture):
    """The red value of each cell's first pixel."""
    return pygame.surfarray.array3d(picture)[::8, ::8, 0].T


def test_cells_change_from_the_origin_outwards_and_all_of_them():
    bloom = Bloom([flat((0, 0, 0))], [flat((200, 0, 0)), flat((100, 0, 0))], 8, (0, 0), 50)
    assert not cells(bloom.maps[0]).any() and len(bloom.maps) == 2
    clock, changed = 50, []
    while bloom.advance(clock):
        changed.append(cells(bloom.maps[0]) == 200)
        np.testing.assert_array_equal(cells(bloom.maps[1]) == 100, changed[-1])
        clock += 1
    assert changed[0].sum() < 10 < changed[9].sum() < 96
    assert all((now >= before).all() for before, now in pairwise(changed))
    assert (cells(bloom.maps[0]) == 200).all() and (cells(bloom.maps[1]) == 100).all()


def test_what_was_shown_before_is_left_as_it_is():
    before = flat((0, 0, 0))
    Bloom([before], [flat((200, 0, 0))], 8, (0, 0), 0).advance(10_000)
    assert not cells(before).any()
