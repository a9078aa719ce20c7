"""Changes after which a pack is probably still valid."""

import json
from random import Random

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from .damage_nodes import any_node
from .values import any_value
from .writer import set_attribute


def insert_identity(rng: Random, model: onnx.ModelProto) -> None:
    """Insert an Identity between a value and one of its readers, or between a node and an output."""
    nodes = model.graph.node
    at = rng.randrange(len(nodes) + 1)
    readers = [node for node in list(nodes)[at:] if node.input and node.input[0]]
    if readers and rng.random() < 0.8:
        reader = rng.choice(readers)
        slot = rng.randrange(len(reader.input))
        made = {name for node in list(nodes)[:at] for name in node.output}
        if reader.input[slot] in made or rng.random() < 0.1:
            new = onnx.NodeProto(op_type="Identity", input=[reader.input[slot]], output=[f"same{at}"])
            reader.input[slot] = new.output[0]
            nodes.insert(at, new)
        return
    for node in nodes:
        if node.output and model.graph.output and node.output[0] == model.graph.output[0].name:
            node.output[0] = "inner"
            nodes.add(op_type="Identity", input=["inner"], output=[model.graph.output[0].name])
            return


def add_what_nothing_reads(rng: Random, model: onnx.ModelProto) -> None:
    """Add an unused node or constant."""
    nodes = model.graph.node
    if rng.random() < 0.3:
        numbers = np.zeros(rng.choice(((), (0,), (3, 0, 5), (7,))), np.int8)
        model.graph.initializer.append(numpy_helper.from_array(numbers, "unread"))
    elif nodes:
        nodes.append(rng.choice(nodes))
        nodes[-1].output[:] = ["unread"]


def change_numbers(rng: Random, model: onnx.ModelProto) -> None:
    """Change weights and biases, zero points, and scales slightly."""
    for _ in range(rng.choice((1, 1, 5))):
        if not model.graph.initializer:
            return
        tensor = rng.choice(model.graph.initializer)
        if not tensor.raw_data or tensor.data_type == TensorProto.INT64:
            continue
        data = bytearray(tensor.raw_data)
        size = 1 if tensor.data_type in (TensorProto.INT8, TensorProto.UINT8) else 4
        data[rng.randrange(len(data)) // size * size] = rng.randrange(256)  # the low byte
        tensor.raw_data = bytes(data)


def spell_out(rng: Random, model: onnx.ModelProto) -> None:
    """Add an attribute with its default value, or remove one."""
    defaults = {
        "Conv": {"group": 1, "strides": [1, 1], "auto_pad": "NOTSET"},
        "ConvTranspose": {"group": 1, "output_padding": [0, 0], "dilations": [1, 1]},
        "Gemm": {"alpha": 1.0, "beta": 1.0, "transA": 0},
        "Gather": {"axis": 0},
        "ArgMax": {"select_last_index": 0},
        "ArgMin": {"select_last_index": 0},
        "Reshape": {"allowzero": 0},
        "DequantizeLinear": {"axis": 1, "block_size": 0},
        "QuantizeLinear": {"axis": 1, "block_size": 0, "saturate": 1},
        "LeakyRelu": {"alpha": 0.01},
        "Cast": {"saturate": 1},
        "ReduceSum": {"noop_with_empty_axes": 0},
    }
    node = any_node(rng, model)
    known = defaults.get(node.op_type, {})
    for name in known:
        for i, attribute in enumerate(node.attribute):
            if attribute.name == name:
                del node.attribute[i]
                return
    for name in rng.sample(sorted(known), min(len(known), 1)):
        set_attribute(node.attribute.add(), name, known[name])


def swap_addends(rng: Random, model: onnx.ModelProto) -> None:
    """Swap the operands of an Add."""
    adds = [node for node in model.graph.node if node.op_type == "Add" and len(node.input) == 2]
    if adds:
        node = rng.choice(adds)
        node.input[0], node.input[1] = node.input[1], node.input[0]


def describe_otherwise(rng: Random, model: onnx.ModelProto) -> None:
    """Replace the metadata by equivalent metadata."""
    if not model.metadata_props:
        return
    entry = model.metadata_props[0]
    try:
        values = dict(json.loads(entry.value))
    except (ValueError, TypeError, RecursionError):
        return
    values[rng.choice(("name", "extra", "x" * 300))] = rng.choice(("", "n" * 200, "名前", "a b", "\u00e9"))
    values[rng.choice(("data", "training"))] = {"a": any_value(rng)}
    if isinstance(values.get("sampler"), dict):
        values["sampler"] = {
            **values["sampler"],
            "temperature": rng.choice((0, 1, 5e-324, 1e308, 10**300, 0.3)),
        }
    entry.value = json.dumps(values, ensure_ascii=rng.random() < 0.5)
