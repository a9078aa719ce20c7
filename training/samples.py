"""From a network's colour space back to pictures, and sample grids to look at."""

from pathlib import Path

import numpy as np

from tilewright.palette import opaque_or_clear
from tilewright.sheet import make_sheet, save_png

GROUND = (70, 70, 80, 255)  # behind transparent pixels


def from_colour_space(pictures: np.ndarray) -> np.ndarray:
    """float (N, C, S, S) in colour space -> uint8 (N, S, S, 4); alpha is 0 or 255."""
    nhwc = pictures.transpose(0, 2, 3, 1)
    return opaque_or_clear(np.rint((np.clip(nhwc, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8))


def sample_grid(pictures: np.ndarray, columns: int, path: Path) -> None:
    """Write pictures float (N, C, S, S) in colour space as a PNG, `columns` to a row, three times enlarged."""
    save_png(make_sheet(from_colour_space(pictures), columns, spacing=1, scale=3, ground=GROUND), path)
