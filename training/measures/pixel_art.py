"""What an artist would see at once: stray pixels, too many colours, seams, colours that are not in the palette."""

from dataclasses import dataclass

import numpy as np

from ..data.pixels import seam_ratio, words


@dataclass(frozen=True)
class PixelArt:
    """Means over pictures. seam_ratio is NaN for sprites, off_palette where no palette is known."""

    colours: float  # distinct opaque colours of a picture
    orphans: float  # percent of opaque pixels
    seam_ratio: float  # 1: a copy beside it continues the picture as the picture continues itself
    off_palette: float  # pixels of a picture
    semi_transparent: float  # pixels of a picture


def pixel_art(images: np.ndarray, palette: np.ndarray | None, tiles: bool) -> PixelArt:
    """Measure images uint8 (N, S, S, 4) against palette uint8 (K, 4); tiles: they are to repeat."""
    opaque = images[..., 3] > 0
    return PixelArt(
        colours=float(np.mean([len(np.unique(p[o])) for p, o in zip(words(images), opaque, strict=True)])),
        orphans=100.0 * float(orphans(images).sum() / max(1, opaque.sum())),
        seam_ratio=seam_ratio(images) if tiles else float("nan"),
        off_palette=float("nan") if palette is None else float(_off(images, palette).sum() / len(images)),
        semi_transparent=float(((images[..., 3] > 0) & (images[..., 3] < 255)).sum() / len(images)),
    )


def orphans(images: np.ndarray) -> np.ndarray:
    """bool (N, S, S): opaque pixels whose colour none of the (up to eight) neighbours has."""
    colour = words(images)
    size = colour.shape[1]
    # A border that repeats its own pixels would make every edge pixel its own neighbour: 1 is no colour of an
    # opaque pixel, whose alpha is the highest byte.
    padded = np.pad(colour, ((0, 0), (1, 1), (1, 1)), constant_values=1)
    alone = colour != 0
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                alone &= colour != padded[:, dy : dy + size, dx : dx + size]
    return alone


def palette_of(images: np.ndarray, most: int = 256) -> np.ndarray | None:
    """The colours uint8 (K, 4) of images uint8 (N, S, S, 4), clear ones as (0, 0, 0, 0); None if more than `most`."""
    found = np.unique(words(images))
    return found.astype("<u4").view(np.uint8).reshape(-1, 4) if len(found) <= most else None


def _off(images: np.ndarray, palette: np.ndarray) -> np.ndarray:
    return ~np.isin(words(images), words(palette[None, None])) & (images[..., 3] > 0)
