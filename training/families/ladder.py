"""The networks of the VAE: a decoder that adds noise at several levels, and the encoder that infers this
noise.

A ladder as in Sonderby et al., "Ladder variational autoencoders" (NeurIPS 2016), and Child, "Very deep VAEs
generalize autoregressive models and can outperform them on images" (ICLR 2021). The latent is one row of
normal variates: a map for every level, stored as (N, C, H, W), and finally `latent_size` values for the whole
picture, next to which a pack places the embedding of the kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..data.augment import LABEL_LENGTH
from .networks import (
    HIDDEN,
    LEAK,
    DownBlock,
    activated,
    conv3x3,
    eight_bits,
    stage_channels,
    with_words,
    word_layer,
)

GUESS = 96  # features of the layer that infers the noise of a level
LOG_VARIANCE = (-8.0, 4.0)


@dataclass(frozen=True)
class Posterior:
    """A normal distribution of latents; mean and log variance are float (N, L) or (N, C, H, W)."""

    mean: Tensor
    log_variance: Tensor

    @classmethod
    def of(cls, both: Tensor) -> "Posterior":
        """Split the output of a layer, with twice as many features."""
        mean, log_variance = both.float().chunk(2, dim=1)
        return cls(mean, log_variance.clamp(*LOG_VARIANCE))

    def at(self, noise: Tensor) -> Tensor:
        """Return the latent for standard normal `noise`; 0 gives the mean."""
        return self.mean + noise * (0.5 * self.log_variance).exp()


class Encoder(nn.Module):
    """Maps pictures to features at every size below the full one, and to the posterior of the global latent."""

    def __init__(self, config: Config, colours: int, kinds: int, words: int = 0) -> None:
        super().__init__()
        maps = config.maps()
        widths = stage_channels(config.critic_channels, len(maps))  # from the full size down
        sees = stage_channels(config.channels, len(maps))  # from the start map up
        self.cells = nn.Embedding(colours, widths[0])
        self.down = nn.ModuleList(DownBlock(a, b, down=True) for a, b in pairwise(widths))
        self.still = nn.ModuleList(DownBlock(width, width, down=False) for width in widths[1:])
        self.kinds = nn.Embedding(kinds, config.embedding)
        self.words = word_layer(words)
        self.dense = nn.Linear(widths[-1] * prod(maps[0]) + config.embedding, HIDDEN)
        self.latent = nn.Linear(HIDDEN, 2 * config.latent_size)
        self.guesses = nn.ModuleList(
            Guess(widths[-1 - rung.stage] + sees[rung.stage], rung.channels) for rung in config.rungs()
        )

    def forward(
        self, indices: Tensor, kinds: Tensor, words: Tensor | None = None
    ) -> tuple[Posterior, list[Tensor]]:
        """Map indices int64 (N, H, W), kinds int64 (N,) and words float (N, V) to (global posterior, features from
        the start map up).
        """
        x = self.cells(indices).permute(0, 3, 1, 2)
        features: list[Tensor] = []
        for down, still in zip(self.down, self.still, strict=True):
            x = still(down(x))
            features.insert(0, x)
        h = self.dense(torch.cat([x.flatten(1), self.kinds(kinds)], dim=1))
        h = F.leaky_relu(with_words(h, self.words, words), LEAK)
        return Posterior.of(self.latent(h)), features


class Guess(nn.Module):
    """Infers the noise of a level from the encoder's features and the decoder's map."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(inputs, GUESS, 1)
        self.latent = nn.Conv2d(GUESS, 2 * channels, 1)
        nn.init.normal_(self.latent.weight, std=0.05)  # start with a wide posterior
        nn.init.constant_(self.latent.bias, 0.0)
        with torch.no_grad():
            self.latent.bias[channels:] = -1.0

    def forward(self, features: Tensor, x: Tensor) -> Posterior:
        """Return the posterior. `features` and `x` have the same size."""
        return Posterior.of(self.latent(F.leaky_relu(self.hidden(torch.cat([features, x], dim=1)), LEAK)))


class Decoder(nn.Module):
    """Maps latents and kinds to a logit per cell and palette entry.

    steps: the operations from the start map up, each with a number: "noise" adds the map of a level, "residual" is a
    convolution with a skip connection, and "up" doubles the size. Below the full size, noise precedes every
    convolution.
    """

    def __init__(self, config: Config, colours: int, kinds: int, words: int = 0) -> None:
        super().__init__()
        maps = config.maps()
        widths = stage_channels(config.channels, len(maps))
        self.start = maps[0]
        self.wrap = config.wrap
        self.places = config.rungs()
        self.lengths = [*(rung.length for rung in self.places), config.latent_size]
        self.embedding = nn.Embedding(kinds, config.embedding)
        # Adds the augmentation label to the embedding of the kind; not exported.
        self.told = nn.Linear(LABEL_LENGTH, config.embedding, bias=False)
        nn.init.zeros_(self.told.weight)
        self.mix = nn.Linear(config.latent_size + config.embedding, HIDDEN)
        self.words = word_layer(words)
        self.dense = nn.Linear(HIDDEN, widths[0] * prod(self.start))
        self.steps: list[tuple[str, int]] = []
        self.rungs, self.residuals, self.ups = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for stage, width in enumerate(widths):
            rungs = [rung for rung in self.places if rung.stage == stage]
            for i in range(max(1, len(rungs) - 1)):
                if rungs:
                    self._add("noise", self.rungs, nn.Conv2d(rungs[i].channels, width, 1))
                self._add("residual", self.residuals, _convolution(width, width, 0.4))
            if stage + 1 < len(widths):
                if rungs:
                    self._add("noise", self.rungs, nn.Conv2d(rungs[-1].channels, width, 1))
                self._add("up", self.ups, _convolution(width, widths[stage + 1], 1.0))
        self.logits = nn.Conv2d(widths[-1], colours, 3)

    def _add(self, step: str, layers: nn.ModuleList, layer: nn.Module) -> None:
        self.steps.append((step, len(layers)))
        layers.append(layer)

    def forward(
        self, latents: Tensor, kinds: Tensor, rounded: bool = False, words: Tensor | None = None
    ) -> Tensor:
        """Map latents float (N, config.latents), kinds int64 (N,) and words float (N, V) to logits (N, K, H, W).

        rounded: use 8-bit activations like the exported network.
        """
        *maps, whole = self.split(latents)
        return self.climb(whole, kinds, lambda rung, x: maps[rung], rounded, words=words)

    def climb(
        self,
        whole: Tensor,
        kinds: Tensor,
        noise: Callable[[int, Tensor], Tensor],
        rounded: bool = False,
        label: Tensor | None = None,
        words: Tensor | None = None,
    ) -> Tensor:
        """Decode. whole: float (N, latent_size). noise: (level, map) -> float (N, C, H, W).

        label: augmentation label float (N, LABEL_LENGTH); None: no changes. words: float (N, V); None: no words.
        """
        kind = self.embedding(kinds) if label is None else self.embedding(kinds) + self.told(label)
        x = activated(with_words(self.mix(torch.cat([whole, kind], dim=1)), self.words, words), rounded)
        x = activated(self.dense(x), rounded).view(len(x), -1, *self.start)
        x = x.to(memory_format=torch.channels_last)
        for step, i in self.steps:
            if step == "noise":
                z = noise(i, x).to(memory_format=torch.channels_last)
                x = eight_bits(x + self.rungs[i](z), rounded)
            elif step == "residual":
                y = activated(conv3x3(x, self.residuals[i], self.wrap), rounded)
                x = eight_bits(x + y, rounded)
            else:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
                x = activated(conv3x3(x, self.ups[i], self.wrap), rounded)
        return conv3x3(x, self.logits, self.wrap).float()

    def split(self, latents: Tensor) -> list[Tensor]:
        """Split latents float (N, config.latents) into a map per level and, last, the global latent."""
        *maps, whole = latents.split(self.lengths, dim=1)
        shapes = [(rung.channels, *rung.size) for rung in self.places]
        return [*(flat.unflatten(1, shape) for flat, shape in zip(maps, shapes, strict=True)), whole]


def _convolution(inputs: int, outputs: int, share: float) -> nn.Conv2d:
    conv = nn.Conv2d(inputs, outputs, 3)
    nn.init.kaiming_normal_(conv.weight, LEAK)
    with torch.no_grad():
        conv.weight.mul_(share)
    return conv
