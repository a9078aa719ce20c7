"""Columns of frames: animation sheets for networks that draw pixels in reading order.

In a sheet, the rows of several frames alternate, so such a network would not see all of a frame that is given. In a
column, the frames before one are complete. Frames that repeat others are left out.
"""

from dataclasses import dataclass

import numpy as np

from ..size import Size


@dataclass(frozen=True)
class Column:
    """The sheets that columns are made of. sheet: rows and columns of frames. copies: as `sheets.copies_of`."""

    sheet: Size
    copies: list[list[int | bool]]

    @property
    def frames(self) -> list[int]:
        """The numbers of the frames in a column, from top to bottom."""
        left_out = {number for number, *_ in self.copies}
        return [number for number in range(self.sheet[0] * self.sheet[1]) if number not in left_out]

    def cut(self, sheets: np.ndarray) -> np.ndarray:
        """Return the columns (N, h, w, ...) of sheets (N, H, W, ...)."""
        (rows, columns), (count, height, width, *rest) = self.sheet, sheets.shape
        frames = sheets.reshape(count, rows, height // rows, columns, width // columns, *rest).swapaxes(2, 3)
        frames = frames.reshape(count, rows * columns, height // rows, width // columns, *rest)
        return frames[:, self.frames].reshape(count, -1, width // columns, *rest)


def usual_dilations(frame: Size, column: Column) -> tuple[int, ...]:
    """Return dilations with which kernels read the same pixel of the frame above, and of the same step in the direction
    before, where directions have as many frames.
    """
    above, frames = frame[0], column.frames
    directions = {number // column.sheet[1] for number in frames}
    before = above * (len(frames) // len(directions) if len(directions) > 1 else 1)
    return 1, above, 2, before, 4, above, 1, before, 8, 2, above, 1
