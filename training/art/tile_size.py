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

from .grid import Grid
from .layouts import Layout, usual_layouts
from .lines import Lines, lines_of

SIZES = range(8, 65)
HABIT = {8: 0.3, 16: 1.6, 24: 0.6, 32: 1.2, 48: 0.3, 64: 0.3}  # added to z; 0 for all other sizes
GUTTERS = (
    3.0  # added to z where nothing but gutters is blank in the whole sheet: that hardly happens by chance
)
ENOUGH_GUTTERS = 6  # fewer count for less
MOST_REPEATS = 0.3  # of the lines that repeat another one lie in gutters that do
REST = 1.5  # taken from z for each side with something left over
NAMED_SIZE = re.compile(r"(?<!\d)(\d{1,3}) ?[xX\u00d7] ?(\d{1,3})(?!\d)")


@dataclass(frozen=True)
class Candidate:
    """A tile size, and the best of the usual ways to cut a sheet with it."""

    score: float
    grid: Grid

    @property
    def tile(self) -> int:
        return self.grid.tile


def size_in_name(relative: str, width: int, height: int) -> tuple[int, int] | None:
    """(width, height) of the cells where the file's name says it, as in `coin (16 x 16).png`.

    Numbers that do not divide the picture are no size.
    """
    for found in reversed(NAMED_SIZE.findall(relative.rpartition("/")[2])):
        named = int(found[0]), int(found[1])
        if min(named) > 0 and width % named[0] == height % named[1] == 0:
            return named
    return None


def candidates(pixels: np.ndarray) -> tuple[Candidate, ...]:
    """Sizes of square cells, out of `SIZES`, for a sheet uint8 (H, W, 4) of hard alpha: best first, each once."""
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
    """Whether the gutters of one grid are rather gutters of another one and the empty rims of its larger cells."""
    if one.tile >= other.tile or one.tile + one.spacing != other.tile + other.spacing:
        return False
    return other.tile in HABIT or one.tile not in HABIT


def _is_extruded(layout: Layout, axes: tuple[Lines, Lines]) -> bool:
    """Whether most lines that repeat another lie in the gutters: in coarse art they do so everywhere."""
    repeats = layout.rows.spacing * (layout.rows.count + layout.columns.count - 2)
    return layout.repeats and repeats >= MOST_REPEATS * sum(lines.repeated for lines in axes)


def _score(axes: tuple[Lines, Lines], layout: Layout, grid: Grid, extruded: bool) -> float:
    joined = [lines.through(0) for lines in axes]
    between = grid.rows + grid.columns - 2
    gutters = GUTTERS * min(1.0, between / ENOUGH_GUTTERS)
    habit = HABIT.get(grid.tile, 0.0)
    if (
        layout.repeats
    ):  # every cell and half of the gutters around it as one larger cell: that is where pictures break
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
    """By how many standard errors fewer pixels are joined across the lines of a grid than across the others.

    Up to 1 is added or taken for every other line of the grid alone, as half of a grid that is too fine is none;
    up to 1 is taken for lines half-way between those of the grid, which a grid that is too coarse has left out.
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
