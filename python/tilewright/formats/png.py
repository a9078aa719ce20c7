"""PNG files: indexed with the palette in its order, or RGBA; and sheets of tiles.

Written here rather than by Pillow, which sorts out the bit depth and the length of the palette itself. The bytes depend
on the pixels and on zlib only.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from math import isqrt

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.sheet import MAX_PIXELS
from tilewright.tileset.colours import clear_first
from tilewright.tileset.tileset import Tileset


def png(pixels: Uint8Array, palette: Uint8Array | None, facts: Mapping[str, str]) -> bytes:
    """Return a PNG of palette entries uint8 (H, W), or of RGBA uint8 (H, W, 4) without a palette.

    palette: uint8 (K, 4), written with 8 bits per pixel, and alpha up to its last transparent colour. facts: written
    as texts.
    """
    height, width = pixels.shape[:2]
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", _header(width, height, palette)), *_colours(palette)]
    parts += [_chunk(b"iTXt", _text(key, text)) for key, text in facts.items()]
    parts += [_chunk(b"IDAT", _compressed(pixels)), _chunk(b"IEND", b"")]
    return b"".join(parts)


def apng(
    frames: Sequence[Uint8Array],
    milliseconds: Sequence[int],
    palette: Uint8Array | None,
    facts: Mapping[str, str],
) -> bytes:
    """Return an animated PNG that loops. frames: pictures as for `png`, 1 or more. Other readers show the first."""
    height, width = frames[0].shape[:2]
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", _header(width, height, palette))]
    parts += [_chunk(b"acTL", struct.pack(">II", len(frames), 0)), *_colours(palette)]
    parts += [_chunk(b"iTXt", _text(key, text)) for key, text in facts.items()]
    number = 0
    for frame, duration in zip(frames, milliseconds, strict=True):
        parts.append(
            _chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, duration, 1000, 0, 0))
        )
        number += 1
        data = _compressed(frame)
        if number == 1:
            parts.append(_chunk(b"IDAT", data))
        else:
            parts.append(_chunk(b"fdAT", struct.pack(">I", number) + data))
            number += 1
    return b"".join([*parts, _chunk(b"IEND", b"")])


def _header(width: int, height: int, palette: Uint8Array | None) -> bytes:
    return struct.pack(">IIBBBBB", width, height, 8, 6 if palette is None else 3, 0, 0, 0)


def _colours(palette: Uint8Array | None) -> list[bytes]:
    if palette is None:
        return []
    clear = np.flatnonzero(palette[:, 3] == 0)
    alpha = [_chunk(b"tRNS", palette[: clear[-1] + 1, 3].tobytes())] if len(clear) else []
    return [_chunk(b"PLTE", palette[:, :3].tobytes()), *alpha]


def _text(key: str, text: str) -> bytes:
    keyword = key.encode("latin-1", "replace")[:79]
    return keyword + b"\0\0\0\0\0" + text.encode()


def _compressed(pixels: Uint8Array) -> bytes:
    lines = pixels.reshape(len(pixels), -1)
    return zlib.compress(np.pad(lines, ((0, 0), (1, 0))).tobytes(), 9)  # filter 0, which suits few colours


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def columns_of(count: int) -> int:
    """Return the tiles per row of a sheet of `count` tiles, which is nearly square."""
    return isqrt(count - 1) + 1


def sheet_png(
    pictures: Uint8Array, palette: Uint8Array | None, facts: Mapping[str, str], columns: int
) -> bytes:
    """Return a PNG of tiles in rows of `columns`, without margins. pictures: as in `Tileset`."""
    count, height, width = pictures.shape[:3]
    rows = -(-count // columns)
    if rows * columns * height * width > MAX_PIXELS:
        raise UsageError(f"the sheet would have more than {MAX_PIXELS} pixels: make fewer or smaller tiles")
    empty = 0 if palette is None else int((palette[:, 3] == 0).argmax())
    cells = np.full((rows * columns, *pictures.shape[1:]), empty, np.uint8)
    cells[:count] = pictures
    sheet = cells.reshape(rows, columns, *pictures.shape[1:]).swapaxes(1, 2)
    return png(sheet.reshape(rows * height, columns * width, *pictures.shape[3:]), palette, facts)


def portable_pictures(tileset: Tileset) -> tuple[Uint8Array, Uint8Array | None]:
    """Return pictures and palette of a tileset with the transparent colour first, as most readers require.

    A palette of 256 opaque colours stays as it is.
    """
    if tileset.palette is None:
        return tileset.pictures, None
    return clear_first(tileset.pictures, tileset.palette) or (tileset.pictures, tileset.palette)


def tileset_png(tileset: Tileset) -> bytes:
    """Return the sheet of a tileset's tiles, in order."""
    return sheet_png(*portable_pictures(tileset), tileset.provenance, columns_of(len(tileset)))
