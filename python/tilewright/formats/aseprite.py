"""Files of the editor Aseprite (.aseprite, .ase): frames with layers, tags and a palette.

A tileset has a frame per tile, then the frames of each animation under a tag. A sprite has a tag for each clip. A map
has a layer per layer, and a frame for each of its times. The format is described in https://github.com/aseprite/aseprite/blob/main/docs/ase-file-specs.md.
All numbers are little-endian.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.formats.png import portable_pictures
from tilewright.formats.strips import Frame, Tag, frames_of, frames_of_sprite
from tilewright.level.map import Map
from tilewright.sheet import MAX_PIXELS
from tilewright.tileset.sprite import Sprite
from tilewright.tileset.tileset import Tileset

MOST = 0xFFFF  # frames, pixels of a side, milliseconds
_LAYER, _CEL, _PROFILE, _TAGS, _PALETTE, _USER_DATA = 0x2004, 0x2005, 0x2007, 0x2018, 0x2019, 0x2020
_VISIBLE_AND_EDITABLE, _ZLIB, _SRGB, _TEXT = 3, 2, 1, 1

Cels = Sequence[Uint8Array]
"""The picture of each layer in one frame: entries (H, W) or RGBA (H, W, 4)."""


def tileset_sprite(tileset: Tileset) -> bytes:
    """Return the file of a tileset."""
    return _frames_file(tileset, *frames_of(tileset))


def sprite_file(sprite: Sprite) -> bytes:
    """Return the file of a sprite."""
    return _frames_file(sprite.tileset, *frames_of_sprite(sprite))


def _frames_file(tileset: Tileset, frames: Sequence[Frame], tags: Sequence[Tag]) -> bytes:
    pictures, palette = _portable(tileset)
    cels: list[Cels] = [(pictures[frame.tile],) for frame in frames]
    durations = [frame.milliseconds for frame in frames]
    grid = tileset.shape
    return _sprite(cels, durations, ["tiles"], tags, palette, grid, grid, tileset.provenance)


def map_sprite(level: Map) -> bytes:
    """Return the file of a map."""
    times, loop = level.times()
    pictures, palette = _portable(level.tileset)
    tileset = Tileset(level.tileset.name, pictures, palette, animations=level.tileset.animations)
    alone = [Map(layer.name, tileset, (layer,)) for layer in level.layers]
    (rows, columns), (height, width) = level.shape, tileset.shape
    size = (rows * height, columns * width)
    if len(times) * len(alone) * size[0] * size[1] > MAX_PIXELS:
        raise UsageError(
            f"Map.save(): {len(times)} frames have more than {MAX_PIXELS} pixels: make a smaller map"
        )
    cels: list[Cels] = [[_cel(layer, at) for layer in alone] for at in times]
    durations = np.diff([*times, loop or 100]).tolist()
    tags = [Tag("loop", 0, len(times) - 1)] if loop else []
    names = [layer.name for layer in level.layers]
    facts = {**level.tileset.provenance, **{f"map {key}": text for key, text in level.facts.items()}}
    return _sprite(cels, durations, names, tags, palette, size, tileset.shape, facts)


def _cel(layer: Map, at: int) -> Uint8Array:
    return layer.picture(at) if layer.tileset.palette is None else layer.indexed(at)[0]


def _portable(tileset: Tileset) -> tuple[Uint8Array, Uint8Array | None]:
    """Return pictures whose entry 0 is transparent, as layers of Aseprite need; RGBA if there is no room for it."""
    pictures, palette = portable_pictures(tileset)
    if palette is not None and palette[0, 3] > 0:
        return tileset.rgba, None
    return pictures, palette


def _sprite(
    frames: Sequence[Cels],
    milliseconds: Sequence[int],
    layers: Sequence[str],
    tags: Sequence[Tag],
    palette: Uint8Array | None,
    size: tuple[int, int],
    grid: tuple[int, int],
    facts: Mapping[str, str],
) -> bytes:
    if max(len(frames), *size) > MOST:
        raise UsageError(f"save(): Aseprite has at most {MOST} frames and pixels along a side")
    first = [_chunk(_PROFILE, struct.pack("<HHI8x", _SRGB, 0, 0))]
    if palette is not None:
        colours = b"".join(struct.pack("<H4B", 0, *colour) for colour in palette.tolist())
        first.append(_chunk(_PALETTE, struct.pack("<III8x", len(palette), 0, len(palette) - 1) + colours))
    if facts:
        text = "\n".join(f"{key}: {value}" for key, value in facts.items())
        first.append(_chunk(_USER_DATA, struct.pack("<I", _TEXT) + _string(text)))
    for name in layers:
        first.append(
            _chunk(
                _LAYER, struct.pack("<HHHHHHB3x", _VISIBLE_AND_EDITABLE, 0, 0, 0, 0, 0, 255) + _string(name)
            )
        )
    if tags:
        parts = [struct.pack("<HHBH6x4x", tag.first, tag.last, 0, 0) + _string(tag.name) for tag in tags]
        first.append(_chunk(_TAGS, struct.pack("<H8x", len(tags)) + b"".join(parts)))
    body = b""
    for number, (cels, duration) in enumerate(zip(frames, milliseconds, strict=True)):
        chunks = first if number == 0 else []
        chunks = chunks + [_chunk(_CEL, _cel_data(layer, cel)) for layer, cel in enumerate(cels)]
        data = b"".join(chunks)
        old = min(len(chunks), MOST)
        body += (
            struct.pack("<IHHHHI", 16 + len(data), 0xF1FA, old, min(duration, MOST), 0, len(chunks)) + data
        )
    return _header(len(frames), size, palette, grid, 128 + len(body)) + body


def _header(
    frames: int, size: tuple[int, int], palette: Uint8Array | None, grid: tuple[int, int], length: int
) -> bytes:
    depth, colours = (32, 0) if palette is None else (8, len(palette))
    return struct.pack(
        "<IHHHHHIHIIB3xHBBhhHH84x",
        *(length, 0xA5E0, frames, size[1], size[0], depth),
        *(
            1,
            100,
            0,
            0,
            0,
        ),  # flags: opacity of layers is valid; a speed for old readers; two zeros; entry 0 is clear
        *(colours, 1, 1, 0, 0, grid[1], grid[0]),  # pixels are square; the grid begins at the corner
    )


def _cel_data(layer: int, pixels: Uint8Array) -> bytes:
    height, width = pixels.shape[:2]
    return struct.pack("<HhhBHh5xHH", layer, 0, 0, 255, _ZLIB, 0, width, height) + zlib.compress(
        pixels.tobytes(), 9
    )


def _chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


def _string(text: str) -> bytes:
    encoded = text.encode()[:MOST]
    return struct.pack("<H", len(encoded)) + encoded
