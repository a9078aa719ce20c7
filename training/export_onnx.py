"""From trained weights to a pack: one QDQ int8 ONNX file with everything in its metadata."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import nn

from tilewright.pack import FORMAT_VERSION, METADATA_KEY
from tilewright.seeds import LATENT_SCALE

from .equalise import equalise
from .folding import Folded, Layer, fold, run
from .networks import LEAK
from .onnx_builder import OnnxBuilder, Scale, Value
from .quantize import best_scale, calibrate, calibration_inputs

EQUALISED_TILES = 64  # whose values say how far each channel reaches
COLOUR = Scale(1.0 / 127.5, 128)  # of a colour in (-1, 1); as an integer it is close to the byte


def export_generator(generator: nn.Module, latent_size: int, metadata: Mapping[str, Any]) -> bytes:
    """The pack's bytes. metadata: what pack.py reads, without "format"."""
    folded = fold(generator)
    folded = equalise(folded, run(folded, *calibration_inputs(folded, latent_size, EQUALISED_TILES)))
    builder = OnnxBuilder(latent_size, LATENT_SCALE)
    table = np.rint(folded.table / LATENT_SCALE).astype(np.int8)
    colours = _write_layers(builder, builder.concat_kind(builder.latent, table), folded, latent_size)
    if folded.palette is None:
        builder.output(colours, "rgba", 4)
    else:
        _write_nearest(builder, colours, folded.palette)
    text = json.dumps({"format": FORMAT_VERSION, **metadata})
    model = builder.finish(str(metadata["name"]), {METADATA_KEY: text})
    return bytes(model.SerializeToString(deterministic=True))


def _write_layers(builder: OnnxBuilder, x: Value, folded: Folded, latent_size: int) -> Value:
    samples = calibrate(folded, latent_size)
    ops = [layer.op for layer in folded.layers]
    kept = x
    for i, layer in enumerate(folded.layers):
        if layer.op == "keep":
            kept = x
        elif layer.op == "to_map":
            x = builder.to_map(x, 4, 4)
        elif layer.op == "add_kept":
            x = builder.add(kept, x, _target(ops, samples, i))
        elif layer.op == "tanh":
            x = builder.pointwise(x, "Tanh", COLOUR)
        elif layer.op == "leaky_relu":
            x = builder.pointwise(x, "LeakyRelu", _target(ops, samples, i), alpha=LEAK)
        elif layer.op != "relu":  # a ReLU is the clamp at the zero point of the layer before it
            x = _write_weighted(builder, x, layer, _target(ops, samples, i), folded.wrap)
    return x


def _target(ops: Sequence[str], samples: Sequence[np.ndarray], i: int) -> Scale:
    """The scale of the value after layer i.

    The two sides of an addition and its sum share one scale, so that adding is exact. A layer before a ReLU
    covers only what the ReLU leaves, its zero point being the clamp.
    """
    following = next((op for op in ops[i + 1 :] if op != "to_map"), None)
    if ops[i] in ("dense", "conv2d", "conv_transpose2d"):
        values = np.maximum(samples[i], 0.0) if following == "relu" else samples[i]
        return best_scale([values], following)
    return best_scale([samples[j] for j in _addition(ops, i)])


def _addition(ops: Sequence[str], i: int) -> list[int]:
    """The layers whose values meet in one addition, `i` among them; [i] where it takes no part in one."""
    for end in (j for j, op in enumerate(ops) if op == "add_kept"):
        keep = max(j for j in range(end) if ops[j] == "keep")
        members = [keep - 1, end - 1, end]
        if i in members:
            return members
    return [i]


def _write_weighted(builder: OnnxBuilder, x: Value, layer: Layer, target: Scale, wrap: bool) -> Value:
    assert layer.weights is not None
    weights = layer.weights.numpy()
    outputs = weights.shape[1] if layer.op == "conv_transpose2d" else weights.shape[0]
    bias = np.zeros(outputs, np.float32) if layer.bias is None else layer.bias.numpy()
    if layer.op == "dense":
        return builder.dense(x, weights, bias, target)
    if layer.op == "conv2d":
        return builder.conv2d(x, weights, bias, target, wrap)
    return builder.conv_transpose2d(x, weights, bias, target, wrap)


def _write_nearest(builder: OnnxBuilder, colours: Value, palette: np.ndarray) -> None:
    """indices: the palette entry p nearest to each colour x.

    The largest x.p - |p|^2 / 2 is the least |x - p|^2. In units of 1/127.5 all of it is small integers, which
    float32 holds exactly: every runtime finds the same entry.
    """
    points = np.clip(np.rint(palette / COLOUR.scale), -128, 127).astype(np.int32)
    half_square = np.square(points).sum(axis=1) // 2
    whole = Value(colours.name, Scale(1.0, COLOUR.zero), colours.channels)
    weights = points.astype(np.int8)[:, :, None, None]
    builder.argmax_of(whole, weights, -half_square.astype(np.int32), 1.0, False, "indices")
