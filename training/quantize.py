"""Calibration: which range of reals each uint8 activation covers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from tilewright.seeds import LATENT_SCALE, draw_latents

from .folding import Folded, run
from .onnx_builder import Scale

CALIBRATION_SEED = 2**63  # far from the seeds that people use
CLIPPED = 1e-5  # share of the values that may fall off either end of the range


@dataclass(frozen=True)
class Ranges:
    """Low and high real for the value after each layer of a Folded."""

    layers: tuple[tuple[float, float], ...]


def calibrate(folded: Folded, latent_size: int, tiles: int = 1024) -> Ranges:
    """Run the folded float network on `tiles` seeded latents, kinds in turn, and note the ranges."""
    latents = draw_latents(CALIBRATION_SEED, 0, tiles, latent_size).astype(np.float32) * np.float32(
        LATENT_SCALE
    )
    kinds = torch.arange(tiles) % len(folded.table)
    values = run(folded, torch.from_numpy(latents), kinds)
    ranges = []
    for value in values:
        ordered = np.sort(value.numpy().ravel())
        off = int(len(ordered) * CLIPPED)
        ranges.append((float(ordered[off]), float(ordered[-1 - off])))
    return Ranges(tuple(ranges))


def scale_for(ranges: Sequence[tuple[float, float]]) -> Scale:
    """The uint8 scale that covers all the ranges, zero included exactly."""
    low = min(0.0, *(r[0] for r in ranges))
    high = max(1e-6, *(r[1] for r in ranges))
    scale = float(np.float32((high - low) / 255.0))
    return Scale(scale, int(np.clip(np.rint(-low / scale), 0, 255)))
