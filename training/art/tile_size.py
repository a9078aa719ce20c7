"""Detect the tile size of a sheet from its pixels.

The drawing breaks between two cells: a sprite ends, or one texture meets another. Along the lines of the true
grid, fewer runs of equal colour continue than along other lines. The score of a size is this difference in
standard errors (a two-sample z). Between sizes of similar score, exact division of the sheet and common tile
sizes decide.
"""

import re
from dataclasses import dataclass
from math import sqrt

import numpy as np

from .grid import Grid
from .layouts import Layout, usual_layouts
from .lines import Lines, lines_of

SIZES = range(8, 65)
HABIT = {8: 0.3, 16: 1.6, 24: 0.6, 32: 1.2, 48: 0.3, 64: 0.3}  # prior, added to z; 0 for other sizes
GUTTERS = 3.0  # added to z if the sheet is blank in its gutters only, which rarely happens by chance
ENOUGH_GUTTERS = 6  # with fewer gutters, the bonus is scaled down
MOST_REPEATS = 0.3  # share of the repeated lines that lie in repeating gutters
REST = 1.5  # subtracted from z for each side with left-over pixels
NAMED_SIZE = re.compile(r"(?<!\d)(\d{1,3}) ?[xX\u00d7] ?(\d{1,3})(?!\d)")


@dataclass(frozen=True)
class Candidate:
    """A tile size, and the best of the common layouts for it."""

    score: float
    grid: Grid

    @property
    def tile(self) -> int:
        return self.grid.tile


def size_in_name(relative: str, width: int, height: int) -> tuple[int, int] | None:
    """Return (width, height) of the cells if the file name states it, as in `coin (16 x 16).png`.

    Numbers that do not divide the picture are ignored.
    """
    for found in reversed(NAMED_SIZE.findall(relative.rpartition("/")[2])):
        named = int(found[0]), int(found[1])
        if min(named) > 0 and width % named[0] == height % named[1] == 0:
            return named
    return None


def candidates(pixels: np.ndarray) -> tuple[Candidate, ...]:
    """Return square cell sizes out of `SIZES` for a sheet uint8 (H, W, 4) with binary alpha.

    The best candidate comes first. Each size occurs once.
    """
    axes = lines_of(pixels)
    found = []
    for tile in SIZES:
        for layout in usual_layouts(axes[0], axes[1], tile):
            grid = layout.grid(tile)
            extruded = _is_extruded(layout, axes)
            if grid.rows * grid.columns >= (4 if grid.spacing else 2) and extruded == layout.repeats:
                found.append((Candidate(_score(axes, layout, grid, extruded), grid), layout, extruded))
    best: dict[int, Candidate] = {}
    for one, layout, extruded in found:
        rim = not extruded and any(
            _is_within(one.grid, other.grid) for other, larger, _ in found if larger.penalty <= layout.penalty
        )
        if not rim and (one.tile not in best or one.score > best[one.tile].score):
            best[one.tile] = one
    return tuple(sorted(best.values(), key=lambda c: (-c.score, c.tile)))


def _is_within(one: Grid, other: Grid) -> bool:
    """Whether a grid mistakes the empty rims of larger cells for gutters."""
    if one.tile >= other.tile or one.tile + one.spacing != other.tile + other.spacing:
        return False
    return other.tile in HABIT or one.tile not in HABIT


def _is_extruded(layout: Layout, axes: tuple[Lines, Lines]) -> bool:
    """Whether most repeated lines lie in the gutters. In coarse art, lines repeat everywhere."""
    repeats = layout.rows.spacing * (layout.rows.count + layout.columns.count - 2)
    return layout.repeats and repeats >= MOST_REPEATS * sum(lines.repeated for lines in axes)


def _score(axes: tuple[Lines, Lines], layout: Layout, grid: Grid, extruded: bool) -> float:
    joined = [lines.through(0) for lines in axes]
    between = grid.rows + grid.columns - 2
    gutters = GUTTERS * min(1.0, between / ENOUGH_GUTTERS)
    habit = HABIT.get(grid.tile, 0.0)
    if layout.repeats:  # use cells enlarged by half of the gutter: the drawing breaks at their borders
        half, pitch = grid.spacing // 2, grid.tile + grid.spacing
        around = Grid(pitch, grid.left - half, grid.top - half, 0, grid.rows, grid.columns)
        return _contrast(joined, around) + habit + gutters
    score = _contrast(joined, grid) + habit
    if grid.spacing:
        empty = sum(lines.empty for lines in axes)
        score += gutters * min(1.0, between * grid.spacing / max(1, empty))
    elif layout.bare:
        score -= REST * sum(fit.rest > 0 for fit in (layout.rows, layout.columns))
    return score


def _contrast(axes: list[np.ndarray], grid: Grid) -> float:
    """Return the z score of a grid: how many fewer pixels are joined across its lines than across other lines.

    Two corrections of at most 1 are applied. The lower of the scores of odd and even lines is added, because every
    other line of a grid that is too fine is not a border of cells. The score of the lines half-way between is
    subtracted, because a grid that is too coarse misses these borders.
    """
    total, lines = 0.0, 0
    halves, between = [0.0, 0.0], 0.0
    tile, spacing = grid.tile, grid.spacing
    for joined, margin in zip(axes, (grid.top, grid.left), strict=True):
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
