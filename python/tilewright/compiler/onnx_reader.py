"""ONNX bytes -> Graph. The only file that imports onnx, and the first to see what a stranger wrote.

A file is hostile until checked: its size, how many objects it holds, its operators, the sizes its tensors claim, all
before anything is allocated for them. One file only: no external data, no custom domains, no subgraphs.
"""

from collections.abc import Iterable
from functools import cache
from math import prod
from typing import Any

import numpy as np
import onnx
from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper

from tilewright.compiler.graph import (
    CELLS,
    KIND,
    LATENT,
    LOGITS,
    MAX_FILE_BYTES,
    MAX_INPUT,
    MAX_NODES,
    MAX_OBJECTS,
    MAX_RANK,
    MAX_TENSORS,
    Array,
    Graph,
    Node,
)
from tilewright.compiler.operators import OPERATORS, Value, check_attributes, given_inputs, result_type
from tilewright.compiler.wire import Schema, WireError, count_objects
from tilewright.errors import PackError

OPSETS = range(21, 29)  # of which operators.py knows all attributes

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
_OUTPUT_TYPES: dict[str, tuple[int, str]] = {LOGITS: (onnx.TensorProto.FLOAT, "float32")}
_MODEL_PROTO: Any = onnx.ModelProto


class OnnxFile:
    """A parsed file, nothing of it trusted yet."""

    def __init__(self, content: bytes, name: str) -> None:
        """Parse; PackError naming the file `name` if the bytes are no ONNX model."""
        if len(content) > MAX_FILE_BYTES:
            raise PackError(f"{name} is not a pack: larger than {MAX_FILE_BYTES} bytes")
        self._model = onnx.ModelProto()
        try:
            if count_objects(content, _schema(), MAX_OBJECTS) > MAX_OBJECTS:
                raise PackError(f"{name} is not a pack: more than {MAX_OBJECTS} fields and numbers in lists")
            self._model.ParseFromString(content)
        except (DecodeError, WireError) as error:
            raise PackError(f"{name} is not a pack: not an ONNX file") from error
        if not self._model.graph.node:
            raise PackError(f"{name} is not a pack: not an ONNX file, or an empty one")

    def metadata(self, key: str) -> str | None:
        """The metadata text under `key`, or None."""
        found = [entry.value for entry in self._model.metadata_props if entry.key == key]
        if len(found) > 1:
            raise PackError(f"the pack has {len(found)} metadata entries {key!r}")
        return str(found[0]) if found else None

    def graph(self) -> Graph:
        """The network, checked; PackError for whatever tilewright does not run."""
        return _read_graph(self._model)


@cache
def _schema() -> Schema:
    """What the fields of a model are, for count_objects."""
    schemas: dict[str, Schema] = {}

    def schema_of(message: Any) -> Schema:
        if message.full_name not in schemas:
            fields = schemas[message.full_name] = {}
            for field in message.fields:
                if field.message_type is not None:
                    fields[field.number] = schema_of(field.message_type)
                elif field.type not in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
                    fields[field.number] = _PACKED_BYTES.get(field.type, 1)
        return schemas[message.full_name]

    return schema_of(_MODEL_PROTO.DESCRIPTOR)


_PACKED_BYTES = {FieldDescriptor.TYPE_FLOAT: 4, FieldDescriptor.TYPE_DOUBLE: 8}


def _read_graph(model: onnx.ModelProto) -> Graph:
    opsets = [(entry.domain, entry.version) for entry in model.opset_import]
    if len(opsets) != 1 or opsets[0][0] not in ("", "ai.onnx") or opsets[0][1] not in OPSETS:
        raise PackError(
            f"the pack must use the standard ONNX operators alone, version {OPSETS[0]} to {OPSETS[-1]}"
        )
    proto = model.graph
    if model.functions or proto.sparse_initializer:
        raise PackError("the pack has functions or sparse tensors")
    if len(proto.node) > MAX_NODES or len(proto.initializer) > MAX_TENSORS:
        raise PackError(f"the pack has more than {MAX_NODES} nodes or {MAX_TENSORS} tensors")
    types: dict[str, str] = {}
    constants = {}
    for tensor in proto.initializer:
        array = constants[tensor.name] = _read_tensor(tensor)
        _name(tensor.name, str(array.dtype), types)
    inputs = {}
    for value in proto.input:
        if value.name not in constants:
            inputs[value.name] = _read_input(value)
            _name(value.name, inputs[value.name][0], types)
    nodes = tuple(_read_node(node, types, opsets[0][1]) for node in proto.node)
    return Graph(nodes, constants, inputs, _read_outputs(proto.output, nodes, types), types)


def _name(name: str, dtype: str, types: dict[str, str]) -> None:
    """Enter a new value."""
    if not name:
        raise PackError("the pack has a value without a name")
    if name in types:
        raise PackError(f"the pack makes {name!r:.60} twice")
    types[name] = dtype


def _read_tensor(tensor: onnx.TensorProto) -> Array:
    item = _ITEM_BYTES.get(tensor.data_type)
    if item is None:
        raise PackError(f"the pack's tensor {tensor.name!r:.60} has a type that tilewright does not use")
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise PackError("the pack keeps data in other files: export it as one file")
    if (
        len(tensor.dims) > MAX_RANK
        or any(d < 1 for d in tensor.dims)
        or prod(tensor.dims) * item > MAX_FILE_BYTES
    ):
        raise PackError(f"the pack's tensor {tensor.name!r:.60} claims an impossible size")
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError) as error:
        raise PackError(f"the pack's tensor {tensor.name!r:.60} is damaged: {error!s:.100}") from error
    if array.dtype == np.float32 and not np.isfinite(array).all():
        raise PackError(f"the pack's tensor {tensor.name!r:.60} holds numbers that are not finite")
    return array


def _read_node(node: onnx.NodeProto, types: dict[str, str], opset: int) -> Node:
    op = node.op_type
    if node.domain not in ("", "ai.onnx") or op not in OPERATORS:
        name = f"{node.domain}.{op}" if node.domain else op
        shown = name if len(name) <= 60 and name.isprintable() else f"{name!r:.60}"
        raise PackError(
            f"the pack uses the operator {shown}, which tilewright does not run; "
            f"it runs {', '.join(sorted(OPERATORS))}"
        )
    if len(node.output) != 1:
        raise PackError(f"the pack's node {op} must have one output")
    attributes = _read_attributes(node, opset)
    inputs = given_inputs(op, node.input)
    for name in inputs:
        if name not in types:
            raise PackError(f"the pack's node {op} reads {name!r:.60} before anything makes it")
    dtype = result_type(op, [types[name] for name in inputs], attributes)
    if node.output[0] in (LATENT, KIND, CELLS):
        raise PackError(f"the pack's {node.output[0]} must be an input, not what a node makes")
    _name(node.output[0], dtype, types)
    return Node(op, inputs, node.output[0], attributes)


def _read_attributes(node: onnx.NodeProto, opset: int) -> dict[str, Value]:
    given: dict[str, Value] = {}
    for attribute in node.attribute:
        if attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS):
            raise PackError(f"the pack's node {node.op_type} holds a subgraph")
        value: Value
        if attribute.type == onnx.AttributeProto.INT:
            value = int(attribute.i)
        elif attribute.type == onnx.AttributeProto.FLOAT:
            value = float(attribute.f)
        elif attribute.type == onnx.AttributeProto.STRING:
            value = attribute.s.decode("utf-8", "replace")
        elif attribute.type == onnx.AttributeProto.INTS and len(attribute.ints) <= MAX_RANK:
            value = tuple(int(v) for v in attribute.ints)
        else:
            raise PackError(
                f"the pack's node {node.op_type} has the attribute {attribute.name!r:.60} of a type or length that "
                "tilewright does not use"
            )
        if attribute.name in given or attribute.ref_attr_name:
            raise PackError(
                f"the pack's node {node.op_type} names the attribute {attribute.name!r:.60} twice"
            )
        given[attribute.name] = value
    return check_attributes(node.op_type, given, opset)


def _read_input(value: onnx.ValueInfoProto) -> tuple[str, tuple[int, ...]]:
    """The type, and the shape without the batch."""
    tensor = value.type.tensor_type
    dtype, rank = _INPUT_TYPES.get(tensor.elem_type), len(tensor.shape.dim)
    shape = tuple(int(d.dim_value) for d in tensor.shape.dim[1:]) if 1 <= rank <= MAX_RANK else (0,)
    if dtype is None or any(not 0 < d <= MAX_INPUT for d in shape):
        raise PackError(f"the pack's input {value.name!r:.60} has an unexpected type or shape")
    return dtype, shape


def _read_outputs(
    values: Iterable[onnx.ValueInfoProto], nodes: tuple[Node, ...], types: dict[str, str]
) -> tuple[str, ...]:
    made = {node.output for node in nodes}
    outputs: list[str] = []
    for value in values:
        if value.name not in made:
            raise PackError("the pack names an output that nothing makes")
        if value.name in outputs:
            raise PackError(f"the pack names the output {value.name!r:.60} twice")
        number, dtype = _OUTPUT_TYPES.get(value.name, (onnx.TensorProto.UINT8, "uint8"))
        if value.type.tensor_type.elem_type != number or types[value.name] != dtype:
            raise PackError("a pack's outputs must be uint8, a step network's logits float32")
        outputs.append(value.name)
    return tuple(outputs)
