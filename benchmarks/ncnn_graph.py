"""Convert the float graph of a pack to ncnn's two files: a text of layers, and the bytes of their weights.

ncnn has no batches, no Gather, and no integers except within its int8 layers. The ops before the first
weights and after the last sums are therefore computed outside. An int8 layer of ncnn rounds its input to -127
.. 127 with one scale, so its numbers differ from those of the QDQ network.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from .rewriter import attributes

MAGIC = "7767517"
WEIGHTED = ("Gemm", "Conv", "ConvTranspose")
INT8 = b"\x38\x4b\x0d\x00"  # tag before int8 weights
FLOAT = bytes(4)


class NcnnGraph:
    """`param` and `weights` are the files. `sources` and `results` are the inputs and outputs by name.

    scales: input of a Gemm or Conv -> factor for rounding it to int8; None for float32. Raises ValueError for
    a graph that ncnn's layers cannot express.
    """

    def __init__(self, model: onnx.ModelProto, scales: Mapping[str, float] | None = None) -> None:
        self.constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
        self.scales = scales
        self._layers: list[str] = []
        self._weights: list[bytes] = []
        self._taken: dict[str, int] = {}
        body = _body(model.graph)
        made = {node.output[0] for node in body}
        read = [name for node in body for name in node.input if name and name not in self.constants]
        outside = {name for node in model.graph.node if node.output[0] not in made for name in node.input}
        self.sources = [name for name in dict.fromkeys(read) if name not in made]
        self.results = [name for name in made if name in outside]
        self.weighted = [node.input[0] for node in body if node.op_type in WEIGHTED]
        self._readers = {n: read.count(n) + (n in self.results) for n in (*self.sources, *made)}
        for name in self.sources:
            self.layer("Input", [], name)
        for node in body:
            LAYERS[node.op_type](self, node, attributes(node))

    @property
    def param(self) -> str:
        """The text file."""
        blobs = sum(int(line.split()[3]) for line in self._layers)
        return "\n".join([MAGIC, f"{len(self._layers)} {blobs}", *self._layers]) + "\n"

    @property
    def weights(self) -> bytes:
        """The file of weights."""
        return b"".join(self._weights)

    def blob(self, name: str) -> str:
        """Return the blob of a result. ncnn requires a Split for a value with several readers."""
        return f"{name}_{self._readers[name] - 1}" if self._readers[name] > 1 else name

    def layer(self, kind: str, inputs: list[str], output: str, **settings: float) -> None:
        """Append a layer. settings: `_0=3` is its parameter 0."""
        blobs = [self._take(name) for name in inputs]
        numbers = [f"{key[1:]}={value}" for key, value in settings.items()]
        self._write(kind, blobs, [output], numbers)
        if (readers := self._readers[output]) > 1:
            self._write("Split", [output], [f"{output}_{i}" for i in range(readers)], [])

    def weighted_layer(
        self, kind: str, node: onnx.NodeProto, weights: np.ndarray, size_key: str, **settings: float
    ) -> None:
        """Append a layer with weights (O, ...) and the node's bias, in int8 if `scales` contains its input."""
        bias = self.constants[node.input[2]] if len(node.input) > 2 else np.zeros(len(weights), np.float32)
        settings[size_key] = weights.size
        if self.scales is None or kind == "Deconvolution":
            self._weights += [FLOAT, _bytes(weights), _bytes(bias)]
        else:
            settings["_8"] = 1
            per_output = 127 / np.maximum(np.abs(weights).reshape(len(weights), -1).max(axis=1), 1e-8)
            quantised = np.rint(weights * per_output.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.int8)
            padding = bytes(-weights.size % 4)
            scale = np.asarray(self.scales[node.input[0]], np.float32)
            self._weights += [INT8, quantised.tobytes(), padding, _bytes(bias), _bytes(per_output)]
            self._weights.append(_bytes(scale))
        self.layer(kind, [node.input[0]], node.output[0], **settings)

    def _take(self, name: str) -> str:
        if self._readers[name] == 1:
            return name
        self._taken[name] = self._taken.get(name, -1) + 1
        return f"{name}_{self._taken[name]}"

    def _write(self, kind: str, inputs: list[str], outputs: list[str], settings: list[str]) -> None:
        head = [kind, outputs[0] + kind, str(len(inputs)), str(len(outputs))]
        self._layers.append(" ".join([*head, *inputs, *outputs, *settings]))


def _body(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the nodes from the first one with weights to the last one that has an ncnn layer."""
    body: list[onnx.NodeProto] = []
    made: set[str] = set()
    after: set[str] = set()
    for node in graph.node:
        beyond = after.intersection(node.input) or (
            made.intersection(node.input) and node.op_type not in LAYERS
        )
        if beyond and node.op_type in WEIGHTED:
            raise ValueError(f"ncnn has no layer for what {node.output[0]} reads")
        if beyond:
            after.add(node.output[0])
        elif node.op_type in WEIGHTED or made.intersection(node.input):
            made.add(node.output[0])
            body.append(node)
    return body


def _gemm(graph: NcnnGraph, node: onnx.NodeProto, _: Mapping[str, Any]) -> None:
    weights = graph.constants[node.input[1]]
    graph.weighted_layer("InnerProduct", node, weights, "_2", _0=len(weights), _1=1)


def _conv(graph: NcnnGraph, node: onnx.NodeProto, settings: Mapping[str, Any]) -> None:
    weights = graph.constants[node.input[1]]
    top, left, bottom, right = settings["pads"]
    graph.weighted_layer(
        "Convolution",
        node,
        weights,
        "_6",
        **{"_0": len(weights), "_1": weights.shape[3], "_11": weights.shape[2], "_5": 1},
        **dict(zip(("_12", "_2"), settings.get("dilations", [1, 1]), strict=True)),
        **{"_4": left, "_14": top, "_15": right, "_16": bottom},
    )


def _conv_transpose(graph: NcnnGraph, node: onnx.NodeProto, settings: Mapping[str, Any]) -> None:
    weights = graph.constants[node.input[1]].swapaxes(0, 1)
    graph.weighted_layer(
        "Deconvolution",
        node,
        weights,
        "_6",
        **{"_0": len(weights), "_1": 4, "_3": settings["strides"][0], "_4": settings["pads"][0], "_5": 1},
    )


def _reshape(graph: NcnnGraph, node: onnx.NodeProto, _: Mapping[str, Any]) -> None:
    _, channels, height, width = graph.constants[node.input[1]].tolist()
    graph.layer("Reshape", [node.input[0]], node.output[0], _0=width, _1=height, _2=channels)


def _mul(graph: NcnnGraph, node: onnx.NodeProto, _: Mapping[str, Any]) -> None:
    factor = float(graph.constants[node.input[1]])
    graph.layer("BinaryOp", [node.input[0]], node.output[0], _0=2, _1=1, _2=factor)


def _simple(kind: str, **settings: float) -> Callable[..., None]:
    """Return a writer for a layer with fixed settings that reads the node's non-constant inputs."""

    def write(graph: NcnnGraph, node: onnx.NodeProto, _: Mapping[str, Any]) -> None:
        inputs = [name for name in node.input if name and name not in graph.constants]
        graph.layer(kind, inputs, node.output[0], **settings)

    return write


def _leaky(graph: NcnnGraph, node: onnx.NodeProto, settings: Mapping[str, Any]) -> None:
    graph.layer("ReLU", list(node.input), node.output[0], _0=settings["alpha"])


LAYERS: dict[str, Callable[..., None]] = {
    "Add": _simple("BinaryOp", _0=0),
    "Concat": _simple("Concat", _0=0),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "DepthToSpace": _simple("PixelShuffle", _0=2, _1=1),
    "Gemm": _gemm,
    "LeakyRelu": _leaky,
    "Mul": _mul,
    "Relu": _simple("ReLU"),
    "Reshape": _reshape,
    "Resize": _simple("Interp", _0=1, _1=2.0, _2=2.0),
    "Sigmoid": _simple("Sigmoid"),
    "Tanh": _simple("TanH"),
}
"""Writers of layers by ONNX op."""


def _bytes(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, np.float32).tobytes()
