"""Searches on maps."""

import itertools

import numpy as np

from tilewright.level.paths import cheapest, distances, label

GROUND = 0


def parse(*rows):
    return np.array([[".#".index(glyph) for glyph in row] for row in rows], dtype=np.uint8)


def test_regions_touch_by_edges_not_corners():
    cells = parse("#####", "#.#.#", "##.##", "#..##", "#####")
    regions, sizes = label(cells == GROUND)
    assert sizes == [1, 1, 3]
    assert regions[1, 1] == 0
    assert regions[3, 1] == regions[3, 2] == regions[2, 2] == 2
    assert regions[0, 0] == -1


def test_steps_around_a_wall():
    cells = parse("#######", "#..#..#", "#..#..#", "#.....#", "#######")
    steps = distances((cells == GROUND).ravel().tolist(), 7, 8)
    assert steps[8] == 0
    assert steps[8 + 3 + 1] == 4 + 4
    assert list(steps.values()) == sorted(steps.values())
    assert len(steps) == 13


def test_the_cheapest_path_carves_the_thinnest_wall():
    cells = parse("########", "#..##..#", "#..####.", "#...#..#", "########")
    prices = [9 if cell else 2 for cell in cells.ravel()]
    inside = np.zeros(cells.shape, dtype=int)
    inside[1:-1, 1:-1] = 1
    zones = inside.ravel().tolist()
    path = cheapest(prices, zones, 1, 8, 9, (1 * 8 + 6).__eq__)
    assert [cell for cell in path if prices[cell] == 9] == [1 * 8 + 3, 1 * 8 + 4]
    assert path[0] == 9
    assert all(abs(a - b) in (1, 8) for a, b in itertools.pairwise(path))
    zones[1 * 8 + 4] = 0
    path = cheapest(prices, zones, 1, 8, 9, (1 * 8 + 6).__eq__)
    assert 3 * 8 + 4 in path
    assert cheapest(prices, [0] * 40, 1, 8, 9, (1 * 8 + 6).__eq__) is None
