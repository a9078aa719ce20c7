"""Which of many generated pictures to use: those that repeat well and can be told apart.

All scores are integers, so that a seed chooses the same pictures everywhere. Colours are compared by the mean
absolute difference of their channels, 0 .. 255.
"""

import numpy as np
import numpy.typing as npt

from .dice import mix

Pictures = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.int64]

_CONTRAST = 40  # between the mean colours of two kinds; more is not better
_BRIGHT = 90  # mean brightness above which more is not better
_ODD = 20  # distance from a kind's median colour up to which a tile is typical of it
_LIKE = 16  # distance up to which two tiles' mean colours are as good as one
_SLACK = 25  # scores this near the best are as good, so that worlds differ
_UNLIKE = 32  # a tile that differs more is not a variant of the same wall


def _colours(pictures: Pictures) -> npt.NDArray[np.int64]:
    return pictures[..., :3].astype(np.int64)


def _mean(values: npt.NDArray[np.int64], axes: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """The mean over some axes, rounded down."""
    count = int(np.prod([values.shape[axis] for axis in axes]))
    return values.sum(axis=axes) // count


def seams(tiles: Pictures) -> Scores:
    """How much harder the edges are where a tile meets itself than anywhere within it: (N,)."""
    colours = _colours(tiles)
    excess = np.zeros(len(tiles), dtype=np.int64)
    for axis, along in ((1, 2), (2, 1)):
        steps = _mean(np.abs(colours - np.roll(colours, 1, axis=axis)), (along, 3))
        excess += np.maximum(0, steps[:, 0] - steps[:, 1:].max(axis=1))
    return excess


def patchiness(tiles: Pictures) -> Scores:
    """How far the tile's quarters differ from its mean: high for a tile that is half one thing: (N,)."""
    first, second = slice(None, tiles.shape[1] // 2), slice(tiles.shape[1] // 2, None)
    return _worst_part(tiles, [(rows, columns) for rows in (first, second) for columns in (first, second)])


def framing(tiles: Pictures) -> Scores:
    """How far the tile's four borders differ from its mean: high for a tile that draws a grid: (N,)."""
    width = max(1, tiles.shape[1] // 8)
    near, far, all_of_it = slice(None, width), slice(-width, None), slice(None)
    return _worst_part(tiles, [(near, all_of_it), (far, all_of_it), (all_of_it, near), (all_of_it, far)])


def _worst_part(tiles: Pictures, parts: list[tuple[slice, slice]]) -> Scores:
    """The greatest distance between the mean colour of one of the parts and that of the whole tile: (N,)."""
    colours = _colours(tiles)
    mean = _mean(colours, (1, 2))
    worst = np.zeros(len(tiles), dtype=np.int64)
    for rows, columns in parts:
        part = _mean(colours[:, rows, columns], (1, 2))
        worst = np.maximum(worst, _mean(np.abs(part - mean), (1,)))
    return worst


def busyness(tiles: Pictures) -> Scores:
    """Mean difference between neighbouring pixels: (N,)."""
    colours = _colours(tiles)
    across = _mean(np.abs(colours - np.roll(colours, 1, axis=2)), (1, 2, 3))
    down = _mean(np.abs(colours - np.roll(colours, 1, axis=1)), (1, 2, 3))
    return across + down


def rarity(means: Scores) -> Scores:
    """1 where fewer tiles are of about this colour than an eighth of those of the commonest, else 0: (N, 3) to (N,)."""
    kin = (_mean(np.abs(means[:, None] - means[None]), (2,)) <= _LIKE).sum(axis=1)
    return (8 * kin < kin.max()).astype(np.int64)


def choose_tiles(tiles: Pictures, others: Pictures, variants: int, wall: bool, seed: int) -> Pictures:
    """One of the tiles that repeat well and stand off the others, then those that are much like it.

    tiles: candidates (N, H, W, 4). others: tiles already chosen for other kinds (M, H, W, 4), M may be 0.
    wall: prefer bright tiles, which shade can darken; else those without much detail, in colours that are
    typical of the candidates, for ground that things stand on. Colours that few candidates have are a network's
    slips: red grass. seed: which of the good ones.

    Returns 1 to `variants` tiles.
    """
    means = _mean(_colours(tiles), (1, 2))
    scores = 3 * seams(tiles) + 3 * patchiness(tiles) + 200 * rarity(means)
    if wall:
        scores += np.maximum(0, _BRIGHT - _mean(means, (1,)))
    else:
        # A tile in colours unlike its kind's others may repeat well, but nobody will know what it is.
        typical = np.sort(means, axis=0)[len(means) // 2]
        scores += 2 * np.maximum(0, _mean(np.abs(means - typical), (1,)) - _ODD)
        scores += 3 * framing(tiles) + 2 * busyness(tiles)
    if len(others):
        distances = _mean(np.abs(means[:, None] - _mean(_colours(others), (1, 2))[None]), (2,))
        scores -= 3 * np.minimum(distances.min(axis=1), _CONTRAST)
    good = np.flatnonzero(scores <= scores.min() + _SLACK)
    main = int(good[mix(seed) % len(good)])
    difference = _mean(np.abs(_colours(tiles) - _colours(tiles[main : main + 1])), (1, 2, 3))
    unlike = 3 * _mean(np.abs(means - means[main]), (1,)) + difference
    unlike += np.maximum(0, scores - scores[main])
    unlike[main] = -1
    order = np.argsort(unlike, kind="stable")[:variants]
    return tiles[order[unlike[order] <= _UNLIKE]]


def orphans(pictures: Pictures) -> Scores:
    """Opaque pixels that differ from all four neighbours, which an artist would call noise: (N,)."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    inner = slice(1, -1)
    alone = pictures[..., 3] > 0
    for shifted in (slice(None, -2), slice(2, None)):
        alone &= (padded[:, shifted, inner] != pictures).any(axis=3)
        alone &= (padded[:, inner, shifted] != pictures).any(axis=3)
    return alone.sum(axis=(1, 2))


def choose_sprites(sprites: Pictures, count: int) -> Pictures:
    """The sprites that are most of one piece, have least noise and fill their cell, but not all of it."""
    opaque = sprites[..., 3] > 0
    padded = np.pad(opaque, ((0, 0), (1, 1), (1, 1))).astype(np.int64)
    neighbours = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    area = opaque.sum(axis=(1, 2))
    loose = (opaque & (neighbours <= 1)).sum(axis=(1, 2))
    cell = opaque.shape[1] * opaque.shape[2]
    scores = 6 * loose + 2 * orphans(sprites) + np.abs(area - cell * 45 // 100)
    return sprites[np.argsort(scores, kind="stable")[:count]]
