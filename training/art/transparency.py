"""Reduce the five conventions for transparency in pixel art to one: alpha 0 or 255.

Conventions that the file states (an alpha channel, a tRNS chunk) are decoded with the picture. This module
decides the others: the magenta key, and an opaque ground behind sprites.
"""

import numpy as np

MAGENTA = (255, 0, 255)
THRESHOLD = 128
MANY_CELLS = 16
DARK = 96  # upper limit for the channels of a shadow's colour


def harden_alpha(pixels: np.ndarray, keep_shadows: bool = False) -> int:
    """Set alpha to 0 or 255 in place, and rgb to 0 where alpha is 0. Returns the number of half-transparent
    pixels.

    keep_shadows: pixels that `find_shadows` finds become opaque in their own dark colour.
    """
    alpha = pixels[..., 3]
    halves = int(np.count_nonzero((alpha > 0) & (alpha < 255)))
    solid = alpha >= THRESHOLD
    if keep_shadows:
        solid |= find_shadows(pixels)
    alpha[...] = np.where(solid, 255, 0)
    pixels[alpha == 0] = 0
    return halves


def find_shadows(pixels: np.ndarray) -> np.ndarray:
    """Return a mask bool (H, W) of shadows: dark pixels below the alpha threshold that have such a neighbour.

    Isolated pixels are antialiased outlines.
    """
    faint = (pixels[..., 3] > 0) & (pixels[..., 3] < THRESHOLD) & (pixels[..., :3].max(axis=-1) <= DARK)
    beside = np.zeros_like(faint)
    beside[:, 1:] |= faint[:, :-1]
    beside[:, :-1] |= faint[:, 1:]
    beside[1:] |= faint[:-1]
    beside[:-1] |= faint[1:]
    found: np.ndarray = faint & beside
    return found


def clear_colour(pixels: np.ndarray, colour: tuple[int, int, int]) -> bool:
    """Make all pixels of `colour` transparent in place. Returns whether there were any."""
    hit = (pixels[..., :3] == np.array(colour, np.uint8)).all(axis=-1) & (pixels[..., 3] > 0)
    pixels[hit] = 0
    return bool(hit.any())


def is_opaque(pixels: np.ndarray) -> bool:
    return bool((pixels[..., 3] == 255).all())


def rim_colour(pixels: np.ndarray) -> tuple[int, int, int] | None:
    """Return the colour of at least three fifths of the outermost pixels of a picture uint8 (H, W, 4), or None."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])[:, :3]
    colours, counts = np.unique(rim, axis=0, return_counts=True)
    if counts.max() < 0.6 * len(rim):
        return None
    red, green, blue = (int(value) for value in colours[counts.argmax()])
    return red, green, blue


def without_ground(pixels: np.ndarray) -> np.ndarray:
    """Return a copy of an opaque picture in which the colour of the rim is transparent.

    Returns the picture itself if it has transparent pixels, or no such colour.
    """
    ground = rim_colour(pixels) if is_opaque(pixels) else None
    if ground is None:
        return pixels
    cleared = pixels.copy()
    clear_colour(cleared, ground)
    return cleared


def ground_colour(cells: np.ndarray) -> tuple[int, int, int] | None:
    """Return the colour that most corners of the cells (N, H, W, 4) share, or None.

    A ground covers at least three of four corners, or three of five if there are enough cells. Otherwise the
    pictures fill their cells.
    """
    corners = cells[:, [0, 0, -1, -1], [0, -1, 0, -1], :3].reshape(-1, 3)
    colours, counts = np.unique(corners, axis=0, return_counts=True)
    best = int(counts.argmax())
    if int(counts[best]) < (0.6 if len(cells) >= MANY_CELLS else 0.75) * len(corners):
        return None
    red, green, blue = (int(value) for value in colours[best])
    return red, green, blue
