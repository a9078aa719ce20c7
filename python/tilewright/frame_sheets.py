"""Sheets of frames that belong together, such as those of an animation, and columns of their frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.json_fields import as_integer, as_list, as_truth

Copy = tuple[int, int, bool]
"""A frame, an earlier one that it repeats, and whether it is its mirror image."""


@dataclass(frozen=True)
class FrameSheet:
    """The arrangement of frames.

    rows, columns: of a sheet; its frames are numbered row by row. copies: frames that repeat others, which are no
    copies themselves. column: whether a network draws the frames that are no copies as a column instead of the sheet.
    In reading order, the frames before one are then complete.
    """

    rows: int
    columns: int
    copies: tuple[Copy, ...] = ()
    column: bool = False

    @classmethod
    def from_metadata(cls, values: Mapping[str, Any]) -> "FrameSheet":
        """Read the metadata of a pack. Raises ValueError, LookupError or TypeError if it is damaged."""
        rows, columns = read_pair(values["sheet"])
        copies = read_copies(values.get("copies", []), rows * columns)
        return cls(rows, columns, copies, as_truth(values.get("column", False)))

    def to_metadata(self) -> dict[str, Any]:
        """Return the fields that `from_metadata` reads, without those that are empty."""
        fields: dict[str, Any] = {"sheet": [self.rows, self.columns]}
        if self.copies:
            fields["copies"] = [list(copy) for copy in self.copies]
        return fields | ({"column": True} if self.column else {})

    @property
    def count(self) -> int:
        """The number of frames."""
        return self.rows * self.columns

    @property
    def own(self) -> list[int]:
        """The numbers of the frames that are no copies."""
        copies = {number for number, *_ in self.copies}
        return [number for number in range(self.count) if number not in copies]

    @property
    def lines(self) -> tuple[int, int]:
        """Rows and columns of frames in what a network draws."""
        return (self.count - len(self.copies), 1) if self.column else (self.rows, self.columns)

    def to_drawn(self, sheets: Uint8Array) -> Uint8Array:
        """Return sheets (N, H, W, ...) as a network draws them."""
        if not self.column:
            return sheets
        count, height, width, *rest = sheets.shape
        height, width, own = height // self.rows, width // self.columns, self.own
        frames = self._cut(sheets).swapaxes(2, 3).reshape(count, self.count, height, width, *rest)
        return np.ascontiguousarray(frames[:, own]).reshape(count, len(own) * height, width, *rest)

    def from_drawn(self, pictures: Uint8Array) -> Uint8Array:
        """Return what a network draws (N, h, w) as sheets (N, H, W), with copies for the frames that it omits."""
        if not self.column:
            return pictures
        count, own = len(pictures), self.own
        height, width = pictures.shape[1] // len(own), pictures.shape[2]
        sheets = np.empty((count, self.rows, height, self.columns, width), np.uint8)
        for place, number in enumerate(own):
            row, column = divmod(number, self.columns)
            sheets[:, row, :, column] = pictures[:, place * height : (place + 1) * height]
        return self.with_copies(sheets.reshape(count, self.rows * height, self.columns * width))

    def with_copies(self, sheets: Uint8Array) -> Uint8Array:
        """Return sheets (N, H, W, ...) whose `copies` are those of their frames."""
        if not self.copies:
            return sheets
        frames = self._cut(np.array(sheets))
        for number, source, mirrored in self.copies:
            (row, column), (r, c) = divmod(number, self.columns), divmod(source, self.columns)
            frames[:, row, :, column] = frames[:, r, :, c, :: -1 if mirrored else 1]
        return frames.reshape(sheets.shape)

    def _cut(self, sheets: Uint8Array) -> Uint8Array:
        """Return a view (N, rows, h, columns, w, ...) of sheets."""
        count, height, width, *rest = sheets.shape
        return sheets.reshape(
            count, self.rows, height // self.rows, self.columns, width // self.columns, *rest
        )


def read_pair(value: object) -> tuple[int, int]:
    """Read two numbers of at least 1. Raises ValueError or TypeError if they are damaged."""
    first, second = map(as_integer, as_list(value))
    if min(first, second) < 1:
        raise ValueError(f"not two numbers of at least 1: {value!r:.60}")
    return first, second


def read_copies(value: object, frames: int) -> tuple[Copy, ...]:
    """Read `FrameSheet.copies` of sheets of so many frames. Raises ValueError if they are damaged."""
    found: dict[int, Copy] = {}
    last = 0
    for copy in as_list(value):
        number, source, mirrored = as_list(copy)
        number, source, mirrored = as_integer(number), as_integer(source), as_truth(mirrored)
        if not last < number < frames or not 0 <= source < number or source in found:
            raise ValueError(f"not a frame that repeats an earlier one, in order: {copy!r:.60}")
        found[number], last = (number, source, mirrored), number
    return tuple(found.values())
