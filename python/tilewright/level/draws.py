"""Maps of random integers for levels and worlds, from a stream of their own (docs/seeds.md)."""

import numpy as np

from tilewright.arrays import BoolArray, Int64Array
from tilewright.seeds import draw_words
from tilewright.streams import Stream


class Noises:
    """Maps of smooth noise; `number` tells sets of them of one seed apart."""

    def __init__(self, seed: int, number: int = 0) -> None:
        self._seed, self._number = seed, number

    def __call__(self, kind: int, height: int, width: int, radius: int) -> Int64Array:
        """Return int64 (H, W): random words averaged twice over squares of 2 * radius + 1 cells.

        kind: 0 .. 15, one number for each map of the set.
        """
        count = -(-height * width // 4)
        words = draw_words(self._seed, self._number * 16 + kind << 32, count, 1, Stream.LEVEL_NOISE)
        values: Int64Array = (
            (words.reshape(-1)[: height * width] >> 12).astype(np.int64).reshape(height, width)
        )
        side = 2 * radius + 1
        for _ in range(2):
            for axis in (0, 1):
                pads = [(radius + 1, radius) if a == axis else (0, 0) for a in (0, 1)]
                sums = np.pad(values, pads, "edge").cumsum(axis=axis)
                values = sums[side:] - sums[:-side] if axis == 0 else sums[:, side:] - sums[:, :-side]
        return values


def lowest(values: Int64Array, among: BoolArray, percent: int) -> BoolArray:
    """Return the given share of the cells of `among`, those with the lowest values: bool (H, W)."""
    chosen = np.sort(values[among])
    count = len(chosen) * percent // 100
    if not count:
        return np.zeros_like(among)
    mask: BoolArray = among & (values <= chosen[count - 1])
    return mask
