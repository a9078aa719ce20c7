"""Connectivity of maps: label walkable regions, and connect them by passages."""

from collections import deque

import numpy as np

from tilewright.arrays import BoolArray, Int32Array, Uint8Array


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


def join(cells: Uint8Array, walkable: BoolArray, ground: int, keep: int) -> Uint8Array:
    """Connect the walkable cells to one region. Returns new cells.

    Regions of at least `keep` cells get a shortest passage of `ground` to the largest region. Smaller ones
    that no passage crosses take the kind that encloses them.

    cells: uint8 (H, W); walkable: bool (H, W) with a closed border.
    """
    regions, sizes = label(walkable)
    cells = cells.copy()
    if len(sizes) < 2:
        return cells
    largest = sizes.index(max(sizes))
    flat, owner = cells.ravel(), regions.ravel().tolist()
    reached_from, order = _spread(regions == largest)
    joined = {largest}
    for cell in order:
        region = owner[cell]
        if region in joined or region < 0 or sizes[region] < keep:
            continue
        joined.add(region)
        while cell >= 0 and owner[cell] != largest:
            if owner[cell] < 0:
                flat[cell] = ground
            else:
                joined.add(owner[cell])
            cell = reached_from[cell]
    for region in sorted(set(range(len(sizes))) - joined):
        members = np.flatnonzero(regions.ravel() == region)
        # The cell above the first member, in reading order, cannot belong to the region.
        flat[members] = flat[members[0] - cells.shape[1]]
    return cells


def _spread(source: BoolArray) -> tuple[list[int], list[int]]:
    """Breadth-first search from the source over all inner cells. Returns predecessors and the order of
    arrival.
    """
    height, width = source.shape
    seen = np.ones((height, width), dtype=np.bool_)
    seen[1:-1, 1:-1] = source[1:-1, 1:-1]
    unseen: list[bool] = (~seen).ravel().tolist()
    reached_from = [-1] * (height * width)
    order: list[int] = []
    waiting = deque(np.flatnonzero(source).tolist())
    while waiting:
        cell = waiting.popleft()
        order.append(cell)
        for neighbour in (cell - width, cell - 1, cell + 1, cell + width):
            if unseen[neighbour]:
                unseen[neighbour] = False
                reached_from[neighbour] = cell
                waiting.append(neighbour)
    return reached_from, order
