"""How a picture says which pixels are transparent, for people to read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .pictures import FORMATS, Budget, UnreadableError, read_picture
from .transparency import MAGENTA, clear_colour, harden_alpha, is_opaque

ALPHA = "alpha channel"
PALETTE = "palette entries"
KEY = "colour key"
MAGENTA_KEY = "magenta"
GROUND = "ground"
OPAQUE = "opaque"


@dataclass(frozen=True)
class Opened:
    """A decoded picture of hard alpha, and what it was."""

    pixels: np.ndarray  # uint8 (H, W, 4); magenta is cleared where the picture is otherwise opaque
    convention: str  # one of the constants above, but GROUND: that takes cells to see
    half_transparent: int  # pixels before alpha was made hard
    colours: int  # different opaque colours


def open_picture(path: Path, budget: Budget | None = None) -> Opened:
    """Read a picture of a stranger. Raises `UnreadableError`."""
    pixels = read_picture(path, budget)
    half = harden_alpha(pixels)
    convention = OPAQUE
    if not is_opaque(pixels):
        convention = _stated(path)
    elif clear_colour(pixels, MAGENTA):
        convention = MAGENTA_KEY
    value = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    return Opened(pixels, convention, half, len(np.unique(value[pixels[..., 3] > 0])))


def _stated(path: Path) -> str:
    try:
        with Image.open(path, formats=FORMATS) as picture:
            mode, transparency = picture.mode, picture.info.get("transparency")
    except Exception as error:  # it was read a moment ago: somebody is changing the folder
        raise UnreadableError("it changed while it was read") from error
    if mode == "P":
        return PALETTE
    return ALPHA if transparency is None or mode in ("RGBA", "LA") else KEY
