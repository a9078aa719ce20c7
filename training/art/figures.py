"""Find the figures of an atlas that has no list of boxes: drawn regions surrounded by transparent pixels."""

from dataclasses import dataclass, replace

import numpy as np

from .frames import MAX_FRAMES, Frame
from .grid import Grid
from .layouts import FoundGrid

COMMON = (8, 16, 24, 32, 48, 64)
# lower limit for a sprite's longer side as a share of the tile size; 24-pixel sprites use tiles of 32
SMALL = 3 / 8
HALF, MOST = 0.5, 0.8
CUT_UP = 0.25  # share of figures; the correct grid cuts almost none
TELLING = 8  # fewer figures do not vote for a tile size
LARGER = 0.9  # if this share of the figures exceeds a cell, the grid is a subdivision of the true one
FEWEST = 4  # fewer figures are no atlas
SMALLEST = 4  # pixels along the longer side of a figure
LARGEST = 128
SPECKS = 0.1  # largest share of smaller parts (specks); specks are dropped
MAX_RUNS = 1 << 20  # limit for the runs of drawn pixels in a picture; noise has more


def figures_of(pixels: np.ndarray) -> tuple[Frame, ...]:
    """Return the boxes of the figures in a picture uint8 (H, W, 4) with binary alpha, in reading order.

    A figure is an 8-connected region of opaque pixels. The result is empty if the segmentation is unreliable:
    boxes overlap, a region is larger than any sprite, or many regions are specks.
    """
    boxes = _boxes(pixels[..., 3] > 0)
    if not FEWEST <= len(boxes) <= MAX_FRAMES:
        return ()
    sides = boxes[:, 2:] - boxes[:, :2]
    specks = sides.max(axis=1) < SMALLEST
    if (
        specks.sum() > SPECKS * len(boxes)
        or sides.max() > LARGEST
        or _overlap(boxes[~specks], pixels.shape[:2])
    ):
        return ()
    return tuple(
        Frame(int(x), int(y), int(w), int(h))
        for (y, x), (h, w) in zip(boxes[~specks, :2], sides[~specks], strict=True)
    )


@dataclass(frozen=True)
class Atlas:
    """The figures of a picture that may be an atlas rather than a sheet of `size`-pixel tiles."""

    figures: tuple[Frame, ...]
    size: int
    cut_up: int  # figures that the sheet's grid cuts into more parts than their size requires
    # required share of figures that suit a size; higher if the picture also has a plausible grid
    share: float

    @property
    def is_plain(self) -> bool:
        """Whether enough figures suit tiles of `size` pixels: they fit, and they are not much smaller."""
        return self._suits(self.size)

    @property
    def better(self) -> int | None:
        """Return the common tile size that suits the most figures, or None."""
        return next((size for size in COMMON if self._suits(size)), None)

    def _suits(self, size: int) -> bool:
        fitting = sum(SMALL * size < max(f.width, f.height) <= size for f in self.figures)
        return len(self.figures) >= FEWEST and fitting >= self.share * len(self.figures)

    def doubted(self, found: FoundGrid) -> FoundGrid:
        """Add advice for an ambiguous atlas to `found`, the result of the grid search."""
        better, count = self.better, len(self.figures)
        listed = "put a list of its sprites beside it (lines of name x y width height)"
        if found.grid is None:
            if count >= FEWEST and better is not None:
                return replace(
                    found,
                    doubt=f"{found.doubt}; --size {better} holds most of its {count} figures, or {listed}",
                )
            return found
        if better is None:
            return found
        why = f"its grid cuts up {self.cut_up} of its {count} figures"
        return replace(found, doubt=f"{why}; --size {better} holds most of them, or {listed}")


def find_atlas(pixels: np.ndarray, size: int, grid: Grid | None) -> Atlas | None:
    """Return the figures of a picture that has no grid, or whose grid cuts many figures needlessly; else
    None.
    """
    figures = figures_of(pixels)
    if grid is None:
        return Atlas(figures, size, 0, HALF)
    cut_up = sum(
        _is_cut(f.x - grid.left, f.width, grid) or _is_cut(f.y - grid.top, f.height, grid) for f in figures
    )
    return Atlas(figures, size, cut_up, MOST) if figures and cut_up >= CUT_UP * len(figures) else None


def size_of_figures(pixels: np.ndarray, grid: Grid) -> tuple[int, int]:
    """Return (tile size, number of figures) if the figures contradict the picture's grid.

    The grid then cuts figures, or its cells are too small for them. Returns (0, 0) for other pictures.
    """
    figures = figures_of(pixels)
    if len(figures) < TELLING:
        return 0, 0
    atlas = find_atlas(pixels, grid.tile, grid)
    larger = sum(max(f.width, f.height) > grid.tile for f in figures)
    better = Atlas(figures, grid.tile, 0, MOST).better
    if better is None or better < grid.tile or (atlas is None and larger < LARGER * len(figures)):
        return 0, 0
    return better, len(figures)


def _is_cut(place: int, length: int, grid: Grid) -> bool:
    """Whether a figure spans more cells along one axis than its length requires."""
    pitch = grid.tile + grid.spacing
    return place < 0 or place % pitch + length > -(-length // pitch) * pitch - grid.spacing


def _overlap(boxes: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether any pixel lies in two boxes, int64 (N, 4) of top, left, bottom, right."""
    count = np.zeros((shape[0] + 1, shape[1] + 1), np.int32)
    for rows, columns, sign in ((0, 1, 1), (2, 3, 1), (0, 3, -1), (2, 1, -1)):
        np.add.at(count, (boxes[:, rows], boxes[:, columns]), sign)
    return bool((count.cumsum(axis=0).cumsum(axis=1) > 1).any())


def _boxes(ink: np.ndarray) -> np.ndarray:
    """Return the bounding box of each 8-connected region of a mask bool (H, W).

    Returns int64 (N, 4): top, left, bottom, right, ordered by the first pixel of the region.
    """
    height, width = ink.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = ink
    edges = np.flatnonzero(
        np.diff(padded.reshape(-1))
    )  # starts and ends of the runs of drawn pixels alternate
    starts, ends = edges[::2] + 1, edges[1::2] + 1
    if not 0 < len(starts) <= MAX_RUNS:
        return np.zeros((0, 4), np.int64)
    # Two runs of adjacent rows touch if they overlap or are diagonal neighbours.
    above = width + 2
    first = np.searchsorted(ends, starts - above)
    last = np.searchsorted(starts, ends - above, side="right")
    pairs = np.maximum(last - first, 0)
    lower = np.repeat(np.arange(len(starts)), pairs)
    upper = np.arange(pairs.sum()) - np.repeat(np.cumsum(pairs) - pairs, pairs) + np.repeat(first, pairs)
    part = _joined(len(starts), lower, upper)
    names, number = np.unique(part, return_inverse=True)
    boxes = np.empty((len(names), 4), np.int64)
    boxes[:, :2], boxes[:, 2:] = max(height, width), 0
    rows, left, right = starts // above, starts % above - 1, ends % above - 1
    np.minimum.at(boxes[:, 0], number, rows)
    np.minimum.at(boxes[:, 1], number, left)
    np.maximum.at(boxes[:, 2], number, rows + 1)
    np.maximum.at(boxes[:, 3], number, right)
    return boxes


def _joined(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the smallest index of each element's connected component: int64 (count,)."""
    least = np.arange(count)
    while True:
        low = np.minimum(least[one], least[other])
        if (low == least[one]).all() and (low == least[other]).all():
            return least
        for side in (one, other):
            np.minimum.at(least, least[side], low)
        while (least[least] != least).any():
            least = least[least]
