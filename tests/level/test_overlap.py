"""The overlapping model: extraction of patterns from an example, and reconstruction."""

import numpy as np
import pytest

from tilewright import UsageError
from tilewright.level.overlap import learn
from tilewright.level.solver import solve

STRIPES = np.array([[0, 1, 2], [0, 1, 2]], dtype=np.uint8)


def test_patterns_are_all_turned_and_mirrored_pieces():
    overlap = learn(STRIPES, size=2)
    pieces = {tuple(pattern.ravel().tolist()) for pattern in overlap.patterns}
    steps = [(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)]
    assert pieces == {(a, b, a, b) for a, b in steps} | {(a, a, b, b) for a, b in steps}
    assert overlap.rules.weights.sum() == 8 * STRIPES.size


def test_patterns_as_they_are():
    overlap = learn(STRIPES, size=2, wrap=False, turn=False)
    assert {tuple(pattern.ravel().tolist()) for pattern in overlap.patterns} == {(0, 1, 0, 1), (1, 2, 1, 2)}


def test_allowed_neighbours_agree_where_they_overlap():
    example = np.random.default_rng(0).integers(0, 3, (4, 5)).astype(np.uint8)
    overlap = learn(example)
    for a, first in enumerate(overlap.patterns):
        for b, second in enumerate(overlap.patterns):
            assert overlap.rules.allowed[0, a, b] == np.array_equal(first[:, 1:], second[:, :-1])
            assert overlap.rules.allowed[1, a, b] == np.array_equal(first[1:], second[:-1])


def test_every_piece_of_a_solution_is_in_the_example():
    example = np.random.default_rng(1).integers(0, 2, (9, 9)).astype(np.uint8)
    overlap = learn(example)
    solution = solve(overlap.rules, 30, 41, seed=5)
    cells = overlap.decode(solution.tiles)
    assert cells.shape == (32, 43)
    pieces = np.lib.stride_tricks.sliding_window_view(cells, (3, 3)).reshape(-1, 9)
    assert {piece.tobytes() for piece in pieces} <= {pattern.tobytes() for pattern in overlap.patterns}
    assert set(overlap.patterns[overlap.showing(1), 0, 0]) == {1}


def test_negative_examples_leave_patterns_out():
    example = np.zeros((6, 6), dtype=np.uint8)
    example[1:4, 1:4] = 1
    cross = np.array([[0, 1], [0, 0]], dtype=np.uint8)  # a corner, and its rotations
    with_corners, without = learn(example, 2), learn(example, 2, never=[cross])
    assert {tuple(p.ravel()) for p in with_corners.patterns} - {
        tuple(p.ravel()) for p in without.patterns
    } == {(0, 1, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((STRIPES.astype(int),), "learn(): example must be uint8 (H, W), not int64 (2, 3)"),
        ((STRIPES, 0), "learn(): size must be in 1..2 for (2, 3) cells, not 0"),
    ],
)
def test_bad_arguments_are_named(arguments, text):
    with pytest.raises(UsageError) as caught:
        learn(*arguments)
    assert str(caught.value) == text
    with pytest.raises(UsageError, match=r"the example must have 1\.\.4096 patterns, not 0"):
        learn(STRIPES, never=[np.pad(STRIPES, 2, mode="wrap")])
