"""Convert a trained generator to a list of layers, with foldable operations folded.

Batch norm is folded into the preceding weights. Nearest-neighbour upsampling followed by a 3x3 convolution
becomes one 4x4 transposed convolution of stride 2, which the engine executes.
"""

from dataclasses import replace
from math import prod

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tilewright.seeds import LATENT_SCALE

from ..families.dcgan import DCGANGenerator
from ..families.flow_network import FlowNetwork, FlowStage
from ..families.ladder import Decoder
from ..families.step_network import Block, StepNetwork
from ..families.vae import VaeNetwork
from ..size import Size
from .layers import Folded, FoldedSteps, Layer


def fold_steps(network: StepNetwork) -> FoldedSteps:
    """Fold the network of an iterative family."""
    layers = [] if network.first is None else [Layer("conv2d", network.first.masked(), network.first.bias)]
    for block in network.blocks:
        layers += _block(block)
    layers.append(Layer("conv2d", network.logits.weight, network.logits.bias))
    folded = FoldedSteps(_array(network.table()), _detached(layers), network.wrap)
    if network.kind_map:
        folded = replace(folded, table=_array(network.cell_table()), kinds=_array(network.kinds.weight))
    return folded if network.words is None else replace(folded, words=_array(network.words.weight.mT))


def _block(block: Block, bias: Tensor | float = 0.0) -> list[Layer]:
    """Fold a residual block. bias: a time-dependent bias within the block."""
    spread, mix = block.spread, block.mix
    return [
        Layer("keep"),
        Layer("conv2d", spread.masked(), spread.bias + bias, spread.dilations),
        Layer("leaky_relu"),
        Layer("conv2d", mix.weight, mix.bias),
        Layer("add_kept"),
    ]


def fold(generator: nn.Module) -> Folded:
    """Fold the network of a one-shot family."""
    if isinstance(generator, DCGANGenerator):
        return _fit_table(_fold_dcgan(generator))
    if isinstance(generator, FlowNetwork):
        return _fit_table(_fold_flow(generator))
    assert isinstance(generator, VaeNetwork)
    return _fit_table(_fold_ladder(generator.decoder))


def _fit_table(folded: Folded) -> Folded:
    """Stretch each column of the table to the int8 range of latents, and divide the first layer's weights
    accordingly.
    """
    gain = np.abs(folded.table).max(axis=0) / (127 * LATENT_SCALE)
    gain = np.maximum(gain, 1e-6).astype(np.float32)
    first = folded.layers[0]
    assert first.op == "dense" and first.weights is not None
    weights = first.weights.clone()
    weights[:, -len(gain) :] *= torch.from_numpy(gain)
    layers = (replace(first, weights=weights), *folded.layers[1:])
    return replace(folded, table=folded.table / gain, layers=layers)


def upsampled_kernel(weights: Tensor) -> Tensor:
    """Convert a 3x3 convolution (O, I, 3, 3) after upsampling to a 4x4 stride-2 transposed one (I, O, 4, 4).

    Each input pixel covers 2x2 pixels, so its footprint is the kernel convolved with a 2x2 box.
    """
    footprint = weights.flip(2, 3).transpose(0, 1)
    return sum(F.pad(footprint, (x, 1 - x, y, 1 - y)) for y in range(2) for x in range(2))  # type: ignore[return-value]


def _fold_flow(network: FlowNetwork) -> Folded:
    """Unroll the steps of Euler's method at every size. The time of a step determines its biases."""
    colours = network.points.shape[1]
    layers = [Layer("dense", network.mix.weight, network.mix.bias)]
    layers += [*_first_map(network.dense, network.start_size), Layer("keep", kept="place")]
    start = 0
    for stage in network.stages:
        if stage.smaller is not None:
            layers += [Layer("keep", kept="smaller"), Layer("recall", kept="place")]
        layers += _up(stage.up)
        if stage.smaller is not None:
            kernel = upsampled_kernel(stage.smaller.weight)
            layers += [
                Layer("keep", kept="place"),
                Layer("recall", kept="smaller"),
                Layer("conv_transpose2d", kernel, stage.smaller.bias),
                Layer("add_kept", kept="place"),
            ]
        layers += [
            Layer("keep", kept="place"),
            Layer("noise", start=start, channels=colours, share=network.temperature),
        ]
        start += colours * prod(stage.size)
        for left in range(network.evaluations, 0, -1):
            layers += _flow_step(stage, left, network.evaluations)
    table, points = _array(network.embedding.weight), _array(network.points)
    return Folded(table, range(0), _detached(layers), network.wrap, points, repeated=True)


def _flow_step(stage: FlowStage, left: int, evaluations: int) -> list[Layer]:
    layers = [
        Layer("keep", kept="noisy"),
        Layer("conv2d", stage.first.weight, stage.first.bias),
        Layer("add_kept", kept="place"),
    ]
    biases = stage.biases(torch.full((1,), left / evaluations))
    for block, bias in zip(stage.blocks, biases, strict=True):
        layers += _block(block, bias[0])
    layers.append(Layer("conv2d", stage.last.weight, stage.last.bias, colour=True))
    return layers if left == 1 else [*layers, Layer("blend", kept="noisy", share=1.0 / left)]


def _fold_ladder(decoder: Decoder) -> Folded:
    layers = [Layer("dense", decoder.mix.weight, decoder.mix.bias)]
    if decoder.words is not None:
        layers.append(Layer("add_words", decoder.words.weight))
    layers += _first_map(decoder.dense, decoder.start)
    for step, i in decoder.steps:
        if step == "noise":
            rung = decoder.rungs[i]
            start = sum(decoder.lengths[:i])
            layers.append(Layer("add_noise", rung.weight, rung.bias, start=start))
        else:
            layers += _residual(decoder.residuals[i]) if step == "residual" else _up(decoder.ups[i])
    layers.append(Layer("conv2d", decoder.logits.weight, decoder.logits.bias))
    whole = range(sum(decoder.lengths[:-1]), sum(decoder.lengths))
    words = 0 if decoder.words is None else decoder.words.in_features
    table = _array(decoder.embedding.weight)
    return Folded(table, whole, _detached(layers), decoder.wrap, choice=True, words=words)


def _first_map(dense: nn.Linear, size: Size) -> list[Layer]:
    return [
        Layer("leaky_relu"),
        Layer("dense", dense.weight, dense.bias),
        Layer("to_map", size=size),
        Layer("leaky_relu"),
    ]


def _up(conv: nn.Conv2d) -> list[Layer]:
    return [Layer("conv_transpose2d", upsampled_kernel(conv.weight), conv.bias), Layer("leaky_relu")]


def _residual(conv: nn.Conv2d) -> list[Layer]:
    return [Layer("keep"), Layer("conv2d", conv.weight, conv.bias), Layer("leaky_relu"), Layer("add_kept")]


def _fold_dcgan(generator: DCGANGenerator) -> Folded:
    layers: list[Layer] = []
    weights, bias = generator.dense.weight, None
    op = "dense"
    for norm, up in zip(generator.norms, generator.ups, strict=True):
        repeat = prod(generator.start) if op == "dense" else 1  # a map for each channel of the dense layer
        layers.append(Layer(op, *_with_norm(weights, bias, norm, repeat)))
        layers += [Layer("to_map", size=generator.start)] if op == "dense" else []
        layers.append(Layer("relu"))
        weights, bias, op = up.weight, up.bias, "conv_transpose2d"
    layers += [Layer(op, weights, bias), Layer("tanh", colour=True)]
    table = _array(generator.embedding.weight)
    latents = range(generator.dense.in_features - table.shape[1])
    return Folded(table, latents, _detached(layers), False)


def _with_norm(
    weights: Tensor, bias: Tensor | None, norm: nn.BatchNorm2d, repeat: int
) -> tuple[Tensor, Tensor]:
    assert norm.running_mean is not None and norm.running_var is not None
    gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).repeat_interleave(repeat)
    mean = norm.running_mean.repeat_interleave(repeat)
    offset = norm.bias.repeat_interleave(repeat)
    shape = (-1, 1) if weights.ndim == 2 else (1, -1, 1, 1)
    start = torch.zeros_like(mean) if bias is None else bias
    return weights * gain.view(shape), offset + (start - mean) * gain


def _detached(layers: list[Layer]) -> tuple[Layer, ...]:
    def plain(t: Tensor | None) -> Tensor | None:
        return None if t is None else t.detach().float()

    return tuple(replace(layer, weights=plain(layer.weights), bias=plain(layer.bias)) for layer in layers)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().numpy()
