"""Guarantees of all levels, and the errors of make_level."""

import hashlib
import os

import numpy as np
import pytest

from tests.level.finishing import can_finish, faults
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.level import level_styles, levels, make_level
from tilewright.level.layout import VOID, plan
from tilewright.level.paths import label

SEEDS = int(os.environ.get("TILEWRIGHT_LEVEL_SEEDS", "12"))
"""Seeds of each style at 64 x 48; 1000 takes some minutes."""


def same(a, b):
    return np.array_equal(a.cells, b.cells) and (a.start, a.exit, a.objects) == (b.start, b.exit, b.objects)


@pytest.mark.parametrize("style", level_styles())
def test_levels_can_be_finished(style):
    """As another search finds. Doors matter: without keys, the exit cannot be reached."""
    for seed in range(SEEDS):
        assert not faults(make_level(64, 48, seed, style)), seed


@pytest.mark.parametrize("style", level_styles())
@pytest.mark.parametrize(("width", "height"), [(8, 8), (8, 40), (41, 9), (20, 16), (33, 27), (130, 45)])
def test_guarantees_over_sizes(style, width, height):
    for seed in (0, 1, 2, 6, 8, 12, 2**64 - 1):
        level = make_level(width, height, seed, style)
        assert level.cells.shape == level.walkable.shape == (height, width)
        assert level.cells.dtype == np.uint8
        assert not faults(level), seed


def test_the_largest_level():
    level = make_level(512, 512, 3, "islands")
    assert not faults(level)


@pytest.mark.parametrize("style", level_styles())
def test_small_levels_vary_with_the_seed(style):
    cells = {make_level(8, 8, seed, style).cells.tobytes() for seed in range(20)}
    assert len(cells) >= 15


def test_levels_of_a_useful_size_have_doors_and_treasures():
    for style in level_styles():
        for seed in range(5):
            kinds = [thing.kind for thing in make_level(40, 30, seed, style).objects]
            assert kinds.count("door") >= 1
            assert kinds.count("treasure") >= 1
            assert kinds.count("exit") == 1


def test_difficulty_follows_its_formula_and_grows_with_size():
    small, large = (
        np.mean([make_level(*size, seed).difficulty for seed in range(8)]) for size in ((24, 18), (96, 72))
    )
    assert large > small
    level = make_level(64, 48, 5)
    doors = sum(thing.kind == "door" for thing in level.objects)
    assert level.difficulty == 100 * (level.steps + 20 * doors) // (64 + 48)
    assert level.steps >= abs(level.exit[0] - level.start[0]) + abs(level.exit[1] - level.start[1])


@pytest.mark.parametrize("locks", range(4))
def test_plans_can_be_finished(locks):
    """Each door cuts the plan in two, and its key lies before it."""
    for seed in range(40):
        made = plan(60, 70, Draws(seed, locks), locks, voids=seed % 2 == 0)
        assert len(made.doors) == len(made.keys) == locks
        reached = {made.start}
        for lock in range(locks + 1):
            for _ in made.stage:
                for a, b in (*made.ways, *made.doors[:lock]):
                    if a in reached or b in reached:
                        reached |= {a, b}
            assert (made.exit in reached) == (lock == locks)
            if lock < locks:
                assert made.keys[lock] in reached
        assert reached == {area for area, stage in enumerate(made.stage) if stage != VOID}


def test_a_seed_is_a_level():
    made = [make_level(48, 32, seed, style) for style in level_styles() for seed in (0, 7)]
    again = [make_level(48, 32, seed, style) for style in level_styles() for seed in (0, 7)]
    assert all(same(a, b) for a, b in zip(made, again, strict=True))
    assert len({level.cells.tobytes() for level in made}) == len(made)
    text = "".join(repr((level.cells.tobytes(), level.start, level.objects, level.steps)) for level in made)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "7a7cc306342c26b69f57f1ef8cc5800705a1746c68883c1f57a2c959619997fe"


def test_a_door_without_a_place_is_left_out(monkeypatch):
    """As is a plan that cannot be finished, though no seed is known that has one."""
    steps = levels._steps
    tried = []

    def unlucky(free, start, end, objects):
        tried.append(sum(thing.kind == "door" for thing in objects))
        return None if tried[-1] > 1 else steps(free, start, end, objects)

    monkeypatch.setattr(levels, "_steps", unlucky)
    level = make_level(64, 48, 0)
    assert tried == [3, 2, 1]
    assert can_finish(level)


def test_a_level_draws_itself():
    level = make_level(12, 9, 3, "garden")
    rows = str(level).splitlines()
    assert [len(row) for row in rows] == [12] * 9
    assert rows[level.start[0]][level.start[1]] == "@"
    assert rows[0] == "#" * 12


def test_arrays_are_read_only():
    level = make_level(8, 8)
    assert not level.cells.flags.writeable
    assert not level.walkable.flags.writeable


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0, 5), "make_level(): width must be an integer in 8..512 cells, not 0"),
        ((100_000, 100_000), "make_level(): width must be an integer in 8..512 cells, not 100000"),
        ((7, 20), "make_level(): width must be an integer in 8..512 cells, not 7"),
        ((20, 513), "make_level(): height must be an integer in 8..512 cells, not 513"),
        ((20, 20.0), "make_level(): height must be an integer in 8..512 cells, not 20.0"),
        ((True, 20), "make_level(): width must be an integer in 8..512 cells, not True"),
        ((20, 20, -1), "make_level(): seed must be an integer in 0..2**64-1, not -1"),
        ((20, 20, 2**64), "make_level(): seed must be an integer in 0..2**64-1, not 18446744073709551616"),
        (
            (20, 20, 0, "castle"),
            "make_level(): style must be one of dungeon, caves, islands, village, overworld, garden, "
            "volcano, not 'castle'",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, text):
    with pytest.raises(UsageError) as caught:
        make_level(*arguments)
    assert str(caught.value) == text


def test_carved_cells_connect_the_level():
    """They are closed cells that were opened: without them, the open cells would fall apart."""
    apart = 0
    for seed in range(6):
        level = make_level(26, 20, seed, "overworld")
        assert level.carved.shape == level.cells.shape and not level.carved.flags.writeable
        before = label(level.walkable & ~level.carved)[1]
        apart += len(before) > 1
    assert apart > 0
