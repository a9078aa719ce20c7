"""Walking alone: to the nearest cell not seen yet or item, or to the stairs."""

from typing import TYPE_CHECKING

from .grid import CELL, Cell, downhill, towards

if TYPE_CHECKING:
    from .run import Run


def way_alone(run: "Run") -> tuple[int, int] | None:
    """Return the keys (dx, dy) of the next step towards the goal of `run.alone`, or None if it is reached.

    Exploration ends when nothing is left to see or to take; travel ends at the stairs, as far as they are known.
    """
    goals = explore_goals(run) if run.alone == "explore" else travel_goals(run)
    return way_to(run, goals)


def way_to(run: "Run", goals: set[Cell]) -> tuple[int, int] | None:
    """Return the keys of the next step to the nearest of `goals`, or None if none is reachable or one is here."""
    here = run.hero.cell
    if here in goals:
        return None
    distances = _distances(run, goals)
    if here not in distances:
        return None
    return towards(run.hero, downhill(distances, here))


def explore_goals(run: "Run") -> set[Cell]:
    """Return where exploration leads: items seen that can be used, doors that can be opened, cells not yet seen."""
    depth, hero, reach = run.depth, run.hero, _reachable(run)
    full = hero.health == hero.most_health
    goals = {
        cell
        for thing in depth.pickups
        if (cell := (thing.y // CELL, thing.x // CELL)) in depth.seen
        and cell in reach
        and run.wants(thing, full)
    }
    if goals:
        return goals
    doors = {
        (row, column)
        for (row, column), lock in depth.doors.items()
        if lock in hero.keys
        and reach & {(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)}
    }
    return doors or reach - depth.seen


def travel_goals(run: "Run") -> set[Cell]:
    """Return the stairs if they were seen, else where exploration leads."""
    stairs = run.depth.plan.exit
    return {stairs} if stairs in run.depth.seen and stairs in _reachable(run) else explore_goals(run)


def _reachable(run: "Run") -> set[Cell]:
    """Return the cells that the hero can walk to. They change when a door opens."""
    key = (run.depth.number, len(run.depth.doors))
    if run.reach_key != key:
        run.reach_key, run.reach = key, set(run.depth.grid.distances([run.hero.cell]))
    return run.reach


def _distances(run: "Run", goals: set[Cell]) -> dict[Cell, int]:
    """Return the steps to the nearest goal, around spikes. The last field is kept while nothing changes."""
    key = (run.depth.number, frozenset(goals), len(run.depth.doors))
    if run.way_key != key:
        run.way_key = key
        traps = [cell for cell in run.depth.traps if cell not in goals]
        for row, column in traps:
            run.depth.grid.open[row][column] = False
        run.way = run.depth.grid.distances(goals)
        for row, column in traps:
            run.depth.grid.open[row][column] = True
    return run.way
