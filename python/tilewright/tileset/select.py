"""Select generated pictures that repeat well and are easy to distinguish.

All scores are integers, so a seed selects the same pictures on every machine. The distance of colours is the
mean absolute difference of their channels, 0 .. 255.
"""

import numpy as np

from tilewright.arrays import BoolArray, Int64Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.seeds import check_seed, draw_words
from tilewright.streams import Stream

_CONTRAST = 32  # saturation point for the contrast between the mean colours of two kinds
_BRIGHT = 100  # saturation point for the mean brightness
_ODD = 20  # largest distance from a kind's median colour at which a tile is typical
_LIKE = 16  # distance below which mean colours of two tiles count as equal
_SLACK = 25  # scores within this margin of the best count as equal, which adds variety
# A pixel matches its kind if each weighted sum of red, green and blue reaches the limit.
_HUES = {"grass": (((-1, 1, 0), (0, 1, -1)), 15), "water": (((-1, 0, 1),), 20), "lava": (((1, 0, -1),), 60)}
_UNLIKE = 32  # a tile with a larger distance is no variant of the same wall


def _colours(pictures: Uint8Array) -> Int64Array:
    return pictures[..., :3].astype(np.int64)


def _mean(values: Int64Array, axes: tuple[int, ...]) -> Int64Array:
    """Return the mean over some axes, rounded down."""
    count = int(np.prod([values.shape[axis] for axis in axes]))
    means: Int64Array = values.sum(axis=axes) // count
    return means


def seams(tiles: Uint8Array) -> Int64Array:
    """Return the contrast across the wrapped edges relative to that inside: (N,)."""
    colours = _colours(tiles)
    excess = np.zeros(len(tiles), dtype=np.int64)
    for axis, along in ((1, 2), (2, 1)):
        steps = _mean(np.abs(colours - np.roll(colours, 1, axis=axis)), (along, 3))
        excess += np.maximum(0, steps[:, 0] - steps[:, 1:].max(axis=1))
    return excess


def patchiness(tiles: Uint8Array) -> Int64Array:
    """Return the deviation of the quarters from the tile's mean: high for tiles in two parts: (N,)."""
    first, second = slice(None, tiles.shape[1] // 2), slice(tiles.shape[1] // 2, None)
    return _worst_part(tiles, [(rows, columns) for rows in (first, second) for columns in (first, second)])


def framing(tiles: Uint8Array) -> Int64Array:
    """Return the deviation of the borders from the tile's mean: high for tiles that form a grid: (N,)."""
    width = max(1, tiles.shape[1] // 8)
    near, far, all_of_it = slice(None, width), slice(-width, None), slice(None)
    return _worst_part(tiles, [(near, all_of_it), (far, all_of_it), (all_of_it, near), (all_of_it, far)])


def _worst_part(tiles: Uint8Array, parts: list[tuple[slice, slice]]) -> Int64Array:
    """Return the largest distance between the mean colour of a part and that of the tile: (N,)."""
    colours = _colours(tiles)
    mean = _mean(colours, (1, 2))
    worst = np.zeros(len(tiles), dtype=np.int64)
    for rows, columns in parts:
        part = _mean(colours[:, rows, columns], (1, 2))
        worst = np.maximum(worst, _mean(np.abs(part - mean), (1,)))
    return worst


def busyness(tiles: Uint8Array) -> Int64Array:
    """Return the mean difference between neighbouring pixels: (N,)."""
    colours = _colours(tiles)
    across = _mean(np.abs(colours - np.roll(colours, 1, axis=2)), (1, 2, 3))
    down = _mean(np.abs(colours - np.roll(colours, 1, axis=1)), (1, 2, 3))
    return across + down


def rarity(means: Int64Array) -> Int64Array:
    """Return 1 if fewer tiles have about this colour than an eighth of those of the most common one: (N, 3)
    to (N,).
    """
    kin = (_mean(np.abs(means[:, None] - means[None]), (2,)) <= _LIKE).sum(axis=1)
    few: BoolArray = 8 * kin < kin.max()
    return few.astype(np.int64)


def choose_tiles(
    tiles: Uint8Array,
    others: Uint8Array | None = None,
    variants: int = 4,
    kind: str = "floor",
    seed: int = 0,
) -> Uint8Array:
    """Select a tile that repeats well and contrasts with others, and similar tiles as variants.

    tiles: candidates uint8 (N, H, W, 4), N at least 1, for example 64. others: tiles selected for other
    kinds, uint8 (M, H, W, 4). variants: 1 or more. kind: the use of the tile. A "wall" should be bright, so
    that it can be shaded, and have few stray pixels. Other kinds are ground, which should have little detail
    and typical colours of the candidates; "grass" should be green, "water" blue, "lava" red or yellow. seed:
    0 .. 2**64 - 1, selects among good tiles. Rare colours are avoided.

    Returns uint8 (V, H, W, 4), V in 1 .. `variants`, the main tile first. Raises UsageError for invalid
    arguments.
    """
    caller = "choose_tiles()"
    seed = check_seed(seed, caller)
    _check_pictures(tiles, "tiles", caller)
    others = tiles[:0] if others is None else others
    if np.shape(others)[1:] != tiles.shape[1:]:
        raise UsageError(
            f"{caller}: others must be of the size of tiles, {tiles.shape[1:]}, not {np.shape(others)[1:]}"
        )
    check_count(variants, "variants", caller)
    means = _mean(_colours(tiles), (1, 2))
    scores = 3 * seams(tiles) + 3 * patchiness(tiles) + 200 * rarity(means)
    if kind == "wall":
        scores += 2 * np.maximum(0, _BRIGHT - _mean(means, (1,)))
        scores += 2 * framing(tiles) + busyness(tiles) + 4 * orphans(tiles)
    else:
        scores += 3 * framing(tiles) + 2 * busyness(tiles)
    if kind in _HUES:
        hue, enough = _HUES[kind]
        sums = _colours(tiles) @ np.array(hue, dtype=np.int64).T
        scores += _mean(500 * (sums.min(axis=3) < enough).astype(np.int64), (1, 2))
    elif kind != "wall":
        # A tile with unusual colours for its kind may repeat well, but would not be recognised.
        typical = np.sort(means, axis=0)[len(means) // 2]
        scores += 2 * np.maximum(0, _mean(np.abs(means - typical), (1,)) - _ODD)
    if len(others):
        distances = _mean(np.abs(means[:, None] - _mean(_colours(others), (1, 2))[None]), (2,))
        scores -= 3 * np.minimum(distances.min(axis=1), _CONTRAST)
    good = np.flatnonzero(scores <= scores.min() + _SLACK)
    main = int(good[int(draw_words(seed, 0, 1, 1, Stream.TILE_CHOICE)[0, 0]) % len(good)])
    difference = _mean(np.abs(_colours(tiles) - _colours(tiles[main : main + 1])), (1, 2, 3))
    unlike = 3 * _mean(np.abs(means - means[main]), (1,)) + difference
    unlike += np.maximum(0, scores - scores[main])
    unlike[main] = -1
    order = np.argsort(unlike, kind="stable")[:variants]
    return tiles[order[unlike[order] <= _UNLIKE]]


def orphans(pictures: Uint8Array) -> Int64Array:
    """Return the number of orphan pixels (noise): (N,)."""
    count: Int64Array = orphan_pixels(pictures).sum(axis=(1, 2), dtype=np.int64)
    return count


def orphan_pixels(pictures: Uint8Array) -> BoolArray:
    """Return bool (N, H, W): the opaque pixels of uint8 (N, H, W, 4) that differ from all four neighbours."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    inner = slice(1, -1)
    alone = pictures[..., 3] > 0
    for shifted in (slice(None, -2), slice(2, None)):
        alone &= (padded[:, shifted, inner] != pictures).any(axis=3)
        alone &= (padded[:, inner, shifted] != pictures).any(axis=3)
    return alone


def choose_sprites(sprites: Uint8Array, count: int) -> Uint8Array:
    """Select sprites with few separate parts and little noise that fill about half of their cell.

    sprites: candidates uint8 (N, H, W, 4), N at least 1. Returns the best min(count, N), best first. Raises
    UsageError for invalid arguments.
    """
    _check_pictures(sprites, "sprites", "choose_sprites()")
    check_count(count, "count", "choose_sprites()")
    opaque = sprites[..., 3] > 0
    padded = np.pad(opaque, ((0, 0), (1, 1), (1, 1))).astype(np.int64)
    neighbours = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    area = opaque.sum(axis=(1, 2))
    loose = (opaque & (neighbours <= 1)).sum(axis=(1, 2))
    cell = opaque.shape[1] * opaque.shape[2]
    scores = 6 * loose + 2 * orphans(sprites) + np.abs(area - cell * 45 // 100)
    return sprites[np.argsort(scores, kind="stable")[:count]]


def check_count(count: int, name: str, caller: str) -> None:
    """Raise UsageError unless `count` is an integer of 1 or more."""
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise UsageError(f"{caller}: {name} must be an integer of 1 or more, not {count!r}")


def _check_pictures(pictures: Uint8Array, name: str, caller: str) -> None:
    shape = np.shape(pictures)
    if len(shape) != 4 or shape[3] != 4 or 0 in shape or getattr(pictures, "dtype", None) != np.uint8:
        raise UsageError(
            f"{caller}: {name} must be uint8 (N, H, W, 4), N at least 1, not "
            f"{getattr(pictures, 'dtype', type(pictures).__name__)} {shape}"
        )
