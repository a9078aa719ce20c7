"""Overlays: which pixels of a terrain that was generated over a ground belong to the terrain, and which to the ground.

A pixel belongs to the ground if its colour is more frequent in the ground alone than in the terrain alone. Colours of
neither, such as outlines, belong to the terrain.
"""

import numpy as np

from tilewright.arrays import BoolArray, Entries, Int64Array


def overlap(first: Entries, second: Entries, colours: int) -> int:
    """Return the percentage of pixels of two pictures that have colours in common, by their numbers: 0 .. 100."""
    common = np.minimum(colour_counts(first, colours), colour_counts(second, colours)).sum()
    return int(100 * common // max(first.size, 1))


def ground_colours(terrain: Entries, ground: Entries, colours: int) -> BoolArray:
    """Return which of the `colours` entries belong to the ground, bool, by equally large pictures of each alone."""
    return np.asarray(colour_counts(ground, colours) > colour_counts(terrain, colours))


def opaque_pixels(tiles: Entries, corners: BoolArray, is_ground: BoolArray, band: int) -> BoolArray:
    """Return the pixels of tiles that belong to the terrain: bool (N, T, T).

    tiles: (N, T, T). corners: bool (N, 2, 2), whether the terrain is at each corner. is_ground: bool (N, T, T),
    whether a pixel has a colour of the ground. band: pixels along the borders that are equal in all tiles of equal
    corners there; the result is a function of them alone, so tiles still fit. Specks of the terrain that touch none of
    its corners become ground, and specks of ground become terrain.
    """
    size = tiles.shape[1]
    opaque = ~is_ground
    ends = (slice(None, band), slice(size - band, None))
    for row, rows in enumerate(ends):
        for column, columns in enumerate(ends):
            opaque[:, rows, columns] = corners[:, row, column, None, None]
    fixed = np.zeros((size, size), bool)
    for side in range(4):  # top, bottom, left, right
        area = (ends[side], slice(None)) if side < 2 else (slice(None), ends[side - 2])
        fixed[area] = True
        known = np.zeros((size, size), bool)
        for rows in ends:
            for columns in ends:
                known[rows, columns] = True
        opaque[:, *area] = cleaned(opaque[:, *area], known[area], known[area])
    return cleaned(opaque, fixed, fixed)


def near(pixels: BoolArray, distance: int) -> BoolArray:
    """Return the pixels (N, H, W) that are at most `distance` steps by sides from one of `pixels`."""
    for _ in range(distance):
        pixels = pixels | _beside(pixels)
    return pixels


def cleaned(opaque: BoolArray, inside: BoolArray, outside: BoolArray) -> BoolArray:
    """Return opaque (N, H, W) without specks: opaque parts that touch none inside, and clear parts that touch none
    outside. inside, outside: (H, W) or (N, H, W).
    """
    kept = _grown(opaque & inside, opaque)
    clear = _grown(~opaque & outside, ~kept)
    return ~clear


def _grown(seeds: BoolArray, within: BoolArray) -> BoolArray:
    """Return the pixels (N, H, W) that are connected to seeds, by sides, within an area."""
    grown = seeds & within
    while True:
        more = grown | _beside(grown) & within
        if (more == grown).all():
            return grown
        grown = more


def _beside(pixels: BoolArray) -> BoolArray:
    """Return the pixels (N, H, W) beside one of `pixels`."""
    padded = np.pad(pixels, ((0, 0), (1, 1), (1, 1)))
    return np.asarray(padded[:, :-2, 1:-1] | padded[:, 2:, 1:-1] | padded[:, 1:-1, :-2] | padded[:, 1:-1, 2:])


def colour_counts(picture: Entries, colours: int) -> Int64Array:
    """Return how often each of the `colours` entries of a palette occurs in a picture, int64."""
    return np.bincount(picture.ravel(), minlength=colours)
