"""Variations: connected regions of a picture to generate again, and latents between others."""

from heapq import heappop, heappush
from math import isqrt

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int8Array
from tilewright.errors import UsageError
from tilewright.pack import PackFile
from tilewright.requests import Request
from tilewright.seeds import check_seed, draw_kinds, draw_latents, draw_words
from tilewright.streams import Stream

STRENGTH_STEPS = 256  # a strength is rounded to so many steps


def regions(seed: int, start: int, count: int, height: int, width: int, strength: float) -> BoolArray:
    """Return a connected region of random shape per picture, bool (count, height, width).

    strength: share of the picture, 0 .. 1. A region begins at the cell with the lowest random word, and grows by
    the neighbour with the lowest word; ties select the lower cell.
    """
    cells = height * width
    size = round(strength * STRENGTH_STEPS) * cells // STRENGTH_STEPS
    found = np.zeros((count, cells), dtype=np.bool_)
    if size == 0:
        return found.reshape(count, height, width)
    words = draw_words(seed, start, count, -(-cells // 4), Stream.VARIATION)[:, :cells]
    for region, keys in zip(found, words.tolist(), strict=True):
        first = min(range(cells), key=lambda cell: (keys[cell], cell))
        border, seen = [(keys[first], first)], {first}
        for _ in range(size):
            _, cell = heappop(border)
            region[cell] = True
            for beside in _neighbours(cell, height, width):
                if beside not in seen:
                    seen.add(beside)
                    heappush(border, (keys[beside], beside))
    return found.reshape(count, height, width)


def _neighbours(cell: int, height: int, width: int) -> list[int]:
    row, column = divmod(cell, width)
    places = ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column))
    return [y * width + x for y, x in places if 0 <= y < height and 0 <= x < width]


def mix_latents(
    file: PackFile, request: Request, first: AnyArray | int, other: int, strength: float | None
) -> None:
    """Give a request latents between those of tile `start` of the seeds `first` and `other`.

    strength: the weight of the others, and tile i takes those of tile start + i; None: the weights go from 0 in the
    first tile to 1 in the last. Without a kind, tiles get that of the first seed. Raises UsageError.
    """
    caller, size, count = request.caller, file.plan.latent_size, request.count
    if size == 0:
        raise UsageError(f"{caller}: {file.name} has no latents; variations() of a picture takes their place")
    if isinstance(first, np.ndarray):
        raise UsageError(f"{caller}: {file.name} needs the seed of a picture, not the picture")
    begin = draw_latents(check_seed(first, caller), request.start, 1, size)[0]
    if strength is None:
        (end,) = draw_latents(other, request.start, 1, size)
        mixed = [blend(begin, end, i, count - 1) for i in range(count)]
    else:
        part = round(STRENGTH_STEPS * strength)
        mixed = [
            blend(begin, end, part, STRENGTH_STEPS) for end in draw_latents(other, request.start, count, size)
        ]
    request.give("latents", np.stack(mixed) if mixed else np.zeros((0, size), np.int8), 2)
    if not {"kinds", "kind_maps"} & request.given.keys():
        request.given["kinds"] = int(draw_kinds(first, request.start, 1, len(file.kinds))[0])


def blend(a: Int8Array, b: Int8Array, part: int, whole: int) -> Int8Array:
    """Return latents between a and b, int8: a for part 0, b for part = whole.

    The weights w = whole - part and v = part are divided by sqrt(w^2 + v^2), so that the mixture of independent
    latents has their variance. All arithmetic is in integers: the root is rounded down to 2^-16, the quotient to the
    nearest integer, halves up.
    """
    weights = (whole - part, part)
    norm = isqrt((weights[0] ** 2 + weights[1] ** 2) << 32)
    mixed = (a.astype(np.int64) * weights[0] + b.astype(np.int64) * weights[1]) << 16
    rounded: Int8Array = np.clip((2 * mixed + norm) // (2 * norm), -127, 127).astype(np.int8)
    return rounded
