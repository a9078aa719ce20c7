"""The colour space of network inputs and outputs: R, G, B in [-1, 1], and A = -1 or 1 if pixels may be
transparent.
"""

import numpy as np
import torch
from torch import Tensor

from tilewright.palette import binarize_alpha


def to_colour_space(images: np.ndarray, transparent: bool) -> np.ndarray:
    """Convert uint8 (..., 4) RGBA to float32 (..., 3), or to (..., 4) if `transparent`.

    R, G and B are in [-1, 1], A is -1 or 1, and a transparent pixel is (0, 0, 0, -1).
    """
    rgb = images[..., :3].astype(np.float32) / 127.5 - 1.0
    if not transparent:
        return rgb
    solid = images[..., 3:] >= 128
    return np.concatenate([np.where(solid, rgb, 0.0), np.where(solid, 1.0, -1.0)], axis=-1, dtype=np.float32)


def from_colour_space(pictures: np.ndarray) -> np.ndarray:
    """Convert float (N, C, S, S) in colour space to uint8 (N, S, S, 4). Alpha becomes 0 or 255."""
    nhwc = pictures.transpose(0, 2, 3, 1)
    return binarize_alpha(np.rint((np.clip(nhwc, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8))


def nearest_entries(colours: Tensor, palette: Tensor) -> Tensor:
    """Return int64 (N, H, W): the index of the entry of palette float (K, C) nearest to each pixel of (N, C,
    H, W).
    """
    # |x - p|^2 = |x|^2 - 2 (x.p - |p|^2 / 2): the term |x|^2 does not affect the argmin.
    score = torch.einsum("nchw,kc->nkhw", colours, palette)
    return (score - 0.5 * palette.square().sum(1)[None, :, None, None]).argmax(1)
