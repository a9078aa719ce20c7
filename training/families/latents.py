"""Latents of a seed, as in the tiles of a pack."""

import numpy as np
import torch
from torch import Tensor

from tilewright.seeds import LATENT_SCALE, draw_latents


def latents_of(seed: int, kinds: Tensor, latent_size: int) -> Tensor:
    """Return the latents float (N, latent_size) of the tiles 0 .. N - 1 of `seed`, on the device of `kinds`
    (N,).
    """
    latents = draw_latents(seed, 0, len(kinds), latent_size).astype(np.float32) * np.float32(LATENT_SCALE)
    return torch.from_numpy(latents).to(kinds.device)
