"""Find the grid of a sheet for a known tile size: the margin and the spacing of its cells.

A layout is valid if the area before, between and after its cells is blank or repeats the rim of the nearest
cell. The best layout is the one whose lines cut the least: fewer runs of equal colour cross the gaps between
cells than cross other lines. Between layouts of similar strength, the way in which the cells fill the sheet
decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np

from ..size import Size, size_text
from .grid import Grid, Margin, split_margin
from .lines import Lines, lines_of

# Penalties on the strength of a layout, in standard errors, for the way in which its cells fill the sheet.
EQUAL_MARGINS = 1.0  # or one gutter after the last cell
REST = 1.5  # no margins or spacing, but a blank rest at the right or bottom
TWO_MARGINS = 2.5  # left equals right, and top equals bottom
UNEVEN = 3.5
IN_DOUBT = 1.0  # layouts whose score is lower by less than this fit about as well
LEAST = 0.5  # minimum strength of a layout with margins or spacing
CUT_OFF = 3.0  # a layout with drawn margins must beat layouts without any by this much
NAMED = 2  # alternatives listed in a message


@dataclass(frozen=True)
class FoundGrid:
    """The grid of a sheet, or the reason why there is none."""

    grid: Grid | None
    doubt: str = ""  # the layouts that fit about as well, with their options; or why there is no grid


@dataclass(frozen=True)
class Fit:
    """The cells along one axis of a sheet; lengths in pixels."""

    offset: int  # pixels before the first cell
    spacing: int
    count: int
    rest: int  # pixels after the last cell
    whole: bool  # whether offset and rest contain only repeated rims
    # sum over the gaps: how many standard deviations fewer runs of colour cross a gap than other lines
    breaks: float
    gaps: int  # gaps between drawn lines
    drawn: bool  # whether the gaps contain repeated rims rather than blank lines


@dataclass(frozen=True)
class Layout:
    """A candidate grid, with the evidence for it."""

    rows: Fit
    columns: Fit
    cells: float  # cells along both axes that the drawn area could hold

    @property
    def strength(self) -> float:
        """The number of standard errors by which fewer runs of colour cross the gaps than cross other lines.

        All layouts use the standard error of a mean over `cells` gaps. Otherwise layouts with more gaps would win.
        """
        gaps = self.rows.gaps + self.columns.gaps
        return (self.rows.breaks + self.columns.breaks) / gaps * sqrt(self.cells) if gaps else 0.0

    @property
    def bare(self) -> bool:
        return self.rows.spacing == self.rows.offset == self.columns.offset == 0

    @property
    def repeats(self) -> bool:
        """Whether the gutters repeat the rims of the cells."""
        return self.rows.drawn or self.columns.drawn

    @property
    def penalty(self) -> float:
        """The penalty for the way in which the cells fill the sheet."""
        fits = (self.rows, self.columns)
        spacing, offset = self.rows.spacing, self.rows.offset
        if self.bare and all(f.rest == 0 for f in fits):
            return 0.0
        symmetric = all(f.rest == f.offset for f in fits)
        equal = offset == self.columns.offset
        last_gutter = spacing and all(f.rest in (spacing, spacing + offset) for f in fits)
        if equal and (symmetric or last_gutter):
            return EQUAL_MARGINS
        return REST if self.bare else TWO_MARGINS if symmetric else UNEVEN

    @property
    def score(self) -> float:
        return self.strength - self.penalty

    @property
    def whole(self) -> bool:
        return self.rows.whole and self.columns.whole

    def grid(self, tile: int) -> Grid:
        """Return the layout as a grid of cells of `tile` pixels."""
        return Grid(
            tile,
            self.columns.offset,
            self.rows.offset,
            self.rows.spacing,
            self.rows.count,
            self.columns.count,
        )


def find_grid(
    pixels: np.ndarray, tile: int, margin: Margin | None = None, spacing: int | None = None
) -> FoundGrid:
    """Find the grid of a sheet uint8 (H, W, 4) with binary alpha, for cells of `tile` pixels.

    `margin` and `spacing` are used as given, or detected if None. If both are given, pixels that are left
    over at the right and bottom are cut off.
    """
    rows, columns = lines_of(pixels)
    height, width = pixels.shape[:2]
    if margin is not None and spacing is not None:
        return _as_stated(rows, columns, tile, margin, spacing)
    cells = (rows.last - rows.first + columns.last - columns.first) / tile
    left, top = ((m,) for m in split_margin(margin)) if margin is not None else (range(tile + 1),) * 2
    layouts = [
        Layout(down, across, cells)
        for some in ([spacing] if spacing is not None else range(tile + 1))
        for down, across in product(fits(rows, tile, some, top), fits(columns, tile, some, left))
        if down.count * across.count > 1
    ]
    layouts.sort(key=lambda layout: -layout.score)  # stable sort: smaller spacings and margins come first
    possible = [
        one for one in layouts if (one.whole or margin is not None) and (one.bare or one.strength > LEAST)
    ]
    off = f"{width}x{height} pixels are not on a grid of {tile}"
    if not possible:
        return FoundGrid(None, off + _looks_like(layouts[:1], tile, least=CUT_OFF))
    best = possible[0]
    if best.penalty == UNEVEN and margin is None:
        return FoundGrid(None, off + _looks_like([best], tile))
    if layouts[0].score > best.score + CUT_OFF:
        if best.penalty:
            return FoundGrid(None, off + _looks_like(layouts[:1], tile))
        return FoundGrid(best.grid(tile), _others(layouts[:1], tile))
    others = [one for one in possible[1:] if one.score >= best.score - IN_DOUBT and one.penalty < UNEVEN]
    if not others and best.strength < 0.0:
        return FoundGrid(
            best.grid(tile),
            f"a grid of {tile} cuts it where it is drawn on: sprites of many sizes are cut up",
        )
    return FoundGrid(best.grid(tile), _others(others, tile))


def even_grid(pixels: np.ndarray, cell: Size, margin: Margin | None, spacing: int | None) -> FoundGrid:
    """Return the grid of a sheet uint8 (H, W, 4) for cells that need not be square.

    margin, spacing: 0 if not given. Without either, the cells must fill the sheet.
    """
    left, top = split_margin(margin or 0)
    pitches = [edge + (spacing or 0) for edge in cell]
    ends = [
        length - first + (spacing or 0) for length, first in zip(pixels.shape[:2], (top, left), strict=True)
    ]
    rows, columns = (end // pitch for end, pitch in zip(ends, pitches, strict=True))
    whole = all(end % pitch == 0 for end, pitch in zip(ends, pitches, strict=True))
    if min(rows, columns) < 1 or not (whole or margin is not None or spacing is not None):
        sheet = size_text(pixels.shape[:2])
        return FoundGrid(
            None, f"{sheet} pixels are not on a grid of {size_text(cell)}: give --margin and --spacing"
        )
    return FoundGrid(Grid(cell[1], left, top, spacing or 0, rows, columns, cell[0]))


def usual_layouts(rows: Lines, columns: Lines, tile: int) -> list[Layout]:
    """Return the layouts that most tools write: no margin, equal margins, or one gutter after the last cell."""
    cells = (rows.last - rows.first + columns.last - columns.first) / tile
    found: list[Layout] = []
    if (rows.length // tile) * (columns.length // tile) < 2:
        return found
    # Spacing requires a gutter between two cells along at least one axis.
    for spacing in range(min(tile // 2, max(rows.widest, columns.widest)) + 1):
        offsets = _usual_offsets(rows.length, columns.length, tile, spacing)
        down = fits(rows, tile, spacing, offsets)
        across = {fit.offset: fit for fit in fits(columns, tile, spacing, [fit.offset for fit in down])}
        for fit in down:
            if fit.offset in across:
                layout = Layout(fit, across[fit.offset], cells)
                if layout.whole and layout.penalty <= REST and (layout.bare or layout.strength > LEAST):
                    found.append(layout)
    return found


def _usual_offsets(height: int, width: int, tile: int, spacing: int) -> list[int]:
    """Return the margins up to one tile that are equal on both sides, and 0 for a grid without margins."""
    pitch = tile + spacing

    def of(length: int) -> set[int]:
        after_last = length % pitch  # one gutter after the last cell, no margin
        found = {after_last}
        # equal margins, without and with one more gutter
        for doubled in ((length + spacing) % pitch, after_last):
            found.update(both // 2 for both in (doubled, doubled + pitch) if both % 2 == 0)
        return found

    offsets = of(height) & of(width) | ({0} if spacing == 0 else set())
    return sorted(o for o in offsets if o <= tile)


def fits(lines: Lines, tile: int, spacing: int, offsets: Sequence[int]) -> list[Fit]:
    """Return a `Fit` with as many cells as possible for each offset; skip offsets whose gaps contain drawn
    pixels.
    """
    pitch = tile + spacing
    offset = np.array(offsets)
    count = (lines.length - offset + spacing) // pitch
    offset, count = offset[count > 0], count[count > 0]
    if not len(offset):
        return []
    number = np.arange(1, count.max() + 1)
    starts = offset[:, None] + pitch * number  # starts of all cells but the first, and of one more
    real = number < count[:, None]
    gap_starts, gap_stops = np.where(real, starts - spacing, 0), np.where(real, starts, 0)
    if spacing:
        between = lines.gutters(gap_starts, gap_stops).all(axis=1)
        if not between.any():
            return []
        offset, count = offset[between], count[between]
        starts, real, gap_starts, gap_stops = (
            array[between] for array in (starts, real, gap_starts, gap_stops)
        )
    drawn = np.any(lines.drawn_before[gap_stops] > lines.drawn_before[gap_starts], axis=1)
    inside = real & (lines.first < starts - spacing) & (starts <= lines.last)
    through = (
        lines.through(spacing)[np.where(inside, starts - spacing - 1, 0)] if inside.any() else lines.mean
    )
    breaks = (np.where(inside, lines.mean - through, 0.0)).sum(axis=1) / lines.spread
    end = offset + count * pitch - spacing
    whole = lines.gutters(0 * offset, offset) & lines.gutters(end, 0 * end + lines.length)
    return [
        Fit(int(o), spacing, int(n), int(lines.length - e), bool(w), float(b), int(g), bool(d))
        for o, n, e, w, b, g, d in zip(
            offset, count, end, whole, breaks, inside.sum(axis=1), drawn, strict=True
        )
    ]


def _as_stated(rows: Lines, columns: Lines, tile: int, margin: Margin, spacing: int) -> FoundGrid:
    left, top = split_margin(margin)
    counts = [(lines.length - o + spacing) // (tile + spacing) for lines, o in ((rows, top), (columns, left))]
    grid = Grid(tile, left, top, spacing, counts[0], counts[1])
    if min(counts) < 1:
        return FoundGrid(None, f"{columns.length}x{rows.length} pixels are too small for {grid.options}")
    over = []
    for lines, offset, count, name in (
        (rows, top, counts[0], "below"),
        (columns, left, counts[1], "to the right"),
    ):
        end = np.array([offset + count * (tile + spacing) - spacing])
        rest = lines.length - int(end[0])
        if rest > offset + spacing and not lines.gutters(end, end + rest).all():
            over.append(f"{rest} drawn pixels {name}")
    return FoundGrid(grid, f"{' and '.join(over)} are cut off by {grid.options}" if over else "")


def _looks_like(layouts: list[Layout], tile: int, least: float = 0.0) -> str:
    if not layouts or layouts[0].strength < least:
        return ""
    grid = layouts[0].grid(tile)
    return f"; it looks like the grid of {grid.options}: give these if it is"


def _others(layouts: list[Layout], tile: int) -> str:
    if not layouts:
        return ""
    options = " or ".join(layout.grid(tile).options for layout in layouts[:NAMED])
    return f"its pixels fit {options} about as well: give the right one"
