"""Open pictures for training and the doctor: make alpha binary, undo enlargement, and record the changes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tilewright.pictures import FORMATS, Budget, UnreadableError, read_picture

from ..size import Size
from .enlarged import enlargement, reduced
from .transparency import MAGENTA, clear_colour, find_shadows, harden_alpha, is_opaque

ALPHA = "alpha channel"
PALETTE = "palette entries"
KEY = "colour key"
MAGENTA_KEY = "magenta"
GROUND = "ground"
OPAQUE = "opaque"


@dataclass(frozen=True)
class Opened:
    """A decoded picture with binary alpha, and what was changed."""

    pixels: np.ndarray  # uint8 (H, W, 4), at the size of the drawing
    convention: str  # one of the constants above except GROUND, which is detected from cells
    half_transparent: int  # pixels that were half-transparent
    enlarged: int  # factor by which the file is enlarged
    shadows: int  # pixels of half-transparent shadows


def open_picture(
    path: Path,
    budget: Budget | None = None,
    size: Size | None = None,
    magenta: bool = True,
    keep_shadows: bool = False,
) -> Opened:
    """Read an untrusted picture. Raises `UnreadableError`.

    A picture of `size` is never treated as enlarged. `magenta` is made transparent if the
    picture is otherwise opaque. `keep_shadows`: see `harden_alpha`.
    """
    pixels = read_picture(path, budget)
    shadows = int(np.count_nonzero(find_shadows(pixels)))
    half = harden_alpha(pixels, keep_shadows)
    convention = OPAQUE
    if not is_opaque(pixels):
        convention = _stated(path)
    elif magenta and clear_colour(pixels, MAGENTA):
        convention = MAGENTA_KEY
    times = 1 if pixels.shape[:2] == size else enlargement(pixels)
    return Opened(reduced(pixels, times) if times > 1 else pixels, convention, half, times, shadows)


def count_colours(pixels: np.ndarray) -> int:
    """Return the number of opaque colours in a picture uint8 (H, W, 4)."""
    value = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    return len(np.unique(value[pixels[..., 3] > 0]))


def _stated(path: Path) -> str:
    try:
        with Image.open(path, formats=FORMATS) as picture:
            mode, transparency = picture.mode, picture.info.get("transparency")
    except Exception as error:  # it was readable a moment ago: the folder is being modified
        raise UnreadableError("it changed while it was read") from error
    if mode == "P":
        return PALETTE
    return ALPHA if transparency is None or mode in ("RGBA", "LA") else KEY
