"""The palette-native GAN: relativistic pairing with R1 and R2, the pixels snapped to the palette.

The objective is R3GAN's: Huang et al., "The GAN is dead; long live the GAN!" (NeurIPS 2024).
"""

import copy
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .. import losses
from ..augment import Changes, apply_changes
from ..batches import Batch, to_colour_space
from ..config import Config
from ..networks import HIDDEN, LEAK, DownBlock, build_generator, stage_channels
from ..samples import latents_of
from .optimise import adam, autocast, average, average_decay, cool, update


class Critic(nn.Module):
    """How real a picture of a kind looks: a residual network with a projection head.

    The head is Miyato and Koyama, "cGANs with projection discriminator" (ICLR 2018).
    """

    def __init__(self, colour_channels: int, kinds: int, size: int, channels: Sequence[int]) -> None:
        super().__init__()
        widths = stage_channels(channels, size)
        self.first = nn.Conv2d(colour_channels, widths[0], 3, padding=1)
        blocks = [DownBlock(a, b, down=True) for a, b in pairwise(widths)]
        self.blocks = nn.ModuleList([*blocks, DownBlock(widths[-1], widths[-1], down=False)])
        self.dense = nn.Linear(widths[-1] * 16, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)
        self.kind = nn.Embedding(kinds, HIDDEN)

    def forward(self, x: Tensor, kinds: Tensor) -> Tensor:
        """(N, C, size, size), int64 (N,) -> scores float (N,)."""
        x = F.leaky_relu(self.first(x.contiguous(memory_format=torch.channels_last)), LEAK)
        for block in self.blocks:
            x = block(x)
        h = F.leaky_relu(self.dense(x.flatten(1)), LEAK).float()
        return self.score(h).squeeze(1) + (h * self.kind(kinds)).sum(1) * HIDDEN**-0.5


class PaletteGan:
    """Relativistic pairing with R1 and R2; pixels snap to the palette with straight-through gradients."""

    sampler = None

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
        """Colours moved towards their palette entries, all the way once the ramp is over."""
        share = min(1.0, progress / self.config.snap_until)
        snapped = self.generator.look_up(self.generator.nearest(colours.detach()))
        return colours + share * (snapped - colours).detach()

    def _changed(self, pictures: Tensor, changes: Changes) -> Tensor:
        """Augmented: real and generated pictures alike, so that the generator does not learn the changes."""
        return apply_changes(pictures, changes, self.generator.palette, self.config.wrap)

    def _commitment(self, progress: float) -> float:
        c = self.config
        late = max(0.0, (progress - c.round_from) / max(1e-9, 1.0 - c.round_from))
        early = min(1.0, progress / c.snap_until)
        return c.commitment * early + (c.commitment_end - c.commitment) * late

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """One update of the critic, one of the generator."""
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
        penalise = step % c.penalty_every == 0
        if penalise:
            real, fake = real.requires_grad_(True), fake.requires_grad_(True)
        with autocast(c, batch.pictures):
            real_scores, fake_scores = self.critic(real, batch.kinds), self.critic(fake, batch.kinds)
        loss = losses.relativistic_critic(real_scores, fake_scores)
        figures = {"critic": loss.item(), "margin": (real_scores - fake_scores).mean().item()}
        if penalise:
            r1 = losses.gradient_penalty(real_scores, real)
            r2 = losses.gradient_penalty(fake_scores, fake)
            loss = loss + 0.5 * c.gamma * c.penalty_every * (r1 + r2)
            figures |= {"r1": r1.item(), "r2": r2.item()}
        update(self.optimizers["critic"], loss)
        return figures

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
        """Pictures whose every pixel is a palette entry."""
        latents = latents_of(seed, kinds, self.config.latent_size)
        return self.palette[self.ema.nearest(self.ema(latents, kinds)).cpu().numpy()]
