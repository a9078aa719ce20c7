"""Run a float graph in PyTorch, for torch.compile: one small function per ONNX op."""

from collections.abc import Callable, Mapping
from typing import Any

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

from .rewriter import attributes

DTYPES = {onnx.TensorProto.UINT8: torch.uint8, onnx.TensorProto.INT64: torch.int64}


class TorchGraph(nn.Module):
    """The module of a `float_graph`: inputs by name -> outputs in order."""

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        self._outputs = [value.name for value in model.graph.output]
        self._nodes = [
            (OPS[node.op_type], list(node.input), node.output[0], attributes(node))
            for node in model.graph.node
        ]
        self._numbers: dict[
            str, Any
        ] = {}  # integer constants: shapes and axes, which must be Python numbers for tracing
        for constant in model.graph.initializer:
            array = numpy_helper.to_array(constant)
            if array.dtype == "float32" and array.ndim:
                self.register_buffer(constant.name, torch.from_numpy(array.copy()))
            else:
                self._numbers[constant.name] = array.tolist()

    def forward(self, **inputs: Tensor) -> tuple[Tensor, ...]:
        """Map int8 latents, uint8 cells and int64 kinds to the outputs."""
        values: dict[str, Any] = {"": None, **inputs, **self._numbers, **dict(self.named_buffers())}
        for op, names, output, settings in self._nodes:
            values[output] = op(settings, *(values[name] for name in names))
        return tuple(values[name] for name in self._outputs)


def _dequantise(_: Mapping[str, Any], x: Tensor, scale: float, zero: float = 0) -> Tensor:
    return (x.float() - zero) * scale


def _quantise(_: Mapping[str, Any], x: Tensor, scale: float, zero: float) -> Tensor:
    return (torch.round(x.float() / scale) + zero).clamp(0, 255).to(torch.uint8)


def _gather(settings: Mapping[str, Any], table: Tensor, rows: Tensor) -> Tensor:
    assert settings["axis"] == 0
    return table[rows]


def _gemm(settings: Mapping[str, Any], x: Tensor, weights: Tensor, bias: Tensor | None = None) -> Tensor:
    assert settings["transB"] == 1
    return F.linear(x, weights, bias)


def _reshape(_: Mapping[str, Any], x: Tensor, shape: list[int]) -> Tensor:
    return x.reshape([size or x.shape[i] for i, size in enumerate(shape)])


def _conv(settings: Mapping[str, Any], x: Tensor, weights: Tensor, bias: Tensor | None = None) -> Tensor:
    top, left, bottom, right = settings["pads"]
    dilations = settings.get("dilations", [1, 1])
    if (top, left) == (bottom, right):
        return F.conv2d(x, weights, bias, padding=(top, left), dilation=dilations)
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weights, bias, dilation=dilations)


def _conv_transpose(
    settings: Mapping[str, Any], x: Tensor, weights: Tensor, bias: Tensor | None = None
) -> Tensor:
    return F.conv_transpose2d(x, weights, bias, stride=settings["strides"], padding=settings["pads"][:2])


def _pad(settings: Mapping[str, Any], x: Tensor, pads: list[int]) -> Tensor:
    assert settings["mode"] == b"wrap"
    _, _, top, left, _, _, bottom, right = pads
    return F.pad(x, (left, right, top, bottom), mode="circular")


def _slice(_: Mapping[str, Any], x: Tensor, start: list[int], end: list[int], axis: list[int]) -> Tensor:
    return x[(slice(None),) * axis[0] + (slice(start[0], end[0]),)]


def _depth_to_space(settings: Mapping[str, Any], x: Tensor) -> Tensor:
    n, channels, height, width = x.shape
    block = settings["blocksize"]
    x = x.reshape(n, block, block, channels // block**2, height, width).permute(0, 3, 4, 1, 5, 2)
    return x.reshape(n, channels // block**2, height * block, width * block)


def _resize(settings: Mapping[str, Any], x: Tensor, _: None, scales: Tensor) -> Tensor:
    assert settings["mode"] == b"nearest"
    return F.interpolate(x, scale_factor=2, mode="nearest")


def _unsqueeze(_: Mapping[str, Any], x: Tensor, axes: list[int]) -> Tensor:
    for axis in sorted(axes):
        x = x.unsqueeze(axis)
    return x


OPS: dict[str, Callable[..., Tensor]] = {
    "Add": lambda _, a, b: a + b,
    "ArgMax": lambda settings, x: x.argmax(settings["axis"]),
    "ArgMin": lambda settings, x: x.argmin(settings["axis"]),
    "Cast": lambda settings, x: x.to(DTYPES[settings["to"]]),
    "Concat": lambda settings, *parts: torch.cat(parts, settings["axis"]),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "DepthToSpace": _depth_to_space,
    "DequantizeLinear": _dequantise,
    "Gather": _gather,
    "Gemm": _gemm,
    "Identity": lambda _, x: x,
    "LeakyRelu": lambda settings, x: F.leaky_relu(x, settings["alpha"]),
    "Mul": lambda _, a, b: a * b,
    "Pad": _pad,
    "QuantizeLinear": _quantise,
    "ReduceSum": lambda _, x, axes: x.sum(axes),
    "Relu": lambda _, x: F.relu(x),
    "Reshape": _reshape,
    "Resize": _resize,
    "Sigmoid": lambda _, x: torch.sigmoid(x),
    "Slice": _slice,
    "Sub": lambda _, a, b: a - b,
    "Tanh": lambda _, x: torch.tanh(x),
    "Transpose": lambda settings, x: x.permute(settings["perm"]),
    "Unsqueeze": _unsqueeze,
}
"""Functions f(attributes, inputs ...) -> output by ONNX op, for the ops of packs and their variants."""
