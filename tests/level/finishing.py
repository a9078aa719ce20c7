"""A search for ways to finish a level that shares no code with the generator."""

from collections import deque

import numpy as np


def can_finish(level, without_keys=False):
    """Search all (cell, keys held) states from the start for the exit. Doors open with their key only."""
    height, width = level.cells.shape
    walkable = np.array(level.walkable)
    doors = {(o.row, o.column): o.lock for o in level.objects if o.kind == "door"}
    keys = {(o.row, o.column): o.lock for o in level.objects if o.kind == "key"}
    if without_keys:
        keys = {}
    seen = {(level.start, frozenset())}
    waiting = deque(seen)
    while waiting:
        (row, column), held = waiting.popleft()
        if (row, column) == level.exit:
            return True
        for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if not (0 <= r < height and 0 <= c < width) or not walkable[r, c]:
                continue
            if (r, c) in doors and doors[r, c] not in held:
                continue
            state = ((r, c), held | {keys[r, c]} if (r, c) in keys else held)
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return False


def faults(level):
    """Return what is wrong with a level: texts, empty if nothing is."""
    found = []
    walkable = level.walkable
    kinds = {level.kinds[index] for index in np.unique(level.cells[walkable])}
    if not kinds <= {"floor", "grass", "sand"}:
        found.append(f"walkable {kinds}")
    if walkable[[0, -1]].any() or walkable[:, [0, -1]].any():
        found.append("an open border")
    if walkable.sum() * 5 < walkable.size:
        found.append(f"only {walkable.sum()} of {walkable.size} cells are walkable")
    if not can_finish(level):
        found.append("it cannot be finished")
    doors = [o for o in level.objects if o.kind == "door"]
    if doors and can_finish(level, without_keys=True):
        found.append("its doors can be avoided")
    if sorted(o.lock for o in doors) != sorted(o.lock for o in level.objects if o.kind == "key"):
        found.append("doors and keys do not match")
    places = [(o.row, o.column) for o in level.objects]
    if len(set(places)) < len(places) or level.start in places:
        found.append("two objects on a cell")
    for thing in level.objects:
        if walkable[thing.row, thing.column] == thing.solid:
            found.append(f"{thing} is on a cell that is {'' if thing.solid else 'not '}walkable")
    seen, order = {level.start}, [level.start]
    for row, column in order:
        for cell in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if walkable[cell] and cell not in seen:
                seen.add(cell)
                order.append(cell)
    if len(seen) != walkable.sum():
        found.append("cells that cannot be reached")
    return found
