"""Graph -> Plan: channels innermost, zero points folded into biases, scales into multipliers.

The order of the floating-point operations here is part of docs/numerics.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.compiler import quantised
from tilewright.compiler.graph import CELLS, LOGITS, Graph, Node
from tilewright.compiler.ops import OPS, Shape
from tilewright.compiler.quantised import Quantisation
from tilewright.compiler.sampling import Sampling, compile_sampler
from tilewright.compiler.sum_bounds import sums_fit
from tilewright.errors import PackError
from tilewright.plan import Buffer, Plan, Step

MAX_CHANNELS = 4096
MAX_EDGE = 512
MAX_VALUE_BYTES = 256 << 20
MAX_WEIGHT_BYTES = 128 << 20
MAX_KINDS = 4096
OUTPUTS = ("indices", "palette", "rgba")


def lower(graph: Graph, sampling: Sampling | None = None) -> Plan:
    """The plan of a graph that went through the passes: of a generator, or of a step network with its sampler."""
    given = _given(graph, sampling)
    steps: list[Step] = []
    buffers: dict[str, Buffer] = {given.name: given}
    layouts = _maps_of_features(graph)
    palettes = {node.inputs[1]: node.attributes["entries"] for node in graph.nodes if node.op == "nearest"}
    tables = {}
    for node in graph.live_nodes():
        if node.op == "reshape":
            continue
        inputs = tuple(layouts.get(name, name) for name in node.inputs)
        step = _LOWER[node.op](graph, replace(node, inputs=inputs), buffers)
        if step.op in ("embed", "embed_cells"):
            tables[step.output] = len(step.arguments["table"])
        shapes = [buffers[name].shape for name in step.inputs if name != "kind"]
        op = OPS[step.op]
        shape = op.shape(shapes, step.arguments)
        if node.output in layouts.values():
            step, shape = _as_map(graph, node, step, layouts)
        elif node.output in palettes and prod(palettes[node.output]) == prod(shape):
            shape = palettes[node.output]
        _check_shape(shape, step)
        buffers[step.output] = Buffer(step.output, shape, "int32" if op.int32 else "uint8")
        steps.append(replace(step, multiply_adds=op.multiply_adds(shape, step.arguments)))
    if len(set(tables.values())) > 1:
        raise PackError("the pack's tables must have rows for one number of kinds")
    outputs = {name: layouts.get(name, name) for name in graph.outputs}
    sampler = None
    if sampling is not None:
        sampler = compile_sampler(sampling, steps, buffers, _logit_scale(graph))
        outputs = {"indices": sampler.cells}
    elif not outputs or set(outputs) - set(OUTPUTS) or not {"indices", "rgba"} & set(outputs):
        raise PackError("a pack's outputs are indices (and perhaps palette), or rgba")
    value_bytes = sum(buffer.nbytes for buffer in buffers.values())
    if value_bytes > MAX_VALUE_BYTES:
        raise PackError(f"the pack needs {value_bytes} bytes a tile, more than {MAX_VALUE_BYTES}")
    latent_size = 0 if sampling is not None else prod(given.shape)
    kinds = next(iter(tables.values()), 1)
    plan = Plan(tuple(steps), buffers, outputs, latent_size, kinds, sampler)
    if plan.weight_bytes > MAX_WEIGHT_BYTES:  # one constant may feed many layers
        raise PackError(f"the pack's layers hold {plan.weight_bytes} bytes, more than {MAX_WEIGHT_BYTES}")
    return plan


def _given(graph: Graph, sampling: Sampling | None) -> Buffer:
    """The input beside kind: the latent of a generator, or the cells of a step network."""
    name, dtype = ("latent", "int8") if sampling is None else (CELLS, "uint8")
    dtypes = {key: value for key, (value, _) in graph.inputs.items()}
    if dtypes not in ({name: dtype}, {name: dtype, "kind": "int64"}):
        whose = "a pack's" if sampling is None else "a step network's"
        raise PackError(f"{whose} inputs are {name} ({dtype}) and kind (int64)")
    shape = graph.inputs[name][1]
    if sampling is None:
        return Buffer(name, (prod(shape),))
    if len(shape) != 2 or max(shape) > MAX_EDGE:
        raise PackError(
            f"a step network's cells must be (n, height, width), at most {MAX_EDGE} along an edge"
        )
    return Buffer(name, shape)


def _logit_scale(graph: Graph) -> np.float32:
    """What one step of the logits' int32 sums is worth."""
    node = graph.producers().get(LOGITS)
    if graph.outputs != (LOGITS,) or node is None or node.op != "scores":
        raise PackError("a step network's one output is logits, straight from a Conv")
    with np.errstate(over="ignore", under="ignore"):
        return np.float32(node.attributes["source"].scale * node.attributes["weight_scale"].reshape(-1)[0])


def _check_shape(shape: Shape, step: Step) -> None:
    if (len(shape) >= 2 and max(shape[:2]) > MAX_EDGE) or (len(shape) == 3 and shape[2] > MAX_CHANNELS):
        raise PackError(f"the pack's {step.op} makes a map of {shape}, which is too large")


# What is reshaped to (C, H, W) is written as (H, W, C) at once: a dense layer's rows are put in that order.


def _maps_of_features(graph: Graph) -> dict[str, str]:
    """Name of a reshaped value -> name of the value that it is, a dense layer's or a slice's."""
    producers = graph.producers()
    layouts = {}
    for node in graph.nodes:
        if node.op == "reshape":
            source = producers.get(node.inputs[0])
            if source is None or source.op not in ("dense", "slice"):
                raise PackError("a Reshape must follow a Gemm or a Slice")
            layouts[node.output] = source.output
    return layouts


def _as_map(graph: Graph, node: Node, step: Step, layouts: Mapping[str, str]) -> tuple[Step, Shape]:
    reshape = next(n for n in graph.nodes if n.op == "reshape" and layouts[n.output] == node.output)
    target = [int(d) for d in graph.constant(reshape.inputs[1], "shape").flatten()]
    rows = prod(step.arguments["shape"]) if step.op == "slice" else len(step.arguments["weights"])
    if len(target) != 4 or min(target[1:]) < 1 or prod(target[1:]) != rows:
        raise PackError(f"a Reshape to {target} does not fit {rows} features")
    channels, height, width = target[1:]
    if step.op == "slice":
        shape = height, width, channels
        return replace(step, arguments={**step.arguments, "shape": shape}), shape
    order = np.arange(rows).reshape(channels, height, width).transpose(1, 2, 0).reshape(-1)
    arguments = {k: v[order] if isinstance(v, np.ndarray) else v for k, v in step.arguments.items()}
    return replace(step, arguments=arguments), (height, width, channels)


# One function per op: node -> step.


def _embed(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    table = graph.constant(node.inputs[0], "table of kinds")
    if (
        table.ndim != 2
        or table.dtype != np.int8
        or not 1 <= len(table) <= MAX_KINDS
        or node.inputs[1] != "kind"
    ):
        raise PackError("a Gather must pick rows of an int8 table by the input kind")
    unsigned = (table.astype(np.int16) + 128).astype(np.uint8)
    return Step("embed", ("kind",), node.output, {"table": unsigned})


def _embed_cells(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    table, entries = graph.constant(node.inputs[0], "table of cells"), node.attributes["entries"]
    if table.ndim != 2 or table.dtype not in (np.uint8, np.int8) or min(table.shape) < 1:
        raise PackError("a Gather must pick rows of a uint8 or int8 table by the input cells")
    if ("kind" in graph.inputs) != (entries is not None):
        raise PackError("a table of cells must have rows for each kind where there is an input kind")
    entries = len(table) if entries is None else entries
    if entries < 1 or len(table) % entries or not len(table) // entries <= MAX_KINDS:
        raise PackError(f"a table of {len(table)} rows does not hold {entries} rows for each kind")
    unsigned = (table.astype(np.int16) + (128 if table.dtype == np.int8 else 0)).astype(np.uint8)
    by_kind = unsigned.reshape(-1, entries, table.shape[1])
    return Step("embed_cells", ("kind", CELLS), node.output, {"table": by_kind})


def _concat(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    if any(len(buffers[name].shape) != 1 for name in node.inputs):
        raise PackError("a Concat must join features, not maps")
    return Step("concat", node.inputs, node.output, {})


def _slice(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    first, end, shape = node.attributes["first"], node.attributes["end"], buffers[node.inputs[0]].shape
    if len(shape) != 1 or not 0 <= first < end <= shape[0]:
        raise PackError(f"a Slice from {first} to {end} does not fit an input of {shape}")
    return Step("slice", node.inputs, node.output, {"first": first, "shape": (end - first,)})


def _dense(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    a = node.attributes
    weights = a["weights"]
    if weights.ndim != 2 or not a.get("transB", 0) or a.get("alpha", 1.0) != 1.0 or a.get("beta", 1.0) != 1.0:
        raise PackError("a Gemm must have transB=1, alpha=1, beta=1")
    scale = _weight_scale(a, 0, len(weights))
    if (
        len(buffers[node.inputs[0]].shape) != 1
    ):  # a map's channels are innermost, the weights are in the file's order
        raise PackError("a Gemm must read features, not a map")
    if buffers[node.inputs[0]].shape != weights.shape[1:]:
        raise PackError("a Gemm's weights do not fit its input")
    bias = _folded_bias(a, weights, scale)
    return Step(
        "dense",
        node.inputs,
        node.output,
        {
            "weights": np.ascontiguousarray(weights),
            "bias": bias,
            "multiplier": _multiplier(a, scale),
            "zero_out": a["target"].zero,
        },
    )


def _convolution(node: Node, buffers: Mapping[str, Buffer]) -> tuple[dict[str, Any], npt.NDArray[np.float32]]:
    """What conv2d and scores share: weights, folded bias, border; and the scale of the weights."""
    a = node.attributes
    weights, kernel, dilation = a["weights"], *_kernel(a)
    margin = kernel // 2 * dilation
    if kernel % 2 == 0 or a["pads"] != [0 if a["wrap"] else margin] * 4 or a["wrap"] not in (0, margin):
        raise PackError("a Conv must have an odd kernel and padding that keeps the size")
    if _list(a, "strides") != [1, 1] or a.get("group", 1) != 1:
        raise PackError("a Conv must have stride 1 and one group")
    if buffers[node.inputs[0]].shape[2:] != weights.shape[1:2]:
        raise PackError("a Conv's weights do not fit its input")
    scale = _weight_scale(a, 0, len(weights))
    arguments = {
        "weights": np.ascontiguousarray(weights.transpose(0, 2, 3, 1)),
        "bias": _folded_bias(a, weights, scale),
        "zero_in": a["source"].zero,
        "wrap": bool(a["wrap"]),
        "dilation": dilation,
    }
    return arguments, scale


def _conv2d(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    arguments, scale = _convolution(node, buffers)
    requantised = {
        "multiplier": _multiplier(node.attributes, scale),
        "zero_out": node.attributes["target"].zero,
    }
    return Step("conv2d", node.inputs, node.output, {**arguments, **requantised})


def _scores(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    arguments, scale = _convolution(node, buffers)
    if (scale != scale[0]).any() or len(scale) > 256:
        raise PackError(
            "a Conv before an ArgMax, or of logits, must have one scale for its at most 256 channels"
        )
    return Step("scores", node.inputs, node.output, arguments)


def _conv_transpose2d(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    a = node.attributes
    weights = a["weights"]  # (I, O, 4, 4)
    kernel, dilation = _kernel(a)
    expected = 3 if a["wrap"] == 1 else 1
    if (kernel, dilation, _list(a, "strides")) != (4, 1, [2, 2]) or a["pads"] != [expected] * 4:
        raise PackError("a ConvTranspose must be 4x4 with stride 2 and padding 1")
    if any(a.get("output_padding", (0, 0))) or a.get("output_shape") or a.get("group", 1) != 1:
        raise PackError("a ConvTranspose must have one group and no output padding")
    if a["wrap"] not in (0, 1) or buffers[node.inputs[0]].shape[2:] != weights.shape[:1]:
        raise PackError("a ConvTranspose's weights do not fit its input")
    scale = _weight_scale(a, 1, weights.shape[1])
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
            "bias": np.stack([_folded_bias(a, phase, scale) for phase in phases]),
            "multiplier": _multiplier(a, scale),
            "zero_in": a["source"].zero,
            "zero_out": a["target"].zero,
            "wrap": bool(a["wrap"]),
        },
    )


def _lookup(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    a = node.attributes
    function = {
        "LeakyRelu": quantised.leaky_relu(float(a["alpha"])),
        "Relu": quantised.relu,
        "Sigmoid": quantised.sigmoid,
        "Tanh": quantised.tanh,
    }[a["function"]]
    table = quantised.pointwise_table(function, a["source"], a["target"])
    return Step("lookup", node.inputs, node.output, {"table": table})


def _add(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    a, target = node.attributes, node.attributes["target"]
    if buffers[node.inputs[0]].shape != buffers[node.inputs[1]].shape:
        raise PackError("an Add must join two maps of one shape")
    arguments = {
        "scale_a": np.float32(a["source"].scale / target.scale),
        "scale_b": np.float32(a["source_b"].scale / target.scale),
        "zero_a": a["source"].zero,
        "zero_b": a["source_b"].zero,
        "zero_out": target.zero,
    }
    return Step("add", node.inputs, node.output, arguments)


def _argmax(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    a = node.attributes
    if (a.get("axis", 0), a.get("keepdims", 1), a.get("select_last_index", 0)) != (1, 0, 0):
        raise PackError("an ArgMax must be over the channels, keepdims=0, the first index winning a tie")
    return Step("argmax", node.inputs[:1], node.output, {})


def _nearest(graph: Graph, node: Node, buffers: Mapping[str, Buffer]) -> Step:
    pixels, (colours, channels) = buffers[node.inputs[0]].shape, node.attributes["entries"]
    drawn = buffers[node.inputs[1]].shape
    if pixels[2:] != (channels,) or drawn != (colours, channels) or not 1 <= colours <= 256:
        raise PackError("a palette must have 1 to 256 entries with the channels of the pixels")
    return Step("nearest", node.inputs, node.output, {})


_LOWER: dict[str, Callable[[Graph, Node, Mapping[str, Buffer]], Step]] = {
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
}


def _list(attributes: Mapping[str, Any], name: str) -> list[int]:
    return [int(v) for v in attributes.get(name, (1, 1))]


def _kernel(attributes: Mapping[str, Any]) -> tuple[int, int]:
    """(edge of the square kernel, dilation)."""
    weights, dilations = attributes["weights"], _list(attributes, "dilations")
    if weights.ndim != 4 or weights.dtype != np.int8 or weights.shape[2] != weights.shape[3]:
        raise PackError("a convolution's weights must be int8 with a square kernel")
    if len(set(dilations)) != 1 or not 1 <= dilations[0] <= 64:
        raise PackError("a convolution must be dilated alike in height and width")
    return int(weights.shape[2]), dilations[0]


def _weight_scale(attributes: Mapping[str, Any], axis: int, outputs: int) -> npt.NDArray[np.float32]:
    """float32 (outputs,), whether the pack has one scale or one per output channel."""
    scale = attributes["weight_scale"]
    if attributes["weights"].dtype != np.int8 or scale.dtype != np.float32 or not (scale > 0).all():
        raise PackError("weights must be int8 with positive float32 scales")
    if scale.size == 1:
        return np.full(outputs, scale.reshape(-1)[0], dtype=np.float32)
    if scale.shape != (outputs,) or attributes["weight_axis"] != axis:
        raise PackError("weights must have one scale, or one for each output channel")
    return np.asarray(scale, dtype=np.float32)


def _multiplier(attributes: Mapping[str, Any], scale: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(source scale * weight scale) / target scale, each step rounded to float32."""
    source, target = attributes["source"], attributes["target"]
    with np.errstate(over="ignore"):
        multiplier = np.asarray((source.scale * scale) / target.scale, dtype=np.float32)
    if not np.isfinite(multiplier).all():
        raise PackError("the pack's scales are too far apart")
    return multiplier


def _folded_bias(
    attributes: Mapping[str, Any], weights: npt.NDArray[np.int8], scale: npt.NDArray[np.float32]
) -> npt.NDArray[np.int32]:
    """The bias less zero * sum(weights): int32 (outputs,). Proves that no order of summation can overflow."""
    source: Quantisation = attributes["source"]
    rows = weights.reshape(len(weights), -1).astype(np.int64)
    bias = np.zeros(len(rows), dtype=np.int64)
    if "bias" in attributes:
        given, given_scale = attributes["bias"], attributes["bias_scale"].reshape(-1)
        if given.dtype != np.int32 or given.shape != (len(rows),):
            raise PackError("a bias must be int32, one for each output channel")
        if not np.array_equal(np.broadcast_to(given_scale, scale.shape), source.scale * scale):
            raise PackError("a bias must have the scale of its input times that of its weights")
        bias += given
    bias -= source.zero * rows.sum(axis=1)
    if not sums_fit(weights, bias):
        raise PackError("the pack's sums do not fit 32 bits: its weights or biases are too large")
    return bias.astype(np.int32)
