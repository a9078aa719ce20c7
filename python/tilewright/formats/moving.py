"""Animated pictures of maps and tilesets: GIF, and PNG with frames (APNG), which has all colours."""

import io

import numpy as np
from PIL import Image

from tilewright.errors import UsageError
from tilewright.formats.png import apng, columns_of
from tilewright.level.map import EMPTY, Layer, Map
from tilewright.sheet import MAX_PIXELS
from tilewright.tileset.colours import clear_first
from tilewright.tileset.sprite import Sprite
from tilewright.tileset.tileset import Tileset

STILL_MILLISECONDS = 1000  # of a picture that does not move


def sheet_map(tileset: Tileset) -> Map:
    """Return a map that shows all tiles of a tileset, in rows of `columns_of`."""
    columns = columns_of(len(tileset))
    tiles = np.full((-(-len(tileset) // columns), columns), EMPTY, np.int32)
    tiles.reshape(-1)[: len(tileset)] = np.arange(len(tileset))
    return Map(tileset.name, tileset, (Layer("tiles", tiles),))


def sprite_map(sprite: Sprite) -> Map:
    """Return a map that shows the clips of a sprite side by side."""
    first = np.arange(0, len(sprite.tileset), sprite.pictures.shape[1], dtype=np.int32)
    return Map(sprite.name, sprite.tileset, (Layer("clips", first[None]),))


def apng_files(level: Map, stem: str) -> dict[str, bytes]:
    """Return NAME.apng."""
    times, durations = _times(level)
    if level.tileset.palette is None:
        content = apng([level.picture(at) for at in times], durations, None, level.tileset.provenance)
    else:
        _, palette = level.indexed()
        frames = [level.indexed(at)[0] for at in times]
        content = apng(frames, durations, palette, level.tileset.provenance)
    return {f"{stem}.apng": content}


def gif_files(level: Map, stem: str) -> dict[str, bytes]:
    """Return NAME.gif. Its durations are in hundredths of a second. UsageError for more than 256 colours."""
    times, durations = _times(level)
    if level.tileset.palette is None:
        raise UsageError("save(): a GIF has at most 256 colours, and these tiles have more: save an .apng")
    pictures = []
    for at in times:
        entries, palette = level.indexed(at)
        moved = clear_first(entries, palette) if (palette[:, 3] == 0).any() else None
        entries, palette = moved or (entries, palette)
        picture = Image.fromarray(entries, "P")
        picture.putpalette(palette[:, :3].tobytes())
        pictures.append(picture)
    options = {"transparency": 0, "disposal": 2} if palette[0, 3] == 0 else {}
    comment = "\n".join(f"{key}: {text}" for key, text in level.tileset.provenance.items())
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[max(20, round(duration, -1)) for duration in durations],  # readers take less for a mistake
        loop=0,
        optimize=False,
        comment=comment.encode(),
        **options,
    )
    return {f"{stem}.gif": buffer.getvalue()}


def _times(level: Map) -> tuple[tuple[int, ...], list[int]]:
    """The times of the frames, and their durations, in milliseconds."""
    times, loop = level.times()
    (rows, columns), (height, width) = level.shape, level.tileset.shape
    if len(times) * rows * columns * height * width > MAX_PIXELS:
        raise UsageError(
            f"save(): {len(times)} frames have more than {MAX_PIXELS} pixels: make a smaller map"
        )
    return times, np.diff([*times, loop or STILL_MILLISECONDS]).tolist()
