"""Sheets: many tiles in one picture."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.files import write_atomically

MAX_PIXELS = 1 << 28


def check_sheet(count: int, tile: tuple[int, int], columns: int, spacing: int, scale: int) -> None:
    """Raise UsageError if a sheet of `count` tiles of (height, width) pixels would have more than MAX_PIXELS."""
    rows = max(1, -(-count // columns))
    height, width = (n * (edge + spacing) + spacing for n, edge in zip((rows, columns), tile, strict=True))
    pixels = height * width * scale**2
    if pixels > MAX_PIXELS:
        raise UsageError(
            f"the sheet would have {pixels} pixels, more than {MAX_PIXELS}: make fewer or smaller"
        )


def make_sheet(
    tiles: Uint8Array,
    columns: int,
    *,
    spacing: int = 0,
    scale: int = 1,
    ground: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Uint8Array:
    """Arrange tiles uint8 (N, H, W, 4) in rows: one picture uint8 (rows, columns, 4).

    columns: tiles per row, 1 or more. spacing: pixels around each tile, before magnification. scale: integer
    magnification. ground: RGBA behind transparent pixels and spacing. Raises UsageError if the picture would
    have too many pixels.
    """
    n, height, width, _ = tiles.shape
    rows = max(1, -(-n // columns))
    check_sheet(n, (height, width), columns, spacing, scale)
    picture = np.empty(
        (rows * (height + spacing) + spacing, columns * (width + spacing) + spacing, 4), np.uint8
    )
    picture[:] = ground
    for i, tile in enumerate(tiles):
        y = spacing + i // columns * (height + spacing)
        x = spacing + i % columns * (width + spacing)
        picture[y : y + height, x : x + width] = np.where(
            tile[..., 3:] >= 128, tile, np.array(ground, np.uint8)
        )
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def save_png(picture: Uint8Array, path: Path) -> None:
    """Write a picture uint8 (H, W, 3 or 4) as a PNG, atomically. Raises MachineError on failure."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
