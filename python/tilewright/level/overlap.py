"""The overlapping model of wave function collapse: converts an example to the solver's rules and back.

A pattern is an N x N piece of the example. Two patterns may be neighbours if they agree where they overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tilewright.arrays import BoolArray, Int32Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.level.rules import MAX_TILES, Rules


@dataclass(frozen=True, eq=False)
class Overlap:
    """The patterns of an example, the rules for placing them, and the decoder of a solution.

    patterns: uint8 (T, N, N), distinct, in ascending order. rules: their neighbours and frequencies; a tile
    of the rules is a pattern.
    """

    patterns: Uint8Array
    rules: Rules

    def showing(self, *values: int) -> Int32Array:
        """Return the numbers of the patterns whose top left cell has one of the values: int32 (n,)."""
        return np.flatnonzero(np.isin(self.patterns[:, 0, 0], values)).astype(np.int32)

    def decode(self, placed: Int32Array) -> Uint8Array:
        """Return cells uint8 (H + N - 1, W + N - 1) of patterns placed on an int32 (H, W) grid."""
        size = self.patterns.shape[1]
        height, width = placed.shape
        cells = np.empty((height + size - 1, width + size - 1), dtype=np.uint8)
        # The last write to a cell is that of the pattern whose top left corner it is.
        for row in reversed(range(size)):
            for column in reversed(range(size)):
                cells[row : row + height, column : column + width] = self.patterns[placed, row, column]
        return cells


def learn(
    example: npt.ArrayLike,
    size: int = 3,
    *,
    wrap: bool = True,
    turn: bool = True,
    never: Sequence[npt.ArrayLike] = (),
) -> Overlap:
    """Cut an example map into size x size patterns.

    example: uint8 (H, W), a value for each cell. wrap: whether it continues at its opposite edges. turn:
    whether rotated and mirrored patterns are added. never: maps whose patterns are left out, turned likewise.

    Raises UsageError if no pattern is left, or more than 4,096.
    """
    cells = _cells(example, "example")
    if size < 1 or (size > min(cells.shape) and not wrap):
        raise UsageError(
            f"learn(): size must be in 1..{min(cells.shape)} for {cells.shape} cells, not {size}"
        )
    padded = np.pad(cells, ((0, size - 1), (0, size - 1)), mode="wrap") if wrap else cells
    found, weights = np.unique(_windows(padded, size, turn), axis=0, return_counts=True)
    for negative in never:
        unwanted = _windows(_cells(negative, "never"), size, turn)
        keep = np.array([not (row == unwanted).all(axis=1).any() for row in found], dtype=np.bool_)
        found, weights = found[keep], weights[keep]
    if not 1 <= len(found) <= MAX_TILES:
        raise UsageError(f"learn(): the example must have 1..{MAX_TILES} patterns, not {len(found)}")
    patterns = np.ascontiguousarray(found.reshape(-1, size, size))
    allowed = np.stack(
        [_agree(patterns[:, :, 1:], patterns[:, :, :-1]), _agree(patterns[:, 1:, :], patterns[:, :-1, :])]
    )
    return Overlap(patterns, Rules(allowed, weights))


def _cells(given: npt.ArrayLike, name: str) -> Uint8Array:
    cells = np.asarray(given)
    if cells.ndim != 2 or not cells.size or cells.dtype != np.uint8:
        raise UsageError(f"learn(): {name} must be uint8 (H, W), not {cells.dtype} {cells.shape}")
    return cells


def _windows(cells: Uint8Array, size: int, turn: bool) -> Uint8Array:
    if size > min(cells.shape):
        return np.empty((0, size * size), dtype=np.uint8)
    squares = np.lib.stride_tricks.sliding_window_view(cells, (size, size)).reshape(-1, size, size)
    turned = [np.rot90(squares, turns, axes=(1, 2)) for turns in range(4 if turn else 1)]
    mirrored = [square[:, :, ::-1] for square in turned] if turn else []
    return np.concatenate(turned + mirrored).reshape(-1, size * size)


def _agree(first: Uint8Array, second: Uint8Array) -> BoolArray:
    """Return bool (T, T): whether the pieces of two patterns are equal."""
    pieces = np.concatenate([first.reshape(len(first), -1), second.reshape(len(second), -1)])
    numbers = np.unique(pieces, axis=0, return_inverse=True)[1].reshape(-1)
    agree: BoolArray = numbers[: len(first), None] == numbers[None, len(first) :]
    return agree
