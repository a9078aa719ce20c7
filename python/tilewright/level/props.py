"""Props of a level, placed by the solver."""

import numpy as np

from tilewright.arrays import BoolArray
from tilewright.level.constraints import Allow, Constraint, Separation
from tilewright.level.rules import Rules
from tilewright.level.solver import solve

_NONE, _SOLID, _ANYWHERE, _BESIDE_CLOSED = range(4)
_WEIGHTS = (60, 3, 2, 4)


def place_props(opened: BoolArray, reserved: BoolArray, seed: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """Choose cells for three sorts of props: solid ones, ones that stand anywhere, and ones beside closed cells.

    opened: bool (H, W), the walkable cells. reserved: bool (H, W), those that stay free. No two props touch by a side.
    A solid prop stands on a cell whose eight neighbours are open, three cells or more from the next one, so closing its
    cell separates nothing.

    Returns (sort 0 .. 2, cells) for each.
    """
    roomy, beside = opened.copy(), np.zeros_like(opened)
    for row in (-1, 0, 1):
        for column in (-1, 0, 1):
            moved = np.roll(opened, (row, column), axis=(0, 1))
            roomy &= moved
            if row == 0 or column == 0:
                beside |= ~moved
    free = opened & ~reserved
    allowed = np.zeros((2, 4, 4), dtype=np.uint8)
    allowed[:, _NONE] = allowed[:, :, _NONE] = 1
    constraints: list[Constraint] = [
        Allow(_NONE, ~free),
        Allow([_NONE, _ANYWHERE, _BESIDE_CLOSED], ~roomy),
        Allow([_NONE, _SOLID, _ANYWHERE], ~beside),
        Separation(_SOLID, 3),
    ]
    height, width = opened.shape
    tiles = solve(Rules(allowed, _WEIGHTS), height, width, seed, constraints).tiles
    if tiles is None:  # a limit of the solver; no prop at all is a solution
        return []
    return [
        (sort - 1, [(row, column) for row, column in np.argwhere(tiles == sort).tolist()])
        for sort in (_SOLID, _ANYWHERE, _BESIDE_CLOSED)
    ]
