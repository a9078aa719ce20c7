"""Write QDQ int8 networks as ONNX, one method per op. Used by the exporter and by benchmarks.

Activations are uint8 with one scale and zero point, weights are int8 per output channel, and biases are
int32. Shape ops act on quantised values, so they do not change any value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 21
IR_VERSION = 10


@dataclass(frozen=True)
class Scale:
    """real = scale * (q - zero), with q of type `dtype`."""

    scale: float
    zero: int
    dtype: type = np.uint8


@dataclass(frozen=True)
class Value:
    """A quantised tensor of the graph: its name, its scale, and its number of channels or features."""

    name: str
    scale: Scale
    channels: int


class OnnxBuilder:
    """Collects nodes. `finish` returns the model."""

    def __init__(self, latent_size: int = 0, latent_scale: float = 1.0) -> None:
        """Start a one-shot network. With latent_size = 0, start a step network, which begins with
        `embed_cells`.
        """
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, np.ndarray] = {}
        self._names: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        if latent_size:
            self._input("latent", TensorProto.INT8, latent_size)
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0
        self.latent = Value("latent", Scale(latent_scale, 0, np.int8), latent_size)

    def kind(self, table: np.ndarray) -> Value:
        """Look up row `kind` of table int8 (kinds, F), quantised like the latent: (n, F)."""
        self._input("kind", TensorProto.INT64)
        row = self._node("Gather", [self._constant("kinds", table), "kind"], axis=0)
        return Value(row, self.latent.scale, table.shape[1])

    def concat(self, a: Value, b: Value) -> Value:
        """Concatenate features (n, A) and (n, B) of one scale to (n, A + B)."""
        return Value(self._node("Concat", [a.name, b.name], axis=1), a.scale, a.channels + b.channels)

    def slice(self, x: Value, first: int, end: int) -> Value:
        """Select the features `first` .. end - 1 of (n, F)."""
        bounds = (("start", first), ("end", end), ("axes", 1))
        constants = [self._constant(what, np.array([value], np.int64)) for what, value in bounds]
        return Value(self._node("Slice", [x.name, *constants]), x.scale, end - first)

    def embed_cells(self, table: np.ndarray, scale: Scale, height: int, width: int) -> Value:
        """Look up the rows that the input `cells` selects for each kind: (n, C, height, width).

        table: uint8 or int8 (kinds, K + 1, C), quantised with `scale`. Row K is for unknown cells. Prefer
        uint8: ONNX Runtime evaluates a Conv in integers only if both of its operands have one type.
        """
        kinds, entries, channels = table.shape
        self._input("cells", TensorProto.UINT8, height, width)
        row = self._node("Cast", ["cells"], to=TensorProto.INT64)
        if kinds > 1:
            self._input("kind", TensorProto.INT64)
            axes = self._constant("axes", np.array([1, 2], np.int64))
            column = self._node("Unsqueeze", ["kind", axes])
            factor = self._constant("entries", np.array(entries, np.int64))
            row = self._node("Add", [row, self._node("Mul", [column, factor])])
        return self._rows("cells", table.reshape(kinds * entries, channels), row, scale)

    def embed_kinds(self, table: np.ndarray, scale: Scale, height: int, width: int) -> Value:
        """Look up the row of each cell's kind in the input `kind_map`: (n, C, height, width).

        table: uint8 (kinds, C), quantised with `scale`; one network has one kind per cell or per picture.
        """
        return self._embed_map("kind_map", "kinds", table, scale, height, width)

    def embed_neighbours(self, table: np.ndarray, scale: Scale, height: int, width: int) -> Value:
        """Look up the row of each cell's number in the input `neighbours` of a critic: (n, C, height, width).

        table: uint8 (16, C), quantised with `scale`.
        """
        return self._embed_map("neighbours", "rows", table, scale, height, width)

    def words(self, count: int) -> Value:
        """Return the input `words`, (n, count): 1 for each word that describes the picture, else 0."""
        self._input("words", TensorProto.UINT8, count)
        return Value("words", Scale(1.0, 0), count)

    def dense(self, x: Value, weights: np.ndarray, bias: np.ndarray, target: Scale) -> Value:
        """Gemm with float weights (O, I) and bias (O,)."""
        inputs = [self._dequantise(x), *self._weights(x, weights, bias, axis=0)]
        return self._quantise(self._node("Gemm", inputs, transB=1), target, len(weights))

    def to_map(self, x: Value, height: int, width: int) -> Value:
        """Reshape (n, C * H * W) to (n, C, H, W)."""
        channels = x.channels // (height * width)
        shape = self._constant("shape", np.array([0, channels, height, width], dtype=np.int64))
        return Value(self._node("Reshape", [x.name, shape]), x.scale, channels)

    def conv2d(
        self,
        x: Value,
        weights: np.ndarray,
        bias: np.ndarray,
        target: Scale,
        wrap: bool,
        dilations: tuple[int, int] = (1, 1),
    ) -> Value:
        """Convolution of stride 1 that keeps the size: float weights (O, I, kh, kw), bias (O,)."""
        real = self._convolution(x, weights, bias, wrap, dilations)
        return self._quantise(real, target, len(weights))

    def conv_transpose2d(
        self, x: Value, weights: np.ndarray, bias: np.ndarray, target: Scale, wrap: bool
    ) -> Value:
        """4x4 transposed convolution of stride 2: float weights (I, O, 4, 4), bias (O,)."""
        x_and_border = self._wrapped(x, (1, 1)) if wrap else x
        inputs = [self._dequantise(x_and_border), *self._weights(x, weights, bias, axis=1)]
        y = self._node("ConvTranspose", inputs, strides=[2, 2], pads=[3 if wrap else 1] * 4)
        return self._quantise(y, target, weights.shape[1])

    def pointwise(self, x: Value, function: str, target: Scale, **attributes: float) -> Value:
        """Apply LeakyRelu (alpha), Relu, Sigmoid or Tanh."""
        y = self._node(function, [self._dequantise(x)], **attributes)
        return self._quantise(y, target, x.channels)

    def add(self, a: Value, b: Value, target: Scale) -> Value:
        """Add two maps of one shape, or a map of one cell to every cell of the other."""
        return self._quantise(
            self._node("Add", [self._dequantise(a), self._dequantise(b)]), target, a.channels
        )

    def max_pool(self, x: Value) -> Value:
        """Take the largest of 2x2 cells: (n, C, H, W) to (n, C, H div 2, W div 2)."""
        pooled = self._node("MaxPool", [x.name], kernel_shape=[2, 2], strides=[2, 2])
        return Value(pooled, x.scale, x.channels)

    def mean(self, x: Value, target: Scale) -> Value:
        """Take the mean of each channel over all cells: (n, C, H, W) to features (n, C)."""
        axes = self._constant("axes", np.array([2, 3], np.int64))
        real = self._node("ReduceMean", [self._dequantise(x), axes], keepdims=0)
        return self._quantise(real, target, x.channels)

    def argmax_of(
        self, x: Value, weights: np.ndarray, bias: np.ndarray, scale: float, wrap: bool, name: str
    ) -> None:
        """Write the output `name`, uint8 (n, H, W): the channel with the largest sum.

        weights int8 (O, I, k, k) and bias int32 (O,) are used as they are, with one scale for all channels.
        """
        scores = self._convolution(x, weights, bias, wrap, scale=scale)
        index = self._node("ArgMax", [scores], axis=1, keepdims=0, select_last_index=0)
        self._indices(index, name)

    def logits(self, x: Value, weights: np.ndarray, bias: np.ndarray, scale: float, wrap: bool) -> None:
        """Write the output `logits` of a step network, float32 (n, K, H, W): the sums of a convolution.

        weights int8 (K, I, k, k) and bias int32 (K,) are used as they are, with one scale for all channels.
        """
        real = self._convolution(x, weights, bias, wrap, scale=scale)
        self._nodes.append(helper.make_node("Identity", [real], ["logits"]))
        shape: list[str | int] = ["n", len(weights), "height", "width"]
        self._outputs.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape))

    def nearest_of(self, x: Value, palette: Value, colours: int, name: str) -> None:
        """Write the output `name`, uint8 (n, H, W): the entry of each picture's palette that is nearest to
        each pixel.

        x (n, C, H, W) and palette (n, colours * C) share one scale. The squared distances, in its units, are
        integers that float32 represents exactly.
        """
        whole = Scale(1.0, x.scale.zero)
        pixels = self._dequantise(Value(x.name, whole, x.channels))
        pixels = self._node("Unsqueeze", [pixels, self._constant("axes", np.array([1], np.int64))])
        shape = self._constant("shape", np.array([0, colours, x.channels, 1, 1], dtype=np.int64))
        entries = Value(self._node("Reshape", [palette.name, shape]), whole, x.channels)
        difference = self._node("Sub", [pixels, self._dequantise(entries)])
        square = self._node("Mul", [difference, difference])
        axis = self._constant("axes", np.array([2], np.int64))
        distance = self._node("ReduceSum", [square, axis], keepdims=0)
        index = self._node("ArgMin", [distance], axis=1, keepdims=0, select_last_index=0)
        self._indices(index, name)

    def _indices(self, index: str, name: str) -> None:
        self._nodes.append(helper.make_node("Cast", [index], [name], to=TensorProto.UINT8))
        shape = ["n", "height", "width"]
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.UINT8, shape))

    def output(self, x: Value, name: str, rank: int) -> None:
        """Make the quantised tensor `x` an output named `name`."""
        self._nodes.append(helper.make_node("Identity", [x.name], [name]))
        shape = ["n", *(f"d{i}" for i in range(1, rank))]
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.UINT8, shape))

    def finish(self, name: str, metadata: dict[str, str]) -> onnx.ModelProto:
        """Return the checked model."""
        constants = [numpy_helper.from_array(array, key) for key, array in self._constants.items()]
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(
            graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="tilewright"
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model

    def _input(self, name: str, dtype: int, *shape: int) -> None:
        self._inputs.append(helper.make_tensor_value_info(name, dtype, ["n", *shape]))

    def _embed_map(
        self, read: str, name: str, table: np.ndarray, scale: Scale, height: int, width: int
    ) -> Value:
        """Look up a row of the table (rows, C), named `name`, for each cell of the input `read`."""
        self._input(read, TensorProto.UINT8, height, width)
        row = self._node("Cast", [read], to=TensorProto.INT64)
        return self._rows(name, table, row, scale)

    def _rows(self, name: str, table: np.ndarray, row: str, scale: Scale) -> Value:
        """Look up a row of the table (rows, C) for each cell."""
        gathered = self._node("Gather", [self._constant(name, table), row], axis=0)
        return Value(self._node("Transpose", [gathered], perm=[0, 3, 1, 2]), scale, table.shape[1])

    def _convolution(
        self,
        x: Value,
        weights: np.ndarray,
        bias: np.ndarray,
        wrap: bool,
        dilations: tuple[int, int] = (1, 1),
        scale: float | None = None,
    ) -> str:
        margins = weights.shape[2] // 2 * dilations[0], weights.shape[3] // 2 * dilations[1]
        padded = self._wrapped(x, margins) if wrap else x
        constants = self._weights(x, weights, bias, axis=0, scale=scale)
        pads = [0] * 4 if wrap else margins * 2
        attributes = {"dilations": dilations} if dilations != (1, 1) else {}
        return self._node("Conv", [self._dequantise(padded), *constants], pads=pads, **attributes)

    def _wrapped(self, x: Value, margins: tuple[int, int]) -> Value:
        if margins == (0, 0):
            return x
        pads = self._constant("pads", np.array([0, 0, *margins] * 2, dtype=np.int64))
        return Value(self._node("Pad", [x.name, pads], mode="wrap"), x.scale, x.channels)

    def _weights(
        self, x: Value, weights: np.ndarray, bias: np.ndarray, axis: int, scale: float | None = None
    ) -> list[str]:
        """Return the names of the dequantised weights and bias. `scale`: both are given as integers with this
        scale.
        """
        if scale is None:
            scales = weight_scales(weights, axis)
            shape = [1] * weights.ndim
            shape[axis] = -1
            quantised = np.rint(weights / scales.reshape(shape)).astype(np.int8)
            bias_scales = np.float32(x.scale.scale) * scales
            bias = np.rint(bias.astype(np.float64) / bias_scales).astype(np.int32)
        else:
            quantised = weights
            scales = np.asarray(scale, np.float32)
            bias_scales = np.float32(x.scale.scale) * scales
        names = []
        for what, array, s, a in (("weights", quantised, scales, axis), ("bias", bias, bias_scales, 0)):
            constants = [self._constant(what, array), self._constant("scale", np.asarray(s, np.float32))]
            attributes = {"axis": a} if np.ndim(s) else {}
            names.append(self._node("DequantizeLinear", constants, **attributes))
        return names

    def _dequantise(self, x: Value) -> str:
        return self._node("DequantizeLinear", [x.name, *self._scale(x.scale)])

    def _quantise(self, real: str, target: Scale, channels: int) -> Value:
        return Value(self._node("QuantizeLinear", [real, *self._scale(target)]), target, channels)

    def _scale(self, scale: Scale) -> Sequence[str]:
        zero: np.ndarray = np.asarray(scale.zero, dtype=scale.dtype)
        return self._constant("scale", np.asarray(scale.scale, np.float32)), self._constant("zero", zero)

    def _constant(self, what: str, array: np.ndarray) -> str:
        array = np.ascontiguousarray(array).reshape(array.shape)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key in self._names:  # scales, shapes, and the weights of a flow's steps occur several times
            return self._names[key]
        name = f"{what}_{len(self._constants)}"
        self._constants[name] = array
        self._names[key] = name
        return name

    def _node(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        self._count += 1
        output = f"{op.lower()}_{self._count}"
        self._nodes.append(helper.make_node(op, list(inputs), [output], name=output, **attributes))
        return output


def weight_scales(weights: np.ndarray, axis: int) -> np.ndarray:
    """Return float32 (O,): the scale that maps each output channel's largest weight to 127."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    largest = np.abs(weights).max(axis=others).astype(np.float32)
    return np.maximum(largest, np.float32(1e-8)) / np.float32(127)
