"""The keys that the game presses when it plays itself: walk to the nearest thing that can be collected."""

from collections import deque

from .world import CELL, World

_STEPS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def keys_towards_item(world: World) -> tuple[int, int]:
    """The direction keys (dx, dy) of a player who wants the nearest item; (0, 0) when none is left.

    The same world gives the same keys.
    """
    hero = world.hero
    here = hero.x // CELL, hero.y // CELL
    goals = {(item.x // CELL, item.y // CELL) for item in world.items if not item.taken}
    cell = _first_step(world, here, goals)
    if cell is None:
        return 0, 0
    # Middle of the cell to walk to, with some slack so that the hero does not tremble around it.
    away_x, away_y = cell[0] * CELL + CELL // 2 - hero.x, cell[1] * CELL + CELL // 2 - hero.y
    dx = 0 if abs(away_x) < 20 else (1 if away_x > 0 else -1)
    dy = 0 if abs(away_y) < 20 else (1 if away_y > 0 else -1)
    return dx, dy


def _first_step(world: World, start: tuple[int, int], goals: set[tuple[int, int]]) -> tuple[int, int] | None:
    """The cell after `start` on a shortest way to a goal, breadth first; `start` itself where it is one."""
    came_from = {start: start}
    waiting = deque([start])
    while waiting:
        cell = waiting.popleft()
        if cell in goals:
            while came_from[cell] != start:
                cell = came_from[cell]
            return cell
        for dx, dy in _STEPS:
            neighbour = cell[0] + dx, cell[1] + dy
            if neighbour not in came_from and world.walkable[neighbour[1], neighbour[0]]:
                came_from[neighbour] = cell
                waiting.append(neighbour)
    return None
