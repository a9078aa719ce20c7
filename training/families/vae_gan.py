"""A VAE that a critic finishes: what no picture led to is made to look as if one had.

Larsen et al., "Autoencoding beyond pixels using a learned similarity metric" (ICML 2016), with R3GAN's objective and a
VAE (vae.py) that learns alone first: its decoder then knows the art by heart and blurs what lies between. From
`critic_from` on, with z normal and G(z, k) the picture that a pack would make,

    critic:   f(D(G) - D(x))  +  gamma/2 ( |grad D(x)|^2 + |grad D(G)|^2 )
    decoder:  f(D(x) - D(G))  -  the mean of log p(x|z, k) over the cells, z of the posterior

The encoder stays as it is. Each cell of G shows the likeliest entry, and gradients pass as if it showed the mean
over all entries (Bengio et al., straight-through estimation, 2013). A generator that begins so collapses.
"""

import dataclasses

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .. import losses
from ..augment import Changes, apply_changes
from ..batches import Batch, to_colour_space
from ..config import Config
from .critic import Critic, teach
from .optimise import adam, autocast, average, average_decay, cool, update
from .vae import Vae

SLOWER = 0.2  # learning rates from `critic_from` on, in those before


class VaeGan(Vae):
    """First the bound of a VAE, then a critic."""

    def __init__(self, config: Config, palette: np.ndarray, kinds: int) -> None:
        super().__init__(config, palette, kinds)
        points = torch.from_numpy(to_colour_space(palette, config.transparent))
        critic = Critic(points.shape[1], kinds, config.size, config.critic_channels)
        critic.register_buffer("points", points, persistent=False)
        self.critic = critic.to(memory_format=torch.channels_last)
        duel = dataclasses.replace(config, beta1=0.0)  # momentum makes two that chase one another circle
        self.modules["critic"] = self.critic
        self.optimizers |= {"decoder": adam(self.network.decoder, duel), "critic": adam(self.critic, duel)}

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """One update of the VAE; from `critic_from` on one of the critic, and one of the decoder."""
        if progress < self.config.critic_from:
            return super().train_step(batch, step, progress)
        cool(self.optimizers["decoder"], self.config, progress, SLOWER)
        cool(self.optimizers["critic"], self.config, progress, SLOWER * self.config.critic_lr)
        rounded = progress >= self.config.round_from
        with torch.no_grad():
            fake = self._changed(self._paint(batch.latents[0], batch.kinds, rounded), batch.changes)
        real = batch.pictures.detach()  # changed already, as the VAE is told
        figures = teach(self.critic, self.optimizers["critic"], self.config, real, fake, batch.kinds, step)
        return {**self._decoder_step(batch, rounded, step), **figures}

    def _decoder_step(self, batch: Batch, rounded: bool, step: int) -> dict[str, float]:
        for still in (self.critic, self.network.encoder):
            still.requires_grad_(False)
        fake = self._changed(self._paint(batch.latents[1], batch.kinds, rounded), batch.changes)
        with autocast(self.config, fake):
            scores = self.critic(batch.pictures, batch.kinds), self.critic(fake, batch.kinds)
        duel = losses.relativistic_generator(*scores)
        picture, _ = self._losses(self.network, batch, rounded)
        nats = picture / self.config.size**2
        update(self.optimizers["decoder"], duel + nats)
        self.critic.requires_grad_(True)
        average(self.ema, self.network, average_decay(self.config, step))
        return {"nats": nats.item(), "generator": duel.item()}

    def _paint(self, latents: Tensor, kinds: Tensor, rounded: bool) -> Tensor:
        """Pictures float (N, C, S, S) in colour space, each cell in one colour; gradients as if in a mixture."""
        with autocast(self.config, latents):
            logits = self.network.decoder(latents, kinds, rounded)
        mixture = logits.softmax(1)
        chosen = F.one_hot(logits.argmax(1), logits.shape[1]).permute(0, 3, 1, 2)
        shown = mixture + (chosen - mixture).detach()
        return torch.einsum("nkhw,kc->nchw", shown, self.critic.get_buffer("points"))

    def _changed(self, pictures: Tensor, changes: Changes) -> Tensor:
        """With the changes that were made to the art of the batch, so that the critic learns nothing of them."""
        return apply_changes(pictures, changes, self.critic.get_buffer("points"), self.config.wrap)
