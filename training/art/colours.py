"""Bringing the art of several artists to one palette."""

from collections.abc import Sequence

import numpy as np


def map_to_palette(pixels: np.ndarray, palette: Sequence[tuple[int, int, int]]) -> None:
    """Give every opaque pixel of uint8 (..., 4) the nearest colour of `palette`, in place.

    Nearest in squared RGB distance, an integer; the first of equals wins.
    """
    opaque = pixels[..., 3] > 0
    colours, where = np.unique(pixels[opaque][:, :3], axis=0, return_inverse=True)
    table = np.array(palette, dtype=np.uint8)
    away = colours.astype(np.int32)[:, None] - table.astype(np.int32)[None]
    nearest = table[np.square(away).sum(axis=-1).argmin(axis=-1)]
    pixels[opaque, :3] = nearest[where.reshape(-1)]
