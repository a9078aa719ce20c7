"""Autotiles made of quarters: which quarter a cell shows, by the neighbours that have its terrain.

A quarter of a tile depends on the three neighbours that touch it, in five cases, so a terrain has 20 quarters. RPG
Maker's engines (MV, MZ: A2) store them as a block of 2 x 3 tiles: an icon, the four inner corners, and a ring of 2 x 2
tiles. Editors take the 47 tiles that can be made of them, the blob set.
"""

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int64Array

# The cases. An edge is named after the direction of the border: beyond a vertical one, the terrain ends at the side.
CASES = 5
FULL, INNER, VERTICAL_EDGE, HORIZONTAL_EDGE, OUTER = range(CASES)

# Of each quarter: its row and column in the tile, and the neighbours beside it: vertical, diagonal, horizontal.
# Neighbours are numbered clockwise from the top, as the positions of a code are.
QUARTERS = ((0, 0, 0, 7, 6), (0, 1, 0, 1, 2), (1, 0, 4, 5, 6), (1, 1, 4, 3, 2))
BLOCK = (6, 4)  # quarters in an A2 block: rows and columns


def cases_of(same: BoolArray) -> Int64Array:
    """Return the case of each quarter, (..., 4), by whether each neighbour has the terrain of the cell: (..., 8)."""
    _, _, vertical, diagonal, horizontal = np.array(QUARTERS).T
    above, corner, beside = same[..., vertical], same[..., diagonal], same[..., horizontal]
    return np.select(
        [above & beside & corner, above & beside, above, beside],
        [FULL, INNER, VERTICAL_EDGE, HORIZONTAL_EDGE],
        OUTER,
    )


def compose(pieces: AnyArray, cases: Int64Array) -> AnyArray:
    """Return tiles (N, T, T, ...) of quarters (4, 5, T / 2, T / 2, ...) for the cases (N, 4)."""
    half = pieces.shape[2]
    tiles = np.empty((len(cases), 2 * half, 2 * half, *pieces.shape[4:]), pieces.dtype)
    for quarter, (row, column, *_) in enumerate(QUARTERS):
        tiles[:, row * half : (row + 1) * half, column * half : (column + 1) * half] = pieces[
            quarter, cases[:, quarter]
        ]
    return tiles


def blob_set() -> BoolArray:
    """Return the 47 sets of neighbours that matter, bool (47, 8): a corner counts if both sides beside it do."""
    same = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(bool)
    corners, sides = same[:, 1::2], same[:, ::2]
    matters = ~corners | (sides & np.roll(sides, -1, axis=1))
    return np.asarray(same[matters.all(axis=1)])


def pieces_of_tiles(tiles: AnyArray, same: BoolArray) -> AnyArray:
    """Cut the quarters (4, 5, T / 2, T / 2, ...) from tiles (N, T, T, ...) that were composed of them.

    same: bool (N, 8), as for `cases_of`. Of several tiles with a quarter, the first counts; all quarters must occur.
    """
    half, cases = tiles.shape[1] // 2, cases_of(same)
    first = [[int((cases[:, q] == case).argmax()) for case in range(CASES)] for q in range(len(QUARTERS))]
    return np.array(
        [
            [tiles[tile, row * half :, column * half :][:half, :half] for tile in first[quarter]]
            for quarter, (row, column, *_) in enumerate(QUARTERS)
        ]
    )


def place_in_a2(quarter: int, case: int) -> tuple[int, int]:
    """Return the row and column of a quarter in an A2 block."""
    row, column, *_ = QUARTERS[quarter]
    if case == INNER:
        return row, 2 + column
    # The interior is the far quarter of the ring.
    above, beside = case in (FULL, VERTICAL_EDGE), case in (FULL, HORIZONTAL_EDGE)
    return 2 + (2 - row if above else 3 * row), (2 - column if beside else 3 * column)


def pieces_of_a2(block: AnyArray) -> AnyArray:
    """Cut the quarters (4, 5, T / 2, T / 2, ...) from an A2 block (3 * T, 2 * T, ...)."""
    half = len(block) // BLOCK[0]
    grid = block.reshape(BLOCK[0], half, BLOCK[1], half, *block.shape[2:]).swapaxes(1, 2)
    return np.array([[grid[place_in_a2(q, case)] for case in range(CASES)] for q in range(len(QUARTERS))])


def a2_of_pieces(pieces: AnyArray, icon: AnyArray) -> AnyArray:
    """Return the A2 block (3 * T, 2 * T, ...) of quarters (4, 5, T / 2, T / 2, ...) and an icon (T, T, ...)."""
    half = pieces.shape[2]
    block = np.empty((BLOCK[0] * half, BLOCK[1] * half, *icon.shape[2:]), icon.dtype)
    block[: 2 * half, : 2 * half] = icon
    for quarter in range(len(QUARTERS)):
        for case in range(CASES):
            row, column = place_in_a2(quarter, case)
            block[row * half : (row + 1) * half, column * half : (column + 1) * half] = pieces[quarter, case]
    return block
