"""The palette-native GAN: a generator of palette entries, a critic, and an encoder.

The objective of the critic is that of R3GAN: Huang et al., "The GAN is dead; long live the GAN!" (NeurIPS 2024).
The generator is the decoder of the ladder VAE (ladder.py). Each pixel takes the entry with the highest logit;
gradients treat this choice as a softmax (the straight-through estimator: Bengio et al., "Estimating or
propagating gradients through stochastic neurons for conditional computation", arXiv 1308.3432). The run starts
as a ladder VAE. After `critic_from`, pictures from latents of the prior also learn from the critic: Larsen et
al., "Autoencoding beyond pixels using a learned similarity metric" (ICML 2016).
"""

import copy

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..config import Config
from ..data.augment import Changes, apply_changes
from ..data.batches import Batch, Indexer
from ..data.colour_space import to_colour_space
from . import losses
from .critic import Critic, teach
from .latents import latents_of
from .optimise import adam, autocast, average, average_decay, cool, update
from .vae import MOST_GRADIENT, VaeNetwork, divergence_weight

ENTRY_SHARE = 0.5  # factor of the one-hot maps that the critic sees beside the colours
RAMP = 0.1  # share of the run over which the critic's weight rises to its full value


class PaletteGan:
    """A generator of palette entries, and a critic that sees colours and entries."""

    sampler, evaluations = None, 1

    def __init__(self, config: Config, palette: np.ndarray, kinds: int, words: int = 0) -> None:
        """words: size of the vocabulary."""
        self.config = config
        self.palette = palette
        self._indexer = Indexer(palette)
        self._points = torch.from_numpy(to_colour_space(palette, config.transparent))
        self.network = VaeNetwork(config, len(palette), kinds, words).to(memory_format=torch.channels_last)
        seen = self._points.shape[1] + len(palette)
        self.critic = Critic(seen, kinds, config.size, config.critic_channels, words)
        self.critic = self.critic.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.network).requires_grad_(False)
        self.modules = {"generator": self.network, "critic": self.critic, "ema": self.ema}
        self.optimizers = {
            "generator": adam(self.network, config),
            "critic": adam(self.critic, config),
        }

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update the critic, then the encoder and the generator, once."""
        c = self.config
        cool(self.optimizers["generator"], c, progress)
        cool(self.optimizers["critic"], c, progress, c.critic_lr)
        figures: dict[str, float] = {}
        if progress >= c.critic_from:
            figures |= self._critic_step(batch, step, progress)
        picture, divergence = self._bound(batch, progress)
        loss = picture + divergence_weight(c, progress) * divergence
        figures |= {"nats": picture.item() / c.cells, "divergence": divergence.item()}
        weight = c.critic_weight * min(1.0, max(0.0, progress - c.critic_from) / RAMP)
        if weight > 0.0:
            adversarial = self._adversarial(batch, progress)
            figures["generator"] = adversarial.item()
            loss = c.pull * loss + weight * adversarial
        update(self.optimizers["generator"], loss, MOST_GRADIENT)
        average(self.ema, self.network, average_decay(c, step))
        return figures

    def scores(self, pictures: np.ndarray, kinds: Tensor) -> Tensor:
        """Return the critic's scores float (N,) of pictures uint8 (N, H, W, 4) of the kinds int64 (N,)."""
        indices = torch.from_numpy(self._indexer(pictures)).to(kinds.device)
        scores: Tensor = self.critic(self._with_colours(self._one_hot(indices)), kinds).float()
        return scores

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int, words: Tensor | None = None) -> np.ndarray:
        """Generate pictures. Every pixel is a palette entry."""
        latents = latents_of(seed, kinds, self.config.latents)
        return self.palette[self.ema.decoder(latents, kinds, words=words).argmax(1).cpu().numpy()]

    def _bound(self, batch: Batch, progress: float) -> tuple[Tensor, Tensor]:
        """Return -log p(x|z,k) and the divergence of q(z|x,k), in nats: means over the batch."""
        assert batch.indices is not None
        changed = apply_changes(self._one_hot(batch.indices), batch.changes, self.config.wrap).argmax(1)
        rounded = progress >= self.config.round_from
        with autocast(self.config, batch.pictures):
            logits, posterior = self.network(
                changed, batch.kinds, batch.latents[0], rounded, batch.changes.label, batch.words
            )
        picture = F.cross_entropy(logits, changed, reduction="none").sum((1, 2))
        return picture.mean(), losses.divergence(posterior.mean, posterior.log_variance).mean()

    def _critic_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        c = self.config
        assert batch.indices is not None
        with torch.no_grad(), autocast(c, batch.pictures):
            fake = self._draw(batch, 0, progress)
        real = self._seen(self._one_hot(batch.indices), batch.changes)
        fake = self._seen(fake, batch.changes)
        return teach(self.critic, self.optimizers["critic"], c, real, fake, batch.kinds, step, batch.words)

    def _adversarial(self, batch: Batch, progress: float) -> Tensor:
        """Return the generator's loss against the critic."""
        assert batch.indices is not None
        self.critic.requires_grad_(False)
        with autocast(self.config, batch.pictures):
            fake = self._seen(self._draw(batch, 1, progress), batch.changes)
            fake_scores = self.critic(fake, batch.kinds, batch.words)
            with torch.no_grad():
                real = self._seen(self._one_hot(batch.indices), batch.changes)
                real_scores = self.critic(real, batch.kinds, batch.words)
        self.critic.requires_grad_(True)
        return losses.relativistic_generator(real_scores, fake_scores)

    def _draw(self, batch: Batch, which: int, progress: float) -> Tensor:
        """Return shares of the entries, float (N, K, H, W): soft at first, one-hot after `snap_until`.

        which: 0 or 1, the latents of the batch.
        """
        rounded = progress >= self.config.round_from
        logits = self.network.decoder(batch.latents[which], batch.kinds, rounded, batch.words)
        soft = logits.softmax(1)
        share = min(1.0, max(0.0, progress - self.config.critic_from) / self.config.snap_until)
        return soft + share * (self._one_hot(logits.argmax(1)) - soft).detach()

    def _one_hot(self, indices: Tensor) -> Tensor:
        """Convert int64 (N, H, W) to float (N, K, H, W)."""
        return F.one_hot(indices, len(self.palette)).permute(0, 3, 1, 2).float()

    def _seen(self, entries: Tensor, changes: Changes) -> Tensor:
        """Return the critic's input for shares float (N, K, H, W).

        Real and generated pictures get the same changes, so the generator does not learn them.
        """
        return self._with_colours(apply_changes(entries, changes, self.config.wrap))

    def _with_colours(self, entries: Tensor) -> Tensor:
        """Return the mean colour and the shares, float (N, C + K, H, W)."""
        colours = torch.einsum("nkhw,kc->nchw", entries, self._points.to(entries.device))
        return torch.cat([colours, ENTRY_SHARE * entries], dim=1)
