"""Decode one picture file to RGBA. Files are untrusted until this module returns."""

import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from tilewright.arrays import Uint8Array

FORMATS = ("PNG", "GIF", "BMP", "WEBP")
MAX_PIXELS = 4096 * 4096
MAX_BYTES = 64 * 1024 * 1024
FREE_PIXELS = 1 << 25  # pixels that the pictures of a folder may have in any case
PIXELS_PER_BYTE = 16  # additional pixels per byte of file size; real art has about half as many


class UnreadableError(Exception):
    """A picture that is skipped. The text is the reason, in one line."""


class Budget:
    """The number of pixels that the pictures of one folder may have in total.

    A picture of one colour has kilobytes on disk and takes seconds to process. The budget bounds the work by
    the size of the files.
    """

    def __init__(self) -> None:
        self._left = FREE_PIXELS

    def take(self, pixels: int, size: int) -> None:
        """Count a picture whose file has `size` bytes. Raises `UnreadableError` if the budget is exceeded."""
        left = self._left + PIXELS_PER_BYTE * size - pixels
        if left < 0:
            raise UnreadableError(f"{pixels} pixels in {size} bytes, and the folder has too many of its kind")
        self._left = left


def read_picture(path: Path, budget: Budget | None = None) -> Uint8Array:
    """Decode the first frame of the file at `path` to uint8 (H, W, 4).

    Palettes, grey levels, 1-bit images and tRNS colour keys are resolved as the file states them. Raises
    `UnreadableError` if the file is not a complete picture of a known format and permitted size.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise UnreadableError("a broken link, or a file that cannot be opened") from error
    if not stat.S_ISREG(facts.st_mode):
        raise UnreadableError("not a regular file")
    if facts.st_size > MAX_BYTES:
        raise UnreadableError(f"{facts.st_size} bytes, more than {MAX_BYTES}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limit below is stricter than Pillow's warning
            with Image.open(path, formats=FORMATS) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise UnreadableError(f"{width}x{height} pixels, more than {MAX_PIXELS}")
                if budget is not None:
                    budget.take(width * height, facts.st_size)
                return np.array(_to_rgba(picture), dtype=np.uint8)
    except UnreadableError:
        raise
    except Image.DecompressionBombError as error:
        raise UnreadableError(f"more than {MAX_PIXELS} pixels") from error
    except Exception as error:  # decoders raise arbitrary exceptions on damaged files
        raise UnreadableError("damaged, truncated or not a PNG, GIF, BMP or WebP picture") from error


def picture_palette(path: Path) -> Uint8Array | None:
    """Return the palette of an indexed picture that `read_picture` has read: uint8 (K, 4), alpha 0 or 255; or None."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            colours = picture.getpalette() if picture.mode == "P" else None
            clear = picture.info.get("transparency", b"")
    except Exception as error:  # it was readable a moment ago: the folder is being modified
        raise UnreadableError("it changed while it was read") from error
    if not colours:
        return None
    palette = np.full((len(colours) // 3, 4), 255, np.uint8)
    palette[:, :3] = np.array(colours, np.uint8).reshape(-1, 3)
    if isinstance(clear, int):
        palette[clear : clear + 1, 3] = 0
    else:
        alpha = np.frombuffer(clear, np.uint8)[: len(palette)]
        palette[: len(alpha), 3] = np.where(alpha >= 128, 255, 0)
    return palette


def _to_rgba(picture: Image.Image) -> Image.Image:
    # convert() would clip 16-bit grey instead of scaling it.
    if picture.mode.startswith("I"):
        wide = np.asarray(picture, dtype=np.int64)
        return Image.fromarray((wide >> 8).clip(0, 255).astype(np.uint8)).convert("RGBA")
    return picture.convert("RGBA")
