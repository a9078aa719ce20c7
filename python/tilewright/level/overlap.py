"""The overlapping model of wave function collapse: converts an example to the solver's integers and back.

A pattern is an N x N piece of the example. Two patterns may be neighbours if they agree where they overlap.
"""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import BoolArray, Int32Array, Uint8Array


@dataclass(frozen=True, eq=False)
class Overlap:
    """The solver's input for an example, and the decoder of its output.

    patterns: uint8 (T, N, N), distinct, in ascending order. weights: int32 (T,), their frequencies. allowed:
    uint8 (2, T, T), 1 if the second pattern may be right of [0] or below [1] the first. example: int32 (H,
    W), the pattern at each position of the example, which wraps around.
    """

    patterns: Uint8Array
    weights: Int32Array
    allowed: Uint8Array
    example: Int32Array

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


def learn(example: Uint8Array, size: int = 3) -> Overlap:
    """Cut the wrapping example uint8 (H, W) into size x size patterns, in all rotations and reflections."""
    wrapped = np.pad(example, ((0, size - 1), (0, size - 1)), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(wrapped, (size, size)).reshape(-1, size * size)
    squares = windows.reshape(-1, size, size)
    turned = [np.rot90(squares, turns, axes=(1, 2)) for turns in range(4)]
    every = np.concatenate(turned + [square[:, :, ::-1] for square in turned]).reshape(-1, size * size)
    found, number, weights = np.unique(every, axis=0, return_inverse=True, return_counts=True)
    patterns = found.reshape(-1, size, size)
    return Overlap(
        patterns=patterns,
        weights=weights.astype(np.int32),
        allowed=np.stack(
            [
                _agree(patterns[:, :, 1:], patterns[:, :, :-1]),
                _agree(patterns[:, 1:, :], patterns[:, :-1, :]),
            ]
        ),
        example=number.reshape(-1)[: len(windows)].reshape(example.shape).astype(np.int32),
    )


def _agree(first: Uint8Array, second: Uint8Array) -> Uint8Array:
    """Return uint8 (T, T): 1 if the pieces of two patterns are equal."""
    a, b = first.reshape(len(first), -1), second.reshape(len(second), -1)
    same: BoolArray = (a[:, None, :] == b[None, :, :]).all(axis=2)
    return same.astype(np.uint8)
