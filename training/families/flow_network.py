"""The networks of flow matching: one per size above the start map, which predicts the picture from a noisy one.

This is a cascade, because one-shot packs can enlarge maps but not reduce them. A 16x16 picture is generated
at 8x8 pixels, then at 16x16 by a network that sees the 8x8 picture (Ho et al., "Cascaded diffusion
models for high fidelity image generation", JMLR 2022). Each network is evaluated at a few fixed times, so the
time enters as constant biases, and the exported network needs no time embedding.
"""

from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..data.augment import LABEL_LENGTH
from ..size import Size
from .networks import HIDDEN, activated, conv3x3, eight_bits, stage_channels
from .step_network import Block

WAVES = 16  # sines and cosines of the time embedding


class FlowStage(nn.Module):
    """The network of one size: residual blocks of dilated convolutions, conditioned on a map."""

    def __init__(self, size: Size, colours: int, before: int, width: int, config: Config) -> None:
        """colours: values per pixel. before: features of the map at half the size."""
        super().__init__()
        self.size, self.wrap = size, config.wrap
        is_first = size == config.flow_sizes()[0]
        self.up = nn.Conv2d(before, width, 3)
        self.smaller = None if is_first else nn.Conv2d(colours, width, 3)
        self.first = nn.Conv2d(colours, width, 3)
        dilations = [d for d in config.dilations if d < min(size)]
        self.blocks = nn.ModuleList(Block(width, (d, d), config.wrap) for d in dilations)
        self.clock = nn.Sequential(
            nn.Linear(2 * WAVES, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, width * len(self.blocks))
        )
        self.last = nn.Conv2d(width, colours, 3)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def place(self, before: Tensor, smaller: Tensor | None, rounded: bool) -> Tensor:
        """Return the conditioning map float (N, F, H, W) from the map and the picture at half the size."""
        x = activated(conv3x3(_twice(before), self.up, self.wrap), rounded)
        if self.smaller is not None and smaller is not None:
            x = eight_bits(x + conv3x3(_twice(smaller), self.smaller, self.wrap), rounded)
        return x

    def forward(self, z: Tensor, biases: list[Tensor], place: Tensor, rounded: bool) -> Tensor:
        """Predict the picture, float (N, C, H, W). z: its noisy version. biases: from `biases`."""
        x = eight_bits(conv3x3(z, self.first, self.wrap), rounded)
        x = eight_bits(x + place, rounded)
        for block, bias in zip(self.blocks, biases, strict=True):
            x = block(x, rounded, bias[:, :, None, None])
        return eight_bits(conv3x3(x, self.last, self.wrap), rounded).float()

    def biases(self, time: Tensor) -> list[Tensor]:
        """Return the bias of each block, float (N, F), for a time float (N,) from 0 (picture) to 1 (noise)."""
        angle = time[:, None] * torch.pi * torch.arange(1, WAVES + 1, device=time.device)
        return list(self.clock(torch.cat([angle.sin(), angle.cos()], dim=1)).chunk(len(self.blocks), dim=1))

    def solve(self, noise: Tensor, place: Tensor, evaluations: int) -> Tensor:
        """Turn noise float (N, C, H, W) into pictures with `evaluations` steps of Euler's method.

        The remaining noise is multiplied by (n - 1)/n, (n - 2)/(n - 1), ... 0. The last prediction is the
        picture.
        """
        z = noise
        for left in range(evaluations, 0, -1):
            biases = self.biases(torch.full((1,), left / evaluations, device=z.device))
            z = z.lerp(self(z, biases, place, False).clamp(-1.0, 1.0), 1.0 / left)
        return z


class FlowNetwork(nn.Module):
    """The networks of all sizes, and a learned start map for each kind."""

    def __init__(self, config: Config, points: Tensor, kinds: int) -> None:
        """points: the palette, float (K, C) in colour space."""
        super().__init__()
        self.wrap, self.evaluations, self.temperature = config.wrap, config.evaluations, config.temperature
        self.points: Tensor
        self.register_buffer("points", points)
        first, *widths = stage_channels(config.channels, len(config.maps()))
        self.start_size, *self.sizes = config.maps()
        self.embedding = nn.Embedding(kinds, config.embedding)
        # Adds the augmentation label to the embedding of the kind; not exported.
        self.told = nn.Linear(LABEL_LENGTH, config.embedding, bias=False)
        nn.init.zeros_(self.told.weight)
        self.mix = nn.Linear(config.embedding, HIDDEN)
        self.dense = nn.Linear(HIDDEN, first * prod(self.start_size))
        self.stages = nn.ModuleList()
        for size, before, width in zip(self.sizes, [first, *widths], widths, strict=False):
            self.stages.append(FlowStage(size, points.shape[1], before, width, config))

    def start(self, kinds: Tensor, rounded: bool = False, label: Tensor | None = None) -> Tensor:
        """Return the start map float (N, F, h, w) for kinds int64 (N,).

        label: augmentation label float (N, LABEL_LENGTH); None: no changes.
        """
        kind = self.embedding(kinds) if label is None else self.embedding(kinds) + self.told(label)
        x = activated(self.mix(kind), rounded)
        x = activated(self.dense(x), rounded).view(len(x), -1, *self.start_size)
        return x.to(memory_format=torch.channels_last)

    def solve(self, latents: Tensor, kinds: Tensor) -> Tensor:
        """Map latents float (N, config.latents) and kinds int64 (N,) to colours float (N, C, H, W)."""
        place, picture = self.start(kinds), None
        for stage, noise in zip(self.stages, self.split(latents), strict=True):
            place = stage.place(place, picture, False)
            picture = stage.solve(self.temperature * noise, place, self.evaluations)
        assert picture is not None
        return picture

    def split(self, latents: Tensor) -> list[Tensor]:
        """Split latents float (N, config.latents) into the noise of each size, ascending."""
        shapes = [
            (stage.first.in_channels, *size) for stage, size in zip(self.stages, self.sizes, strict=True)
        ]
        parts = latents.split([channels * height * width for channels, height, width in shapes], dim=1)
        return [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
