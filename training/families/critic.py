"""The critic of the palette GAN, and its training with R3GAN's objective."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..size import Size, maps
from . import losses
from .networks import HIDDEN, LEAK, DownBlock, stage_channels, with_words, word_layer
from .optimise import autocast, update


class Critic(nn.Module):
    """Scores how real a picture of a kind looks: a residual network with a projection head.

    The head follows Miyato and Koyama, "cGANs with projection discriminator" (ICLR 2018).
    """

    def __init__(
        self, colour_channels: int, kinds: int, size: Size, channels: Sequence[int], words: int = 0
    ) -> None:
        super().__init__()
        sizes = maps(size)
        widths = stage_channels(channels, len(sizes))
        self.first = nn.Conv2d(colour_channels, widths[0], 3, padding=1)
        blocks = [DownBlock(a, b, down=True) for a, b in pairwise(widths)]
        self.blocks = nn.ModuleList([*blocks, DownBlock(widths[-1], widths[-1], down=False)])
        self.dense = nn.Linear(widths[-1] * prod(sizes[0]), HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)
        self.kind = nn.Embedding(kinds, HIDDEN)
        self.words = word_layer(words)

    def forward(self, x: Tensor, kinds: Tensor, words: Tensor | None = None) -> Tensor:
        """Map (N, C, H, W), kinds int64 (N,) and words float (N, V) to scores float (N,)."""
        x = F.leaky_relu(self.first(x.contiguous(memory_format=torch.channels_last)), LEAK)
        for block in self.blocks:
            x = block(x)
        h = F.leaky_relu(self.dense(x.flatten(1)), LEAK).float()
        asked = with_words(self.kind(kinds), self.words, words)
        return self.score(h).squeeze(1) + (h * asked).sum(1) * HIDDEN**-0.5


def teach(
    critic: Critic,
    optimizer: torch.optim.Optimizer,
    config: Config,
    real: Tensor,
    fake: Tensor,
    kinds: Tensor,
    step: int,
    words: Tensor | None = None,
) -> dict[str, float]:
    """Update the critic once, every config.penalty_every steps with the gradient penalties.

    real, fake: float (N, C, H, W), augmented and without gradients. kinds: int64 (N,), of both, as are the words.
    """
    penalise = step % config.penalty_every == 0
    if penalise:
        real, fake = real.requires_grad_(True), fake.requires_grad_(True)
    with autocast(config, real):
        real_scores, fake_scores = critic(real, kinds, words), critic(fake, kinds, words)
    loss = losses.relativistic_critic(real_scores, fake_scores)
    figures = {"critic": loss.item(), "margin": (real_scores - fake_scores).mean().item()}
    if penalise:
        r1 = losses.gradient_penalty(real_scores, real)
        r2 = losses.gradient_penalty(fake_scores, fake)
        loss = loss + 0.5 * config.gamma * config.penalty_every * (r1 + r2)
        figures |= {"r1": r1.item(), "r2": r2.item()}
    update(optimizer, loss)
    return figures
