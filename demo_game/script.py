"""The keys of self-play: walk to the nearest collectable item."""

from collections import deque

from .world import CELL, World

_STEPS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def keys_towards_item(world: World) -> tuple[int, int]:
    """Return the keys (dx, dy) towards the nearest item, or (0, 0) if none is left.

    The result depends only on the world.
    """
    hero = world.hero
    here = hero.x // CELL, hero.y // CELL
    goals = {(item.x // CELL, item.y // CELL) for item in world.items if not item.taken}
    cell = _first_step(world, here, goals)
    if cell is None:
        return 0, 0
    # Aim for the middle of the cell with a tolerance, so that the hero does not oscillate.
    away_x, away_y = cell[0] * CELL + CELL // 2 - hero.x, cell[1] * CELL + CELL // 2 - hero.y
    dx = 0 if abs(away_x) < 20 else (1 if away_x > 0 else -1)
    dy = 0 if abs(away_y) < 20 else (1 if away_y > 0 else -1)
    return dx, dy


def _first_step(world: World, start: tuple[int, int], goals: set[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the first cell on a shortest path (breadth first) to a goal, or `start` if it is a goal."""
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
