"""Parts of networks that several families share.

Shapes are torch's (N, C, H, W). Pictures are in colour space: R, G, B in [-1, 1] and, if the palette has a
transparent entry, A = -1 or 1. A transparent pixel is (0, 0, 0, -1).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

LEAK = 0.2
HIDDEN = 192  # features of the layer that combines latent and kind


def word_layer(words: int, features: int = HIDDEN) -> nn.Linear | None:
    """Return a table with a row of features for each word; None without words.

    Rows of zeros would learn slowly: an autoregressive network needs the words for the first cells only.
    """
    if not words:
        return None
    layer = nn.Linear(words, features, bias=False)
    nn.init.normal_(layer.weight, std=0.5)  # the sum of a few is like the row of a kind
    return layer


def example_words(words: int, count: int, seed: int) -> Tensor:
    """Return words of pictures, at most three of each, none of every fourth: float (count, V)."""
    drawn = np.random.default_rng(seed).integers(0, words, (count, 3))
    found = torch.zeros(count, words).scatter(1, torch.from_numpy(drawn), 1.0)
    return found * (torch.arange(count)[:, None] % 4 > 0)


def with_words(x: Tensor, layer: nn.Linear | None, words: Tensor | None) -> Tensor:
    """Add the rows of words float (N, V) to features (N, F). None: no words."""
    return x if layer is None or words is None else x + layer(words)


def stage_channels(channels: Sequence[int], stages: int) -> list[int]:
    """Return the channels of `stages` maps: `channels`, with the last entry repeated or the tail dropped."""
    return [channels[min(i, len(channels) - 1)] for i in range(stages)]


def around(x: Tensor, rows: int, columns: int) -> Tensor:
    """Pad x (N, C, H, W) circularly with `rows`, at most H, and `columns`, at most W, on each side.

    Unlike F.pad(mode="circular") it preserves the channels-last format, which makes training twice as fast.
    """
    if rows:
        x = torch.cat([x[:, :, -rows:], x, x[:, :, :rows]], dim=2)
    return torch.cat([x[..., -columns:], x, x[..., :columns]], dim=3)


def conv3x3(x: Tensor, conv: nn.Conv2d, wrap: bool) -> Tensor:
    """Apply a 3x3 convolution that keeps the size, with circular padding if `wrap`."""
    if wrap:
        return F.conv2d(around(x, 1, 1), conv.weight, conv.bias)
    return F.conv2d(x, conv.weight, conv.bias, padding=1)


def eight_bits(x: Tensor, on: bool) -> Tensor:
    """If `on`, round x to 256 steps across its range, with straight-through gradients.

    This approximates the quantisation at export (training/export/quantize.py), so the exported generator
    differs little. Jacob et al., "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference" (CVPR 2018).
    """
    if not on:
        return x
    with torch.no_grad():
        values = x.float()
        step = (values.amax().clamp(min=0.0) - values.amin().clamp(max=0.0)).clamp(min=1e-6) / 255.0
        error = torch.round(values / step) * step - values
    return x + error.to(x.dtype)


class DownBlock(nn.Module):
    """Two convolutions with a skip connection. `down` halves the size between them."""

    def __init__(self, inputs: int, outputs: int, down: bool) -> None:
        super().__init__()
        self.down = down
        self.first = nn.Conv2d(inputs, inputs, 3, padding=1)
        self.second = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()
        nn.init.kaiming_normal_(self.first.weight, LEAK)
        nn.init.kaiming_normal_(self.second.weight, LEAK)
        with torch.no_grad():
            self.second.weight.mul_(0.5)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C', H, W), or H/2, W/2."""
        y = F.leaky_relu(self.first(x), LEAK)
        if self.down:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        return self.skip(x) + F.leaky_relu(self.second(y), LEAK)


def activated(x: Tensor, rounded: bool) -> Tensor:
    """Apply the leaky ReLU."""
    return eight_bits(F.leaky_relu(eight_bits(x, rounded), LEAK), rounded)
