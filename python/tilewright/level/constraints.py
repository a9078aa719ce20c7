"""Conditions on a solved map beyond the neighbours of its tiles.

`tiles` is a tile's number or a sequence of them. `name` is how `Solution.reasons` names the constraint, by
default its class.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.arrays import Int32Array
from tilewright.errors import UsageError
from tilewright.level.rules import tile_set

Tiles = int | Sequence[int] | npt.NDArray[np.integer]
Cells = npt.NDArray[np.bool_] | Iterable[tuple[int, int]]
Entry = tuple[str, tuple[Any, ...]]
_SIDES = ("top", "right", "bottom", "left")


@dataclass(frozen=True, eq=False)
class Allow:
    """Some cells take one of the tiles. cells: bool (H, W), or pairs (row, column)."""

    tiles: Tiles
    cells: Cells
    name: str = "Allow"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """Return the calls of `_core.LevelSolver` for it: methods, and their arguments after the name."""
        return [
            ("allow", (_set(self, self.tiles, count), _numbers(self, self.cells, height, width))),
        ]


@dataclass(frozen=True, eq=False)
class Fixed:
    """Cells have given tiles. cells: integers (H, W), a tile's number, or negative where it is open."""

    cells: npt.ArrayLike
    name: str = "Fixed"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """As `Allow.entries`."""
        given = np.asarray(self.cells)
        if given.shape != (height, width) or not np.issubdtype(given.dtype, np.integer):
            raise UsageError(
                f"{self.name}: cells must be integers ({height}, {width}), not {given.dtype} {given.shape}"
            )
        return [
            ("allow", (_set(self, int(tile), count), np.flatnonzero(given == tile).astype(np.int32)))
            for tile in np.unique(given[given >= 0])
        ]


@dataclass(frozen=True, eq=False)
class Border:
    """The cells along sides of the map take one of the tiles. sides: of top, right, bottom and left."""

    tiles: Tiles
    sides: Sequence[str] = _SIDES
    name: str = "Border"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """As `Allow.entries`."""
        if not set(self.sides) <= set(_SIDES):
            raise UsageError(f"{self.name}: sides must be of {', '.join(_SIDES)}, not {self.sides!r:.60}")
        edge = np.zeros((height, width), dtype=np.bool_)
        parts = {"top": edge[0], "right": edge[:, -1], "bottom": edge[-1], "left": edge[:, 0]}
        for side in self.sides:
            parts[side][:] = True
        return Allow(self.tiles, edge, self.name).entries(height, width, count)


@dataclass(frozen=True, eq=False)
class Count:
    """From `least` to `most` cells take one of the tiles. most: None for any number."""

    tiles: Tiles
    least: int = 0
    most: int | None = None
    name: str = "Count"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """As `Allow.entries`."""
        cells = height * width
        most = cells if self.most is None else self.most
        if not 0 <= self.least <= most:
            raise UsageError(f"{self.name}: least must be in 0..most, not {self.least} with most {self.most}")
        return [("count", (_set(self, self.tiles, count), min(self.least, cells + 1), min(most, cells)))]


@dataclass(frozen=True, eq=False)
class Separation:
    """Two cells with one of the tiles are at least `distance` rows or columns apart; 1 has no effect."""

    tiles: Tiles
    distance: int
    name: str = "Separation"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """As `Allow.entries`."""
        if self.distance < 1:
            raise UsageError(f"{self.name}: distance must be 1 or more, not {self.distance}")
        return [("separate", (_set(self, self.tiles, count), min(self.distance, height + width)))]


@dataclass(frozen=True, eq=False)
class Connected:
    """Cells with one of the tiles are connected over common edges.

    cells: the cells that are connected to each other, and take one of the tiles; None for all with the tiles.
    """

    tiles: Tiles
    cells: Cells | None = None
    name: str = "Connected"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """As `Allow.entries`."""
        numbers = np.zeros(0, dtype=np.int32)
        if self.cells is not None:
            numbers = _numbers(self, self.cells, height, width)
            if not len(numbers):
                return []
        return [("connect", (_set(self, self.tiles, count), numbers))]


@dataclass(frozen=True, eq=False)
class Never:
    """A small map that occurs nowhere. pattern: integers (h, w), tiles; negative for any tile."""

    pattern: npt.ArrayLike
    name: str = "Never"

    def entries(self, height: int, width: int, count: int) -> list[Entry]:
        """As `Allow.entries`."""
        given = np.asarray(self.pattern)
        if given.ndim != 2 or not given.size or not np.issubdtype(given.dtype, np.integer):
            raise UsageError(f"{self.name}: pattern must be integers (h, w), not {given.dtype} {given.shape}")
        if given.max() >= count:
            raise UsageError(f"{self.name}: pattern must have tiles below {count}, not {int(given.max())}")
        flags = (given[..., None] == np.arange(count)) | (given[..., None] < 0)
        if given.shape[0] > height or given.shape[1] > width:
            return []  # it fits nowhere
        return [("never", (np.ascontiguousarray(flags, dtype=np.uint8),))]


Constraint = Allow | Fixed | Border | Count | Separation | Connected | Never


def _set(constraint: Any, tiles: Tiles, count: int) -> npt.NDArray[np.uint8]:
    return tile_set(tiles, count, constraint.name)


def _numbers(constraint: Any, cells: Cells, height: int, width: int) -> Int32Array:
    if isinstance(cells, np.ndarray) and cells.dtype == np.bool_:
        if cells.shape != (height, width):
            raise UsageError(
                f"{constraint.name}: cells must have the shape ({height}, {width}), not {cells.shape}"
            )
        return np.flatnonzero(cells).astype(np.int32)
    numbers = []
    for row, column in cells:
        if not (0 <= row < height and 0 <= column < width):
            raise UsageError(
                f"{constraint.name}: cells must be in a map of {height} x {width}, not ({row}, {column})"
            )
        numbers.append(row * width + column)
    return np.array(numbers, dtype=np.int32)
