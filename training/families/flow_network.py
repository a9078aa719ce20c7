"""The networks of flow matching: at every size from 8x8 up, a noisy picture -> the picture that it most likely was.

A cascade, as one-step packs can make maps larger but not smaller: the picture is drawn at 8x8 pixels, then at 16x16 by
a network that is shown the one of 8x8, and so on (Ho et al., "Cascaded diffusion models for high fidelity image
generation", JMLR 2022). Each network is evaluated at a few known times, so all that it knows of time is biases there,
and nothing of a clock is exported.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..data.augment import TOLD_LENGTH
from .networks import HIDDEN, activated, conv3x3, eight_bits, stage_channels
from .step_network import Block

WAVES = 16  # sines and cosines that tell the time


class FlowStage(nn.Module):
    """The network of one size: residual blocks of dilated convolutions, beside a map of what is known beforehand."""

    def __init__(self, size: int, colours: int, before: int, width: int, config: Config) -> None:
        """colours: numbers of a pixel; before: features of the map at half the size."""
        super().__init__()
        self.size, self.wrap = size, config.wrap
        self.up = nn.Conv2d(before, width, 3)
        self.smaller = nn.Conv2d(colours, width, 3) if size > 8 else None
        self.first = nn.Conv2d(colours, width, 3)
        dilations = [d for d in config.dilations if d < size]
        self.blocks = nn.ModuleList(Block(width, d, config.wrap) for d in dilations)
        self.clock = nn.Sequential(
            nn.Linear(2 * WAVES, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, width * len(self.blocks))
        )
        self.last = nn.Conv2d(width, colours, 3)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def place(self, before: Tensor, smaller: Tensor | None, rounded: bool) -> Tensor:
        """float (N, F, S, S): what is known of each place from the map at half the size, and the picture there."""
        x = activated(conv3x3(_twice(before), self.up, self.wrap), rounded)
        if self.smaller is not None and smaller is not None:
            x = eight_bits(x + conv3x3(_twice(smaller), self.smaller, self.wrap), rounded)
        return x

    def forward(self, z: Tensor, biases: list[Tensor], place: Tensor, rounded: bool) -> Tensor:
        """The picture's likely colours, float (N, C, S, S). z: it and noise; biases: of the time."""
        x = eight_bits(conv3x3(z, self.first, self.wrap), rounded)
        x = eight_bits(x + place, rounded)
        for block, bias in zip(self.blocks, biases, strict=True):
            x = block(x, rounded, bias[:, :, None, None])
        return eight_bits(conv3x3(x, self.last, self.wrap), rounded).float()

    def biases(self, time: Tensor) -> list[Tensor]:
        """What a time, float (N,) from 0, the picture, to 1, noise, adds within each block: float (N, F) each."""
        angle = time[:, None] * torch.pi * torch.arange(1, WAVES + 1, device=time.device)
        return list(self.clock(torch.cat([angle.sin(), angle.cos()], dim=1)).chunk(len(self.blocks), dim=1))

    def solve(self, noise: Tensor, place: Tensor, evaluations: int) -> Tensor:
        """Noise float (N, C, S, S) to pictures, in so many steps of Euler's method.

        What is left of the noise shrinks by one in n, n - 1, ... 1 at a time: the last guess is the picture.
        """
        z = noise
        for left in range(evaluations, 0, -1):
            biases = self.biases(torch.full((1,), left / evaluations, device=z.device))
            z = z.lerp(self(z, biases, place, False).clamp(-1.0, 1.0), 1.0 / left)
        return z


class FlowNetwork(nn.Module):
    """The networks of all sizes, and a small map for each kind that they begin with."""

    def __init__(self, config: Config, points: Tensor, kinds: int) -> None:
        """points: the palette, float (K, C) in colour space."""
        super().__init__()
        self.wrap, self.evaluations, self.temperature = config.wrap, config.evaluations, config.temperature
        self.points: Tensor
        self.register_buffer("points", points)
        first, *widths = stage_channels(config.channels, config.size)
        self.embedding = nn.Embedding(kinds, config.embedding)
        # What was done to a picture moves its kind's embedding; not exported.
        self.told = nn.Linear(TOLD_LENGTH, config.embedding, bias=False)
        nn.init.zeros_(self.told.weight)
        self.mix = nn.Linear(config.embedding, HIDDEN)
        self.dense = nn.Linear(HIDDEN, first * 16)
        self.stages = nn.ModuleList()
        for size, before, width in zip(config.flow_sizes(), [first, *widths], widths, strict=False):
            self.stages.append(FlowStage(size, points.shape[1], before, width, config))

    def start(self, kinds: Tensor, rounded: bool = False, told: Tensor | None = None) -> Tensor:
        """The map float (N, F, 4, 4) of each kind int64 (N,).

        told: float (N, TOLD_LENGTH), what was done to the pictures; None: nothing.
        """
        kind = self.embedding(kinds) if told is None else self.embedding(kinds) + self.told(told)
        x = activated(self.mix(kind), rounded)
        x = activated(self.dense(x), rounded).view(len(x), -1, 4, 4)
        return x.to(memory_format=torch.channels_last)

    def solve(self, latents: Tensor, kinds: Tensor) -> Tensor:
        """Latents float (N, config.latents) of kinds int64 (N,) to colours float (N, C, S, S)."""
        place, picture = self.start(kinds), None
        for stage, noise in zip(self.stages, self.split(latents), strict=True):
            place = stage.place(place, picture, False)
            picture = stage.solve(self.temperature * noise, place, self.evaluations)
        assert picture is not None
        return picture

    def split(self, latents: Tensor) -> list[Tensor]:
        """Rows float (N, config.latents) as the noise of each size, from the smallest up."""
        shapes = [(stage.first.in_channels, stage.size, stage.size) for stage in self.stages]
        parts = latents.split([channels * height * width for channels, height, width in shapes], dim=1)
        return [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
