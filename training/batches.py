"""From a data set to training batches: one random stream per step, so that a resumed run sees the same batches."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tilewright.palette import remap
from tilewright.seeds import LATENT_SCALE, LATENT_TABLE

from .config import Config
from .dataset import Dataset


def to_colour_space(images: np.ndarray, transparent: bool) -> np.ndarray:
    """uint8 (..., 4) RGBA -> float32 (..., 3), or (..., 4) where `transparent`.

    R, G, B in [-1, 1]; A -1 or 1; a transparent pixel is (0, 0, 0, -1).
    """
    rgb = images[..., :3].astype(np.float32) / 127.5 - 1.0
    if not transparent:
        return rgb
    solid = images[..., 3:] >= 128
    return np.concatenate([np.where(solid, rgb, 0.0), np.where(solid, 1.0, -1.0)], axis=-1, dtype=np.float32)


@dataclass(frozen=True)
class Batch:
    """One step's data; shift int64 (N, 2) is a move in rows and columns, mostly zero."""

    pictures: Tensor  # float (N, C, S, S) in colour space
    kinds: Tensor  # int64 (N,)
    latents: Tensor  # float (2, N, latent_size): one draw for the critic's step, one for the generator's
    shift: Tensor


class Batches:
    """Draws the batch of any step from (data, config, step) alone."""

    def __init__(self, data: Dataset, config: Config, palette: np.ndarray | None) -> None:
        """palette uint8 (K, 4): what every picture is mapped to, entry by nearest entry; None leaves them alone."""
        self.config = config
        images = data.images if palette is None else remap(data.images, palette)
        colours = to_colour_space(images, config.transparent)
        self.pictures = torch.from_numpy(np.ascontiguousarray(colours.transpose(0, 3, 1, 2)))
        self.kinds = torch.from_numpy(data.labels)
        count = np.bincount(data.labels, minlength=len(data.kinds)).astype(np.float64)
        self._kind_share = np.where(count > 0, count, 1.0) ** config.balance * (count > 0)
        self._kind_share /= self._kind_share.sum()
        self._members = [np.flatnonzero(data.labels == k) for k in range(len(data.kinds))]

    def draw(self, step: int) -> Batch:
        """The batch of step `step`."""
        c = self.config
        rng = np.random.Generator(np.random.Philox(key=[c.seed, step]))
        kinds = rng.choice(len(self._members), size=c.batch, p=self._kind_share)
        spot = rng.random(c.batch)
        chosen = [self._members[k][int(s * len(self._members[k]))] for k, s in zip(kinds, spot, strict=True)]
        pictures = self.pictures[chosen]
        if c.flip:
            mirrored = torch.from_numpy(rng.random(c.batch) < 0.5)
            pictures = torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)
        latents = LATENT_TABLE[rng.integers(0, 256, (2, c.batch, c.latent_size))].astype(np.float32)
        shift = rng.integers(-c.shift, c.shift + 1, (c.batch, 2)) * (rng.random((c.batch, 1)) < c.shift_share)
        return Batch(
            pictures, self.kinds[chosen], torch.from_numpy(latents * LATENT_SCALE), torch.from_numpy(shift)
        )


def shifted(pictures: Tensor, shift: Tensor, wrap: bool) -> Tensor:
    """Move each picture by its shift: around a torus, or repeating the edge pixels.

    Done to real and generated pictures alike, so that the critic cannot memorise and the generator does not learn
    the shift (Karras et al., "Training GANs with limited data", NeurIPS 2020).
    """
    n, _, height, width = pictures.shape
    rows = torch.arange(height)[None, :] + shift[:, :1]
    columns = torch.arange(width)[None, :] + shift[:, 1:]
    if wrap:
        rows, columns = rows % height, columns % width
    else:
        rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    picture = torch.arange(n)[:, None, None]
    return pictures.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
