"""A network as a list of layers, the form between PyTorch and ONNX, and its evaluation in floats."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..families.networks import LEAK
from ..size import Size


@dataclass(frozen=True)
class Layer:
    """One float op on the output of the previous layer.

    op: "dense", "to_map" (a map of `size`), "conv2d", "conv_transpose2d", "leaky_relu", "relu", "tanh", "keep"
    (store the value as `kept`), "recall" (continue from `kept`), "add_kept", "blend" (`share` of the value
    plus 1 - `share` of `kept`), "noise" (`share` times a map of latents with `channels` channels, whose first
    latent is number `start`), "add_noise" (a 1x1 convolution of such a map) or "add_words" (a row of the transposed
    weights for each word).
    """

    op: str
    weights: Tensor | None = None
    bias: Tensor | None = None
    dilations: tuple[int, int] = (1, 1)
    size: Size = (0, 0)
    start: int = 0
    channels: int = 0
    kept: str = "branch"
    share: float = 1.0
    colour: bool = False  # the output is a colour and clamped to the colour space


@dataclass(frozen=True)
class Folded:
    """A network from (latent, embedding of the kind) to colours in (-1, 1) or to scores."""

    table: np.ndarray  # float32 (kinds, F): the embedding
    reads: range  # the latents that the first layer reads together with the embedding
    layers: tuple[Layer, ...]
    wrap: bool
    palette: np.ndarray | None = None  # float32 (K, C) in colour space, if pixels snap to the nearest entry
    choice: bool = False  # the last layer gives a score per palette entry instead of a colour
    words: int = 0  # size of the vocabulary
    repeated: bool = False  # layers share weights, so channels cannot be rescaled per layer


@dataclass(frozen=True)
class FoldedSteps:
    """A step network from the features of its cells to logits. `add_kept` ends each block.

    The features are the sum of a row of `table`, if each cell has a kind one of `kinds`, and those of `words`.
    """

    table: np.ndarray  # float32 (kinds, K + 1, C), or (1, K + 1, C) next to `kinds`
    layers: tuple[Layer, ...]
    wrap: bool
    kinds: np.ndarray | None = None  # float32 (kinds, C)
    words: np.ndarray | None = None  # float32 (V, C)

    def parts(self) -> list[np.ndarray]:
        """Return the tables whose rows are summed, float32 (rows, C) each."""
        parts = (self.table.reshape(-1, self.table.shape[2]), self.kinds, self.words)
        return [part for part in parts if part is not None]

    def features(self, cells: Tensor, kinds: Tensor, words: Tensor | None) -> Tensor:
        """Return float (N, C, H, W), for cells, kinds and words as in `StepNetwork`."""
        by_cell = kinds if kinds.ndim == 3 else kinds[:, None, None]
        if self.kinds is None:
            x = torch.from_numpy(self.table)[by_cell, cells]
        else:
            x = torch.from_numpy(self.table)[0, cells] + torch.from_numpy(self.kinds)[by_cell]
        if self.words is not None and words is not None:
            x = x + (words @ torch.from_numpy(self.words))[:, None, None]
        return x.permute(0, 3, 1, 2)


@torch.no_grad()
def run(folded: Folded, latents: Tensor, kinds: Tensor, words: Tensor | None = None) -> list[Tensor]:
    """Return the output of every layer, batch first, for latents float (N, Z), kinds int64 (N,) and words float
    (N, V).
    """
    read = latents[:, folded.reads.start : folded.reads.stop]
    x = torch.cat([read, torch.from_numpy(folded.table)[kinds]], dim=1)
    return _run_layers(folded.layers, x, folded.wrap, latents, words)


@torch.no_grad()
def run_steps(folded: FoldedSteps, cells: Tensor, kinds: Tensor, words: Tensor | None = None) -> list[Tensor]:
    """Return the output of every layer of one evaluation, for cells, kinds and words as in `StepNetwork`."""
    return _run_layers(folded.layers, folded.features(cells, kinds, words), folded.wrap)


def _run_layers(
    layers: Sequence[Layer],
    x: Tensor,
    wrap: bool,
    latents: Tensor | None = None,
    words: Tensor | None = None,
) -> list[Tensor]:
    kept: dict[str, Tensor] = {}
    values = []
    for layer in layers:
        if layer.op == "keep":
            kept[layer.kept] = x
        elif layer.op == "recall":
            x = kept[layer.kept]
        elif layer.op == "add_kept":
            x = x + kept[layer.kept]
        elif layer.op == "blend":
            x = kept[layer.kept].lerp(x, layer.share)
        elif layer.op == "noise":
            x = layer.share * _noise(latents, layer.start, layer.channels, x)
        elif layer.op == "add_noise":
            assert layer.weights is not None
            noise = _noise(latents, layer.start, layer.weights.shape[1], x)
            x = x + F.conv2d(noise, layer.weights, layer.bias)
        elif layer.op == "add_words":
            assert layer.weights is not None
            x = x if words is None else x + F.linear(words, layer.weights)
        else:
            x = _apply(layer, x, wrap)
        values.append(x.clamp(-1.0, 1.0) if layer.colour else x)
        x = values[-1]
    return values


def _noise(latents: Tensor | None, start: int, channels: int, x: Tensor) -> Tensor:
    """Return a map of latents of the height and width of x."""
    assert latents is not None
    shape = (channels, *x.shape[2:])
    return latents[:, start : start + prod(shape)].unflatten(1, shape)


def _apply(layer: Layer, x: Tensor, wrap: bool) -> Tensor:
    if layer.op == "dense":
        assert layer.weights is not None
        return F.linear(x, layer.weights, layer.bias)
    if layer.op == "conv2d":
        assert layer.weights is not None
        rows, columns = (n // 2 * d for n, d in zip(layer.weights.shape[2:], layer.dilations, strict=True))
        around = (columns, columns, rows, rows)
        padded = F.pad(x, around, mode="circular" if wrap else "constant")
        return F.conv2d(padded, layer.weights, layer.bias, dilation=layer.dilations)
    if layer.op == "conv_transpose2d":
        assert layer.weights is not None
        padded = F.pad(x, (1, 1, 1, 1), mode="circular") if wrap else x
        return F.conv_transpose2d(padded, layer.weights, layer.bias, stride=2, padding=3 if wrap else 1)
    if layer.op == "to_map":
        return x.view(len(x), -1, *layer.size)
    if layer.op == "leaky_relu":
        return F.leaky_relu(x, LEAK)
    if layer.op == "relu":
        return F.relu(x)
    assert layer.op == "tanh"
    return torch.tanh(x)
