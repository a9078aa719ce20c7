"""Connecting a map into one walkable region."""

import numpy as np

from tilewright.level.paths import join, label

GROUND, WALL, WATER = 0, 1, 2


def parse(*rows):
    return np.array([[".#~".index(glyph) for glyph in row] for row in rows], dtype=np.uint8)


def test_regions_touch_by_edges_not_corners():
    cells = parse("#####", "#.#.#", "##.##", "#..##", "#####")
    regions, sizes = label(cells == GROUND)
    assert sizes == [1, 1, 3]
    assert regions[1, 1] == 0
    assert regions[3, 1] == regions[3, 2] == regions[2, 2] == 2
    assert regions[0, 0] == -1


def test_large_regions_are_joined_and_small_ones_filled():
    cells = parse(
        "##########",
        "#...##...#",
        "#...##...#",
        "##########",
        "#~~~####.#",
        "#~.~######",
        "#~~~######",
        "##########",
    )
    joined = join(cells, cells == GROUND, GROUND, keep=4)
    assert len(label(joined == GROUND)[1]) == 1
    assert joined[5, 2] == WATER
    assert joined[4, 8] == WALL
    assert (joined[1:3, 4:6] == GROUND).any(axis=0).all()
    assert np.array_equal(joined[[0, -1]], cells[[0, -1]])


def test_a_whole_map_stays_as_it_is():
    cells = parse("####", "#..#", "####")
    assert np.array_equal(join(cells, cells == GROUND, GROUND, keep=4), cells)
    solid = parse("###", "###", "###")
    assert np.array_equal(join(solid, solid == GROUND, GROUND, keep=4), solid)
