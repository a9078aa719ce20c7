"""What sampling starts from, from colour space back to pictures, and sample grids to look at."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tilewright.palette import opaque_or_clear
from tilewright.seeds import LATENT_SCALE, draw_latents
from tilewright.sheet import make_sheet, save_png

GROUND = (70, 70, 80, 255)  # behind transparent pixels


def latents_of(seed: int, kinds: Tensor, latent_size: int) -> Tensor:
    """float (N, latent_size): what the tiles 0 .. N - 1 of `seed` start from, where `kinds` (N,) lies."""
    latents = draw_latents(seed, 0, len(kinds), latent_size).astype(np.float32) * np.float32(LATENT_SCALE)
    return torch.from_numpy(latents).to(kinds.device)


def from_colour_space(pictures: np.ndarray) -> np.ndarray:
    """float (N, C, S, S) in colour space -> uint8 (N, S, S, 4); alpha is 0 or 255."""
    nhwc = pictures.transpose(0, 2, 3, 1)
    return opaque_or_clear(np.rint((np.clip(nhwc, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8))


def sample_grid(pictures: np.ndarray, columns: int, path: Path) -> None:
    """Write pictures uint8 (N, S, S, 4) as a PNG, `columns` to a row, three times enlarged."""
    save_png(make_sheet(pictures, columns, spacing=1, scale=3, ground=GROUND), path)
