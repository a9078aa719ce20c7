"""Parse ONNX bytes to a Graph. This is the first module that reads untrusted bytes.

The size of the file, the number of its objects, its operators and the claimed sizes of its tensors are
checked before anything is allocated for them. External data, custom domains and subgraphs are rejected.
"""

from collections.abc import Iterable
from math import prod

import numpy as np

from tilewright.compiler.graph import (
    CELLS,
    KIND,
    KIND_MAP,
    LATENT,
    LOGITS,
    MAX_FILE_BYTES,
    MAX_INPUT,
    MAX_NODES,
    MAX_OBJECTS,
    MAX_RANK,
    MAX_TENSORS,
    NEIGHBOURS,
    WORDS,
    Array,
    Graph,
    Node,
)
from tilewright.compiler.onnx_messages import DTYPES, Attribute, Model, Operation, Tensor, ValueInfo
from tilewright.compiler.operators import OPERATORS, Value, check_attributes, given_inputs, result_type
from tilewright.compiler.wire import TooManyError, WireError, decode
from tilewright.errors import PackError

IR_VERSIONS = range(4, 14)  # of the format of ONNX files
OPSETS = range(21, 29)  # the versions whose attributes operators.py contains

_INPUT_TYPES = {number: DTYPES[number] for number in (Tensor.INT8, Tensor.UINT8, Tensor.INT64)}
_OUTPUT_TYPES = {LOGITS: Tensor.FLOAT}  # of other outputs: UINT8


class OnnxFile:
    """A parsed but unchecked file."""

    def __init__(self, content: bytes, name: str) -> None:
        """Parse a file. Raises PackError, which names the file `name`, unless the bytes are an ONNX model."""
        if len(content) > MAX_FILE_BYTES:
            raise PackError(f"{name} is not a pack: larger than {MAX_FILE_BYTES} bytes")
        try:
            self._model = decode(content, Model, MAX_OBJECTS)
        except TooManyError as error:
            raise PackError(
                f"{name} is not a pack: more than {MAX_OBJECTS} fields and numbers in lists"
            ) from error
        except WireError as error:
            raise PackError(f"{name} is not a pack: not an ONNX file") from error
        if not self._model.graph.node:
            raise PackError(f"{name} is not a pack: not an ONNX file, or an empty one")

    def metadata(self, key: str) -> str | None:
        """Return the metadata text of `key`, or None."""
        found = [entry.value for entry in self._model.metadata_props if entry.key == key]
        if len(found) > 1:
            raise PackError(f"the pack has {len(found)} metadata entries {key!r}")
        return found[0] if found else None

    def graph(self) -> Graph:
        """Return the checked network. Raises PackError for anything that tilewright does not support."""
        return _read_graph(self._model)


def _read_graph(model: Model) -> Graph:
    if model.ir_version not in IR_VERSIONS:
        raise PackError(
            f"the pack's ir_version must be {IR_VERSIONS[0]} to {IR_VERSIONS[-1]}, not {model.ir_version}"
        )
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
    """Register a new value."""
    if not name:
        raise PackError("the pack has a value without a name")
    if name in types:
        raise PackError(f"the pack makes {name!r:.60} twice")
    types[name] = dtype


def _read_tensor(tensor: Tensor) -> Array:
    if tensor.data_type not in DTYPES:
        raise PackError(f"the pack's tensor {tensor.name!r:.60} has a type that tilewright does not use")
    if tensor.data_location == Tensor.EXTERNAL or tensor.external_data:
        raise PackError("the pack keeps data in other files: export it as one file")
    if (
        len(tensor.dims) > MAX_RANK
        or any(d < 1 for d in tensor.dims)
        or prod(tensor.dims) * np.dtype(DTYPES[tensor.data_type]).itemsize > MAX_FILE_BYTES
    ):
        raise PackError(f"the pack's tensor {tensor.name!r:.60} claims an impossible size")
    try:
        array = tensor.array()
    except (ValueError, OverflowError) as error:
        raise PackError(f"the pack's tensor {tensor.name!r:.60} is damaged: {error!s:.100}") from error
    if array.dtype == np.float32 and not np.isfinite(array).all():
        raise PackError(f"the pack's tensor {tensor.name!r:.60} holds numbers that are not finite")
    return array


def _read_node(node: Operation, types: dict[str, str], opset: int) -> Node:
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
    if node.output[0] in (LATENT, KIND, CELLS, KIND_MAP, NEIGHBOURS, WORDS):
        raise PackError(f"the pack's {node.output[0]} must be an input, not what a node makes")
    _name(node.output[0], dtype, types)
    return Node(op, inputs, node.output[0], attributes)


def _read_attributes(node: Operation, opset: int) -> dict[str, Value]:
    given: dict[str, Value] = {}
    for attribute in node.attribute:
        if attribute.type in (Attribute.GRAPH, Attribute.GRAPHS):
            raise PackError(f"the pack's node {node.op_type} holds a subgraph")
        value: Value
        if attribute.type == Attribute.INT:
            value = attribute.i
        elif attribute.type == Attribute.FLOAT:
            value = attribute.f
        elif attribute.type == Attribute.STRING:
            value = attribute.s.decode("utf-8", "replace")
        elif attribute.type == Attribute.INTS and len(attribute.ints) <= MAX_RANK:
            value = tuple(attribute.ints)
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


def _read_input(value: ValueInfo) -> tuple[str, tuple[int, ...]]:
    """Return the type of an input, and its shape without the batch axis."""
    tensor = value.type.tensor_type
    dtype, rank = _INPUT_TYPES.get(tensor.elem_type), len(tensor.shape.dim)
    shape = tuple(d.length() for d in tensor.shape.dim[1:]) if 1 <= rank <= MAX_RANK else (0,)
    if dtype is None or any(not 0 < d <= MAX_INPUT for d in shape):
        raise PackError(f"the pack's input {value.name!r:.60} has an unexpected type or shape")
    return dtype, shape


def _read_outputs(
    values: Iterable[ValueInfo], nodes: tuple[Node, ...], types: dict[str, str]
) -> tuple[str, ...]:
    made = {node.output for node in nodes}
    outputs: list[str] = []
    for value in values:
        if value.name not in made:
            raise PackError("the pack names an output that nothing makes")
        if value.name in outputs:
            raise PackError(f"the pack names the output {value.name!r:.60} twice")
        number = _OUTPUT_TYPES.get(value.name, Tensor.UINT8)
        if value.type.tensor_type.elem_type != number or types[value.name] != DTYPES[number]:
            raise PackError("a pack's outputs must be uint8, a step network's logits float32")
        outputs.append(value.name)
    return tuple(outputs)
