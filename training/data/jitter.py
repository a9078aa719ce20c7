"""Random colours, for networks that complete what is given: they learn to take the colours from there."""

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.engine import oklab

OKLAB_UNIT = 1 << 14  # of the integers of oklab()
TURN, ANY_TURN = 0.5, 0.3  # radians: the standard deviation of the hue; the share of pictures with any hue
SATURATION, CONTRAST = (0.6, 1.4), (0.8, 1.2)
LIGHTER = 0.05  # standard deviation of the lightness, 0 .. 1
SPREAD = 0.012  # Gumbel noise of distances in OKLab, by which entries close to each other are exchanged


class ColourJitter:
    """Turns hues and changes lightness and saturation of whole pictures, within a palette."""

    def __init__(self, palette: Uint8Array, share: float) -> None:
        """palette: uint8 (K, 4). If its first entry is transparent, that stays. share: of the pictures, 0 .. 1."""
        self._lab = oklab(palette) / OKLAB_UNIT
        self._clear = palette[0, 3] < 128
        self._share = share

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Return what replaces each palette entry in each of `count` pictures, int64 (count, K)."""
        size = len(self._lab)
        turn = rng.normal(0.0, TURN, count) + (rng.random(count) < ANY_TURN) * rng.uniform(
            -np.pi, np.pi, count
        )
        saturation, contrast = rng.uniform(*SATURATION, count), rng.uniform(*CONTRAST, count)
        lighter = rng.normal(0.0, LIGHTER, count)
        noise = rng.gumbel(size=(count, size, size))
        turned = np.exp(1j * turn)[:, None] * saturation[:, None] * (self._lab[:, 1] + 1j * self._lab[:, 2])
        light = (self._lab[:, 0] - 0.5) * contrast[:, None] + 0.5 + lighter[:, None]
        changed = np.stack([light, turned.real, turned.imag], axis=-1)
        distance = np.linalg.norm(changed[:, :, None] - self._lab, axis=-1)
        if self._clear:
            distance[..., 0] = np.inf
        entries = np.argmin(distance - SPREAD * noise, axis=-1)
        if self._clear:
            entries[:, 0] = 0
        kept = rng.random(count) >= self._share
        return np.where(kept[:, None], np.arange(size), entries)
