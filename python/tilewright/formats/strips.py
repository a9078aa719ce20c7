"""Sheets in which the frames of an animated tile are neighbours, as some engines and all frame lists need."""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import Int32Array
from tilewright.formats.png import columns_of
from tilewright.tileset.tileset import Tileset


@dataclass(frozen=True, eq=False)
class Strips:
    """Cells of a sheet: all tiles in order, then the frames of each animated tile, side by side.

    columns: cells per row. cells: int32 (M,), the tile drawn in each cell; 0 where a row has no more room. starts: the
    cell of the first frame of each animation, in the order of `Tileset.animations`.
    """

    columns: int
    cells: Int32Array
    starts: tuple[int, ...]


def strips(tileset: Tileset) -> Strips:
    """Arrange the tiles and the frames of a tileset."""
    columns = max([columns_of(len(tileset)), *(len(one.frames) for one in tileset.animations)])
    cells, starts = list(range(len(tileset))), []
    for animation in tileset.animations:
        room = -len(cells) % columns
        if room < len(animation.frames):
            cells += [0] * room
        starts.append(len(cells))
        cells += animation.frames
    return Strips(columns, np.array(cells, np.int32), tuple(starts))
