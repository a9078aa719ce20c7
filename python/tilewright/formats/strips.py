"""Sheets in which the frames of an animated tile are neighbours, as some engines and all frame lists need."""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import Int32Array
from tilewright.formats.png import columns_of
from tilewright.tileset.sprite import Sprite
from tilewright.tileset.tileset import Tileset

STILL_MILLISECONDS = 100  # of a tile in a list of frames


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


@dataclass(frozen=True)
class Frame:
    """A picture of a list of frames. tile: what it shows. cell: its place in the sheet of `strips`."""

    name: str
    tile: int
    cell: int
    milliseconds: int


@dataclass(frozen=True)
class Tag:
    """A named range of frames, first to last, both included."""

    name: str
    first: int
    last: int


def frames_of(tileset: Tileset) -> tuple[list[Frame], list[Tag]]:
    """Return a frame for each tile, then those of each animation; and a tag for the tiles and for each animation."""
    frames = [Frame(str(tile), tile, tile, STILL_MILLISECONDS) for tile in range(len(tileset))]
    tags = [Tag("tiles", 0, len(frames) - 1)]
    for animation, start in zip(tileset.animations, strips(tileset).starts, strict=True):
        tags.append(Tag(f"tile {animation.tile}", len(frames), len(frames) + len(animation.frames) - 1))
        parts = zip(animation.frames, animation.milliseconds, strict=True)
        frames += [
            Frame(f"{animation.tile}-{number}", tile, start + number, duration)
            for number, (tile, duration) in enumerate(parts)
        ]
    return frames, tags


def frames_of_sprite(sprite: Sprite) -> tuple[list[Frame], list[Tag]]:
    """Return the frames of each clip, which lie in the rows of a sheet, and a tag for each clip."""
    length = sprite.pictures.shape[1]
    frames = [
        Frame(f"{clip}-{1 + number}", row * length + number, row * length + number, sprite.milliseconds)
        for row, clip in enumerate(sprite.clips)
        for number in range(length)
    ]
    tags = [Tag(clip, row * length, (row + 1) * length - 1) for row, clip in enumerate(sprite.clips)]
    return frames, tags
