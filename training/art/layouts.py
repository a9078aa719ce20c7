"""Which grid a sheet was drawn on: margin and spacing of cells whose size is known.

A layout is possible where what lies before, between and after its cells is blank or repeats the rim of the nearest
cell. The best of them is the one whose lines cut the least: across the gap between two cells fewer pixels go on in the
same colour than across other lines. How the cells fill the sheet decides between layouts that cut about as little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np

from .grid import Grid, Margin, split_margin
from .lines import Lines, lines_of

# What is taken from the strength of a layout, in standard errors, for how its cells fill the sheet.
EQUAL_MARGINS = 1.0  # or a gutter after the last cell
REST = 1.5  # a bare grid, and something blank to the right or below
TWO_MARGINS = 2.5  # left and right are equal, and so are top and bottom
UNEVEN = 3.5
IN_DOUBT = 1.0  # layouts that are so much weaker than the best one fit about as well
LEAST = 0.5  # the strength of a layout with margins or spacing
CUT_OFF = 3.0  # by how much a layout with drawn margins has to beat those that cut nothing off
NAMED = 2  # alternatives in a message


@dataclass(frozen=True)
class FoundGrid:
    """The grid of a sheet, or why there is none."""

    grid: Grid | None
    doubt: str = ""  # which other layouts fit about as well, with the options that choose them; or why there is no grid


@dataclass(frozen=True)
class Fit:
    """Cells along one axis of a sheet; lengths in pixels."""

    offset: int  # before the first cell
    spacing: int
    count: int
    rest: int  # after the last cell
    whole: bool  # whether offset and rest hold nothing but repeated rims
    breaks: float  # over the gaps between cells: by how many standard deviations fewer pixels than elsewhere go on
    gaps: int  # of those that lie between drawn lines
    drawn: bool  # whether something is drawn in the gaps: rims that are repeated


@dataclass(frozen=True)
class Layout:
    """A way to cut a sheet, and how much speaks for it."""

    rows: Fit
    columns: Fit
    cells: float  # along both axes, as many as the drawn part is long

    @property
    def strength(self) -> float:
        """By how many standard errors fewer pixels go on across the gaps than elsewhere.

        The error is that of a mean over `cells` gaps, whatever their number, or layouts with more gaps would win.
        """
        gaps = self.rows.gaps + self.columns.gaps
        return (self.rows.breaks + self.columns.breaks) / gaps * sqrt(self.cells) if gaps else 0.0

    @property
    def bare(self) -> bool:
        return self.rows.spacing == self.rows.offset == self.columns.offset == 0

    @property
    def repeats(self) -> bool:
        """Whether its gutters repeat the rims of the cells."""
        return self.rows.drawn or self.columns.drawn

    @property
    def penalty(self) -> float:
        """For how the cells fill the sheet."""
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
        """As a grid of cells of `tile` pixels."""
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
    """The grid of a sheet uint8 (H, W, 4) of hard alpha, with cells of `tile` pixels.

    `margin` and `spacing` are believed where they are given and found where they are None. Where both are given, what
    is left over to the right and below is cut off.
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
    layouts.sort(key=lambda layout: -layout.score)  # stable: smaller spacings and margins first
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


def usual_layouts(rows: Lines, columns: Lines, tile: int) -> list[Layout]:
    """Layouts as most tools write them, found fast: bare ones, equal margins, a gutter after the last cell."""
    cells = (rows.last - rows.first + columns.last - columns.first) / tile
    found: list[Layout] = []
    if (rows.length // tile) * (columns.length // tile) < 2:
        return found
    # With spacing there are two cells along one axis at least, and a gutter between them.
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
    """Margins that both sides have in common, up to a tile; 0 for a bare grid whatever is left over."""
    pitch = tile + spacing

    def of(length: int) -> set[int]:
        after_last = length % pitch  # a gutter and no margin
        found = {after_last}
        for doubled in ((length + spacing) % pitch, after_last):  # equal margins; with one more gutter
            found.update(both // 2 for both in (doubled, doubled + pitch) if both % 2 == 0)
        return found

    offsets = of(height) & of(width) | ({0} if spacing == 0 else set())
    return sorted(o for o in offsets if o <= tile)


def fits(lines: Lines, tile: int, spacing: int, offsets: Sequence[int]) -> list[Fit]:
    """For each offset as many cells as there is place for; none where what lies between the cells is drawn."""
    pitch = tile + spacing
    offset = np.array(offsets)
    count = (lines.length - offset + spacing) // pitch
    offset, count = offset[count > 0], count[count > 0]
    if not len(offset):
        return []
    number = np.arange(1, count.max() + 1)
    starts = offset[:, None] + pitch * number  # of all cells but the first, and one too many
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
        return FoundGrid(None, f"{columns.length}x{rows.length} pixels are too few for {grid.options}")
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
