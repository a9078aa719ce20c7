"""The plan of a level before its terrain: areas, ways between them, locked doors and their keys.

The areas are a grid of rectangles. The ways are a tree with a few loops. Each locked door cuts the tree between the
start and the exit, loops do not lead around one, and its key lies on the side of the start, so every plan can be
finished.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tilewright.draws import Draws

_AREA = 10  # cells: the usual side of an area
_MARGIN = 1  # cells: the border of a level
VOID = -1


@dataclass(frozen=True)
class Layout:
    """A plan. Areas are numbered in reading order.

    rows, columns: where the rectangles of areas begin, and the end. centres: (row, column) of each area. stage: for
    each area, the number of doors before it, or -1 if it is left out. ways: pairs of areas of one stage. doors: pairs
    of areas; door k leads from stage k to stage k + 1. keys: the area of each door's key. treasures: areas off the way.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    centres: tuple[tuple[int, int], ...]
    stage: tuple[int, ...]
    ways: tuple[tuple[int, int], ...]
    doors: tuple[tuple[int, int], ...]
    keys: tuple[int, ...]
    treasures: tuple[int, ...]
    start: int
    exit: int


def plan(height: int, width: int, draws: Draws, most_locks: int, voids: bool) -> Layout:
    """Draw a plan for a level of height x width cells, with up to `most_locks` doors. voids: leave areas out."""
    rows, columns = _lines(height, draws), _lines(width, draws)
    down, across = len(rows) - 1, len(columns) - 1
    count = down * across
    centres = [
        (
            _middle(rows[area // across], rows[area // across + 1], draws),
            _middle(columns[area % across], columns[area % across + 1], draws),
        )
        for area in range(count)
    ]

    def beside(area: int) -> list[int]:
        row, column = divmod(area, across)
        steps = ((row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column))
        return [r * across + c for r, c in steps if 0 <= r < down and 0 <= c < across]

    tree = _tree(count, beside, draws)
    first = _farthest(tree, draws.below(count))[-1]
    path = _farthest(tree, first)
    start, end = path[0], path[-1]
    kept = [True] * count
    for area in range(count):
        if voids and len(tree[area]) == 1 and area not in (start, end) and draws.below(4) == 0:
            kept[area] = False
            tree[tree[area].pop()].remove(area)
    # Door k is on the way between the areas cuts[k] and cuts[k] + 1 of the path.
    locks = min(most_locks, (len(path) - 1) // 2)
    cuts = [(k + 1) * (len(path) - 1) // (locks + 1) for k in range(locks)]
    doors = [(path[cut], path[cut + 1]) for cut in cuts]
    stage = [VOID] * count
    stage[start] = 0
    order = [start]
    for area in order:
        for other in tree[area]:
            if stage[other] == VOID:
                stage[other] = stage[area] + ((area, other) in doors)
                order.append(other)
    ways = [(a, b) for a in order for b in tree[a] if a < b and stage[a] == stage[b]]
    for a in range(count):
        for b in beside(a):
            is_loop = a < b and kept[a] and kept[b] and stage[a] == stage[b] and b not in tree[a]
            if is_loop and draws.below(4) == 0:
                ways.append((a, b))
    # Keys and treasures lie in dead ends, if there are any.
    ends = [area for area in order[::-1] if len(tree[area]) == 1 and area not in (start, end)]
    keys = []
    for lock in range(locks):
        here = [a for a in ends if stage[a] == lock and a not in keys]
        inside = [a for a in order[::-1] if stage[a] == lock and a != start] or [start]
        keys.append(here[draws.below(len(here))] if here else inside[draws.below(len(inside))])
    treasures = [area for area in ends if area not in keys][: 1 + count // 6]
    if not treasures and count > 1:
        treasures = [order[draws.below(len(order) - 1) + 1]]
    return Layout(
        rows, columns, tuple(centres), tuple(stage), tuple(ways), tuple(doors), tuple(keys), tuple(treasures),
        start, end,
    )  # fmt: skip


def _lines(length: int, draws: Draws) -> tuple[int, ...]:
    """Divide the inside of a side into parts of about _AREA cells."""
    inside = length - 2 * _MARGIN
    parts = max(1, inside // _AREA)
    play = max(0, inside // parts - 8) // 2
    lines = [_MARGIN + inside * part // parts for part in range(parts + 1)]
    moved = [line + draws.within(-play, play) for line in lines[1:-1]]
    return (lines[0], *moved, lines[-1])


def _middle(begin: int, end: int, draws: Draws) -> int:
    """Return a place near the middle of begin .. end - 1, two cells or more from both."""
    middle, play = (begin + end - 1) // 2, max(0, (end - begin - 6) // 2)
    return middle + draws.within(-play, play)


def _tree(count: int, beside: Callable[[int], list[int]], draws: Draws) -> list[list[int]]:
    """Return a random spanning tree (Prim), as the neighbours of each area."""
    tree: list[list[int]] = [[] for _ in range(count)]
    first = draws.below(count)
    joined = {first}
    open_ways = [(first, other) for other in beside(first)]
    while open_ways:
        number = draws.below(len(open_ways))
        open_ways[number], open_ways[-1] = open_ways[-1], open_ways[number]
        area, other = open_ways.pop()
        if other in joined:
            continue
        joined.add(other)
        tree[area].append(other)
        tree[other].append(area)
        open_ways += [(other, further) for further in beside(other)]
    return tree


def _farthest(tree: list[list[int]], first: int) -> list[int]:
    """Return the path from an area to one of the farthest from it."""
    came_from = {first: first}
    order = [first]
    for area in order:
        for other in tree[area]:
            if other not in came_from:
                came_from[other] = area
                order.append(other)
    path = [order[-1]]
    while path[-1] != first:
        path.append(came_from[path[-1]])
    return path[::-1]
