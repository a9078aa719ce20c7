"""Searches on maps: connected regions, shortest and cheapest paths. Maps are flat, with a border that is closed."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

import numpy as np

from tilewright.arrays import BoolArray, Int32Array


def label(walkable: BoolArray) -> tuple[Int32Array, list[int]]:
    """Number the 4-connected regions of walkable cells in reading order.

    walkable: bool (H, W) with a closed border. Returns int32 (H, W), -1 for other cells, and the size of each
    region.
    """
    height, width = walkable.shape
    regions = np.full(height * width, -1, dtype=np.int32)
    free: list[bool] = walkable.ravel().tolist()
    sizes: list[int] = []
    for first in np.flatnonzero(walkable).tolist():
        if not free[first]:
            continue
        free[first] = False
        members = [first]
        for cell in members:  # breadth-first search: the list grows during the iteration
            for neighbour in (cell - width, cell - 1, cell + 1, cell + width):
                if free[neighbour]:
                    free[neighbour] = False
                    members.append(neighbour)
        regions[members] = len(sizes)
        sizes.append(len(members))
    return regions.reshape(height, width), sizes


def distances(passable: Sequence[int], width: int, first: int, most: int | None = None) -> dict[int, int]:
    """Return the number of steps from a cell to each cell that can be reached over passable ones.

    The cells are in the order of their distance. most: end after about so many cells.
    """
    steps = {first: 0}
    order = [first]
    for cell in order:
        if most is not None and len(order) >= most:
            break
        further = steps[cell] + 1
        for neighbour in (cell - width, cell - 1, cell + 1, cell + width):
            if passable[neighbour] and neighbour not in steps:
                steps[neighbour] = further
                order.append(neighbour)
    return steps


def cheapest(
    prices: Sequence[int],
    allowed: Sequence[int],
    zone: int,
    width: int,
    first: int,
    is_goal: Callable[[int], bool],
) -> list[int] | None:
    """Return the cheapest path from a cell to a goal (Dijkstra), where each cell has a price of 1 or more.

    Only cells whose number in `allowed` is `zone` are used. Returns None if no path exists.
    """
    cost, came_from = {first: 0}, {first: -1}
    waiting = [(0, first)]
    while waiting:
        spent, cell = heappop(waiting)
        if spent > cost[cell]:
            continue
        if is_goal(cell):
            path = [cell]
            while came_from[path[-1]] >= 0:
                path.append(came_from[path[-1]])
            return path[::-1]
        for neighbour in (cell - 1, cell + 1, cell - width, cell + width):
            if allowed[neighbour] != zone:
                continue
            price = spent + prices[neighbour]
            if neighbour not in cost or price < cost[neighbour]:
                cost[neighbour], came_from[neighbour] = price, cell
                heappush(waiting, (price, neighbour))
    return None
