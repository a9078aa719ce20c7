"""The grid of a sheet: tile size, margin before the first cell, and spacing between cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..size import Size, short_text

Margin = int | tuple[int, int]  # pixels before the first cell: one value for both axes, or (left, top)


@dataclass(frozen=True)
class Grid:
    """A grid of `rows` x `columns` cells of `tile` x `tile` pixels; lengths in pixels."""

    tile: int  # width of a cell
    left: int
    top: int
    spacing: int
    rows: int
    columns: int
    tall: int = 0  # height of a cell that is not square; 0: the width

    @property
    def cell(self) -> Size:
        """The size of a cell."""
        return self.tall or self.tile, self.tile

    @property
    def margin(self) -> Margin:
        return self.left if self.left == self.top else (self.left, self.top)

    @property
    def layout(self) -> str:
        return f"cells of {short_text(self.cell)} pixels, margin {_margin_text(self.margin)}, spacing {self.spacing}"

    @property
    def options(self) -> str:
        """The command-line options that select this grid."""
        return f"--margin {_margin_text(self.margin)} --spacing {self.spacing}"

    def __str__(self) -> str:
        return f"{self.columns} x {self.rows} {self.layout}"


@dataclass(frozen=True)
class Cells:
    """The cells that a file states, square or not. Lengths in pixels; the margin applies to all four sides."""

    width: int
    height: int
    margin: int
    spacing: int

    @property
    def is_square(self) -> bool:
        return self.width == self.height


def split_margin(margin: Margin) -> tuple[int, int]:
    """Return the margin as (left, top)."""
    return margin if isinstance(margin, tuple) else (margin, margin)


def as_margin(numbers: int | Sequence[int] | None) -> Margin | None:
    """Convert a margin from its JSON form."""
    return numbers if numbers is None or isinstance(numbers, int) else (int(numbers[0]), int(numbers[1]))


def cut(pixels: np.ndarray, grid: Grid) -> np.ndarray:
    """Return a copy of the cells of a sheet in reading order, uint8 (rows * columns, height, width, 4)."""
    height, width = grid.cell
    tops = grid.top + np.arange(grid.rows) * (height + grid.spacing)
    lefts = grid.left + np.arange(grid.columns) * (width + grid.spacing)
    rows = (tops[:, None] + np.arange(height))[:, None, :, None]
    columns = (lefts[:, None] + np.arange(width))[None, :, None, :]
    cells: np.ndarray = pixels[rows, columns]
    return cells.reshape(-1, height, width, 4)


def _margin_text(margin: Margin) -> str:
    return str(margin) if isinstance(margin, int) else f"{margin[0]},{margin[1]}"
