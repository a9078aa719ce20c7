"""Rejecting a pack takes less than a second and a gigabyte, whatever it contains."""

import os
import subprocess
import sys
from time import process_time

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tilewright.compiler.graph import MAX_OBJECTS
from tilewright.compiler.onnx_messages import Model
from tilewright.compiler.wire import TooManyError, decode

from ..networks import palette_pack
from .hostile import changed, node, refusal


def message(field: int, body: bytes) -> bytes:
    """Encode a protobuf field that holds bytes."""
    return _number(field << 3 | 2) + _number(len(body)) + body


def _number(value: int) -> bytes:
    text = b""
    while value > 127:
        text, value = text + bytes([value & 127 | 128]), value >> 7
    return text + bytes([value])


def many(field: int) -> bytes:
    """Encode 8 million empty entries of a field of the graph."""
    return message(7, bytes([field << 3 | 2, 0]) * 8_000_000)


COSTLY = {
    "nodes": lambda: many(1),
    "tensors": lambda: many(5),
    "inputs": lambda: many(11),
    "annotations": lambda: many(14),
    "attributes": lambda: message(7, message(1, b"\x2a\x00" * 8_000_000)),
    "strings": lambda: message(7, message(1, message(5, b"\x4a\x00" * 8_000_000))),
    "dims": lambda: message(7, message(5, message(1, b"\x01" * 16_000_000))),
    "numbers": lambda: message(7, message(5, message(5, b"\x01" * 16_000_000))),
    "metadata": lambda: b"\x72\x00" * 8_000_000,
    "functions": lambda: b"\xca\x01\x00" * 8_000_000,
    "long number": lambda: b"\x08" + b"\x80" * 16_000_000,
}


@pytest.mark.parametrize("case", COSTLY)
def test_the_count_of_objects_is_limited(case: str) -> None:
    content = COSTLY[case]()
    before = process_time()
    assert refusal(content).startswith("stranger.onnx is not a pack: ")
    assert process_time() - before < 2


def test_a_pack_has_few_objects() -> None:
    decode(palette_pack(), Model, MAX_OBJECTS // 50)
    with pytest.raises(TooManyError):
        decode(palette_pack(), Model, 500)


def test_a_tensor_of_many_axes() -> None:
    def change(model):  # type: ignore[no-untyped-def]
        model.graph.initializer.add(name="zz", data_type=TensorProto.INT8, dims=[2**62] * 9)

    assert refusal(changed(change)) == "the pack's tensor 'zz' claims an impossible size"


def test_many_tables_of_slow_functions() -> None:
    def change(model):  # type: ignore[no-untyped-def]
        leaky = node(model, "LeakyRelu")
        view = next(n for n in model.graph.node if n.output[0] == leaky.input[0])
        quantised = next(n for n in model.graph.node if n.input[0] == leaky.output[0])
        at, last = list(model.graph.node).index(quantised), quantised.output[0]
        scale = list(quantised.input)[1:]
        quantised.output[0] = value = "t"
        for i in range(70):
            new = [
                helper.make_node("DequantizeLinear", [value, *scale], [f"d{i}"]),
                helper.make_node("Tanh", [f"d{i}"], [f"y{i}"]),
                helper.make_node("QuantizeLinear", [f"y{i}", *scale], [last if i == 69 else f"q{i}"]),
            ]
            value = f"q{i}"
            for n in new:
                at += 1
                model.graph.node.insert(at, n)
        assert view

    assert refusal(changed(change)) == "the pack has more than 64 nodes Sigmoid and Tanh"


CHAIN = """
import resource, sys
import numpy as np
from tests.compiler.test_costs import chain
from tests.compiler.hostile import refusal
content = chain(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
before = resource.getrusage(resource.RUSAGE_SELF)
text = refusal(content)
after = resource.getrusage(resource.RUSAGE_SELF)
print(text, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss, sep="|")
"""


def chain(channels: int, kernel: int, count: int) -> bytes:
    """A chain of convolutions that all read one constant."""
    constants = {
        "s": np.array(1e-3, np.float32),
        "z": np.array(0, np.uint8),
        "o": np.array(1, np.float32),
        "lz": np.array(0, np.int8),
        "w": np.zeros((channels, channels, kernel, kernel), np.int8),
        "d": np.zeros((channels, 4), np.int8),
        "shape": np.array([0, channels, 1, 1], np.int64),
    }
    from .hostile import network

    nodes = [
        helper.make_node("DequantizeLinear", ["latent", "o", "lz"], ["l"]),
        helper.make_node("DequantizeLinear", ["d", "o"], ["D"]),
        helper.make_node("Gemm", ["l", "D"], ["g"], transB=1),
        helper.make_node("QuantizeLinear", ["g", "s", "z"], ["q"]),
        helper.make_node("Reshape", ["q", "shape"], ["x0"]),
        helper.make_node("DequantizeLinear", ["w", "o"], ["W"]),
    ]
    for i in range(count):
        nodes += [
            helper.make_node("DequantizeLinear", [f"x{i}", "s", "z"], [f"f{i}"]),
            helper.make_node("Conv", [f"f{i}", "W"], [f"c{i}"], pads=[kernel // 2] * 4),
            helper.make_node("QuantizeLinear", [f"c{i}", "s", "z"], [f"x{i + 1}"]),
        ]
    nodes += [
        helper.make_node("ArgMax", [f"x{count}"], ["a"], axis=1, keepdims=0),
        helper.make_node("Cast", ["a"], ["indices"], to=TensorProto.UINT8),
    ]
    return network(nodes, constants, {"indices": 3})


@pytest.mark.parametrize("shape", [(128, 7, 1300), (256, 9, 300)])
def test_layers_on_one_constant_are_counted_before_each_has_a_copy(shape: tuple[int, int, int]) -> None:
    """Limits CPU seconds and memory, in a separate process, to three times the measured values."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    done = subprocess.run(
        [sys.executable, "-c", CHAIN, *map(str, shape)], cwd=root, capture_output=True, text=True, check=True
    )
    text, seconds, memory = done.stdout.strip().split("|")
    assert text == "the pack's layers hold more than 134217728 bytes"
    assert float(seconds) < 3 and int(memory) < 1 << 20


def test_typed_numbers_are_read_as_well() -> None:
    """Some exporters store small tensors in typed lists."""

    def change(model):  # type: ignore[no-untyped-def]
        for tensor in model.graph.initializer:
            array = numpy_helper.to_array(tensor)
            if array.size < 100:
                tensor.CopyFrom(
                    helper.make_tensor(tensor.name, tensor.data_type, array.shape, array.reshape(-1))
                )

    from tilewright.pack import check_pack

    from .hostile import PATH

    plain, typed = (check_pack(content, PATH).plan for content in (palette_pack(), changed(change)))
    assert str(plain) == str(typed)
