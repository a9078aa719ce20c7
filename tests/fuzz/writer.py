"""Write ONNX models quickly and without checks, including models that the exporter's OnnxBuilder would not
write.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from tilewright.pack import METADATA_KEY

_TYPES = {
    "float32": onnx.TensorProto.FLOAT,
    "uint8": onnx.TensorProto.UINT8,
    "int8": onnx.TensorProto.INT8,
    "int32": onnx.TensorProto.INT32,
    "int64": onnx.TensorProto.INT64,
    "float64": onnx.TensorProto.DOUBLE,
    "bool": onnx.TensorProto.BOOL,
}
_Proto = onnx.AttributeProto


class Writer:
    """A model under construction. Every method returns the name of its value."""

    def __init__(self) -> None:
        self.model = onnx.ModelProto(ir_version=10)
        self.model.opset_import.add(domain="", version=21)
        self.graph = self.model.graph
        self.graph.name = "fuzz"
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._count = 0

    def constant(self, array: np.ndarray, shared: bool = True) -> str:
        """Add an initializer. With `shared`, an existing one with the same contents is reused."""
        key = (array.dtype.name, array.shape, array.tobytes())
        if shared and key in self._constants:
            return self._constants[key]
        name = f"c{len(self.graph.initializer)}"
        tensor = self.graph.initializer.add(name=name, data_type=_TYPES[key[0]], raw_data=key[2])
        tensor.dims.extend(array.shape)
        self._constants[key] = name
        return name

    def node(self, op: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node. Attributes may be ints, floats, strings and lists of ints."""
        self._count += 1
        output = output or f"v{self._count}"
        node = self.graph.node.add(op_type=op)
        node.input.extend(inputs)
        node.output.append(output)
        for name, value in attributes.items():
            set_attribute(node.attribute.add(), name, value)
        return output

    def input(self, name: str, dtype: str, *shape: int) -> str:
        """Add an input of the graph with a batch dimension before `shape`."""
        _describe(self.graph.input.add(name=name), dtype, shape)
        return name

    def output(self, name: str, dtype: str, rank: int) -> None:
        """Add an output of the graph. Only its rank is stated."""
        _describe(self.graph.output.add(name=name), dtype, [None] * (rank - 1))

    def describe(self, metadata: Mapping[str, Any]) -> None:
        """Set the metadata of the pack."""
        self.model.metadata_props.add(key=METADATA_KEY, value=json.dumps(metadata))


def set_attribute(attribute: onnx.AttributeProto, name: str, value: Any) -> None:
    """Fill a new attribute with a Python value."""
    attribute.name = name
    if isinstance(value, int):
        attribute.type, attribute.i = _Proto.INT, max(-(2**63), min(value, 2**63 - 1))
    elif isinstance(value, float):
        attribute.type, attribute.f = (
            _Proto.FLOAT,
            value if abs(value) < 3e38 else math.copysign(math.inf, value),
        )
    elif isinstance(value, str):
        attribute.type, attribute.s = _Proto.STRING, value.encode()
    else:
        attribute.type = _Proto.INTS
        attribute.ints.extend(value)


def _describe(info: onnx.ValueInfoProto, dtype: str, shape: Any) -> None:
    tensor = info.type.tensor_type
    tensor.elem_type = _TYPES[dtype]
    tensor.shape.dim.add(dim_param="n")
    for length in shape:
        if length is None:
            tensor.shape.dim.add(dim_param="d")
        else:
            tensor.shape.dim.add(dim_value=length)
