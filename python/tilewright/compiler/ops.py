"""The table of ops: every operation of a plan. An op has the same name in all layers.

docs/hacking.md lists what an op needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Op:
    """A row of the table.

    onnx: the ONNX operators that become this op. shape: returns the output shape, given the input shapes.
    multiply_adds: returns the multiply-adds per tile.
    """

    onnx: str
    shape: Callable[[list[Shape], Mapping[str, Any]], Shape]
    multiply_adds: Callable[[Shape, Mapping[str, Any]], int] = lambda output, arguments: 0
    int32: bool = False  # the output is int32 sums


def _same(inputs: list[Shape], arguments: Mapping[str, Any]) -> Shape:
    return inputs[0]


def _channels(inputs: list[Shape], arguments: Mapping[str, Any]) -> Shape:
    height, width, _ = inputs[0]
    return height, width, len(arguments["weights"])


def _per_pixel(output: Shape, arguments: Mapping[str, Any]) -> int:
    return output[0] * output[1] * int(arguments["weights"].size)


OPS: dict[str, Op] = {
    "embed": Op("Gather", lambda inputs, a: (a["table"].shape[1],)),
    "embed_cells": Op("Gather, Transpose", lambda inputs, a: (*inputs[-1], a["table"].shape[2])),
    "concat": Op("Concat", lambda inputs, a: (sum(prod(s) for s in inputs),)),
    "slice": Op("Slice", lambda inputs, a: a["shape"]),
    "dense": Op("Gemm", lambda inputs, a: (len(a["weights"]),), lambda output, a: int(a["weights"].size)),
    "conv2d": Op("Conv", _channels, _per_pixel),
    "scores": Op("Conv before ArgMax, or as logits", _channels, _per_pixel, int32=True),
    "conv_transpose2d": Op(
        "ConvTranspose",
        lambda inputs, a: (2 * inputs[0][0], 2 * inputs[0][1], len(a["weights"])),
        lambda output, a: _per_pixel(output, a) // 4,  # each output pixel uses 2x2 of the 4x4 taps
    ),
    "lookup": Op("LeakyRelu, Relu, Sigmoid, Tanh", _same),
    "add": Op("Add", _same),
    "argmax": Op("ArgMax", lambda inputs, a: inputs[0][:2]),
    "nearest": Op("Sub, Mul, ReduceSum and ArgMin", lambda inputs, a: inputs[0][:2]),
    "max_pool": Op("MaxPool", lambda inputs, a: (inputs[0][0] // 2, inputs[0][1] // 2, inputs[0][2])),
    "mean": Op("ReduceMean", lambda inputs, a: inputs[0][2:]),
}
