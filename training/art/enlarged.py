"""Detect pixel art that was saved enlarged: each pixel of the drawing became a block of n x n equal pixels."""

import numpy as np

ENOUGH_CORNERS = 16  # frames and flat tiles have a few corners, which may lie on multiples of n by chance


def enlargement(pixels: np.ndarray) -> int:
    """Return the largest n for which a picture uint8 (H, W, 4) consists of blocks of n x n equal pixels.

    Returns 1 if the picture has too few corners to tell.
    """
    value = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    rows = np.flatnonzero((value[1:] != value[:-1]).any(axis=1)) + 1
    columns = np.flatnonzero((value[:, 1:] != value[:, :-1]).any(axis=0)) + 1
    times = int(np.gcd.reduce(np.concatenate([rows, columns, value.shape])))
    if times == 1:
        return 1
    small = value[::times, ::times]
    a, b, c, d = small[:-1, :-1], small[:-1, 1:], small[1:, :-1], small[1:, 1:]
    straight = ((a == b) & (c == d)) | ((a == c) & (b == d))
    return times if int((~straight).sum()) >= ENOUGH_CORNERS else 1


def reduced(pixels: np.ndarray, times: int) -> np.ndarray:
    """Undo an enlargement. Returns a copy, uint8 (H / times, W / times, 4)."""
    return pixels[::times, ::times].copy()
