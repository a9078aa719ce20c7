"""Cross-layer equalisation: equalise the ranges of channels before a tensor gets one scale.

A channel may be multiplied by any positive number if the next layer divides by it, because ReLU and leaky
ReLU are positively homogeneous. After Nagel et al., "Data-free quantization through weight equalization and
bias correction" (ICCV 2019), with measured instead of estimated ranges.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from .layers import Folded, FoldedSteps, Layer

STRENGTH = 0.75  # 1 equalises all ranges completely, at the expense of the weights


def equalise(folded: Folded, values: Sequence[Tensor]) -> Folded:
    """Rescale the channels of a network. values: the output of each layer, from layers.run."""
    layers = list(folded.layers)
    for first, last in _segments([layer.op for layer in layers]):
        members = [values[i] for i in range(first, last) if layers[i].op not in ("keep", "to_map")]
        after = layers[first + 1]
        repeat = prod(after.size) if after.op == "to_map" else 1
        gain = _gain(members, repeat)
        layers[first] = _outputs_over(layers[first], gain.repeat_interleave(repeat))
        for i in range(first + 1, last):
            if layers[i].op == "conv2d":  # the residual branch reads and writes the same channels
                layers[i] = _outputs_over(_inputs_times(layers[i], gain), gain)
            elif layers[i].op in ("add_noise", "add_words"):
                layers[i] = _outputs_over(layers[i], gain)
        layers[last] = _inputs_times(layers[last], gain)
    return replace(folded, layers=tuple(layers))


def equalise_steps(folded: FoldedSteps, values: Sequence[Tensor]) -> FoldedSteps:
    """Rescale the channels of a step network: first within each block, then those of the residual stream.

    values: the output of each layer, from layers.run_steps.
    """
    layers = list(folded.layers)
    blocks = [i for i, layer in enumerate(layers) if layer.op == "keep"]
    first = [values[0]] if blocks[0] == 1 else [torch.from_numpy(part) for part in folded.parts()]
    stream = _gain([*first, *(values[i + j] for i in blocks for j in (3, 4))], 1)
    for keep in blocks:
        spread, mix = keep + 1, keep + 3
        inner = _gain([values[spread], values[keep + 2]], 1)
        layers[spread] = _outputs_over(_inputs_times(layers[spread], stream), inner)
        layers[mix] = _outputs_over(_inputs_times(layers[mix], inner), stream)
    layers[-1] = _inputs_times(layers[-1], stream)
    if blocks[0] == 1:
        layers[0] = _outputs_over(layers[0], stream)
        return replace(folded, layers=tuple(layers))
    table, kinds, words = (
        None if part is None else part / stream.numpy() for part in (folded.table, folded.kinds, folded.words)
    )
    assert table is not None
    return replace(folded, table=table, kinds=kinds, words=words, layers=tuple(layers))


def _segments(ops: Sequence[str]) -> list[tuple[int, int]]:
    """Return (first layer, last layer) of each group of shared channels. A residual branch lies within its
    group.
    """
    makers = [i for i, op in enumerate(ops) if op in ("dense", "conv_transpose2d", "conv2d")]
    inside = {i for i in makers if "keep" in ops[:i] and ops[i - 1] == "keep"}
    outer = [i for i in makers if i not in inside]
    return list(pairwise(outer))


def _gain(members: Sequence[Tensor], repeat: int) -> Tensor:
    """Return float (C,): the range of each channel over the values to the power STRENGTH, with geometric mean
    1.
    """
    reach = torch.stack([_reach(value, repeat) for value in members]).amax(0).clamp(min=1e-3)
    gain = reach**STRENGTH
    return gain / gain.log().mean().exp()


def _reach(value: Tensor, repeat: int) -> Tensor:
    if value.ndim == 2:  # features, `repeat` per channel
        return value.abs().amax(0).view(-1, repeat).amax(1)
    return value.abs().amax((0, 2, 3))


def _outputs_over(layer: Layer, gain: Tensor) -> Layer:
    assert layer.weights is not None
    axis = 1 if layer.op == "conv_transpose2d" else 0
    bias = None if layer.bias is None else layer.bias / gain
    return replace(layer, weights=layer.weights / _along(gain, axis, layer.weights.ndim), bias=bias)


def _inputs_times(layer: Layer, gain: Tensor) -> Layer:
    assert layer.weights is not None
    axis = 0 if layer.op == "conv_transpose2d" else 1
    return replace(layer, weights=layer.weights * _along(gain, axis, layer.weights.ndim))


def _along(gain: Tensor, axis: int, rank: int) -> Tensor:
    shape = [1] * rank
    shape[axis] = -1
    return gain.view(shape)
