"""DCGAN as published: Radford, Metz and Chintala (ICLR 2016). The baseline of the other results.

4x4 transposed convolutions of stride 2, batch norm, ReLU, tanh; the critic mirrors it with LeakyReLU(0.2).
Weights are initialised from N(0, 0.02). Two differences from the paper: the latent is normal, as everywhere
in tilewright, and both networks are conditioned on the kind.
"""

import copy
from math import prod

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..data.batches import Batch
from ..data.colour_space import from_colour_space, to_colour_space
from ..size import Size, maps
from . import losses
from .latents import latents_of
from .optimise import adam, average, update

BASE_CHANNELS = 128  # channels of the last hidden layer, doubled at each earlier one


def _channels(size: Size) -> list[int]:
    stages = len(maps(size)) - 1
    return [BASE_CHANNELS << (stages - 1 - i) for i in range(stages)]


def _initialise(module: nn.Module) -> None:
    for m in module.modules():
        if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(m.weight, 0.0, 0.02)
        elif isinstance(m, nn.BatchNorm2d):
            nn.init.normal_(m.weight, 1.0, 0.02)


class DCGANGenerator(nn.Module):
    """Maps latents and kinds to RGB or RGBA in (-1, 1)."""

    def __init__(
        self, colour_channels: int, kinds: int, size: Size, latent_size: int, embedding: int
    ) -> None:
        super().__init__()
        widths = _channels(size)
        self.start = maps(size)[0]
        self.embedding = nn.Embedding(kinds, embedding)
        self.dense = nn.Linear(latent_size + embedding, widths[0] * prod(self.start), bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(w) for w in widths)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=b == colour_channels)
            for a, b in zip(widths, [*widths[1:], colour_channels], strict=True)
        )
        _initialise(self)

    def forward(self, latents: Tensor, kinds: Tensor) -> Tensor:
        """latents float (N, latent_size), kinds int64 (N,) -> (N, C, H, W)."""
        x = torch.cat([latents, self.embedding(kinds)], dim=1)
        x = self.dense(x).view(len(x), -1, *self.start)
        for norm, up in zip(self.norms, self.ups, strict=True):
            x = up(F.relu(norm(x)))
        return torch.tanh(x.float())


class DCGANCritic(nn.Module):
    """The mirrored network, with a projection of the kind added to its score."""

    def __init__(self, colour_channels: int, kinds: int, size: Size) -> None:
        super().__init__()
        widths = _channels(size)[::-1]
        features = widths[-1] * prod(maps(size)[0])
        self.downs = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride=2, padding=1, bias=i == 0)
            for i, (a, b) in enumerate(zip([colour_channels, *widths], widths, strict=False))
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(w) for w in widths[1:])
        self.score = nn.Linear(features, 1)
        self.kind = nn.Embedding(kinds, features)
        _initialise(self)
        nn.init.normal_(self.kind.weight, std=0.02)

    def forward(self, x: Tensor, kinds: Tensor) -> Tensor:
        """(N, C, H, W), int64 (N,) -> scores float (N,)."""
        x = F.leaky_relu(self.downs[0](x), 0.2)
        for down, norm in zip(self.downs[1:], self.norms, strict=True):
            x = F.leaky_relu(norm(down(x)), 0.2)
        h = x.flatten(1).float()
        return self.score(h).squeeze(1) + (h * self.kind(kinds)).sum(1) * h.shape[1] ** -0.5


class Dcgan:
    """The published recipe, without palette, penalties or averaging."""

    sampler, evaluations = None, 1

    def __init__(self, config: Config, palette: np.ndarray, kinds: int) -> None:
        """`palette` is unused: pictures have arbitrary colours."""
        self.config = config
        colour_channels = 4 if config.transparent else 3
        self.generator = DCGANGenerator(
            colour_channels, kinds, config.size, config.latent_size, config.embedding
        )
        self.critic = DCGANCritic(colour_channels, kinds, config.size)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.modules = {"generator": self.generator, "critic": self.critic, "ema": self.ema}
        self.optimizers = {
            "generator": adam(self.generator, config),
            "critic": adam(self.critic, config),
        }

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update the critic and the generator once."""
        fake = self.generator(batch.latents[0], batch.kinds)
        critic_loss = losses.dcgan_critic(
            self.critic(batch.pictures, batch.kinds), self.critic(fake.detach(), batch.kinds)
        )
        update(self.optimizers["critic"], critic_loss)
        generator_loss = losses.dcgan_generator(self.critic(fake, batch.kinds))
        update(self.optimizers["generator"], generator_loss)
        average(self.ema, self.generator, self.config.ema)
        return {"critic": critic_loss.item(), "generator": generator_loss.item()}

    def scores(self, pictures: np.ndarray, kinds: Tensor) -> Tensor:
        """Return the critic's scores float (N,) of pictures uint8 (N, H, W, 4) of the kinds int64 (N,)."""
        colours = to_colour_space(pictures, self.config.transparent).transpose(0, 3, 1, 2)
        shown = torch.from_numpy(np.ascontiguousarray(colours)).to(kinds.device)
        scores: Tensor = self.critic(shown, kinds).float()
        return scores

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """Generate pictures in arbitrary colours. Alpha is 0 or 255."""
        colours = self.ema.eval()(latents_of(seed, kinds, self.config.latent_size), kinds)
        return from_colour_space(colours.cpu().numpy())
