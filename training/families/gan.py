"""The palette-native GAN: relativistic pairing with R1 and R2, and pixels that snap to the palette.

The objective is that of R3GAN: Huang et al., "The GAN is dead; long live the GAN!" (NeurIPS 2024).
"""

import copy

import numpy as np
import torch
from torch import Tensor

from ..config import Config
from ..data.augment import Changes, apply_changes
from ..data.batches import Batch
from ..data.colour_space import to_colour_space
from . import losses
from .critic import Critic, teach
from .latents import latents_of
from .networks import build_generator
from .optimise import adam, autocast, average, average_decay, cool, update


class PaletteGan:
    """Relativistic pairing with R1 and R2. Pixels snap to the palette with straight-through gradients."""

    sampler, evaluations = None, 1

    def __init__(self, config: Config, palette: np.ndarray, kinds: int) -> None:
        self.config = config
        self.palette = palette
        points = torch.from_numpy(to_colour_space(palette, config.transparent))
        self.generator = build_generator(config, points, kinds).to(memory_format=torch.channels_last)
        self.critic = Critic(points.shape[1], kinds, config.size, config.critic_channels)
        self.critic = self.critic.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.modules = {"generator": self.generator, "critic": self.critic, "ema": self.ema}
        self.optimizers = {
            "generator": adam(self.generator, config),
            "critic": adam(self.critic, config),
        }

    def _snap(self, colours: Tensor, progress: float) -> Tensor:
        """Move colours towards their palette entries, completely once the ramp is over."""
        share = min(1.0, progress / self.config.snap_until)
        snapped = self.generator.look_up(self.generator.nearest(colours.detach()))
        return colours + share * (snapped - colours).detach()

    def _changed(self, pictures: Tensor, changes: Changes) -> Tensor:
        """Augment pictures. Real and generated ones get the same changes, so the generator does not learn
        them.
        """
        return apply_changes(pictures, changes, self.generator.palette, self.config.wrap)

    def _commitment(self, progress: float) -> float:
        c = self.config
        late = max(0.0, (progress - c.round_from) / max(1e-9, 1.0 - c.round_from))
        early = min(1.0, progress / c.snap_until)
        return c.commitment * early + (c.commitment_end - c.commitment) * late

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update the critic and the generator once."""
        cool(self.optimizers["generator"], self.config, progress)
        cool(self.optimizers["critic"], self.config, progress, self.config.critic_lr)
        figures = self._critic_step(batch, step, progress)
        generator_figures = self._generator_step(batch, progress)
        average(self.ema, self.generator, average_decay(self.config, step))
        return {"critic": figures.pop("critic"), **generator_figures, **figures}

    def _critic_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        c = self.config
        with torch.no_grad(), autocast(c, batch.pictures):
            colours = self.generator(batch.latents[0], batch.kinds, progress >= c.round_from)
            fake = self._snap(colours, progress)
        real = self._changed(batch.pictures, batch.changes)
        fake = self._changed(fake, batch.changes)
        return teach(self.critic, self.optimizers["critic"], c, real, fake, batch.kinds, step)

    def _generator_step(self, batch: Batch, progress: float) -> dict[str, float]:
        c = self.config
        self.critic.requires_grad_(False)
        with autocast(c, batch.pictures):
            colours = self.generator(batch.latents[1], batch.kinds, progress >= c.round_from)
            fake = self._snap(colours, progress)
            fake_scores = self.critic(self._changed(fake, batch.changes), batch.kinds)
            real_scores = self.critic(self._changed(batch.pictures, batch.changes), batch.kinds)
        snapped = self.generator.look_up(self.generator.nearest(colours.detach()))
        commitment = (colours - snapped).square().mean()
        loss = losses.relativistic_generator(real_scores, fake_scores)
        figures = {"generator": loss.item(), "off_palette": commitment.item()}
        update(self.optimizers["generator"], loss + self._commitment(progress) * commitment)
        self.critic.requires_grad_(True)
        return figures

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """Generate pictures. Every pixel is a palette entry."""
        latents = latents_of(seed, kinds, self.config.latent_size)
        return self.palette[self.ema.nearest(self.ema(latents, kinds)).cpu().numpy()]
