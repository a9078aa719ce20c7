"""The network that iterative families ask again and again: a picture so far -> logits for each of its cells.

Its shape is what an iterative pack may hold (docs/pack_format.md): a row of a table for each cell, residual blocks of
a dilated 3x3 and a 1x1 convolution, and a 1x1 convolution to the logits. There is no norm to fold away; the blocks
begin as the identity instead (De and Smith, "Batch normalization biases residual blocks towards the identity
function in deep networks", NeurIPS 2020).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.augment import TOLD_LENGTH
from .networks import LEAK, around, eight_bits

KIND_SHARE = 4  # in a causal network one channel in so many tells the kind alone


class Spread(nn.Module):
    """A 3x3 convolution that keeps the size.

    before: of the nine taps, in reading order, those from this one on see nothing; 9: all see.
    """

    def __init__(self, channels: int, dilation: int, wrap: bool, before: int = 9) -> None:
        super().__init__()
        self.dilation, self.wrap = dilation, wrap
        self.weight = nn.Parameter(torch.empty(channels, channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(channels))
        nn.init.normal_(self.weight, std=(2.0 / (before * channels)) ** 0.5)
        self.mask: Tensor | None
        self.register_buffer("mask", _taps(channels, before) if before < 9 else None, persistent=False)

    def masked(self) -> Tensor:
        """The weights, 0 where the convolution must not see."""
        return self.weight if self.mask is None else self.weight * self.mask

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        if self.wrap:
            x = around(x, self.dilation)
        padding = 0 if self.wrap else self.dilation
        return F.conv2d(x, self.masked(), self.bias, padding=padding, dilation=self.dilation)


def _taps(channels: int, before: int) -> Tensor:
    """float (1, C, 3, 3): 1 for the first `before` taps. Those that tell the kind alone may see the centre too."""
    mask = (torch.arange(9) < before).float().expand(channels, 9).clone()
    mask[: channels // KIND_SHARE, 4] = 1.0
    return mask.view(1, channels, 3, 3)


class Block(nn.Module):
    """x + mix(leaky ReLU(spread(x)))."""

    def __init__(self, channels: int, dilation: int, wrap: bool, before: int = 9) -> None:
        super().__init__()
        self.spread = Spread(channels, dilation, wrap, before)
        self.mix = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)

    def forward(self, x: Tensor, rounded: bool, bias: Tensor | float = 0.0) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W). bias: what else is added to what `spread` makes."""
        y = eight_bits(F.leaky_relu(self.spread(x) + bias, LEAK), rounded)
        return eight_bits(x + self.mix(y), rounded)


class StepNetwork(nn.Module):
    """Cells and kinds to logits. causal: a cell's logits depend on the cells before it in reading order alone."""

    def __init__(
        self,
        colours: int,
        kinds: int,
        channels: int,
        dilations: Sequence[int],
        wrap: bool = False,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.colours = colours
        self.wrap = wrap
        blind = channels // KIND_SHARE if causal else 0
        self.cells = nn.Embedding(colours + 1, channels - blind)  # the last row: not yet known
        self.kinds = nn.Embedding(kinds, channels)
        self.told = nn.Linear(TOLD_LENGTH, channels, bias=False)  # what was done to the picture; not exported
        nn.init.zeros_(self.told.weight)
        self.first = Spread(channels, 1, wrap, before=4) if causal else None
        before = 5 if causal else 9
        self.blocks = nn.ModuleList(Block(channels, d, wrap, before) for d in dilations)
        self.logits = nn.Conv2d(channels, colours, 1)

    def table(self) -> Tensor:
        """float (kinds, K + 1, C): what a cell of each kind looks like to the network."""
        blind = self.kinds.embedding_dim - self.cells.embedding_dim
        return self.kinds.weight[:, None] + F.pad(self.cells.weight, (blind, 0))[None]

    def forward(
        self, cells: Tensor, kinds: Tensor, rounded: bool = False, told: Tensor | None = None
    ) -> Tensor:
        """cells int64 (N, H, W), K where not yet known, kinds int64 (N,) -> logits float (N, K, H, W).

        rounded: with activations of eight bits, as the exported network has them. told: float (N, TOLD_LENGTH), what
        was done to the pictures; None: nothing.
        """
        rows = cells + kinds[:, None, None] * (self.colours + 1)
        x = F.embedding(rows, self.table().flatten(0, 1)).permute(0, 3, 1, 2)
        if told is not None:
            x = x + self.told(told)[:, :, None, None]
        if self.first is not None:
            x = eight_bits(self.first(x), rounded)
        for block in self.blocks:
            x = block(x, rounded)
        return self.logits(x).float()
