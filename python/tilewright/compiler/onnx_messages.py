"""The messages of an ONNX file (onnx.proto3 of the ONNX project), with the fields that tilewright reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tilewright.compiler.wire import many, one


@dataclass(init=False, eq=False)
class Tensor:
    """TensorProto. The numbers are either in `raw_data` or in the list for their type."""

    FLOAT: ClassVar = 1
    UINT8: ClassVar = 2
    INT8: ClassVar = 3
    INT32: ClassVar = 6
    INT64: ClassVar = 7
    EXTERNAL: ClassVar = 1

    dims: Sequence[int] = many(1, int)
    data_type: int = one(2, int, 0)
    segment: bytes | None = one(3, bytes, None)
    float_data: Sequence[float] = many(4, float)
    int32_data: Sequence[int] = many(5, int)
    int64_data: Sequence[int] = many(7, int)
    name: str = one(8, str, "")
    raw_data: bytes | None = one(9, bytes, None)
    external_data: Sequence[bytes] = many(13, bytes)
    data_location: int = one(14, int, 0)

    def array(self) -> npt.NDArray[np.generic]:
        """Return the numbers as an array. Raises ValueError or OverflowError if they do not match type and shape."""
        if self.segment is not None:
            raise ValueError("a segment of a tensor")
        dtype = np.dtype(DTYPES[self.data_type])
        if self.raw_data is not None:
            flat = np.frombuffer(self.raw_data, dtype.newbyteorder("<")).astype(dtype, copy=False)
        elif self.data_type == self.FLOAT:
            flat = np.array(self.float_data, dtype)
        else:
            flat = np.array(self.int64_data if self.data_type == self.INT64 else self.int32_data, dtype)
        return flat.reshape(self.dims)


DTYPES = {
    Tensor.FLOAT: "float32",
    Tensor.UINT8: "uint8",
    Tensor.INT8: "int8",
    Tensor.INT32: "int32",
    Tensor.INT64: "int64",
}
"""TensorProto.DataType -> dtype, for the types that a pack may use."""


@dataclass(init=False, eq=False)
class Attribute:
    """AttributeProto. `type` determines which field holds the value."""

    FLOAT: ClassVar = 1
    INT: ClassVar = 2
    STRING: ClassVar = 3
    GRAPH: ClassVar = 5
    INTS: ClassVar = 7
    GRAPHS: ClassVar = 10

    name: str = one(1, str, "")
    f: float = one(2, float, 0.0)
    i: int = one(3, int, 0)
    s: bytes = one(4, bytes, b"")
    ints: Sequence[int] = many(8, int)
    type: int = one(20, int, 0)
    ref_attr_name: str = one(21, str, "")


@dataclass(init=False, eq=False)
class Operation:
    """NodeProto."""

    input: Sequence[str] = many(1, str)
    output: Sequence[str] = many(2, str)
    op_type: str = one(4, str, "")
    attribute: Sequence[Attribute] = many(5, Attribute)
    domain: str = one(7, str, "")


@dataclass(init=False, eq=False)
class Dimension:
    """TensorShapeProto.Dimension."""

    dim_value: int = one(1, int, 0)
    dim_param: str | None = one(2, str, None)

    def length(self) -> int:
        """Return the length of the axis, or 0 if it is missing or symbolic."""
        return 0 if self.dim_param is not None else self.dim_value


@dataclass(init=False, eq=False)
class Shape:
    """TensorShapeProto."""

    dim: Sequence[Dimension] = many(1, Dimension)


@dataclass(init=False, eq=False)
class TensorType:
    """TypeProto.Tensor."""

    elem_type: int = one(1, int, 0)
    shape: Shape = one(2, Shape, Shape())


@dataclass(init=False, eq=False)
class Type:
    """TypeProto."""

    tensor_type: TensorType = one(1, TensorType, TensorType())


@dataclass(init=False, eq=False)
class ValueInfo:
    """ValueInfoProto."""

    name: str = one(1, str, "")
    type: Type = one(2, Type, Type())


@dataclass(init=False, eq=False)
class GraphMessage:
    """GraphProto."""

    node: Sequence[Operation] = many(1, Operation)
    initializer: Sequence[Tensor] = many(5, Tensor)
    input: Sequence[ValueInfo] = many(11, ValueInfo)
    output: Sequence[ValueInfo] = many(12, ValueInfo)
    sparse_initializer: Sequence[bytes] = many(15, bytes)


@dataclass(init=False, eq=False)
class OperatorSet:
    """OperatorSetIdProto."""

    domain: str = one(1, str, "")
    version: int = one(2, int, 0)


@dataclass(init=False, eq=False)
class Metadata:
    """StringStringEntryProto."""

    key: str = one(1, str, "")
    value: str = one(2, str, "")


@dataclass(init=False, eq=False)
class Model:
    """ModelProto: the whole file."""

    ir_version: int = one(1, int, 0)
    graph: GraphMessage = one(7, GraphMessage, GraphMessage())
    opset_import: Sequence[OperatorSet] = many(8, OperatorSet)
    metadata_props: Sequence[Metadata] = many(14, Metadata)
    functions: Sequence[bytes] = many(25, bytes)
