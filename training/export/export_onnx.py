"""Convert trained weights to a pack: one QDQ int8 ONNX file with metadata."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from tilewright.pack import METADATA_KEY, lowest_format
from tilewright.seeds import LATENT_SCALE

from ..families.networks import LEAK
from ..families.step_network import StepNetwork
from ..size import Size
from .equalise import equalise, equalise_steps
from .folding import fold, fold_steps
from .layers import FoldedSteps, Layer, run, run_steps
from .onnx_builder import OnnxBuilder, Scale, Value
from .quantize import best_scale, calibrate, calibration_inputs

EQUALISED_TILES = 64  # tiles that measure the ranges of channels for equalisation
CALIBRATED_TILES = 1024
COLOUR = Scale(1.0 / 127.5, 128)  # scale of a colour in (-1, 1); the integer is close to the colour's byte
WEIGHTED = ("dense", "conv2d", "conv_transpose2d")


def export_generator(generator: nn.Module, latent_size: int, metadata: Mapping[str, Any]) -> bytes:
    """Return the bytes of a one-shot pack. metadata: as pack.py reads it, without "format"."""
    folded = fold(generator)
    if not folded.repeated:
        folded = equalise(folded, run(folded, *calibration_inputs(folded, latent_size, EQUALISED_TILES)))
    latents, kinds, words = calibration_inputs(folded, latent_size, CALIBRATED_TILES)

    def evaluate(part: slice) -> list[torch.Tensor]:
        return run(folded, latents[part], kinds[part], None if words is None else words[part])

    samples = calibrate(evaluate, CALIBRATED_TILES)
    builder = OnnxBuilder(latent_size, LATENT_SCALE)
    table = np.rint(folded.table / LATENT_SCALE).astype(np.int8)
    x = builder.kind(table)
    if folded.reads:
        first, end = folded.reads.start, folded.reads.stop
        latent = builder.latent if end - first == latent_size else builder.slice(builder.latent, first, end)
        x = builder.concat(latent, x)
    layers = folded.layers[:-1] if folded.choice else folded.layers
    x = _write_layers(builder, x, layers, _targets(layers, samples), folded.wrap)
    if folded.choice:
        weights, bias, scale = _integers(x, folded.layers[-1])
        builder.argmax_of(x, weights, bias, scale, folded.wrap, "indices")
    elif folded.palette is None:
        builder.output(x, "rgba", 4)
    else:
        _write_nearest(builder, x, folded.palette)
    return _finished(builder, metadata)


def export_step_network(
    network: StepNetwork,
    cells: torch.Tensor,
    kinds: torch.Tensor,
    metadata: Mapping[str, Any],
    words: torch.Tensor | None = None,
) -> tuple[bytes, float]:
    """Return the bytes of an iterative pack, and the logit that corresponds to one unit of its scores.

    cells, kinds and words as in `StepNetwork`: partly known pictures for calibration. metadata: as for
    `export_generator`; "words" are needed for a network that takes them, "kind_map" is set here.
    """
    folded = fold_steps(network)

    def evaluate(part: slice) -> list[torch.Tensor]:
        return run_steps(folded, cells[part], kinds[part], None if words is None else words[part])

    folded = equalise_steps(folded, evaluate(slice(EQUALISED_TILES)))
    samples = calibrate(evaluate, len(cells))
    *layers, last = folded.layers
    features = folded.features(cells, kinds, words).numpy()
    targets = _targets(
        layers, samples, given=np.concatenate([p.ravel() for p in (*folded.parts(), features)])
    )
    builder = OnnxBuilder()
    x = _write_features(builder, folded, targets[-1], *cells.shape[1:])
    x = _write_layers(builder, x, layers, targets, folded.wrap)
    weights, bias, scale = _integers(x, last)
    builder.logits(x, weights, bias, scale, folded.wrap)
    facts = {**metadata, "kind_map": True} if network.kind_map else metadata
    return _finished(builder, facts), float(np.float32(x.scale.scale) * np.float32(scale))


def _write_features(
    builder: OnnxBuilder, folded: FoldedSteps, scale: Scale, height: int, width: int
) -> Value:
    """Write the input features of a step network. Parts and sums have one scale, so additions are exact."""

    def quantised(table: np.ndarray) -> np.ndarray:
        return np.clip(np.rint(table / scale.scale) + scale.zero, 0, 255).astype(np.uint8)

    x = builder.embed_cells(quantised(folded.table), scale, height, width)
    if folded.kinds is not None:
        x = builder.add(x, builder.embed_kinds(quantised(folded.kinds), scale, height, width), scale)
    if folded.words is not None:
        count, channels = folded.words.shape
        bias = np.zeros(channels, np.float32)
        vector = builder.dense(builder.words(count), np.ascontiguousarray(folded.words.T), bias, scale)
        x = builder.add(x, builder.to_map(vector, 1, 1), scale)
    return x


def with_fields(content: bytes, more: Mapping[str, Any]) -> bytes:
    """Return a pack with more fields of metadata, or others; without those that are None. Its network stays."""
    model = onnx.load_model_from_string(content)
    (entry,) = (entry for entry in model.metadata_props if entry.key == METADATA_KEY)
    old = {name: value for name, value in json.loads(entry.value).items() if name not in more}
    fields = old | {name: value for name, value in more.items() if value is not None}
    entry.value = json.dumps(fields | {"format": lowest_format(fields)})
    return bytes(model.SerializeToString(deterministic=True))


def _finished(builder: OnnxBuilder, metadata: Mapping[str, Any]) -> bytes:
    text = json.dumps({"format": lowest_format(metadata), **metadata})
    model = builder.finish(str(metadata["name"]), {METADATA_KEY: text})
    return bytes(model.SerializeToString(deterministic=True))


def _write_layers(
    builder: OnnxBuilder, x: Value, layers: Sequence[Layer], targets: Mapping[int, Scale], wrap: bool
) -> Value:
    kept: dict[str, tuple[Value, Size]] = {}
    size = (0, 0)  # of the map x
    for i, layer in enumerate(layers):
        if layer.op == "keep":
            kept[layer.kept] = x, size
        elif layer.op == "recall":
            x, size = kept[layer.kept]
        elif layer.op == "to_map":
            size = layer.size
            x = builder.to_map(x, *size)
        elif layer.op == "add_kept":
            x = builder.add(kept[layer.kept][0], x, targets[i])
        elif layer.op == "blend":
            x = builder.add(_part(kept[layer.kept][0], 1.0 - layer.share), _part(x, layer.share), targets[i])
        elif layer.op == "noise":
            x = _part(_write_noise(builder, layer.start, layer.channels, size), layer.share)
        elif layer.op == "add_noise":
            assert layer.weights is not None and layer.bias is not None
            noise = _write_noise(builder, layer.start, layer.weights.shape[1], size)
            noise = builder.conv2d(noise, layer.weights.numpy(), layer.bias.numpy(), targets[i], False)
            x = builder.add(x, noise, targets[i])
        elif layer.op == "add_words":
            assert layer.weights is not None
            outputs, count = layer.weights.shape
            zero = np.zeros(outputs, np.float32)
            x = builder.add(
                x, builder.dense(builder.words(count), layer.weights.numpy(), zero, targets[i]), targets[i]
            )
        elif layer.op == "tanh":
            x = builder.pointwise(x, "Tanh", targets[i])
        elif layer.op == "leaky_relu":
            x = builder.pointwise(x, "LeakyRelu", targets[i], alpha=LEAK)
        elif layer.op != "relu":  # a ReLU is the clamp at the zero point of the previous layer
            x = _write_weighted(builder, x, layer, targets[i], wrap)
            if layer.op == "conv_transpose2d":
                size = 2 * size[0], 2 * size[1]
    return x


def _targets(
    layers: Sequence[Layer], samples: Sequence[np.ndarray], given: np.ndarray | None = None
) -> dict[int, Scale]:
    """Return the scale of the output of each layer, and at -1 that of `given`, the input of the first layer.

    The operands of an addition and its sum share one scale, which makes the addition exact. The scale of a
    layer before a ReLU covers the non-negative range only, and the zero point acts as the clamp.
    """
    ops = [layer.op for layer in layers]
    values = dict(enumerate(samples))
    if given is not None:
        values[-1] = given
    targets = {i: COLOUR for i, layer in enumerate(layers) if layer.colour}
    for group in _additions(layers):
        targets |= dict.fromkeys(group, best_scale([values[i] for i in group]))
    for i in range(0 if given is None else -1, len(ops)):
        if i in targets:
            continue
        following = next((op for op in ops[i + 1 :] if op != "to_map"), None)
        if i < 0 or ops[i] not in WEIGHTED:
            targets[i] = best_scale([values[i]])
        else:
            left = np.maximum(values[i], 0.0) if following == "relu" else values[i]
            targets[i] = best_scale([left], following)
    return targets


def _additions(layers: Sequence[Layer]) -> list[list[int]]:
    """Return groups of layers whose outputs meet in additions, ascending. Chained additions form one group."""
    groups: list[list[int]] = []
    kept: dict[str, int] = {}
    for end, layer in enumerate(layers):
        if layer.op == "keep":
            kept[layer.kept] = end - 1
        elif layer.op in ("add_kept", "add_noise", "add_words"):
            sides = [end - 1]
            if layer.op == "add_kept" and layer.kept == "branch":
                sides.insert(0, kept[layer.kept])
            if groups and sides[0] == groups[-1][-1]:
                groups[-1] += [*sides[1:], end]
            else:
                groups.append([*sides, end])
    return groups


def _part(x: Value, share: float) -> Value:
    """Multiply a value by `share`, by a change of its scale; the integers stay the same."""
    return Value(x.name, replace(x.scale, scale=x.scale.scale * share), x.channels)


def _write_noise(builder: OnnxBuilder, start: int, channels: int, size: Size) -> Value:
    """Write a map of latents."""
    features = builder.slice(builder.latent, start, start + channels * size[0] * size[1])
    return builder.to_map(features, *size)


def _write_weighted(builder: OnnxBuilder, x: Value, layer: Layer, target: Scale, wrap: bool) -> Value:
    assert layer.weights is not None
    weights = layer.weights.numpy()
    outputs = weights.shape[1] if layer.op == "conv_transpose2d" else weights.shape[0]
    bias = np.zeros(outputs, np.float32) if layer.bias is None else layer.bias.numpy()
    if layer.op == "dense":
        return builder.dense(x, weights, bias, target)
    if layer.op == "conv2d":
        return builder.conv2d(x, weights, bias, target, wrap, layer.dilations)
    return builder.conv_transpose2d(x, weights, bias, target, wrap)


def _integers(x: Value, layer: Layer) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the weights int8 and bias int32 of a last layer, and their scale.

    All output channels have one scale, because their sums are compared with each other.
    """
    assert layer.weights is not None and layer.bias is not None
    weights = layer.weights.numpy()
    scale = np.float32(max(float(np.abs(weights).max()), 1e-8)) / np.float32(127)
    bias = np.rint(layer.bias.numpy().astype(np.float64) / float(np.float32(x.scale.scale) * scale))
    return np.rint(weights / scale).astype(np.int8), bias.astype(np.int32), float(scale)


def _write_nearest(builder: OnnxBuilder, colours: Value, palette: np.ndarray) -> None:
    """Write the output `indices`: the palette entry p nearest to each colour x.

    Maximising x.p - |p|^2 / 2 minimises |x - p|^2. In units of 1/127.5 all values are small integers, which
    float32 represents exactly, so every runtime finds the same entry.
    """
    points = np.clip(np.rint(palette / COLOUR.scale), -128, 127).astype(np.int32)
    half_square = np.square(points).sum(axis=1) // 2
    whole = Value(colours.name, Scale(1.0, COLOUR.zero), colours.channels)
    weights = points.astype(np.int8)[:, :, None, None]
    builder.argmax_of(whole, weights, -half_square.astype(np.int32), 1.0, False, "indices")
