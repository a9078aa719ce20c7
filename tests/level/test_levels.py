"""Guarantees of all levels, and the errors of make_level."""

import hashlib

import numpy as np
import pytest

from tilewright.errors import UsageError
from tilewright.level import level_styles, levels, make_level
from tilewright.level.examples import STYLES
from tilewright.level.paths import label
from tilewright.level.solver import Solution


def digest(made):
    return hashlib.sha256(b"".join(level.cells.tobytes() + bytes(level.start) for level in made)).hexdigest()


def check(level, height, width):
    assert level.cells.shape == level.walkable.shape == (height, width)
    assert level.cells.dtype == np.uint8
    assert level.cells.max() < len(level.kinds)
    border = np.ones((height, width), dtype=bool)
    border[1:-1, 1:-1] = False
    assert not level.walkable[border].any()
    walked = [level.kinds[index] for index in np.unique(level.cells[level.walkable])]
    assert set(walked) <= {"floor", "grass"}
    assert len(label(level.walkable)[1]) == 1
    assert level.walkable.sum() * 5 >= height * width
    assert level.walkable[level.start]


@pytest.mark.parametrize("style", level_styles())
def test_guarantees_over_many_seeds(style):
    for seed in range(50):
        check(make_level(20, 16, seed, style), 16, 20)


@pytest.mark.parametrize("style", level_styles())
@pytest.mark.parametrize(("width", "height"), [(8, 8), (8, 40), (41, 9), (42, 43), (90, 60)])
def test_guarantees_over_sizes(style, width, height):
    for seed in (0, 2**64 - 1):
        check(make_level(width, height, seed, style), height, width)


@pytest.mark.parametrize("style", level_styles())
def test_examples_are_rectangles_of_known_glyphs(style):
    rows = STYLES[style].example.splitlines()
    assert len({len(row) for row in rows}) == 1
    assert set("".join(rows)) <= set(".,#~%")


def test_a_seed_is_a_level():
    made = [make_level(48, 32, seed, style) for style in level_styles() for seed in (0, 7)]
    again = [make_level(48, 32, seed, style) for style in level_styles() for seed in (0, 7)]
    assert all(
        np.array_equal(a.cells, b.cells) and a.start == b.start for a, b in zip(made, again, strict=True)
    )
    assert not np.array_equal(made[0].cells, made[1].cells)
    assert digest(made) == "f212c6b11960e1f18c6d859ff9e769333fa5418ea16880ffa1c493122998e96c"


def test_a_seed_is_a_level_of_one_block():
    made = [
        make_level(42, height, seed, style) for style in level_styles() for seed, height in ((0, 42), (7, 16))
    ]
    assert digest(made) == "9b96a423becf1eb8aa37ef9ecf32f214cce087c7635067fa99b683db10c322cb"


@pytest.mark.parametrize("style", level_styles())
@pytest.mark.parametrize(("width", "height"), [(64, 48), (83, 83), (130, 45), (200, 100)])
def test_large_levels_have_no_seams(style, width, height):
    """Every 3 x 3 piece of a large level occurs in its example."""
    patterns = {pattern.tobytes() for pattern in levels._learned(style).patterns}
    for seed in range(2):
        cells = levels._collapse(height, width, seed, style, attempt=0)
        pieces = np.lib.stride_tricks.sliding_window_view(cells, (3, 3)).reshape(-1, 3, 3)
        strangers = [piece for piece in np.unique(pieces, axis=0) if piece.tobytes() not in patterns]
        assert not strangers


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


@pytest.mark.parametrize("style", level_styles())
def test_a_level_that_is_not_solved_gets_a_hall(monkeypatch, style):
    unsolved = Solution("out of steps", None, 0, 0, ())
    monkeypatch.setattr(levels, "solve", lambda *arguments: unsolved)
    for seed, (height, width) in enumerate([(8, 8), (20, 9), (50, 60)]):
        check(make_level(width, height, seed, style), height, width)


def test_a_level_without_floor_gets_a_hall(monkeypatch):
    monkeypatch.setattr(
        levels, "_collapse", lambda height, width, *rest: np.full((height, width), 2, dtype=np.uint8)
    )
    for height, width in ((8, 8), (9, 8), (31, 17)):
        check(make_level(width, height, 0, "caves"), height, width)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((7, 20), "make_level(): width must be an integer in 8..512 cells, not 7"),
        ((20, 513), "make_level(): height must be an integer in 8..512 cells, not 513"),
        ((20, 20.0), "make_level(): height must be an integer in 8..512 cells, not 20.0"),
        ((True, 20), "make_level(): width must be an integer in 8..512 cells, not True"),
        ((20, 20, -1), "make_level(): seed must be an integer in 0..2**64-1, not -1"),
        ((20, 20, 2**64), "make_level(): seed must be an integer in 0..2**64-1, not 18446744073709551616"),
        (
            (20, 20, 0, "castle"),
            "make_level(): style must be one of dungeon, caves, garden, volcano, not 'castle'",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, text):
    with pytest.raises(UsageError) as caught:
        make_level(*arguments)
    assert str(caught.value) == text
