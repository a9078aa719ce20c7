"""Synthetic pixel art and defined damage to it, for tests of the measures."""

from functools import lru_cache

import numpy as np

from tilewright.palette import extract_palette, nearest_colours
from tilewright_training.measures.pictures import Pictures
from tilewright_training.measures.protocol import QUICK, Protocol

from ..drawn import SPRITE_KINDS, TILE_KINDS, draw_set

KINDS = (*TILE_KINDS, *SPRITE_KINDS)
TINY = Protocol(**{**QUICK, "kinds_steps": 60, "c2st_steps": 50, "folds": 2}, seeds=(0,), few=3, added=20)


@lru_cache
def art(per_kind: int, first: int = 0, kinds: tuple[str, ...] = KINDS) -> Pictures:
    """Draw pictures `first` to `first` + `per_kind` of each kind; calls with other ranges give other
    pictures.
    """
    total = first + per_kind
    images = np.stack(draw_set(kinds, total)).reshape(len(kinds), total, 16, 16, 4)[:, first:]
    labels = np.repeat(np.arange(len(kinds)), per_kind)
    return Pictures(images.reshape(-1, 16, 16, 4), labels, kinds, np.arange(len(labels)))


def changed(pictures: Pictures, images: np.ndarray) -> Pictures:
    """Return other images with the same kinds."""
    return Pictures(images, pictures.labels, pictures.kinds, pictures.groups)


def palette(pictures: Pictures) -> np.ndarray:
    """Return the opaque colours uint8 (K, 4)."""
    return extract_palette(pictures.images, 256, False)


def blurred(pictures: Pictures) -> Pictures:
    """Blur: each pixel becomes the palette colour nearest to the mean of its neighbourhood. Alpha is
    unchanged.
    """
    opaque = pictures.images[..., 3:] > 0
    padded = np.pad(pictures.images[..., :3] * opaque, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge").astype(
        int
    )
    weight = np.pad(opaque, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge").astype(int)
    total, count = (
        sum(values[:, y : y + 16, x : x + 16] for y in range(3) for x in range(3))
        for values in (padded, weight)
    )
    mean = (total // np.maximum(count, 1)).astype(np.uint8)
    colours = palette(pictures)
    return changed(pictures, np.where(opaque, colours[nearest_colours(mean, colours)], np.uint8(0)))


def noisy(pictures: Pictures, share: float = 0.1) -> Pictures:
    """Replace a share of the opaque pixels by random palette colours."""
    random, colours = np.random.default_rng(0), palette(pictures)
    hit = (random.random(pictures.images.shape[:3]) < share) & (pictures.images[..., 3] > 0)
    other = colours[random.integers(len(colours), size=hit.shape)]
    return changed(pictures, np.where(hit[..., None], other, pictures.images))


def dropped(pictures: Pictures, kind: int) -> Pictures:
    """Replace pictures of `kind` by pictures of the next kind."""
    after = np.flatnonzero(pictures.labels == (kind + 1) % len(pictures.kinds))
    images = pictures.images.copy()
    images[pictures.labels == kind] = pictures.images[after]
    return changed(pictures, images)
