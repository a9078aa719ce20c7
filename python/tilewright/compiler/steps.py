"""Convert fused nodes to steps: channels-last layout, zero points folded into biases, scales into
multipliers.

There is one function per op, called by lowering.py. docs/numerics.md specifies the order of floating-point
operations.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tilewright.arrays import Float32Array, Int8Array, Int32Array
from tilewright.compiler import quantised
from tilewright.compiler.fused import (
    Add,
    Convolution,
    Dense,
    Embed,
    EmbedCells,
    Layer,
    Lookup,
    Mean,
    Nearest,
    RequantisedConvolution,
    Slice,
)
from tilewright.compiler.graph import KIND_MAP, Node
from tilewright.compiler.quantised import check_scales, finite
from tilewright.compiler.sum_bounds import sums_fit
from tilewright.errors import PackError
from tilewright.plan import Buffer, Step

MAX_KINDS = 4096
MAX_DILATION = 256
MAX_MAPPED_KINDS = 256  # a kind per cell is a byte


def _embed(node: Embed, buffers: Mapping[str, Buffer]) -> Step:
    table = node.table
    if table.ndim != 2 or table.dtype != np.int8 or not 1 <= len(table) <= MAX_KINDS:
        raise PackError("a Gather must pick rows of an int8 table by the input kind")
    unsigned = (table.astype(np.int16) + 128).astype(np.uint8)
    return Step("embed", node.inputs, node.output, {"table": unsigned})


def _embed_cells(node: EmbedCells, buffers: Mapping[str, Buffer]) -> Step:
    table, entries = node.table, node.entries
    if table.ndim != 2:
        raise PackError("a Gather must pick rows of a uint8 or int8 table by cells, kind_map or neighbours")
    entries = len(table) if entries is None else entries
    if KIND_MAP in node.inputs and entries > MAX_MAPPED_KINDS:
        raise PackError(f"a kind_map must be of at most {MAX_MAPPED_KINDS} kinds, not {entries}")
    if entries < 1 or len(table) % entries or not len(table) // entries <= MAX_KINDS:
        raise PackError(f"a table of {len(table)} rows does not hold {entries} rows for each kind")
    unsigned = (table.astype(np.int16) + (128 if table.dtype == np.int8 else 0)).astype(np.uint8)
    by_kind = unsigned.reshape(-1, entries, table.shape[1])
    return Step("embed_cells", node.inputs, node.output, {"table": by_kind})


def _concat(node: Node, buffers: Mapping[str, Buffer]) -> Step:
    if any(len(buffers[name].shape) != 1 for name in node.inputs):
        raise PackError("a Concat must join features, not maps")
    return Step("concat", node.inputs, node.output, {})


def _slice(node: Slice, buffers: Mapping[str, Buffer]) -> Step:
    first, end, shape = node.first, node.end, buffers[node.inputs[0]].shape
    if len(shape) != 1 or not 0 <= first < end <= shape[0]:
        raise PackError(f"a Slice from {first} to {end} does not fit an input of {shape}")
    return Step("slice", node.inputs, node.output, {"first": first, "shape": (end - first,)})


def _dense(node: Dense, buffers: Mapping[str, Buffer]) -> Step:
    weights = node.weights.numbers
    scale = _weight_scale(node, 0, len(weights))
    if (
        len(buffers[node.inputs[0]].shape) != 1
    ):  # the map is stored channels-last, the weights are in the file's order
        raise PackError("a Gemm must read features, not a map")
    if weights.ndim != 2 or buffers[node.inputs[0]].shape != weights.shape[1:]:
        raise PackError("a Gemm's weights do not fit its input")
    bias = _folded_bias(node, weights, scale)
    return Step(
        "dense",
        node.inputs,
        node.output,
        {
            "weights": np.ascontiguousarray(weights),
            "bias": bias,
            "multiplier": _multiplier(node, scale),
            "zero_out": node.target.zero,
        },
    )


def _convolution(node: Convolution, buffers: Mapping[str, Buffer]) -> tuple[dict[str, Any], Float32Array]:
    """Return the arguments that conv2d and scores have in common, and the scale of the weights."""
    weights, kernel, dilations = node.weights.numbers, *_kernel(node)
    margins = kernel[0] // 2 * dilations[0], kernel[1] // 2 * dilations[1]
    wraps = node.wrap != (0, 0)
    keeps_size = (node.wrap, node.pads) in ((margins, (0,) * 4), ((0, 0), margins * 2))
    if kernel[0] % 2 == 0 or kernel[1] % 2 == 0 or not keeps_size:
        raise PackError("a Conv must have an odd kernel and padding that keeps the size")
    if buffers[node.inputs[0]].shape[2:] != weights.shape[1:2]:
        raise PackError("a Conv's weights do not fit its input")
    scale = _weight_scale(node, 0, len(weights))
    arguments = {
        "weights": np.ascontiguousarray(weights.transpose(0, 2, 3, 1)),
        "bias": _folded_bias(node, weights, scale),
        "zero_in": node.source.zero,
        "wrap": wraps,
        "dilations": dilations,
    }
    return arguments, scale


def _conv2d(node: RequantisedConvolution, buffers: Mapping[str, Buffer]) -> Step:
    arguments, scale = _convolution(node, buffers)
    requantised = {
        "multiplier": _multiplier(node, scale),
        "zero_out": node.target.zero,
    }
    return Step("conv2d", node.inputs, node.output, {**arguments, **requantised})


def _scores(node: Convolution, buffers: Mapping[str, Buffer]) -> Step:
    arguments, scale = _convolution(node, buffers)
    if (scale != scale[0]).any() or len(scale) > 256:
        raise PackError(
            "a Conv before an ArgMax, or of logits, must have one scale for its at most 256 channels"
        )
    with np.errstate(over="ignore"):
        worth = finite(node.source.scale * scale)
    if worth.min() < np.finfo(np.float32).tiny:  # float32 would make distinct sums equal
        raise PackError("the pack's scales are too far apart")
    return Step("scores", node.inputs, node.output, arguments)


def _conv_transpose2d(node: RequantisedConvolution, buffers: Mapping[str, Buffer]) -> Step:
    weights = node.weights.numbers  # (I, O, 4, 4)
    wraps = node.wrap == (1, 1)
    if _kernel(node) != ((4, 4), (1, 1)) or node.pads != (3 if wraps else 1,) * 4:
        raise PackError("a ConvTranspose must be 4x4 with stride 2 and padding 1")
    if node.wrap not in ((0, 0), (1, 1)) or buffers[node.inputs[0]].shape[2:] != weights.shape[:1]:
        raise PackError("a ConvTranspose's weights do not fit its input")
    scale = _weight_scale(node, 1, weights.shape[1])
    by_output = np.ascontiguousarray(weights.transpose(1, 2, 3, 0))
    phases = [
        by_output[:, [3 - py, 1 - py]][:, :, [3 - px, 1 - px]].reshape(len(by_output), -1)
        for py in range(2)
        for px in range(2)
    ]
    return Step(
        "conv_transpose2d",
        node.inputs,
        node.output,
        {
            "weights": by_output,
            "bias": np.stack([_folded_bias(node, phase, scale) for phase in phases]),
            "multiplier": _multiplier(node, scale),
            "zero_in": node.source.zero,
            "zero_out": node.target.zero,
            "wrap": wraps,
        },
    )


def _lookup(node: Lookup, buffers: Mapping[str, Buffer]) -> Step:
    function = {
        "LeakyRelu": quantised.leaky_relu(node.alpha),
        "Relu": quantised.relu,
        "Sigmoid": quantised.sigmoid,
        "Tanh": quantised.tanh,
    }[node.function]
    table = quantised.pointwise_table(function, node.source, node.target)
    return Step("lookup", node.inputs, node.output, {"table": table})


def _add(node: Add, buffers: Mapping[str, Buffer]) -> Step:
    (a, source_a), (b, source_b) = zip(node.inputs, (node.source_a, node.source_b), strict=True)
    if _is_vector(buffers[a].shape, buffers[b].shape):  # the order of a sum does not matter
        (a, source_a), (b, source_b) = (b, source_b), (a, source_a)
    if buffers[a].shape != buffers[b].shape and not _is_vector(buffers[b].shape, buffers[a].shape):
        raise PackError("an Add must join two maps of one shape, or a map and a map of one cell")
    with np.errstate(over="ignore"):
        scales = np.array([source_a.scale, source_b.scale], np.float32) / node.target.scale
        finite(scales * np.float32(255))
    arguments = {
        "scale_a": scales[0],
        "scale_b": scales[1],
        "zero_a": source_a.zero,
        "zero_b": source_b.zero,
        "zero_out": node.target.zero,
    }
    return Step("add", (a, b), node.output, arguments)


def _is_vector(shape: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether `shape` is a map of one cell, and `other` a larger map with the same number of channels."""
    return len(other) == 3 and shape == (1, 1, other[2]) and shape != other


def _argmax(node: Node, buffers: Mapping[str, Buffer]) -> Step:
    if len(buffers[node.inputs[0]].shape) != 3 or buffers[node.inputs[0]].shape[2] > 256:
        raise PackError("an ArgMax must be over the channels of a map, at most 256")
    return Step("argmax", node.inputs, node.output, {})


def _nearest(node: Nearest, buffers: Mapping[str, Buffer]) -> Step:
    pixels, (colours, channels) = buffers[node.inputs[0]].shape, node.entries
    drawn = buffers[node.inputs[1]].shape
    if pixels[2:] != (channels,) or drawn != (colours, channels) or not 1 <= colours <= 256:
        raise PackError("a palette must have 1 to 256 entries with the channels of the pixels")
    return Step("nearest", node.inputs, node.output, {})


def _max_pool(node: Node, buffers: Mapping[str, Buffer]) -> Step:
    shape = buffers[node.inputs[0]].shape
    if len(shape) != 3 or min(shape[:2]) < 2:
        raise PackError("a MaxPool must read a map of at least two rows and columns")
    return Step("max_pool", node.inputs, node.output, {})


def _mean(node: Mean, buffers: Mapping[str, Buffer]) -> Step:
    shape = buffers[node.inputs[0]].shape
    if len(shape) != 3:
        raise PackError("a ReduceMean must read a map")
    with np.errstate(over="ignore"):
        divisor = node.target.scale * np.float32(shape[0] * shape[1])
        multiplier = finite(np.asarray(node.source.scale / divisor, dtype=np.float32))
    arguments = {
        "multiplier": np.float32(multiplier),
        "zero_in": node.source.zero,
        "zero_out": node.target.zero,
    }
    return Step("mean", node.inputs, node.output, arguments)


def _kernel(node: Convolution) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the kernel's (height, width) and its dilations along rows and columns."""
    weights, (rows, columns) = node.weights.numbers, node.dilations
    if weights.ndim != 4 or weights.dtype != np.int8:
        raise PackError("a convolution's weights must be int8 (channels, channels, height, width)")
    if node.kernel_shape not in ((), weights.shape[2:]):
        raise PackError("a convolution's kernel_shape must be that of its weights")
    if not (1 <= rows <= MAX_DILATION and 1 <= columns <= MAX_DILATION):
        raise PackError(f"a convolution's dilations must be 1 to {MAX_DILATION}, not {rows} and {columns}")
    return (int(weights.shape[2]), int(weights.shape[3])), (rows, columns)


def _weight_scale(node: Layer, axis: int, outputs: int) -> Float32Array:
    """Return the scales float32 (outputs,). A single scale of the pack is repeated."""
    scale = node.weights.scale
    if node.weights.numbers.dtype != np.int8 or scale.dtype != np.float32 or not (scale > 0).all():
        raise PackError("weights must be int8 with positive float32 scales")
    check_scales(scale)
    if scale.size == 1 and scale.ndim <= 1:
        return np.full(outputs, scale.reshape(-1)[0], dtype=np.float32)
    if scale.shape != (outputs,) or node.weights.axis != axis:
        raise PackError("weights must have one scale, or one for each output channel")
    return np.asarray(scale, dtype=np.float32)


def _multiplier(node: Dense | RequantisedConvolution, scale: Float32Array) -> Float32Array:
    """Return (source scale * weight scale) / target scale, float32 (outputs,). Each step is rounded to float32."""
    with np.errstate(over="ignore"):
        return finite(np.asarray((node.source.scale * scale) / node.target.scale, dtype=np.float32))


def _folded_bias(node: Layer, weights: Int8Array, scale: Float32Array) -> Int32Array:
    """Return the bias minus zero * sum(weights), int32 (outputs,).

    Raises PackError for a bias of another type or scale, and if a sum could overflow in some order of summation.
    """
    rows = weights.reshape(len(weights), -1)
    bias = np.zeros(len(rows), dtype=np.int64)
    if node.bias is not None:
        given, given_scale = node.bias.numbers, node.bias.scale
        if given.dtype != np.int32 or given.shape != (len(rows),):
            raise PackError("a bias must be int32, one for each output channel")
        fits = given_scale.shape in ((), (1,), scale.shape)
        if not fits or (given_scale.size > 1 and node.bias.axis not in (0, -1)):
            raise PackError("a bias must have one scale, or one for each output channel")
        with np.errstate(over="ignore"):
            expected = node.source.scale * scale
        if not np.array_equal(np.broadcast_to(given_scale, scale.shape), expected):
            raise PackError("a bias must have the scale of its input times that of its weights")
        bias += given
    bias -= node.source.zero * rows.sum(axis=1, dtype=np.int64)
    if not sums_fit(weights, bias):
        raise PackError("the pack's sums do not fit 32 bits: its weights or biases are too large")
    return bias.astype(np.int32)


# By the op of a node, which also determines the node's class.
LOWER: dict[str, Callable[[Any, Mapping[str, Buffer]], Step]] = {
    "embed": _embed,
    "embed_cells": _embed_cells,
    "concat": _concat,
    "slice": _slice,
    "dense": _dense,
    "conv2d": _conv2d,
    "scores": _scores,
    "conv_transpose2d": _conv_transpose2d,
    "lookup": _lookup,
    "add": _add,
    "argmax": _argmax,
    "nearest": _nearest,
    "max_pool": _max_pool,
    "mean": _mean,
}
