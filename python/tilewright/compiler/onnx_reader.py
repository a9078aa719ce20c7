"""ONNX bytes -> Graph. The only file that imports onnx, and the first to see what a stranger wrote.

A file is hostile until checked: its size, its operators, the sizes its tensors claim, all before anything is
allocated for them. One file only: no external data, no custom domains, no subgraphs.
"""

from math import prod
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper

from tilewright.compiler.graph import LOGITS, MAX_FILE_BYTES, MAX_INPUT, MAX_NODES, Array, Graph, Node
from tilewright.errors import PackError

MIN_OPSET = 21

OPERATORS = frozenset(
    {
        "Add",
        "ArgMax",
        "ArgMin",
        "Cast",
        "Concat",
        "Conv",
        "ConvTranspose",
        "DequantizeLinear",
        "Gather",
        "Gemm",
        "Identity",
        "LeakyRelu",
        "Mul",
        "Pad",
        "QuantizeLinear",
        "ReduceSum",
        "Relu",
        "Reshape",
        "Sigmoid",
        "Slice",
        "Sub",
        "Tanh",
        "Transpose",
        "Unsqueeze",
    }
)
_ITEM_BYTES: dict[int, int] = {
    onnx.TensorProto.FLOAT: 4,
    onnx.TensorProto.UINT8: 1,
    onnx.TensorProto.INT8: 1,
    onnx.TensorProto.INT32: 4,
    onnx.TensorProto.INT64: 8,
}
_INPUT_TYPES: dict[int, str] = {
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT8: "uint8",
    onnx.TensorProto.INT64: "int64",
}
_OUTPUT_TYPES: dict[str, int] = {LOGITS: onnx.TensorProto.FLOAT}


class OnnxFile:
    """A parsed file, nothing of it trusted yet."""

    def __init__(self, content: bytes, name: str) -> None:
        """Parse; PackError naming the file `name` if the bytes are no ONNX model."""
        if len(content) > MAX_FILE_BYTES:
            raise PackError(f"{name} is not a pack: larger than {MAX_FILE_BYTES} bytes")
        self._model = onnx.ModelProto()
        try:
            self._model.ParseFromString(content)
        except DecodeError as error:
            raise PackError(f"{name} is not a pack: not an ONNX file") from error
        if not self._model.graph.node:
            raise PackError(f"{name} is not a pack: not an ONNX file, or an empty one")

    def metadata(self, key: str) -> str | None:
        """The metadata text under `key`, or None."""
        for entry in self._model.metadata_props:
            if entry.key == key:
                return str(entry.value)
        return None

    def graph(self) -> Graph:
        """The network, checked; PackError for whatever tilewright does not run."""
        return _read_graph(self._model)


def _read_graph(model: onnx.ModelProto) -> Graph:
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    if set(opsets) - {"", "ai.onnx"} or max(opsets.values(), default=0) < MIN_OPSET:
        raise PackError(f"the pack must use the standard ONNX operators, version {MIN_OPSET} or later")
    proto = model.graph
    if len(proto.node) > MAX_NODES or model.functions or proto.sparse_initializer:
        raise PackError(f"the pack has functions, sparse tensors or more than {MAX_NODES} nodes")
    constants = {tensor.name: _read_tensor(tensor) for tensor in proto.initializer}
    nodes = tuple(_read_node(node) for node in proto.node)
    inputs = {value.name: _read_input(value) for value in proto.input if value.name not in constants}
    known = {*constants, *inputs}
    for node in nodes:
        for name in node.inputs:
            if name not in known:
                raise PackError(f"the pack's node {node.op} reads {name!r} before anything makes it")
        if node.output in known:
            raise PackError(f"the pack makes {node.output!r} twice")
        known.add(node.output)
    outputs = tuple(value.name for value in proto.output)
    if not set(outputs) <= {node.output for node in nodes}:
        raise PackError("the pack names an output that nothing makes")
    for value in proto.output:
        if value.type.tensor_type.elem_type != _OUTPUT_TYPES.get(value.name, onnx.TensorProto.UINT8):
            raise PackError("a pack's outputs must be uint8, a step network's logits float32")
    return Graph(nodes, constants, inputs, outputs)


def _read_tensor(tensor: onnx.TensorProto) -> Array:
    item = _ITEM_BYTES.get(tensor.data_type)
    if item is None:
        raise PackError(f"the pack's tensor {tensor.name!r} has a type that tilewright does not use")
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise PackError("the pack keeps data in other files: export it as one file")
    if any(d < 0 for d in tensor.dims) or prod(tensor.dims) * item > MAX_FILE_BYTES:
        raise PackError(f"the pack's tensor {tensor.name!r} claims an impossible size")
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError) as error:
        raise PackError(f"the pack's tensor {tensor.name!r} is damaged: {error}") from error
    if array.dtype == np.float32 and not np.isfinite(array).all():
        raise PackError(f"the pack's tensor {tensor.name!r} holds numbers that are not finite")
    return array


def _read_node(node: onnx.NodeProto) -> Node:
    if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
        domain = f"{node.domain}." if node.domain else ""
        raise PackError(
            f"the pack uses the operator {domain}{node.op_type}, which tilewright does not run; "
            f"it runs {', '.join(sorted(OPERATORS))}"
        )
    if len(node.output) != 1 or not node.output[0]:
        raise PackError(f"the pack's node {node.op_type} must have one output")
    attributes: dict[str, Any] = {}
    for attribute in node.attribute:
        if attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS):
            raise PackError(f"the pack's node {node.op_type} holds a subgraph")
        value = onnx.helper.get_attribute_value(attribute)
        attributes[attribute.name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    inputs = list(node.input)
    while inputs and not inputs[-1]:
        inputs.pop()
    return Node(node.op_type, tuple(inputs), node.output[0], attributes)


def _read_input(value: onnx.ValueInfoProto) -> tuple[str, tuple[int, ...]]:
    tensor = value.type.tensor_type
    dtype = _INPUT_TYPES.get(tensor.elem_type)
    shape = tuple(int(d.dim_value) for d in tensor.shape.dim[1:])
    if dtype is None or any(not 0 < d <= MAX_INPUT for d in shape):
        raise PackError(f"the pack's input {value.name!r} has an unexpected type or shape")
    return dtype, shape
