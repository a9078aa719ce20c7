"""Reduce the colours of pictures to a few: k-means clusters in OKLab, in integers."""

import numpy as np
import numpy.typing as npt

from tilewright import engine
from tilewright.arrays import Int64Array

ROUNDS = 4  # of Lloyd's algorithm; four more bring the colours less than 1 % closer


def cluster_colours(colours: Int64Array, counts: Int64Array, most: int) -> Int64Array:
    """Select up to `most` (1 or more) of the colours int64 (C, 3), so that every pixel is near one of them in OKLab.

    counts: the number of pixels of each colour, int64 (C,). The cluster with the greatest sum of squared distances is
    divided at its mean until there are enough, then Lloyd's algorithm (k-means) moves the centres. The result, int64
    (K, 3), has the colour nearest to each centre, in ascending order. It is the same on every machine.
    """
    alpha = np.full((len(colours), 1), 255, np.int64)
    points = engine.oklab(np.concatenate([colours, alpha], axis=1).astype(np.uint8)).astype(np.int64)
    centres = _divide(points, counts, most)
    for _ in range(ROUNDS):
        nearest = _nearest(points, centres)
        sums, weights = np.zeros_like(centres), np.zeros(len(centres), np.int64)
        np.add.at(sums, nearest, points * counts[:, None])
        np.add.at(weights, nearest, counts)
        used = weights > 0
        centres[used] = sums[used] // weights[used, None]
    nearest = _nearest(points, centres)
    chosen = set()
    for k in np.unique(nearest):
        members = np.flatnonzero(nearest == k)
        chosen.add(members[np.square(points[members] - centres[k]).sum(axis=1).argmin()])
    return np.unique(colours[sorted(chosen)], axis=0)


def _divide(points: Int64Array, counts: Int64Array, most: int) -> Int64Array:
    """Return up to `most` centres int64 (K, 3): of one cluster, divided again and again."""
    members = [np.arange(len(points))]
    centres, spreads = np.zeros((2, most, 3), dtype=np.int64)
    centres[0], spreads[0] = _measure(points, counts)
    for new in range(1, most):
        widest = int(spreads.sum(axis=1).argmax())
        if not spreads[widest].any():
            return centres[:new]
        axis = int(spreads[widest].argmax())
        above = points[members[widest], axis] > centres[widest, axis]
        members.append(members[widest][above])
        members[widest] = members[widest][~above]
        for k in (widest, new):
            centres[k], spreads[k] = _measure(points[members[k]], counts[members[k]])
    return centres


def _measure(points: Int64Array, counts: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return the mean of points, rounded down, and the sums of squared distances from it along each axis, both weighted
    by the counts: int64 (3,).
    """
    centre = (points * counts[:, None]).sum(axis=0) // counts.sum()
    return centre, (np.square(points - centre) * counts[:, None]).sum(axis=0)


def _nearest(points: Int64Array, centres: Int64Array) -> npt.NDArray[np.intp]:
    """Return the index of the nearest centre of each point, intp (C,). Ties select the lowest index."""
    least = np.full(len(points), np.iinfo(np.int64).max)
    nearest = np.zeros(len(points), dtype=np.intp)
    for k, centre in enumerate(centres):
        distances = np.square(points - centre).sum(axis=1)
        closer = distances < least
        nearest[closer], least[closer] = k, distances[closer]
    return nearest
