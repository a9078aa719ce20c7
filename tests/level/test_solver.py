"""The wave function collapse solver, compared with brute force and with its guarantees."""

import hashlib
import itertools
import threading

import numpy as np
import pytest

from tilewright import _core
from tilewright.level.solver import solve

DIFFERENT = np.ones((2, 4, 4), dtype=np.uint8) - np.eye(4, dtype=np.uint8)
"""Four colours; neighbours differ."""


def free(height, width, patterns):
    return np.ones((height, width, patterns), dtype=np.uint8)


def obeys(placed, allowed, periodic=False):
    right, below = np.roll(placed, -1, axis=1), np.roll(placed, -1, axis=0)
    across, down = allowed[0][placed, right], allowed[1][placed, below]
    if not periodic:
        across, down = across[:, :-1], down[:-1]
    return bool(across.all() and down.all())


def random_rules(rng, patterns, density):
    return (rng.random((2, patterns, patterns)) < density).astype(np.uint8)


@pytest.mark.parametrize("case", range(40))
def test_agrees_with_brute_force_on_small_grids(case):
    rng = np.random.default_rng(case)
    allowed = random_rules(rng, 3, 0.6)
    domains = (rng.random((2, 3, 3)) < 0.85).astype(np.uint8)
    possible = set()
    for cells in itertools.product(range(3), repeat=6):
        placed = np.array(cells).reshape(2, 3)
        if np.take_along_axis(domains, placed[..., None], axis=2).all() and obeys(placed, allowed):
            possible.add(cells)
    weights = np.array([5, 2, 1], dtype=np.int32)
    found = set()
    for seed in range(60):
        placed = solve(weights, allowed, domains, seed, 0, 4)
        if placed is not None:
            found.add(tuple(placed.ravel().tolist()))
    assert found <= possible
    assert bool(found) == bool(possible)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (2, 2), (13, 5), (64, 64)])
@pytest.mark.parametrize("periodic", [False, True])
def test_neighbours_are_allowed(size, periodic):
    height, width = size
    allowed = np.ones((2, 5, 5), dtype=np.uint8)
    allowed[:, 0, 1] = allowed[:, 1, 0] = allowed[:, 2, 3] = 0
    weights = np.array([1, 2, 3, 4, 5], dtype=np.int32)
    resolution, placed = _core.solve(weights, allowed, height, width, periodic, 3, attempts=20)
    assert resolution == "decided"
    assert placed.dtype == np.int32
    assert placed.shape == size
    assert obeys(placed, allowed, periodic)


def test_weights_are_respected():
    weights = np.array([1, 9], dtype=np.int32)
    placed = solve(weights, np.ones((2, 2, 2), dtype=np.uint8), free(100, 100, 2), 1, 0, 1)
    assert 8700 <= int((placed == 1).sum()) <= 9300


def test_pinned_cells_keep_their_patterns():
    rng = np.random.default_rng(5)
    domains = free(20, 20, 4)
    pinned = {(row, column): int(rng.integers(4)) for row, column in ((0, 0), (3, 7), (19, 19), (10, 2))}
    for cell, pattern in pinned.items():
        domains[cell] = np.eye(4, dtype=np.uint8)[pattern]
    placed = solve(np.ones(4, dtype=np.int32), DIFFERENT, domains, 9, 0, 20)
    assert all(placed[cell] == pattern for cell, pattern in pinned.items())
    assert obeys(placed, DIFFERENT)


def test_a_contradiction_is_a_value():
    never = np.zeros((2, 2, 2), dtype=np.uint8)
    weights = np.ones(2, dtype=np.int32)
    assert _core.solve(weights, never, 2, 2, False, 0, attempts=3) == ("contradiction", None)
    assert solve(weights, np.ones_like(never), np.zeros((1, 1, 2), dtype=np.uint8), 0, 0, 1) is None
    # Two colours that must alternate do not fit on a ring of three.
    alternate = np.stack([1 - np.eye(2, dtype=np.uint8)] * 2)
    assert _core.solve(weights, alternate, 1, 3, True, 0, attempts=5) == ("contradiction", None)


def test_one_result_for_a_seed_and_another_for_the_next():
    weights = np.array([3, 1, 4, 1], dtype=np.int32)
    results = [solve(weights, DIFFERENT, free(16, 16, 4), seed, 0, 9) for seed in (7, 7, 8, 2**64 - 1)]
    assert np.array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])
    digest = hashlib.sha256(b"".join(result.astype("<i4").tobytes() for result in results)).hexdigest()
    assert digest == "af1889179b5a07733424077c88ff7479cb1a1de20be4f4dffbb218594e49e2c7"


def test_threads_do_not_disturb_one_another():
    weights = np.ones(4, dtype=np.int32)
    alone = [solve(weights, DIFFERENT, free(24, 24, 4), seed, 0, 9) for seed in range(4)]
    results = [None] * 4

    def work(seed):
        results[seed] = solve(weights, DIFFERENT, free(24, 24, 4), seed, 0, 9)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(alone, results, strict=True))


ONES = np.ones(2, dtype=np.int32)
ANY = np.ones((2, 2, 2), dtype=np.uint8)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((ONES[:0], ANY[:, :0, :0], 2, 2, False, 0), "solve(): there must be 1 to 4096 patterns"),
        ((ONES * 0, ANY, 2, 2, False, 0), "solve(): every weight must be at least 1"),
        ((ONES * (2**31 - 1), ANY, 2, 2, False, 0), "solve(): the weights must sum to less than 2**31"),
        (
            (ONES, ANY[:1], 2, 2, False, 0),
            "solve(): allowed must have the shape (2, T, T) with T = 2, not uint8 (1, 2, 2)",
        ),
        ((ONES, ANY, 0, 2, False, 0), "solve(): height and width must be at least 1"),
        ((ONES, ANY, 2, -1, False, 0), "solve(): height and width must be at least 1"),
        (
            (ONES, ANY, 2**15, 2**15, False, 0),
            "solve(): height * width * T must not exceed 2**24; solve a large map in blocks",
        ),
        (
            (ONES, ANY, 2, 2, False, 0, np.ones((2, 3, 2), dtype=np.uint8)),
            "solve(): domains must have the shape (height, width, T), not uint8 (2, 3, 2)",
        ),
        ((ONES, ANY, 2, 2, False, 0, None, 0, 0), "solve(): attempts must be 1 or more, not 0"),
    ],
)
def test_bad_arguments_are_named(arguments, text):
    with pytest.raises(ValueError) as caught:
        _core.solve(*arguments)
    assert str(caught.value) == text
