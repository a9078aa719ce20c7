"""Flow matching in colour space: from noise to a picture along straight lines, then each pixel to its palette entry.

Lipman et al., "Flow matching for generative modeling" (ICLR 2023); Liu et al., "Flow straight and fast" (rectified
flow, ICLR 2023). Between a picture x and noise e lies z_t = (1 - t) x + t e, on which points move by v = e - x. The
network guesses x from z_t (Li and He, "Back to basics: let denoising generative models denoise", 2025), so that
v = (z_t - x) / t, and is trained at the n times where sampling asks it, t = 1/n, 2/n, ... 1:

    E over t, x, e of  |x - network(z_t, t, k)|^2 / t

The weight lies between that of the error of x and that of v, |..|^2 / t^2, in which the little noise at the end drowns
what the beginning decides.

The colours of a pixel are points of a space, not entries of a table, so what it learns of one colour it knows of those
beside it: for art of many colours.
"""

import copy

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..config import Config
from ..data.batches import Batch
from ..data.colour_space import nearest_entries, to_colour_space
from .flow_network import FlowNetwork
from .latents import latents_of
from .optimise import adam, autocast, average, average_decay, cool, update

WARM_UP = 100  # steps in which the learning rate rises from 0: Adam knows nothing of its gradients yet
BLUR = (
    0.1  # noise on the smaller picture that a network is shown in training: later it will have small faults
)
MOST_GRADIENT = 10.0  # norm
SAMPLED = 256  # pictures drawn at once


class FlowMatching:
    """One network, one regression."""

    sampler = None

    def __init__(self, config: Config, palette: np.ndarray, kinds: int) -> None:
        self.config, self.palette = config, palette
        points = torch.from_numpy(to_colour_space(palette, config.transparent))
        network = FlowNetwork(config, points, kinds)
        self.network = network.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.network).requires_grad_(False)
        self.evaluations = config.evaluations * len(network.stages)
        self.modules = {"network": self.network, "ema": self.ema}
        self.optimizers = {"network": adam(self.network, config)}

    @torch.no_grad()
    def loss(self, batch: Batch) -> Tensor:
        """What is trained, of the averaged network, to hold art against art that was kept apart."""
        return self._loss(self.ema, batch, rounded=False)

    def _loss(self, network: FlowNetwork, batch: Batch, rounded: bool) -> Tensor:
        """The mean over the sizes.

        Each is shown half as many pictures as the one before it, as it learns from more places of each.
        """
        with autocast(self.config, batch.pictures):
            place = network.start(batch.kinds, rounded, batch.changes.told)
        time = (1.0 + torch.floor(batch.level * network.evaluations)) / network.evaluations
        losses, smaller, count = [], None, len(time)
        noises, others = (network.split(latents) for latents in batch.latents)
        for stage, noise, other in zip(network.stages, noises, others, strict=True):
            x = F.avg_pool2d(batch.pictures[:count], self.config.size // stage.size)
            t = time[:count, None, None, None]
            z = ((1.0 - t) * x + t * noise[:count]).to(memory_format=torch.channels_last)
            with autocast(self.config, z):
                place = stage.place(place[:count], smaller, rounded)
                guess = stage(z, stage.biases(time[:count]), place, rounded)
            losses.append(((x - guess).square() / t).mean())
            count = max(1, count // 2)
            smaller = (x + BLUR * other[: len(x)])[:count]
        return torch.stack(losses).mean()

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """One update."""
        cool(self.optimizers["network"], self.config, progress, min(1.0, (1 + step) / WARM_UP))
        loss = self._loss(self.network, batch, progress >= self.config.round_from)
        update(self.optimizers["network"], loss, MOST_GRADIENT)
        average(self.ema, self.network, average_decay(self.config, step))
        return {"error": loss.item()}

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """Pictures whose every pixel is a palette entry."""
        latents = latents_of(seed, kinds, self.config.latents)
        parts = [slice(i, i + SAMPLED) for i in range(0, len(kinds), SAMPLED)]
        pictures = torch.cat([self.ema.solve(latents[part], kinds[part]) for part in parts])
        indices = nearest_entries(pictures, self.ema.points)
        return self.palette[indices.cpu().numpy()]
