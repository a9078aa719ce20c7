"""Which tile size a sheet was drawn for, found from its pixels.

Between two cells a picture breaks: sprites end, or one texture meets another. So along the lines of the true grid
fewer pixels go on in the same colour than along other lines, and a size is the better the larger that difference is
against its chance spread (a two-sample z). What divides the sheet to the pixel, and what people usually draw at,
decides between sizes that fit about as well.
"""

import re
from dataclasses import dataclass
from math import sqrt

import numpy as np

from .grid import LAYOUTS, find_grid

SIZES = range(8, 65)
HABIT = {8: 0.3, 16: 1.6, 24: 0.6, 32: 1.2, 48: 0.3, 64: 0.3}  # added to z; 0 for all other sizes
GUTTERS = 3.0  # added to z where empty gutters lie between all cells: that hardly happens by chance
ENOUGH_GUTTERS = 6  # fewer count for less
GROUND_SHARE = 0.25  # of an opaque sheet is one colour: taken for a ground, which does not join cells
KEPT = 6
NAMED_SIZE = re.compile(r"(?<!\d)(\d{1,3}) ?[xX\u00d7] ?(\d{1,3})(?!\d)")


@dataclass(frozen=True)
class Candidate:
    """A way to cut a sheet; lengths in pixels."""

    score: float
    tile: int
    margin: int
    spacing: int


def size_in_name(relative: str) -> tuple[int, int] | None:
    """(width, height) where the file's name says it, as in `coin (16 x 16).png`."""
    found = NAMED_SIZE.findall(relative.rpartition("/")[2])
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def candidates(pixels: np.ndarray) -> tuple[Candidate, ...]:
    """Ways to cut a sheet uint8 (H,W,4) of hard alpha into square cells of `SIZES`, best first, at most `KEPT`."""
    axes = [_joined(pixels, axis) for axis in (0, 1)]
    found = []
    for tile in SIZES:
        for margin, spacing in ((0, 0), *LAYOUTS):
            if spacing and spacing == 2 * margin and tile not in (8, 16, 32):
                continue  # sprites with an empty rim, far more often than gutters
            grid = find_grid(pixels, tile, margin, spacing)
            if grid is None or grid.rows * grid.columns < (4 if spacing else 2):
                continue
            rest = _rest(pixels, tile, margin, spacing)
            if spacing and (rest != (0, 0) or not grid.gutters_are_empty(pixels)):
                continue
            score = _contrast(axes, tile, margin, spacing) + HABIT.get(tile, 0.0)
            between = grid.rows + grid.columns - 2
            score += GUTTERS * bool(spacing) * min(1.0, between / ENOUGH_GUTTERS) - 1.5 * sum(
                r > 0 for r in rest
            )
            found.append(Candidate(score, tile, margin, spacing))
    return tuple(sorted(found, key=lambda c: (-c.score, c.tile))[:KEPT])


def _joined(pixels: np.ndarray, axis: int) -> np.ndarray:
    """How many pixels go on in the same colour across each line between two rows (axis 0) or columns (axis 1)."""
    value = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    ink = pixels[..., 3] > 0
    if ink.all():
        colours, counts = np.unique(value, return_counts=True)
        if counts.max() >= GROUND_SHARE * value.size:
            ink = value != colours[counts.argmax()]
    if axis == 1:
        value, ink = value.T, ink.T
    joined = (value[1:] == value[:-1]) & ink[1:] & ink[:-1]
    return joined.sum(axis=1).astype(np.float64)


def _rest(pixels: np.ndarray, tile: int, margin: int, spacing: int) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    pitch = tile + spacing
    return (height - 2 * margin + spacing) % pitch, (width - 2 * margin + spacing) % pitch


def _contrast(axes: list[np.ndarray], tile: int, margin: int, spacing: int) -> float:
    """By how many standard errors fewer pixels are joined across the lines of a grid than across the others.

    Up to 1 is added or taken for every other line of the grid alone, as half of a grid that is too fine is none;
    up to 1 is taken for lines half-way between those of the grid, which a grid that is too coarse has left out.
    """
    total, lines = 0.0, 0
    halves, between = [0.0, 0.0], 0.0
    for joined in axes:
        place = np.arange(1, len(joined) + 1) - margin
        cell, inside = np.divmod(place, tile + spacing)
        on = (place >= 0) & ((inside == 0) | (inside == tile))
        if not on.any() or on.all():
            continue
        off, spread = joined[~on].mean(), joined.std() + 1e-9
        total += int(on.sum()) * (off - joined[on].mean()) / spread
        lines += int(on.sum())
        for half in (0, 1):
            some = on & (cell % 2 == half)
            halves[half] += (off - joined[some].mean()) / spread / len(axes) if some.any() else 0.0
        middle = (place >= 0) & (2 * inside == tile + spacing)
        between += (off - joined[middle].mean()) / spread / len(axes) if middle.any() else 0.0
    if not lines:
        return 0.0
    return float(total / sqrt(lines) + np.clip(min(halves), -1.0, 1.0) - np.clip(between, 0.0, 1.0))
