"""One picture file -> RGBA pixels. The file is hostile until this module has returned."""

import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

FORMATS = ("PNG", "GIF", "BMP", "WEBP")
MAX_PIXELS = 4096 * 4096
MAX_BYTES = 64 * 1024 * 1024
FREE_PIXELS = 1 << 25  # of the pictures of a folder
PIXELS_PER_BYTE = (
    16  # and so many more for every byte of their files: the art that was looked at has half as many
)


class UnreadableError(Exception):
    """A picture that is left out; the text is the reason, in one line."""


class Budget:
    """How many pixels the pictures of one folder may have together.

    A picture of one colour is kilobytes on the disk and seconds of work: with a budget the work is bounded by what
    somebody had to put on the disk.
    """

    def __init__(self) -> None:
        self._left = FREE_PIXELS

    def take(self, pixels: int, size: int) -> None:
        """Count a picture whose file has `size` bytes. Raises `UnreadableError` where it is too much."""
        left = self._left + PIXELS_PER_BYTE * size - pixels
        if left < 0:
            raise UnreadableError(f"{pixels} pixels in {size} bytes, and the folder has too many of its kind")
        self._left = left


def read_picture(path: Path, budget: Budget | None = None) -> np.ndarray:
    """Decode the (first frame of the) file at `path` into uint8 (H, W, 4).

    Palettes, grey levels, single bits and tRNS colour keys are resolved here, as the file states them.
    Raises `UnreadableError` for anything that is not a whole picture of a known format and a sane size.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise UnreadableError("a link that leads nowhere, or a file that cannot be opened") from error
    if not stat.S_ISREG(facts.st_mode):
        raise UnreadableError("not a regular file")
    if facts.st_size > MAX_BYTES:
        raise UnreadableError(f"{facts.st_size} bytes, more than {MAX_BYTES}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the cap below is stricter than Pillow's own warning
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
    except Exception as error:  # decoders raise anything at all on damaged files
        raise UnreadableError("damaged, truncated or not a PNG, GIF, BMP or WebP picture") from error


def _to_rgba(picture: Image.Image) -> Image.Image:
    # 16-bit grey would be clipped, not scaled, by convert().
    if picture.mode.startswith("I"):
        wide = np.asarray(picture, dtype=np.int64)
        return Image.fromarray((wide >> 8).clip(0, 255).astype(np.uint8)).convert("RGBA")
    return picture.convert("RGBA")
