"""Which tile may be beside which: the solver's rules, from codes of tiles, from an example map or given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tilewright.arrays import Int32Array, Uint8Array
from tilewright.errors import UsageError

MAX_TILES = 4096


@dataclass(frozen=True, eq=False)
class Rules:
    """The tiles of a solve: how frequent each is, and which may be neighbours.

    allowed: uint8 (2, T, T); non-zero if the second tile may be right of [0] or below [1] the first. weights:
    int32 (T,) or (Z, T), 1 or more: relative frequencies, one row for each zone of a map; by default all
    equal. T is 1 .. 4096.

    Raises UsageError for other arrays.
    """

    allowed: Uint8Array
    weights: Int32Array

    def __init__(self, allowed: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> None:
        table = np.ascontiguousarray(np.asarray(allowed) != 0).astype(np.uint8)
        if table.ndim != 3 or table.shape[0] != 2 or not 1 <= table.shape[1] == table.shape[2] <= MAX_TILES:
            raise UsageError(
                f"Rules(): allowed must have the shape (2, T, T) with T in 1..{MAX_TILES}, not {table.shape}"
            )
        tiles = table.shape[1]
        given = np.ones(tiles, dtype=np.int32) if weights is None else np.asarray(weights)
        if given.ndim not in (1, 2) or given.shape[-1] != tiles or not given.size:
            raise UsageError(
                f"Rules(): weights must have the shape ({tiles},) or (Z, {tiles}), not {given.shape}"
            )
        if not np.issubdtype(given.dtype, np.integer) or given.min() < 1:
            raise UsageError("Rules(): weights must be integers of 1 or more")
        if given.astype(np.float64).sum(axis=-1).max() >= 2**31:
            raise UsageError("Rules(): weights must sum to less than 2**31")
        object.__setattr__(self, "allowed", table)
        object.__setattr__(self, "weights", np.ascontiguousarray(np.atleast_2d(given), dtype=np.int32))

    @property
    def tiles(self) -> int:
        """The number of tiles."""
        return int(self.allowed.shape[1])

    @classmethod
    def from_sides(cls, sides: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> "Rules":
        """Tiles fit where the codes of their sides are equal.

        sides: integers (T, 4), a code for the top, right, bottom and left side of each tile.
        """
        codes = _codes(sides, "from_sides")
        top, right, bottom, left = codes.T
        return cls(np.stack([right[:, None] == left, bottom[:, None] == top]), weights)

    @classmethod
    def from_corners(cls, corners: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> "Rules":
        """Tiles fit where the terrains of their corners are equal.

        corners: integers (T, 4), the terrain at the top left, top right, bottom right and bottom left of each
        tile.
        """
        codes = _codes(corners, "from_corners")
        top_left, top_right, bottom_right, bottom_left = codes.T
        beside = (top_right[:, None] == top_left) & (bottom_right[:, None] == bottom_left)
        below = (bottom_left[:, None] == top_left) & (bottom_right[:, None] == top_right)
        return cls(np.stack([beside, below]), weights)

    @classmethod
    def from_example(cls, example: npt.ArrayLike, tiles: int | None = None) -> "Rules":
        """Tiles may be neighbours if they are in an example, and are as frequent as there.

        example: integers (H, W), the number of each cell's tile, 0 .. T - 1; negative for empty cells. tiles:
        T, by default one more than the highest number.
        """
        cells = np.asarray(example)
        if cells.ndim != 2 or not cells.size or not np.issubdtype(cells.dtype, np.integer):
            raise UsageError(
                f"Rules.from_example(): example must be integers (H, W), not {cells.dtype} {cells.shape}"
            )
        count = int(cells.max()) + 1 if tiles is None else tiles
        if not 1 <= count <= MAX_TILES or cells.max() >= count:
            raise UsageError(
                f"Rules.from_example(): tiles must be {int(cells.max()) + 1}..{MAX_TILES}, not {count}"
            )
        allowed = np.zeros((2, count, count), dtype=np.uint8)
        for axis, first, second in ((0, cells[:, :-1], cells[:, 1:]), (1, cells[:-1], cells[1:])):
            both = (first >= 0) & (second >= 0)
            allowed[axis, first[both], second[both]] = 1
        frequencies = np.bincount(cells[cells >= 0], minlength=count)
        return cls(allowed, np.maximum(frequencies, 1))


def _codes(given: npt.ArrayLike, method: str) -> npt.NDArray[np.integer]:
    codes = np.asarray(given)
    if codes.ndim != 2 or codes.shape[1] != 4 or not 1 <= len(codes) <= MAX_TILES:
        raise UsageError(
            f"Rules.{method}(): codes must have the shape (T, 4) with T in 1..{MAX_TILES}, not {codes.shape}"
        )
    return codes


def tile_set(tiles: int | Sequence[int] | npt.ArrayLike, count: int, caller: str) -> Uint8Array:
    """Return uint8 (count,), 1 for each of `tiles`: a number or several. Raises UsageError for others."""
    numbers = np.atleast_1d(np.asarray(tiles))
    if numbers.ndim != 1 or not numbers.size or not np.issubdtype(numbers.dtype, np.integer):
        raise UsageError(f"{caller}: tiles must be one or more integers, not {tiles!r:.60}")
    if numbers.min() < 0 or numbers.max() >= count:
        raise UsageError(f"{caller}: tiles must be in 0..{count - 1}, not {tiles!r:.60}")
    flags = np.zeros(count, dtype=np.uint8)
    flags[numbers] = 1
    return flags
