"""A small reader of Aseprite's files, written from its specification, without tilewright's code."""

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Sprite:
    """What a file holds. frames: for each frame, the picture of each layer, indices or RGBA."""

    size: tuple[int, int]
    depth: int
    transparent: int
    grid: tuple[int, int, int, int]
    palette: np.ndarray | None = None
    text: str = ""
    layers: list[str] = field(default_factory=list)
    tags: list[tuple[str, int, int]] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    frames: list[dict[int, np.ndarray]] = field(default_factory=list)

    def picture(self, frame: int) -> np.ndarray:
        """The picture of a frame, uint8 (H, W, 4)."""
        canvas = np.zeros((*self.size, 4), np.uint8)
        for layer in sorted(self.frames[frame]):
            pixels = self.frames[frame][layer]
            if self.depth == 8:
                assert self.palette is not None
                drawn = pixels != self.transparent
                canvas[drawn] = self.palette[pixels[drawn]]
            else:
                drawn = pixels[..., 3] > 0
                canvas[drawn] = pixels[drawn]
        return canvas


def read(content: bytes) -> Sprite:
    """Read a file."""
    size, magic, frames, width, height, depth = struct.unpack_from("<IHHHHH", content)
    assert (size, magic) == (len(content), 0xA5E0)
    sprite = Sprite((height, width), depth, content[28], struct.unpack_from("<hhHH", content, 36))
    (colours,) = struct.unpack_from("<H", content, 32)
    at = 128
    for _ in range(frames):
        length, magic, old, duration, new = struct.unpack_from("<IHHH2xI", content, at)
        assert magic == 0xF1FA and old == new
        sprite.durations.append(duration)
        sprite.frames.append({})
        place = at + 16
        for _ in range(new):
            chunk, kind = struct.unpack_from("<IH", content, place)
            _read_chunk(sprite, kind, content[place + 6 : place + chunk])
            place += chunk
        assert place == at + length
        at += length
    assert at == len(content)
    assert colours == (0 if sprite.palette is None else len(sprite.palette))
    return sprite


def _read_chunk(sprite: Sprite, kind: int, data: bytes) -> None:
    if kind == 0x2004:
        flags, layer_type, level, blend, opacity = struct.unpack_from("<HHH4xHB", data)
        assert (flags & 1, layer_type, level, blend, opacity) == (1, 0, 0, 0, 255)
        sprite.layers.append(_string(data, 16)[0])
    elif kind == 0x2005:
        layer, x, y, opacity, cel_type, z = struct.unpack_from("<HhhBHh", data)
        assert (x, y, opacity, cel_type, z) == (0, 0, 255, 2, 0)
        width, height = struct.unpack_from("<HH", data, 16)
        pixels = np.frombuffer(zlib.decompress(data[20:]), np.uint8)
        shape = (height, width) if sprite.depth == 8 else (height, width, 4)
        sprite.frames[-1][layer] = pixels.reshape(shape)
    elif kind == 0x2018:
        (count,) = struct.unpack_from("<H", data)
        at = 10
        for _ in range(count):
            first, last, direction, repeat = struct.unpack_from("<HHBH", data, at)
            assert (direction, repeat) == (0, 0)
            name, end = _string(data, at + 17)
            sprite.tags.append((name, first, last))
            at = end
        assert at == len(data)
    elif kind == 0x2019:
        count, first, last = struct.unpack_from("<III", data)
        assert (first, last) == (0, count - 1)
        entries = np.frombuffer(data[20:], np.uint8).reshape(count, 6)
        assert not entries[:, :2].any()
        sprite.palette = entries[:, 2:]
    elif kind == 0x2020:
        assert (
            sprite.palette is not None or sprite.depth == 32
        )  # the first after the palette is of the sprite
        assert not sprite.layers
        assert struct.unpack_from("<I", data) == (1,)
        sprite.text = _string(data, 4)[0]
    else:
        assert kind == 0x2007


def _string(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", data, at)
    return data[at + 2 : at + 2 + length].decode(), at + 2 + length
