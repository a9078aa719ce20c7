"""The decoder of ONNX files reads what protobuf writes, and refuses what is no protobuf."""

import dataclasses
import struct
from typing import Any

import numpy as np
import onnx
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper

from tilewright.compiler import onnx_messages as messages
from tilewright.compiler.wire import TooManyError, WireError, decode

from ..networks import palette_pack

PAIRS = {
    messages.Model: onnx.ModelProto,
    messages.GraphMessage: onnx.GraphProto,
    messages.Operation: onnx.NodeProto,
    messages.Attribute: onnx.AttributeProto,
    messages.Tensor: onnx.TensorProto,
    messages.ValueInfo: onnx.ValueInfoProto,
    messages.Type: onnx.TypeProto,
    messages.TensorType: onnx.TypeProto.Tensor,
    messages.Shape: onnx.TensorShapeProto,
    messages.Dimension: onnx.TensorShapeProto.Dimension,
    messages.OperatorSet: onnx.OperatorSetIdProto,
    messages.Metadata: onnx.StringStringEntryProto,
}
INTEGERS = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_ENUM}
KINDS = {
    int: INTEGERS,
    float: {FieldDescriptor.TYPE_FLOAT},
    str: {FieldDescriptor.TYPE_STRING},
    bytes: {FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_MESSAGE},
}


@pytest.mark.parametrize("ours", PAIRS)
def test_numbers_names_and_types_are_those_of_onnx(ours: type) -> None:
    for field in dataclasses.fields(ours):
        number, kind, is_list = field.metadata["entry"]
        theirs = PAIRS[ours].DESCRIPTOR.fields_by_name[field.name]
        assert (number, is_list) == (theirs.number, theirs.is_repeated), field.name
        if kind in KINDS:
            assert theirs.type in KINDS[kind], field.name
        else:
            assert theirs.message_type is PAIRS[kind].DESCRIPTOR, field.name


def test_constants_are_those_of_onnx() -> None:
    for name in ("FLOAT", "UINT8", "INT8", "INT32", "INT64", "EXTERNAL"):
        assert getattr(messages.Tensor, name) == getattr(onnx.TensorProto, name)
    for name in ("FLOAT", "INT", "STRING", "GRAPH", "INTS", "GRAPHS"):
        assert getattr(messages.Attribute, name) == getattr(onnx.AttributeProto, name)


def _same(ours: Any, theirs: Any) -> None:
    if dataclasses.is_dataclass(ours):
        for field in dataclasses.fields(ours):
            value = getattr(ours, field.name)
            if value is None:
                assert not theirs.HasField(field.name)
            else:
                _same(value, getattr(theirs, field.name))
    elif isinstance(ours, list | tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            _same(a, b)
    else:
        assert ours == theirs


def test_a_pack_is_read_as_protobuf_reads_it() -> None:
    content = palette_pack()
    model, expected = decode(content, messages.Model, 1 << 18), onnx.ModelProto.FromString(content)
    assert len(model.graph.node) > 10
    _same(model, expected)
    for ours, theirs in zip(model.graph.initializer, expected.graph.initializer, strict=True):
        np.testing.assert_array_equal(ours.array(), numpy_helper.to_array(theirs), strict=True)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (TensorProto.FLOAT, [0.5, -1e30, 3.0]),
        (TensorProto.UINT8, [0, 7, 255]),
        (TensorProto.INT8, [-128, 0, 127]),
        (TensorProto.INT32, [-(2**31), 5, 2**31 - 1]),
        (TensorProto.INT64, [-(2**63), -1, 2**63 - 1]),
    ],
)
def test_tensors_without_raw_data(kind: int, numbers: list[float]) -> None:
    proto = helper.make_tensor("t", kind, [1, 3], numbers)
    assert not proto.HasField("raw_data")
    array = decode(proto.SerializeToString(), messages.Tensor, 100).array()
    np.testing.assert_array_equal(array, numpy_helper.to_array(proto), strict=True)


def test_lists_of_one_field_for_each_number_and_parts_of_a_message() -> None:
    """As protobuf, which joins the parts and takes the last of what there is once."""
    unpacked = (
        b"\x08\x03\x08\x04" + b"\x0a\x01\x05" + b"".join(b"\x25" + struct.pack("<f", x) for x in (1.5, 2.5))
    )
    tensor = decode(unpacked + b"\x10\x01\x10\x07", messages.Tensor, 100)
    assert (tensor.dims, tensor.float_data, tensor.data_type) == ([3, 4, 5], [1.5, 2.5], 7)
    first, second = onnx.ModelProto(), onnx.ModelProto()
    first.graph.node.add(op_type="A")
    second.graph.node.add(op_type="B")
    content = first.SerializeToString() + second.SerializeToString()
    assert [node.op_type for node in decode(content, messages.Model, 100).graph.node] == ["A", "B"]


@pytest.mark.parametrize("seed", range(8))
def test_damaged_messages(seed: int) -> None:
    """Never another error; what both accept means the same."""
    random = np.random.default_rng(seed)
    node = helper.make_node("Conv", ["x", "w"], ["y"], alpha=0.5, pads=[1, -1, 1, 1], mode="m")
    tensor = helper.make_tensor("t", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])
    value = helper.make_tensor_value_info("x", TensorProto.UINT8, ["n", 4])
    graph = helper.make_graph([node], "g", [value], [value], [tensor])
    whole = helper.make_model(graph).SerializeToString()
    for _ in range(300):
        content = bytearray(whole)
        for at in random.integers(len(content), size=random.integers(1, 4)):
            content[at] = random.integers(256)
        content = content[: random.integers(len(content) // 2, len(content) + 1)]
        try:
            ours = decode(bytes(content), messages.Model, 1000)
        except (WireError, TooManyError):
            continue
        try:
            theirs = onnx.ModelProto.FromString(bytes(content))
        except DecodeError:
            continue  # for instance a damaged message that we do not read
        if len(ours.graph.node) == len(theirs.graph.node):
            for a, b in zip(ours.graph.node, theirs.graph.node, strict=True):
                assert (a.op_type, a.input, a.output) == (b.op_type, list(b.input), list(b.output))


@pytest.mark.parametrize(
    "content",
    [
        b"\x0b\x0c",
        b"\x3a\x05\x00",
        b"\x08",
        b"\x08" + b"\x80" * 10 + b"\x00",
        b"\x3a\x02\x0a\x05",
        b"\x72\x03\x0a\x01\xff",
        b"\x00\x01",
        b"\x80\x80\x80\x80\x10\x01",
    ],
    ids=[
        "group",
        "longer than the file",
        "no number",
        "long number",
        "longer than its message",
        "no UTF-8",
        "field 0",
        "field 2^29",
    ],
)
def test_bytes_that_are_no_message(content: bytes) -> None:
    with pytest.raises(WireError):
        decode(content, messages.Model, 100)


def test_fields_and_numbers_are_counted() -> None:
    tensor = helper.make_tensor("t", TensorProto.INT32, [3], [1, 2, 3])  # dims, type, data, name
    inner = tensor.SerializeToString()
    fields = 4 + 3
    assert decode(inner, messages.Tensor, fields).int32_data == [1, 2, 3]
    with pytest.raises(TooManyError):
        decode(inner, messages.Tensor, fields - 1)
