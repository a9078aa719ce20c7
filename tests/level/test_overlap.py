"""The overlapping model: extraction of patterns from an example, and reconstruction."""

import numpy as np

from tilewright.level.overlap import learn

STRIPES = np.array([[0, 1, 2], [0, 1, 2]], dtype=np.uint8)


def test_patterns_are_all_turned_and_mirrored_pieces():
    overlap = learn(STRIPES, size=2)
    pieces = {tuple(pattern.ravel().tolist()) for pattern in overlap.patterns}
    steps = [(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)]
    assert pieces == {(a, b, a, b) for a, b in steps} | {(a, a, b, b) for a, b in steps}
    assert overlap.weights.sum() == 8 * STRIPES.size


def test_allowed_neighbours_agree_where_they_overlap():
    example = np.random.default_rng(0).integers(0, 3, (4, 5)).astype(np.uint8)
    overlap = learn(example)
    for a, first in enumerate(overlap.patterns):
        for b, second in enumerate(overlap.patterns):
            assert overlap.allowed[0, a, b] == np.array_equal(first[:, 1:], second[:, :-1])
            assert overlap.allowed[1, a, b] == np.array_equal(first[1:], second[:-1])


def test_the_example_solves_itself():
    example = np.random.default_rng(1).integers(0, 4, (9, 5)).astype(np.uint8)
    overlap = learn(example)
    placed = overlap.example
    assert overlap.allowed[0][placed, np.roll(placed, -1, axis=1)].all()
    assert overlap.allowed[1][placed, np.roll(placed, -1, axis=0)].all()
    assert np.array_equal(overlap.decode(placed), np.pad(example, ((0, 2), (0, 2)), mode="wrap"))
