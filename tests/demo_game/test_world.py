"""The rules of the game: walls block, corners are rounded, items are collected, and runs are reproducible."""

import numpy as np
import pytest

from tilewright.level import level_styles, make_level
from tilewright_demo.dice import Dice
from tilewright_demo.script import keys_towards_item
from tilewright_demo.world import CELL, Item, Walker, World


def world_of(*rows, items=(), monsters=()):
    walkable = np.array([[glyph == "." for glyph in row] for row in rows])
    world = World.populate(walkable, tuple(np.argwhere(walkable)[0].tolist()), 1, 1, 1)
    world.items = [Item(column * CELL + 128, row * CELL + 128, 0) for row, column in items]
    world.monsters = [
        Walker(column * CELL + 128, row * CELL + 128, patience=10**9) for row, column in monsters
    ]
    return world


def stands_on_floor(world, walker):
    """Check pixel by pixel, independently of the game's arithmetic, that all of the feet are on walkable
    cells.
    """
    return all(
        world.walkable[y // CELL, x // CELL]
        for x in (walker.x - 80, walker.x, walker.x + 79)
        for y in (walker.y - 64, walker.y, walker.y + 63)
    )


@pytest.mark.parametrize("style", level_styles())
@pytest.mark.parametrize("seed", range(3))
def test_nobody_enters_a_wall_whatever_is_pressed(style, seed):
    level = make_level(24, 20, seed, style)
    world = World.populate(level.walkable, level.start, seed, 3, 3)
    dice = Dice(seed)
    visited = set()
    dx = dy = 0
    for step in range(1500):
        if step % 12 == 0:
            dx, dy = dice.below(3) - 1, dice.below(3) - 1
        world.step(dx, dy)
        assert stands_on_floor(world, world.hero)
        visited.add((world.hero.x // CELL, world.hero.y // CELL))
    assert all(stands_on_floor(world, monster) for monster in world.monsters)
    assert len(visited) > 3


def test_a_wall_stops_the_hero_right_at_it():
    world = world_of("#####", "#...#", "#####")
    for _ in range(100):
        world.step(1, 0)
    assert world.hero.x + 80 == 4 * CELL
    assert not world.hero.moving
    assert not world.hero.left


def test_walls_are_slid_along():
    world = world_of("######", "#....#", "######")
    for _ in range(20):
        world.step(1, -1)
    assert world.hero.x > 2 * CELL


def test_diagonals_are_not_faster():
    straight, diagonal = (
        world_of("#" * 9, *["#.......#"] * 7, "#" * 9),
        world_of("#" * 9, *["#.......#"] * 7, "#" * 9),
    )
    for _ in range(20):
        straight.step(1, 0)
        diagonal.step(1, 1)
    assert diagonal.hero.x - 384 < straight.hero.x - 384
    assert abs((diagonal.hero.x - 384) * 1414 - (straight.hero.x - 384) * 1000) < 20000


def test_corners_forgive():
    world = world_of("#####", "#...#", "###.#", "###.#", "#####")
    world.hero.x, world.hero.y = 3 * CELL + 40, CELL + 128  # just beside the passage
    for _ in range(60):
        world.step(0, 1)
    assert world.hero.y > 3 * CELL


def test_items_are_found_and_a_bump_loses_one():
    world = world_of("#######", "#.....#", "#######", items=[(1, 2)], monsters=[(1, 5)])
    for _ in range(15):
        world.step(1, 0)
    assert world.found == [0]
    assert world.items[0].taken
    for _ in range(60):
        world.step(1, 0)
    assert world.found == []
    assert not world.items[0].taken
    assert world.safe > 0


def test_people_and_things_lie_away_from_the_start():
    level = make_level(48, 32, 2, "caves")
    world = World.populate(level.walkable, level.start, 2, 2, 2)
    assert world.items
    assert world.monsters
    for thing, least in [(item, 3) for item in world.items] + [(monster, 6) for monster in world.monsters]:
        row, column = thing.y // CELL, thing.x // CELL
        assert level.walkable[row, column]
        assert abs(row - level.start[0]) + abs(column - level.start[1]) >= least


def test_the_script_fetches_an_item():
    level = make_level(48, 32, 5, "dungeon")
    world = World.populate(level.walkable, level.start, 5, 1, 1)
    world.monsters = []
    for _ in range(900):
        world.step(*keys_towards_item(world))
    assert len(world.found) >= 2
    world.items = []
    assert keys_towards_item(world) == (0, 0)


def test_a_run_repeats():
    def play(seed):
        level = make_level(24, 20, 3, "garden")
        world = World.populate(level.walkable, level.start, seed, 2, 2)
        for step in range(300):
            world.step(step // 40 % 3 - 1, step // 25 % 3 - 1)
        return world.digest()

    assert play(4) == play(4)
    assert play(4) != play(5)
