"""The upsampler of a pack: a second network, which draws pictures of twice the size from those of the first.

The first network decides on shapes at half the size, where they are easier to learn; the second one adds what is
smaller. Reed et al., "Parallel multiscale autoregressive density estimation" (ICML 2017), and Ho et al., "Cascaded
diffusion models for high fidelity image generation" (JMLR 2022), describe such cascades. The second network is a step
network with a kind for each cell, which tells an entry of the smaller picture.
"""

from typing import Any

import numpy as np

from tilewright.arrays import Uint8Array

PHASES = 4  # places of a pixel in its block of two by two, row by row
SEED_STEP = 0xD1B54A32D192ED03  # between the seeds of the two networks


def guides(pictures: Uint8Array) -> Uint8Array:
    """Return the kinds of the cells of pictures of twice the size, uint8 (N, 2H, 2W), for pictures uint8 (N, H, W) of
    palette entries, less than 64: PHASES times an entry, plus the phase of the cell.

    An autoregressive network knows the kinds of earlier cells and of its own. Phase 0 has the entry of its own block,
    phases 1 and 2 that of the block below, and phase 3 that of the next one: before a row of blocks is drawn, it and
    the row below are known, except the first. Below the last row, the entry is 0.
    """
    count, height, width = pictures.shape
    below = np.concatenate([pictures, np.zeros((count, 2, width), np.uint8)], axis=1) * np.uint8(PHASES)
    found = np.empty((count, height, 2, width, 2), np.uint8)
    for row in range(2):
        for column in range(2):
            start = row + column
            found[:, :, row, :, column] = below[:, start : start + height] + np.uint8(2 * row + column)
    return found.reshape(count, 2 * height, 2 * width)


def guiding(kinds: Any) -> Any:
    """Return the pictures of `guides` (N, 2H, 2W): an array or a tensor (N, H, W)."""
    return kinds[:, ::2, ::2] // PHASES


def seed_of(seed: int) -> int:
    """Return the seed of the second network for that of a call."""
    return (seed + SEED_STEP) % 2**64
