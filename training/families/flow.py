"""Flow matching in colour space: transport noise to a picture along straight lines, then snap pixels to the
palette.

Lipman et al., "Flow matching for generative modeling" (ICLR 2023); Liu et al., "Flow straight and fast"
(rectified flow, ICLR 2023). Between a picture x and noise e lies z_t = (1 - t) x + t e, with velocity v = e -
x. The network predicts x from z_t (Li and He, "Back to basics: let denoising generative models denoise",
2025), so v = (z_t - x) / t. It is trained at the n times that sampling uses, t = 1/n, 2/n, ... 1:

  E over t, x, e of  |x - network(z_t, t, k)|^2 / t

The weight 1/t lies between that of the error of x, 1, and that of the error of v, 1/t^2, which would be
dominated by small t.

Colours are points of a space rather than entries of a table, so the network generalises between similar
colours. This suits art with many colours.
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

WARM_UP = 100  # steps over which the learning rate rises from 0, while Adam's estimates settle
BLUR = 0.1  # noise on the smaller picture during training, because sampled ones have small errors
MOST_GRADIENT = 10.0  # limit for the gradient norm
SAMPLED = 256  # pictures generated per batch


class FlowMatching:
    """One network and one regression loss."""

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
        """Return the training loss of the averaged network, for comparisons with held-out art."""
        return self._loss(self.ema, batch, rounded=False)

    def _loss(self, network: FlowNetwork, batch: Batch, rounded: bool) -> Tensor:
        """Return the mean loss over the sizes.

        Each size trains on half as many pictures as the previous one, because a larger picture has more
        positions to learn from.
        """
        with autocast(self.config, batch.pictures):
            place = network.start(batch.kinds, rounded, batch.changes.label)
        time = (1.0 + torch.floor(batch.level * network.evaluations)) / network.evaluations
        losses, smaller, count = [], None, len(time)
        noises, others = (network.split(latents) for latents in batch.latents)
        for stage, noise, other in zip(network.stages, noises, others, strict=True):
            x = F.avg_pool2d(batch.pictures[:count], self.config.size[0] // stage.size[0])
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
        """Update the network once."""
        cool(self.optimizers["network"], self.config, progress, min(1.0, (1 + step) / WARM_UP))
        loss = self._loss(self.network, batch, progress >= self.config.round_from)
        update(self.optimizers["network"], loss, MOST_GRADIENT)
        average(self.ema, self.network, average_decay(self.config, step))
        return {"error": loss.item()}

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """Generate pictures. Every pixel is a palette entry."""
        latents = latents_of(seed, kinds, self.config.latents)
        parts = [slice(i, i + SAMPLED) for i in range(0, len(kinds), SAMPLED)]
        pictures = torch.cat([self.ema.solve(latents[part], kinds[part]) for part in parts])
        indices = nearest_entries(pictures, self.ema.points)
        return self.palette[indices.cpu().numpy()]
