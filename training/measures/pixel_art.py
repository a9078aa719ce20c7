"""Visible faults of pixel art: stray pixels, too many colours, seams, and colours outside the palette."""

from dataclasses import dataclass

import numpy as np

from ..data.pixels import seam_ratio, words


@dataclass(frozen=True)
class PixelArt:
    """Means over pictures. seam_ratio is NaN for sprites, off_palette is NaN without a palette."""

    colours: float  # distinct opaque colours per picture
    orphans: float  # percent of the opaque pixels
    seam_ratio: float  # 1: the wrapped edges differ no more than inner neighbours
    off_palette: float  # pixels per picture
    semi_transparent: float  # pixels per picture


def pixel_art(images: np.ndarray, palette: np.ndarray | None, tiles: bool) -> PixelArt:
    """Measure images uint8 (N, H, W, 4) against palette uint8 (K, 4). tiles: whether the pictures must
    repeat.
    """
    opaque = images[..., 3] > 0
    return PixelArt(
        colours=float(np.mean([len(np.unique(p[o])) for p, o in zip(words(images), opaque, strict=True)])),
        orphans=100.0 * float(orphans(images).sum() / max(1, opaque.sum())),
        seam_ratio=seam_ratio(images) if tiles else float("nan"),
        off_palette=float("nan") if palette is None else float(_off(images, palette).sum() / len(images)),
        semi_transparent=float(((images[..., 3] > 0) & (images[..., 3] < 255)).sum() / len(images)),
    )


def orphans(images: np.ndarray) -> np.ndarray:
    """Return bool (N, H, W): opaque pixels that share their colour with none of their up to eight neighbours."""
    colour = words(images)
    height, width = colour.shape[1:]
    # Pad with 1, which is no colour of an opaque pixel (alpha is the highest byte): edge padding would add
    # neighbours.
    padded = np.pad(colour, ((0, 0), (1, 1), (1, 1)), constant_values=1)
    alone = colour != 0
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                alone &= colour != padded[:, dy : dy + height, dx : dx + width]
    return alone


def palette_of(images: np.ndarray, most: int = 256) -> np.ndarray | None:
    """Return the colours uint8 (K, 4) of images uint8 (N, H, W, 4), transparent as (0, 0, 0, 0); None if more
    than `most`.
    """
    found = np.unique(words(images))
    return found.astype("<u4").view(np.uint8).reshape(-1, 4) if len(found) <= most else None


def _off(images: np.ndarray, palette: np.ndarray) -> np.ndarray:
    return ~np.isin(words(images), words(palette[None, None])) & (images[..., 3] > 0)
