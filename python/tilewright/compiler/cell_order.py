"""The order in which a masked sampler fixes the cells of a picture (docs/numerics.md)."""

from functools import cache

import numpy as np

from tilewright.arrays import Int64Array, Uint64Array
from tilewright.seeds import draw_halton_shifts, draw_words
from tilewright.streams import Stream

MOST, LEAST = (
    400,
    50,
)  # shares of the cells that the first and the last round of refinement resample, in thousandths


def cell_keys(
    order: str, seed: int, numbers: Uint64Array, height: int, width: int, refinement: int = 0
) -> Int64Array:
    """Return int64 (N, H * W): the cells of a picture are sorted by (key, cell).

    numbers: uint64 (N,), of the tiles. refinement: 0, or the number of a round, from 1.
    """
    cells, count = height * width, len(numbers)
    if order == "halton":
        shifts = draw_halton_shifts(seed, numbers, height, width, refinement)
        ranks = halton_ranks(height, width)
        return np.stack([np.roll(ranks, shift, axis=(0, 1)).reshape(-1) for shift in shifts]).reshape(
            count, cells
        )
    if order == "raster" and refinement == 0:
        return np.zeros((count, cells), dtype=np.int64)
    words = draw_words(seed, numbers, count, -(-cells // 4), Stream.ORDER, refinement)
    return words[:, :cells].astype(np.int64)


@cache
def halton_ranks(height: int, width: int) -> Int64Array:
    """Return int64 (H, W): the rank of each cell in the order in which the points of a Halton sequence first meet it.

    Point i has the row floor(H a / 2^m) and the column floor(W b / 3^n), where a is i mod 2^m with its m binary digits
    reversed, and b is i mod 3^n with its n ternary digits reversed; 2^m and 3^n are the least powers that are not less
    than H and W.
    """
    rows, columns = _reversed_digits(2, height), _reversed_digits(3, width)
    i = np.arange(len(rows) * len(columns))  # the periods have no common divisor: the points meet every cell
    y, x = rows[i % len(rows)] * height // len(rows), columns[i % len(columns)] * width // len(columns)
    cells, first = np.unique(y * width + x, return_index=True)
    ranks = np.empty(height * width, dtype=np.int64)
    ranks[cells[np.argsort(first)]] = np.arange(height * width)
    ranks.setflags(write=False)  # shared by all callers
    return ranks.reshape(height, width)


def _reversed_digits(base: int, least: int) -> Int64Array:
    """Return the numbers 0 .. p - 1 with reversed digits, where p is the least power of `base` that is not below
    `least`.
    """
    result = np.zeros(1, dtype=np.int64)
    while len(result) < least:
        result = np.concatenate([base * result + digit for digit in range(base)])
    return result


def refined_cells(totals: Int64Array, refinement: int, rounds: int) -> Int64Array:
    """Return how many of `totals` cells a round of refinement, 1 .. rounds, resamples."""
    share = MOST if rounds == 1 else MOST - (MOST - LEAST) * (refinement - 1) // (rounds - 1)
    return np.maximum(totals * share // 1000, np.minimum(totals, 1))
