"""Where the cells of a sheet lie: tile size, margin around the sheet, spacing between the cells."""

from dataclasses import dataclass

import numpy as np

# (margin, spacing) as tools export them. A margin without spacing is not looked for: too many odd sizes
# would fit it by chance.
LAYOUTS = ((0, 1), (1, 1), (0, 2), (2, 2), (1, 2), (2, 1))


@dataclass(frozen=True)
class Grid:
    """Cells of `tile` x `tile` pixels in `rows` x `columns`; lengths in pixels."""

    tile: int
    margin: int
    spacing: int
    rows: int
    columns: int

    @property
    def layout(self) -> str:
        return f"cells of {self.tile} pixels, margin {self.margin}, spacing {self.spacing}"

    def __str__(self) -> str:
        return f"{self.columns} x {self.rows} {self.layout}"

    def gutters_are_empty(self, pixels: np.ndarray) -> bool:
        """Whether margin and spacing of a sheet (H, W, 4) that the grid fits to the pixel hold nothing."""
        gutter_rows, gutter_columns = _gutter_lines(self.rows, self), _gutter_lines(self.columns, self)
        return _is_empty(pixels[gutter_rows]) and _is_empty(pixels[:, gutter_columns])


def find_grid(pixels: np.ndarray, tile: int, margin: int | None, spacing: int | None) -> Grid | None:
    """The grid of a sheet (H, W, 4), or None where `tile` does not divide it.

    `margin` and `spacing` are believed where they are given and detected where they are None: a layout
    with gutters wins over the bare one when it fits to the pixel and its gutters hold nothing. A rest
    to the right or below is allowed if it holds nothing.
    """
    if margin is not None and spacing is not None:
        return _fit(pixels, tile, margin, spacing)
    bare = _fit(pixels, tile, margin or 0, spacing or 0)
    for m, s in LAYOUTS:
        if margin not in (None, m) or spacing not in (None, s):
            continue
        grid = _fit_exactly(pixels, tile, m, s)
        if grid is not None and grid.gutters_are_empty(pixels):
            return grid
    if bare is not None and bare.rows * bare.columns < 2:
        return None  # one cell and an empty rest: a larger sprite, not a sheet
    return bare


def cut(pixels: np.ndarray, grid: Grid) -> np.ndarray:
    """The cells of a sheet in reading order, uint8 (rows * columns, tile, tile, 4), a copy."""
    tops = grid.margin + np.arange(grid.rows) * (grid.tile + grid.spacing)
    lefts = grid.margin + np.arange(grid.columns) * (grid.tile + grid.spacing)
    inside = np.arange(grid.tile)
    rows = (tops[:, None] + inside)[:, None, :, None]
    columns = (lefts[:, None] + inside)[None, :, None, :]
    cells: np.ndarray = pixels[rows, columns]
    return cells.reshape(-1, grid.tile, grid.tile, 4)


def _fit(pixels: np.ndarray, tile: int, margin: int, spacing: int) -> Grid | None:
    """Like `_fit_exactly`, but for one cell too, and with a rest to the right or below that holds nothing."""
    height, width = pixels.shape[:2]
    rows = (height - margin + spacing) // (tile + spacing)
    columns = (width - margin + spacing) // (tile + spacing)
    if rows < 1 or columns < 1:
        return None
    grid = Grid(tile, margin, spacing, rows, columns)
    bottom = margin + rows * (tile + spacing) - spacing
    right = margin + columns * (tile + spacing) - spacing
    if _is_empty(pixels[bottom:]) and _is_empty(pixels[:, right:]):
        return grid
    return None


def _fit_exactly(pixels: np.ndarray, tile: int, margin: int, spacing: int) -> Grid | None:
    height, width = pixels.shape[:2]
    rows, rest_down = divmod(height - 2 * margin + spacing, tile + spacing)
    columns, rest_across = divmod(width - 2 * margin + spacing, tile + spacing)
    if rest_down or rest_across or rows < 1 or columns < 1 or rows * columns < 2:
        return None
    return Grid(tile, margin, spacing, rows, columns)


def _gutter_lines(count: int, grid: Grid) -> np.ndarray:
    pitch = grid.tile + grid.spacing
    length = 2 * grid.margin + count * pitch - grid.spacing
    line = np.arange(length)
    inside = (line - grid.margin) % pitch < grid.tile
    return line[~inside | (line < grid.margin) | (line >= length - grid.margin)]


def _is_empty(part: np.ndarray) -> bool:
    """Transparent or of one single colour (or no pixels at all)."""
    flat = part.reshape(-1, 4)
    if len(flat) == 0 or not flat[:, 3].any():
        return True
    return bool((flat == flat[0]).all())
