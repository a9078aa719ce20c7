"""Canvases: pictures of any size, painted from a map of kinds by a pack that generates small ones.

The canvas is divided into blocks, in a grid whose origin is that of the world, not of the canvas. Each block is the
middle of a window of the pack's size, and the windows of neighbouring blocks overlap. Blocks are generated in four
phases, by the parity of their rows and columns. A window keeps what blocks of earlier phases have painted in it. So a
block depends on the seed, on its place in the world and on the kinds around it, but not on the size or the order of
what is painted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Uint8Array, Uint64Array
from tilewright.errors import UsageError

if TYPE_CHECKING:
    from tilewright.pack import PackFile

MAX_PIXELS = 1 << 24
WINDOWS = 256  # that are generated together
PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))

Sample = Callable[[Uint8Array, Uint8Array, Uint64Array], Uint8Array]
"""(kinds (N, H, W), cells (N, H, W), tile numbers (N,)) -> indices (N, H, W): a pack's windows."""


@dataclass(frozen=True)
class Grid:
    """window: edges of a window in pixels. cell: edge of a cell of the map in pixels. unknown: the value of a pixel
    that is not yet painted.

    A window shows the borders of a cell with its neighbours up to half a cell from its own edge, where they are
    unknown. Its block is what remains.
    """

    window: tuple[int, int]
    cell: int
    unknown: int

    @property
    def margin(self) -> int:
        """Pixels around a block within its window."""
        return self.cell // 2

    @property
    def block(self) -> tuple[int, int]:
        """Edges of a block in pixels: a multiple of the cell."""
        return self.window[0] - self.cell, self.window[1] - self.cell

    def fits(self) -> bool:
        """Whether blocks are whole cells, and windows of one phase do not overlap."""
        return (
            self.cell >= 2
            and self.cell % 2 == 0
            and all(
                edge % self.cell == 0 and 2 * block >= edge
                for edge, block in zip(self.window, self.block, strict=True)
            )
        )


def grid_of(file: "PackFile", caller: str) -> Grid:
    """Return the grid in which a pack paints. Raises UsageError for a pack that cannot."""
    sampler = file.plan.sampler
    if sampler is None or not file.kind_map:
        raise UsageError(f"{caller}: {file.name} cannot paint maps: that takes a sampler and a kind per cell")
    grid = Grid(file.shape, file.cell, sampler.colours)
    if file.draws_columns:
        raise UsageError(
            f"{caller}: {file.name} draws the frames of a sheet one by one, and cannot paint maps"
        )
    if not grid.fits():
        raise UsageError(
            f"{caller}: {file.name} generates {file.shape[0]}x{file.shape[1]} pixels with cells of {file.cell}; to "
            "paint, a picture must be at least two cells, of an even number of pixels"
        )
    return grid


def check_map(kind_map: AnyArray, cell: int, caller: str) -> None:
    """Raise UsageError unless a map of kinds is an integer array (rows, columns) that can be painted."""
    if not isinstance(kind_map, np.ndarray) or kind_map.dtype.kind not in "iu" or kind_map.ndim != 2:
        raise UsageError(f"{caller}: kind_map must be an integer array (rows, columns)")
    rows, columns = kind_map.shape
    if min(rows, columns) < 1:
        raise UsageError(f"{caller}: the map has no cells: {rows} x {columns}")
    if rows * columns * cell * cell > MAX_PIXELS:
        raise UsageError(
            f"{caller}: a map of {rows} x {columns} cells is {rows * columns * cell * cell:,} pixels, more than "
            f"{MAX_PIXELS:,}: paint parts of it, with origin"
        )


def paint(
    grid: Grid, kinds: Uint8Array, origin: tuple[int, int], sample: Sample, given: Uint8Array | None = None
) -> Uint8Array:
    """Return the canvas, uint8 (rows * cell, columns * cell), of a map of kinds uint8 (rows, columns).

    origin: (row, column) of the map's first cell in the world. The map continues beyond its edges. given: the canvas
    with grid.unknown where it is to be painted; None to paint all of it.
    """
    cell, margin = grid.cell, grid.margin
    top, left = origin[0] * cell, origin[1] * cell  # pixels of the canvas in the world
    height, width = kinds.shape[0] * cell, kinds.shape[1] * cell
    blocks = [
        range((first - margin) // block, (first + length - 1 - margin) // block + 1)
        for first, length, block in ((top, height, grid.block[0]), (left, width, grid.block[1]))
    ]
    # The canvas with all windows that show a part of it.
    rows, columns = (len(numbers) * block + cell for numbers, block in zip(blocks, grid.block, strict=True))
    painted = np.full((rows, columns), grid.unknown, dtype=np.uint8)
    above = top - blocks[0][0] * grid.block[0]
    before = left - blocks[1][0] * grid.block[1]
    shown = (slice(above, above + height), slice(before, before + width))
    if given is not None:
        painted[shown] = given
    around = [
        (space // cell, (length - used - space) // cell)
        for space, length, used in ((above, rows, height), (before, columns, width))
    ]
    world = np.pad(kinds, around, mode="edge").repeat(cell, axis=0).repeat(cell, axis=1)
    inside = (slice(margin, margin + grid.block[0]), slice(margin, margin + grid.block[1]))

    def cut_of(i: int, j: int) -> tuple[slice, slice]:
        y, x = i * grid.block[0], j * grid.block[1]
        return slice(y, y + grid.window[0]), slice(x, x + grid.window[1])

    for phase in PHASES:
        for places in _parts(grid, blocks, phase):
            part = [place for place in places if (painted[cut_of(*place)][inside] == grid.unknown).any()]
            if not part:
                continue
            cuts = [cut_of(*place) for place in part]
            numbers = np.array([_number(blocks[0][i], blocks[1][j]) for i, j in part], dtype=np.uint64)
            windows = sample(
                np.stack([world[cut] for cut in cuts]), np.stack([painted[cut] for cut in cuts]), numbers
            )
            for cut, window in zip(cuts, windows, strict=True):
                painted[cut][inside] = window[inside]
    return np.ascontiguousarray(painted[shown])


def paint_insides(grid: Grid, kinds: Uint8Array, origin: tuple[int, int], sample: Sample) -> Uint8Array:
    """Return the canvas of a map with what is half a cell or more from other kinds, and grid.unknown elsewhere.

    Each kind is painted as if there were no other, so nothing strange beside it shows in its insides.
    """
    pixels = kinds.repeat(grid.cell, axis=0).repeat(grid.cell, axis=1)
    inside = ~near_borders(pixels, grid.cell // 2)
    canvas = np.full(pixels.shape, grid.unknown, dtype=np.uint8)
    for kind in np.unique(pixels[inside]):
        alone = paint(grid, np.full_like(kinds, kind), origin, sample)
        canvas = np.where(inside & (pixels == kind), alone, canvas)
    return canvas


def near_borders(kinds: AnyArray, width: int) -> BoolArray:
    """Return which pixels are at most `width` pixels from another kind, bool (..., H, W), for the kinds of pixels.

    The distance is the larger of those along rows and columns. width: less than a cell.
    """
    ring = [(0, 0)] * (kinds.ndim - 2) + [(width, width)] * 2
    around, (height, across) = np.pad(kinds, ring, mode="edge"), kinds.shape[-2:]
    near = np.zeros(kinds.shape, dtype=bool)
    for y in (0, width, 2 * width):
        for x in (0, width, 2 * width):
            near |= around[..., y : y + height, x : x + across] != kinds
    return near


def _parts(grid: Grid, blocks: list[range], phase: tuple[int, int]) -> Iterator[list[tuple[int, int]]]:
    """Yield the places (i, j) of the blocks of a phase, some at a time."""
    places = [
        (i, j)
        for i, row in enumerate(blocks[0])
        for j, column in enumerate(blocks[1])
        if (row % 2, column % 2) == phase
    ]
    for first in range(0, len(places), WINDOWS):
        yield places[first : first + WINDOWS]


def _number(row: int, column: int) -> int:
    """Return the number of a block's window in the streams of random words."""
    return (row % 2**32) << 32 | column % 2**32
