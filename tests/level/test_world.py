"""Worlds without an end: chunks are the same in any order, and continue each other."""

import hashlib
import itertools

import numpy as np
import pytest

from tilewright import UsageError, World
from tilewright.level import world as module
from tilewright.level.kinds import FLOOR, GRASS, WALL, WATER

SIDE = 32


def forget():
    module._word.cache_clear()
    module._middle_height.cache_clear()


def test_any_order_gives_the_same_chunks():
    places = [(x, y) for y in range(-16, 16) for x in range(-16, 16)][:1000]
    world = World(5, 16)
    forget()
    in_order = {place: world.chunk(*place).cells.tobytes() for place in places}
    forget()
    shuffled = [places[i] for i in np.random.default_rng(0).permutation(len(places))]
    assert {place: World(5, 16).chunk(*place).cells.tobytes() for place in shuffled} == in_order
    assert len(set(in_order.values())) > 900


@pytest.mark.parametrize("place", [(0, 0), (-1, -1), (-7, 4), (2**29, -(2**29))])
def test_terrain_has_no_borders(place):
    """Four chunks have the terrain of one that is twice as large."""
    x, y = place
    small, large = World(3, SIDE), World(3, 2 * SIDE)
    four = np.block([[small._terrain(2 * x + right, 2 * y + down) for right in (0, 1)] for down in (0, 1)])
    assert np.array_equal(four, large._terrain(x, y))
    water = four == WATER
    touching = np.zeros_like(water)
    touching[1:] |= water[:-1]
    touching[:-1] |= water[1:]
    touching[:, 1:] |= water[:, :-1]
    touching[:, :-1] |= water[:, 1:]
    assert not (touching & np.isin(four, [GRASS, WALL])).any()


def test_rivers_and_roads_continue_in_the_next_chunk():
    world = World(11, SIDE)
    rivers = roads = bends = 0
    for x in range(-12, 12):
        for y in range(-12, 12):
            cells = world.chunk(x, y).cells
            for (down, right), (dx, dy) in (((0, 1), (1, 0)), ((1, 0), (0, 1))):
                here, there = (x, y), (x + dx, y + dy)
                other = world.chunk(*there).cells
                row, column = world._crossing(*here, (down, right))
                far = world._crossing(*there, (-down, -right))
                assert (row, column) == ((far[0], SIDE - 1) if right else (SIDE - 1, far[1]))
                river = (down, right) in world._river_ends(*here)
                assert river == ((-down, -right) in world._river_ends(*there))
                road = (down, right) in world._road_ends(*here)
                assert road == ((-down, -right) in world._road_ends(*there))
                ends = cells[row, column], other[far]
                if road:
                    roads += 1
                    assert set(ends) <= {FLOOR, WATER}
                elif river:
                    rivers += 1
                    assert ends == (WATER, WATER)
            courses = [world._course(x, y, step) for step in world._river_ends(x, y)]
            bends += len(courses) > 1
            for course in courses:
                assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in itertools.pairwise(course))
    assert rivers > 30
    assert roads > 100
    assert bends > 30


def test_a_seed_is_a_world():
    cells = World(7).cells(-4, -3, 6, 6)
    assert cells.shape == (192, 192)
    assert np.array_equal(cells[32:64, 64:96], World(7).chunk(-2, -2).cells)
    assert not np.array_equal(cells, World(8).cells(-4, -3, 6, 6))
    digest = hashlib.sha256(cells.tobytes()).hexdigest()
    assert digest == "6a456a9ec47960632cc2685063610df1879a43af9c747b2a79e9bf0ff644f8b1"
    chunk = World(7).chunk(0, 0)
    assert not chunk.cells.flags.writeable
    assert chunk.walkable.shape == (32, 32)
    for kind in (WATER, GRASS, FLOOR):
        assert (cells == kind).mean() > 0.01


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: World(-1), "World(): seed must be an integer in 0..2**64-1, not -1"),
        (lambda: World(0, 15), "World(): chunk must be an integer in 16..128 cells, not 15"),
        (
            lambda: World().chunk(2**30 + 1, 0),
            "World.chunk(): x must be an integer in -2**30..2**30, not 1073741825",
        ),
        (lambda: World().chunk(0, 0.5), "World.chunk(): y must be an integer in -2**30..2**30, not 0.5"),
        (
            lambda: World().cells(0, 0, 0, 4),
            "World.cells(): width * height must be 1..4096 chunks, not 0 x 4",
        ),
        (
            lambda: World().cells(0, 0, 100_000, 100_000),
            "World.cells(): width * height must be 1..4096 chunks, not 100000 x 100000",
        ),
    ],
)
def test_bad_arguments_are_named(call, text):
    with pytest.raises(UsageError) as caught:
        call()
    assert str(caught.value) == text
