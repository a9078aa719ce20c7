"""Calibration: choose the range of each uint8 activation."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from tilewright.seeds import LATENT_SCALE, draw_latents

from ..families.networks import LEAK, example_words
from .layers import Folded
from .onnx_builder import Scale

CALIBRATION_SEED = 2**63  # far from the seeds that users choose
CHUNK = 32  # tiles per forward pass
SAMPLES = 20_000  # values per layer for the search
SHRINK = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)  # shares of the full range that the search tries

Array = np.ndarray

_POINTWISE: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "leaky_relu": lambda x: np.where(x > 0, x, LEAK * x),
    "tanh": np.tanh,
}


def calibration_inputs(
    folded: Folded, latent_size: int, tiles: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Return seeded latents float (tiles, latent_size), kinds int64 (tiles,) in turn, and words float (tiles, V), or
    None for a network without words.
    """
    latents = draw_latents(CALIBRATION_SEED, 0, tiles, latent_size).astype(np.float32)
    words = example_words(folded.words, tiles, CALIBRATION_SEED) if folded.words else None
    kinds = torch.arange(tiles) % len(folded.table)
    return torch.from_numpy(latents * np.float32(LATENT_SCALE)), kinds, words


def calibrate(evaluate: Callable[[slice], list[torch.Tensor]], tiles: int) -> list[Array]:
    """Return about SAMPLES values of each layer, float (n,). evaluate: layer outputs for a slice of `tiles`
    tiles.

    Tiles are evaluated in chunks to bound the memory. The extremes of each chunk are among the samples.
    """
    rng = np.random.default_rng(CALIBRATION_SEED)
    share = SAMPLES * CHUNK // tiles
    samples: list[list[Array]] = []
    for first in range(0, tiles, CHUNK):
        values = evaluate(slice(first, first + CHUNK))
        samples = samples or [[] for _ in values]
        for kept, value in zip(samples, values, strict=True):
            flat = value.numpy().ravel()
            extremes = flat[[flat.argmin(), flat.argmax()]]
            kept += [extremes, rng.choice(flat, min(share, flat.size), replace=False)]
    return [np.concatenate(kept) for kept in samples]


def best_scale(groups: Sequence[Array], following: str | None = None) -> Scale:
    """Return the uint8 scale with the least squared error after the pointwise op `following`.

    groups: samples of all values that share the scale. The range may exclude outliers, because an op such as
    tanh saturates.
    """
    values = np.concatenate(groups).astype(np.float64)
    after = _POINTWISE.get(following or "", lambda x: x)
    low, high = min(0.0, float(values.min())), max(1e-6, float(values.max()))
    ideal = after(values)
    best, least = covering(low, high), np.inf
    for below in SHRINK if low < 0 else (1.0,):
        for above in SHRINK:
            scale = covering(low * below, high * above)
            steps = np.clip(np.rint(values / scale.scale) + scale.zero, 0, 255) - scale.zero
            error = float(np.square(after(steps * scale.scale) - ideal).mean())
            if error < least:
                best, least = scale, error
    return best


def covering(low: float, high: float) -> Scale:
    """Return the uint8 scale from `low` (0 or less) to `high` that represents zero exactly."""
    scale = float(np.float32((high - low) / 255.0))
    return Scale(scale, int(np.clip(np.rint(-low / scale), 0, 255)))
