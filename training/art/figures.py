"""The figures of an atlas that no list describes: parts of a picture with clear pixels all around them."""

from dataclasses import dataclass, replace

import numpy as np

from .frames import MAX_FRAMES, Frame
from .grid import Grid
from .layouts import FoundGrid

COMMON = (8, 16, 24, 32, 48, 64)
SMALL = 3 / 8  # of a tile's side is too short for a sprite: 24 pixels are drawn in tiles of 32
HALF, MOST = 0.5, 0.8
CUT_UP = 0.25  # of the figures: their own grid cuts hardly any
TELLING = 8  # figures that speak for a size
LARGER = 0.9  # of the figures than a cell: the grid is a part of the true one
FEWEST = 4  # figures of an atlas
SMALLEST = 4  # pixels along the longer side of a figure
LARGEST = 128
SPECKS = 0.1  # of the parts may be smaller: then they are no figures, and left out
MAX_RUNS = 1 << 20  # of drawn pixels in the rows of a picture; noise has more


def figures_of(pixels: np.ndarray) -> tuple[Frame, ...]:
    """Boxes around the figures of a picture uint8 (H, W, 4) of hard alpha, from the top left.

    Drawn pixels that touch, at corners too, are one figure. None where that is not plainly right: boxes overlap, most
    of what is drawn is in parts that are larger than any sprite, or many parts are specks.
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
    """Whether a picture is rather an atlas of figures than a sheet, for tiles of `size` pixels."""

    figures: tuple[Frame, ...]
    size: int
    cut_up: int  # figures that the sheet's grid cuts into more parts than their size asks for
    share: float  # of the figures have to suit a size: more where there is a grid that would do

    @property
    def is_plain(self) -> bool:
        """Enough figures are sprites for tiles of this size: no larger, and not far smaller."""
        return self._suits(self.size)

    @property
    def better(self) -> int | None:
        """The size that suits most figures."""
        return next((size for size in COMMON if self._suits(size)), None)

    def _suits(self, size: int) -> bool:
        fitting = sum(SMALL * size < max(f.width, f.height) <= size for f in self.figures)
        return len(self.figures) >= FEWEST and fitting >= self.share * len(self.figures)

    def doubted(self, found: FoundGrid) -> FoundGrid:
        """What was found of the sheet, with what to do about an atlas that is not plain."""
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
    """The figures of a picture that has no grid, or whose grid cuts up many of them without need.

    None for other pictures.
    """
    figures = figures_of(pixels)
    if grid is None:
        return Atlas(figures, size, 0, HALF)
    cut_up = sum(
        _is_cut(f.x - grid.left, f.width, grid) or _is_cut(f.y - grid.top, f.height, grid) for f in figures
    )
    return Atlas(figures, size, cut_up, MOST) if figures and cut_up >= CUT_UP * len(figures) else None


def size_of_figures(pixels: np.ndarray, grid: Grid) -> tuple[int, int]:
    """The size that a picture's figures ask for, and their number, where its grid cuts them up or is too fine.

    (0, 0) for other pictures.
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
    """Whether a figure reaches, along one axis, into more cells than it needs."""
    pitch = grid.tile + grid.spacing
    return place < 0 or place % pitch + length > -(-length // pitch) * pitch - grid.spacing


def _overlap(boxes: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether a pixel is in two boxes, int64 (N, 4) of top, left, bottom, right."""
    count = np.zeros((shape[0] + 1, shape[1] + 1), np.int32)
    for rows, columns, sign in ((0, 1, 1), (2, 3, 1), (0, 3, -1), (2, 1, -1)):
        np.add.at(count, (boxes[:, rows], boxes[:, columns]), sign)
    return bool((count.cumsum(axis=0).cumsum(axis=1) > 1).any())


def _boxes(ink: np.ndarray) -> np.ndarray:
    """Top, left, bottom, right of each part of a mask bool (H, W), int64 (N, 4), in reading order of first pixels."""
    height, width = ink.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = ink
    edges = np.flatnonzero(
        np.diff(padded.reshape(-1))
    )  # starts and ends of the runs of drawn pixels, in turn
    starts, ends = edges[::2] + 1, edges[1::2] + 1
    if not 0 < len(starts) <= MAX_RUNS:
        return np.zeros((0, 4), np.int64)
    # A run touches those of the row above that reach from one pixel left of it to one pixel right of it.
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
    """For each of `count` things the least one that it is joined to, by a chain of pairs."""
    least = np.arange(count)
    while True:
        low = np.minimum(least[one], least[other])
        if (low == least[one]).all() and (low == least[other]).all():
            return least
        for side in (one, other):
            np.minimum.at(least, least[side], low)
        while (least[least] != least).any():
            least = least[least]
