"""The texture of pictures in a few shares, by which generated parts of tilesets are compared with the art.

Fewest stray pixels would select the flattest pictures. So a pack states what is usual in the art of each of its kinds,
and of some candidates the nearest to that is kept.
"""

from collections.abc import Sequence

import numpy as np

from tilewright.arrays import BoolArray, Int64Array, Uint8Array

FEATURES = 3
PARTS = 1 << 16  # shares are integers, of this

Texture = Sequence[Sequence[int]]
"""For each kind, the shares of its pixels, in 0 .. PARTS, that have each of the features."""


def features(cells: Uint8Array) -> BoolArray:
    """Return what pixels of pictures uint8 (N, H, W) of palette entries have: bool (N, H, W, 3).

    A pixel may differ from its right neighbour, from its lower neighbour, and from all four (an orphan). Beyond the
    edges of a picture its border pixels continue.
    """
    right = cells != np.concatenate([cells[:, :, 1:], cells[:, :, -1:]], axis=2)
    below = cells != np.concatenate([cells[:, 1:], cells[:, -1:]], axis=1)
    left, above = np.zeros_like(right), np.zeros_like(below)
    left[:, :, 1:], above[:, 1:] = right[:, :, :-1], below[:, :-1]
    return np.stack([right, below, right & below & left & above], axis=3)


def distances(
    cells: Uint8Array, kinds: Uint8Array, texture: Texture, area: tuple[slice, slice]
) -> Int64Array:
    """Return how far an area of pictures is from the texture of its kinds: int64 (N,), for cells and kinds (N, H, W).

    This is the sum over the features of |n - m| for n pixels with the feature where m are usual, in parts of PARTS.
    """
    usual = np.array(texture, dtype=np.int64)[kinds[:, *area]].sum(axis=(1, 2))
    found = features(cells)[:, *area].sum(axis=(1, 2), dtype=np.int64)
    total: Int64Array = np.abs(found * PARTS - usual).sum(axis=1)
    return total


def texture_of(cells: Uint8Array, kinds: Uint8Array, count: int) -> list[list[int]]:
    """Return the texture of `count` kinds in pictures: palette entries and the kinds of pixels, uint8 (N, H, W).

    A kind that does not occur gets that of all pixels.
    """
    found = features(cells)
    shares = [
        found[kinds == kind] if (kinds == kind).any() else found.reshape(-1, FEATURES)
        for kind in range(count)
    ]
    return [[int(n) * PARTS // len(one) for n in one.sum(axis=0)] for one in shares]
