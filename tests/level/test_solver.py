"""The wave function collapse solver, compared with brute force and with its guarantees."""

import hashlib
import itertools
import threading
import time

import numpy as np
import pytest

from tilewright import UsageError, _core
from tilewright.level.constraints import Allow, Border, Connected, Count, Fixed, Never, Separation
from tilewright.level.paths import label
from tilewright.level.rules import Rules
from tilewright.level.solver import solve

DIFFERENT = Rules(np.ones((2, 4, 4)) - np.eye(4))
"""Four colours; neighbours differ."""
ANY = Rules(np.ones((2, 2, 2)))
"""Two tiles without rules."""
CHECKERBOARD = Rules(np.stack([1 - np.eye(2)] * 2))


def obeys(placed, allowed, periodic=False):
    right, below = np.roll(placed, -1, axis=1), np.roll(placed, -1, axis=0)
    across, down = allowed[0][placed, right], allowed[1][placed, below]
    if not periodic:
        across, down = across[:, :-1], down[:-1]
    return bool(across.all() and down.all())


def apart(placed, tile, distance):
    cells = np.argwhere(placed == tile)
    return all(np.abs(a - b).max() >= distance for a, b in itertools.combinations(cells, 2))


def connected(placed, tile):
    return len(label(np.pad(placed == tile, 1))[1]) <= 1


CONDITIONS = {
    "allow": (lambda: Allow([0, 2], [(0, 0), (1, 2)]), lambda p: {p[0, 0], p[1, 2]} <= {0, 2}),
    "border": (lambda: Border([0, 1], ["top", "left"]), lambda p: (p[0] < 2).all() and (p[:, 0] < 2).all()),
    "count": (lambda: Count(1, 2, 3), lambda p: 2 <= (p == 1).sum() <= 3),
    "count of several": (lambda: Count([1, 2], 5), lambda p: (p > 0).sum() >= 5),
    "separation": (lambda: Separation(2, 2), lambda p: apart(p, 2, 2)),
    "connected": (lambda: Connected(0), lambda p: connected(p, 0)),
    "never": (lambda: Never([[0, -1], [-1, 0]]), lambda p: not ((p[:-1, :-1] == 0) & (p[1:, 1:] == 0)).any()),
}


@pytest.mark.parametrize("case", range(30))
def test_agrees_with_brute_force_on_small_grids(case):
    """The solver finds only maps that obey everything, finds one if there is one, and else proves it."""
    rng = np.random.default_rng(case)
    rules = Rules(rng.random((2, 3, 3)) < 0.65, [5, 2, 1])
    names = rng.choice(list(CONDITIONS), size=rng.integers(0, 4), replace=False)
    possible = set()
    for cells in itertools.product(range(3), repeat=6):
        placed = np.array(cells).reshape(2, 3)
        if obeys(placed, rules.allowed) and all(CONDITIONS[name][1](placed) for name in names):
            possible.add(cells)
    found = set()
    for seed in range(40):
        solution = solve(rules, 2, 3, seed, [CONDITIONS[name][0]() for name in names])
        assert solution.outcome == ("decided" if possible else "unsatisfiable"), names
        if solution.tiles is not None:
            found.add(tuple(solution.tiles.ravel().tolist()))
    assert found <= possible
    assert len(found) > 1 or len(possible) < 2


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (2, 2), (13, 5), (64, 64)])
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("tiles", [5, 70, 140, 270, 600, 1100])
def test_neighbours_are_allowed(size, periodic, tiles):
    """For every number of words of a set of tiles, with and without tables of unions."""
    if tiles > 300 and size == (64, 64):
        size = (20, 31)
    rng = np.random.default_rng(tiles)
    allowed = rng.random((2, tiles, tiles)) < 0.8
    allowed[:, 0] = allowed[:, :, 0] = True
    solution = solve(Rules(allowed), *size, seed=3, periodic=periodic)
    assert solution.tiles.dtype == np.int32
    assert solution.tiles.shape == size
    assert obeys(solution.tiles, allowed, periodic)


def test_weights_and_zones():
    rules = Rules(np.ones((2, 2, 2)), [[1, 9], [9, 1]])
    zones = np.zeros((100, 200), dtype=int)
    zones[:, 100:] = 1
    placed = solve(rules, 100, 200, 1, zones=zones).tiles
    assert 8700 <= int((placed[:, :100] == 1).sum()) <= 9300
    assert 700 <= int((placed[:, 100:] == 1).sum()) <= 1300


def test_fixed_cells_keep_their_tiles():
    rng = np.random.default_rng(5)
    fixed = np.full((20, 20), -1)
    for row, column in ((0, 0), (3, 7), (19, 19), (10, 2)):
        fixed[row, column] = rng.integers(4)
    placed = solve(DIFFERENT, 20, 20, 9, [Fixed(fixed)]).tiles
    assert np.array_equal(placed[fixed >= 0], fixed[fixed >= 0])
    assert obeys(placed, DIFFERENT.allowed)


def test_corner_codes_of_a_terrain_set():
    codes = np.array(list(itertools.product(range(3), repeat=4)))
    rules = Rules.from_corners(codes)
    placed = solve(rules, 60, 80, 2).tiles
    corners = codes[placed]
    assert np.array_equal(corners[:, :-1, [1, 2]], corners[:, 1:, [0, 3]])
    assert np.array_equal(corners[:-1, :, [3, 2]], corners[1:, :, [0, 1]])


def test_side_codes_and_an_example_give_the_same_rules():
    sides = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]])  # top, right, bottom, left
    rules = Rules.from_sides(sides)
    placed = solve(rules, 40, 40, 4).tiles
    assert np.array_equal(sides[placed][:, :-1, 1], sides[placed][:, 1:, 3])
    assert np.array_equal(sides[placed][:-1, :, 2], sides[placed][1:, :, 0])
    learnt = Rules.from_example(placed)
    assert np.array_equal(learnt.allowed, rules.allowed)
    assert np.array_equal(learnt.weights[0], np.bincount(placed.ravel()))


def test_all_constraints_together():
    """Rooms: floor 0, wall 1, chest 2, lamp 3; chests and lamps only beside floor."""
    allowed = np.ones((2, 4, 4))
    allowed[:, 2:, 2:] = 0
    constraints = [
        Border(1),
        Allow(0, [(2, 2), (17, 27)], "entrance and exit"),
        Count(2, 3, 5),
        Separation(2, 6),
        Separation(3, 3),
        Connected([0, 2]),
        Never([[1, 1], [1, 1]], "no thick walls"),
    ]
    inside = [*constraints[1:6], Never([[0, 0, 0, 0]] * 4, "no halls")]
    for seed in range(3):
        solution = solve(Rules(allowed, [8, 8, 1, 1]), 20, 30, seed, [Border(1), *inside])
        placed = solution.tiles
        assert placed[2, 2] == placed[17, 27] == 0
        assert 3 <= (placed == 2).sum() <= 5
        assert apart(placed, 2, 6)
        assert apart(placed, 3, 3)
        assert (placed[[0, -1]] == 1).all()
        assert len(label((placed == 0) | (placed == 2))[1]) == 1
        windows = np.lib.stride_tricks.sliding_window_view(placed, (4, 4))
        assert not (windows == 0).all(axis=(2, 3)).any()
    # Walls of one cell around the map, and no two by two of them: the corners allow it, a second row does not.
    two_rows = Allow(1, [(row, column) for row in (0, 1) for column in range(30)], "two rows")
    assert solve(Rules(allowed), 20, 30, 0, [two_rows, constraints[-1]]).reasons == (
        "two rows",
        "no thick walls",
    )


def test_a_contradiction_is_an_outcome_with_reasons():
    never = Rules(np.zeros((2, 2, 2)))
    solution = solve(never, 2, 2)
    assert (solution.outcome, solution.tiles, solution.reasons) == ("unsatisfiable", None, ("adjacency",))
    assert str(solution) == "unsatisfiable after 0 decisions, 0 contradictions: adjacency"
    # Two colours that must alternate do not fit on a ring of three, which only the search proves.
    solution = solve(CHECKERBOARD, 1, 3, periodic=True)
    assert (solution.outcome, solution.reasons) == ("unsatisfiable", ("adjacency",))
    assert solution.steps > 0
    # Of several constraints, those that contradict each other are named.
    wanted = [Count(1, 3, name="chests"), Border(0, name="walls"), Count(1, 1, name="keys"), Separation(1, 2)]
    solution = solve(ANY, 3, 4, 0, wanted)
    assert (solution.outcome, solution.reasons) == ("unsatisfiable", ("chests", "walls"))
    apart_ends = [Allow(0, [(0, 0), (0, 6)], "ends"), Allow(1, [(0, 3)], "river"), Connected(0, name="road")]
    assert solve(ANY, 1, 7, 0, apart_ends).reasons == ("ends", "river", "road")


def test_the_search_goes_back():
    """Neighbours differ on a ring, with three colours: many first attempts end in contradictions."""
    solution = solve(Rules(np.ones((2, 3, 3)) - np.eye(3)), 24, 24, 3, periodic=True)
    assert solution.outcome == "decided"
    assert solution.conflicts > 0
    assert obeys(solution.tiles, 1 - np.stack([np.eye(3)] * 2), periodic=True)


def test_limits():
    assert solve(DIFFERENT, 9, 9, 0, max_steps=3).outcome == "out of steps"
    # 26 of 81 cells, no two of them adjacent, do not exist: the proof takes exponential time.
    packed = [Count(1, 26, name="26"), Separation(1, 2, name="apart")]
    solution = solve(ANY, 9, 9, 0, packed, max_steps=2**60, seconds=0.3)
    assert (solution.outcome, solution.reasons) == ("out of time", ("26", "apart"))


@pytest.mark.parametrize(
    ("rules", "side", "constraints"),
    [
        (ANY, 9, [Count(1, 26), Separation(1, 2)]),
        (ANY, 1000, [Connected(0)]),
        (ANY, 2000, [Separation(1, 2000)]),
        (ANY, 1000, [Never(np.zeros((8, 8), dtype=int))]),
        (Rules(np.ones((2, 300, 300))), 1000, []),
    ],
    ids=["search", "connected", "separation", "never", "many tiles"],
)
def test_a_time_limit_is_obeyed(rules, side, constraints):
    """Within 0.1 s after the map is set up. The time of the processor tells this also on a busy machine."""

    def solved_in(seconds):
        began = time.process_time()
        solution = solve(rules, side, side, 0, constraints, max_steps=2**60, seconds=seconds)
        assert solution.outcome == "out of time"
        return time.process_time() - began

    # Setting up is slower where memory is busy: twice the time of a solve that does nothing else.
    assert solved_in(0.1) < 0.1 + 0.1 + 2 * solved_in(0.0)


def test_a_limit_may_end_a_solve_at_any_point():
    """Also between a decision and its effect."""
    packed = [Count(1, 26, name="26"), Separation(1, 2, name="apart")]
    for number in range(300):
        solution = solve(ANY, 9, 9, number, packed, max_steps=2**60, seconds=number * 1e-5)
        assert solution.outcome == "out of time"


def test_one_result_for_a_seed_and_another_for_the_next():
    rules = Rules(DIFFERENT.allowed, [3, 1, 4, 1])
    results = [solve(rules, 16, 16, seed).tiles for seed in (7, 7, 8, 2**64 - 1)]
    assert np.array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])
    constraints = [Connected(0), Separation(1, 3), Count(2, 40, 60)]
    free = Rules(np.ones((2, 4, 4)))
    constrained = solve(free, 16, 16, 7, constraints).tiles
    assert np.array_equal(solve(free, 16, 16, 7, constraints, seconds=60).tiles, constrained)
    results.append(constrained)
    digest = hashlib.sha256(b"".join(result.astype("<i4").tobytes() for result in results)).hexdigest()
    assert digest == "354c1ad57bafe1d079bd825e31976c782b6cdada87303779f602a25ec925b43a"


def test_threads_do_not_disturb_one_another():
    alone = [solve(DIFFERENT, 24, 24, seed).tiles for seed in range(4)]
    results = [None] * 4

    def work(seed):
        results[seed] = solve(DIFFERENT, 24, 24, seed).tiles

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(alone, results, strict=True))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: Rules(np.ones((1, 2, 2))),
            "Rules(): allowed must have the shape (2, T, T) with T in 1..4096, not (1, 2, 2)",
        ),
        (
            lambda: Rules(np.ones((2, 2, 2)), [1]),
            "Rules(): weights must have the shape (2,) or (Z, 2), not (1,)",
        ),
        (lambda: Rules(np.ones((2, 2, 2)), [0, 1]), "Rules(): weights must be integers of 1 or more"),
        (lambda: Rules(np.ones((2, 2, 2)), [2**31 - 1, 1]), "Rules(): weights must sum to less than 2**31"),
        (
            lambda: Rules.from_sides([[1, 2]]),
            "Rules.from_sides(): codes must have the shape (T, 4) with T in 1..4096, not (1, 2)",
        ),
        (
            lambda: Rules.from_example([1, 2]),
            "Rules.from_example(): example must be integers (H, W), not int64 (2,)",
        ),
        (lambda: solve(ANY, 0, 5), "solve(): height must be an integer of 1 or more, not 0"),
        (
            lambda: solve(ANY, 100_000, 100_000),
            "solve(): height * width must not exceed 2**22, and times the tiles 2**30, "
            "not 100000 x 100000 with 2 tiles",
        ),
        (lambda: solve(ANY, 2, 2, -1), "solve(): seed must be an integer in 0..2**64-1, not -1"),
        (lambda: solve(ANY, 2, 2, seconds=-1), "solve(): seconds must be 0 or more, not -1"),
        (lambda: solve(ANY, 2, 2, max_steps=-1), "solve(): max_steps must be in 0..2**62, not -1"),
        (
            lambda: solve(ANY, 2, 2, zones=[[0, 0], [0, 1]]),
            "solve(): zones must be in 0..0, the rows of the rules' weights",
        ),
        (
            lambda: solve(ANY, 2, 2, zones=[[0, 0]]),
            "solve(): zones must be integers (2, 2), not int64 (1, 2)",
        ),
        (lambda: solve(ANY, 2, 2, 0, [Border(2)]), "Border: tiles must be in 0..1, not 2"),
        (
            lambda: solve(ANY, 2, 2, 0, [Border(0, ["up"])]),
            "Border: sides must be of top, right, bottom, left, not ['up']",
        ),
        (
            lambda: solve(ANY, 2, 2, 0, [Fixed([[0]])]),
            "Fixed: cells must be integers (2, 2), not int64 (1, 1)",
        ),
        (
            lambda: solve(ANY, 2, 2, 0, [Allow(0, [(2, 0)])]),
            "Allow: cells must be in a map of 2 x 2, not (2, 0)",
        ),
        (lambda: solve(ANY, 2, 2, 0, [Count(0, 3, 2)]), "Count: least must be in 0..most, not 3 with most 2"),
        (lambda: solve(ANY, 2, 2, 0, [Separation(0, 0)]), "Separation: distance must be 1 or more, not 0"),
        (lambda: solve(ANY, 2, 2, 0, [Never([[5]])]), "Never: pattern must have tiles below 2, not 5"),
        (
            lambda: _core.LevelSolver(ANY.weights, ANY.allowed, 0, 2),
            "solve(): height and width must be at least 1",
        ),
        (
            lambda: _core.LevelSolver(ANY.weights, ANY.allowed, 2, 2).allow(
                "x", np.ones(2, np.uint8), np.array([4], np.int32)
            ),
            "LevelSolver: cells must be 0..3, not 4",
        ),
    ],
)
def test_bad_arguments_are_named(call, text):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == text
    assert isinstance(caught.value, UsageError) or "LevelSolver" in text or "at least" in text
