"""Damage: what a stranger, another exporter or a bad disk may have done to a pack. `mutate` changes the model."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from tilewright.compiler.onnx_reader import OPERATORS

from .values import FLOATS, INTEGERS, TEXTS, any_value
from .writer import set_attribute

OPS = tuple(sorted(OPERATORS))
OTHER_OPS = ("Elu", "MatMul", "Softmax", "Loop", "", "conv", "\x1b[31mEVIL\nsecond line", "A" * 3000, "名前")
ATTRIBUTES = (
    *("axis", "alpha", "beta", "transA", "transB", "strides", "pads", "dilations", "group", "kernel_shape"),
    *("auto_pad", "mode", "keepdims", "perm", "to", "select_last_index", "output_padding", "output_shape"),
    *("block_size", "noop_with_empty_axes", "allowzero", "saturate", "output_dtype", "precision"),
)
TYPES = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 16, 22, 99)
Mutation = Callable[[Random, onnx.ModelProto], object]


def mutate(rng: Random, model: onnx.ModelProto) -> None:
    """One change, or a few; half of them leave what may well be a pack."""
    for _ in range(rng.choice((1, 1, 1, 1, 1, 1, 2, 3))):
        rng.choice(MUTATIONS if rng.random() < 0.5 else REWRITINGS)(rng, model)


# --- Nodes ---


def _node(rng: Random, model: onnx.ModelProto) -> onnx.NodeProto:
    return rng.choice(model.graph.node) if model.graph.node else model.graph.node.add(op_type="Relu")


def _some_name(rng: Random, model: onnx.ModelProto) -> str:
    graph = model.graph
    pools = (
        [o for n in graph.node for o in n.output],
        [t.name for t in graph.initializer],
        [v.name for v in graph.input],
    )
    return (
        rng.choice(rng.choice(pools) or [""])
        if rng.random() < 0.97
        else rng.choice(("", "nowhere", "\x1b[2J"))
    )


def change_attribute(rng: Random, model: onnx.ModelProto) -> None:
    """Another value of the same type, or of another."""
    nodes = [n for n in model.graph.node if n.attribute]
    if not nodes:
        return
    attribute = rng.choice(rng.choice(nodes).attribute)
    name = attribute.name
    choice = rng.random()
    if choice < 0.2 and attribute.type == onnx.AttributeProto.INT:
        attribute.i += rng.choice((-1, 1))
    elif choice < 0.5 and attribute.ints:
        attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(INTEGERS)
    elif choice < 0.55 and attribute.ints:
        del attribute.ints[-1]
    elif choice < 0.6:
        attribute.type = rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14))
    else:
        attribute.Clear()
        set_attribute(attribute, name, _attribute_value(rng))


def _attribute_value(rng: Random) -> Any:
    return rng.choice(
        (
            rng.choice(INTEGERS),
            rng.choice(INTEGERS[:9]),
            rng.choice(FLOATS),
            rng.choice(TEXTS),
            [rng.choice(INTEGERS[:12]) for _ in range(rng.randint(0, 6))],
        )
    )


def add_attribute(rng: Random, model: onnx.ModelProto) -> None:
    """One more, known to ONNX or not; perhaps twice."""
    attribute = _node(rng, model).attribute.add()
    set_attribute(attribute, rng.choice((*ATTRIBUTES, rng.choice(TEXTS))), _attribute_value(rng))
    if rng.random() < 0.05:
        attribute.type = onnx.AttributeProto.GRAPH
        attribute.g.node.add(op_type="Relu")


def drop_attribute(rng: Random, model: onnx.ModelProto) -> None:
    """One less."""
    nodes = [n for n in model.graph.node if n.attribute]
    if nodes:
        attributes = rng.choice(nodes).attribute
        del attributes[rng.randrange(len(attributes))]


def change_op(rng: Random, model: onnx.ModelProto) -> None:
    """Another operator in the place of one."""
    node = _node(rng, model)
    node.op_type = rng.choice(OTHER_OPS) if rng.random() < 0.15 else rng.choice(OPS)
    if rng.random() < 0.05:
        node.domain = rng.choice(("ai.onnx", "com.stranger", "\x1b[1m", "d" * 2000))


def rewire(rng: Random, model: onnx.ModelProto) -> None:
    """A node reads something else, less or more."""
    node, choice = _node(rng, model), rng.random()
    if choice < 0.6 and node.input:
        node.input[rng.randrange(len(node.input))] = _some_name(rng, model)
    elif choice < 0.75 and node.input:
        del node.input[rng.randrange(len(node.input))]
    elif choice < 0.85 and len(node.input) > 1:
        node.input[0], node.input[1] = node.input[1], node.input[0]
    else:
        node.input.append(_some_name(rng, model))


def insert(rng: Random, model: onnx.ModelProto) -> None:
    """A node between two, or in the place of an output."""
    nodes = model.graph.node
    at = rng.randrange(len(nodes) + 1)
    new = onnx.NodeProto(
        op_type=rng.choice(("Identity", "Mul", "Sub", "Cast", "Pad", "Unsqueeze", "Relu", "Add", *OPS))
    )
    readers = [n for n in list(nodes)[at:] if n.input]
    if readers and rng.random() < 0.7:
        reader = rng.choice(readers)
        slot = rng.randrange(len(reader.input))
        source, reader.input[slot] = reader.input[slot], f"inserted{at}"
        new.output.append(f"inserted{at}")
    else:
        source = _some_name(rng, model)
        new.output.append(rng.choice([v.name for v in model.graph.output] or ["indices"]))
        if rng.random() < 0.5:
            for node in nodes:
                if node.output and node.output[0] == new.output[0]:
                    node.output[0] = "former"
    new.input.append(source)
    while rng.random() < 0.3:
        new.input.append(source if rng.random() < 0.5 else _some_name(rng, model))
    if rng.random() < 0.3:
        set_attribute(new.attribute.add(), rng.choice(ATTRIBUTES), _attribute_value(rng))
    nodes.insert(at, new)


def drop_node(rng: Random, model: onnx.ModelProto) -> None:
    """One node less."""
    if model.graph.node:
        del model.graph.node[rng.randrange(len(model.graph.node))]


def repeat_or_move_node(rng: Random, model: onnx.ModelProto) -> None:
    """A copy of a node, with a result of its own or not; or the node elsewhere."""
    nodes = model.graph.node
    copy = onnx.NodeProto()
    copy.CopyFrom(_node(rng, model))
    if rng.random() < 0.5:
        nodes.remove(copy)
    elif copy.output and rng.random() < 0.7:
        copy.output[0] += "twice"
    nodes.insert(rng.randrange(len(nodes) + 1), copy)


def rename_result(rng: Random, model: onnx.ModelProto) -> None:
    """A node's result under another name, with those that read it or without; or more results or none."""
    node = _node(rng, model)
    if not node.output or rng.random() < 0.2:
        del node.output[:]
        node.output.extend(rng.choice(((), ("",), ("a", "b"), ("indices",), ("latent",))))
        return
    old, node.output[0] = (
        node.output[0],
        rng.choice(("indices", "rgba", "palette", "logits", "cells", "kind", "other")),
    )
    if rng.random() < 0.5:
        for other in model.graph.node:
            for i, name in enumerate(other.input):
                if name == old:
                    other.input[i] = node.output[0]


# --- Constants ---


def change_constant(rng: Random, model: onnx.ModelProto) -> None:
    """Other numbers, another type, another shape; sometimes of what nothing reads."""
    if not model.graph.initializer:
        return
    tensor = rng.choice(model.graph.initializer)
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError):  # an earlier change left no tensor
        return
    with np.errstate(all="ignore"):
        array = rng.choice(_CONSTANT_CHANGES)(rng, np.array(array))
    if array.dtype.name in ("float16", "uint16", "int16"):
        array = array.astype(np.float64)
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), tensor.name))


def _one_number(rng: Random, array: np.ndarray) -> np.ndarray:
    if array.size:
        numbers = FLOATS if array.dtype.kind == "f" else INTEGERS
        value = np.array(rng.choice(numbers))
        array.reshape(-1)[rng.randrange(array.size)] = value.astype(array.dtype)
    return array


def _other_type(rng: Random, array: np.ndarray) -> np.ndarray:
    types = (np.float32, np.uint8, np.int8, np.int32, np.int64, np.float64, np.bool_)
    return array.astype(rng.choice(types))


_CONSTANT_CHANGES: tuple[Callable[[Random, np.ndarray], np.ndarray], ...] = (
    _one_number,
    _one_number,
    lambda rng, a: np.full(
        a.shape, np.array(rng.choice(FLOATS if a.dtype.kind == "f" else INTEGERS)).astype(a.dtype)
    ),
    _other_type,
    lambda rng, a: a[..., None],
    lambda rng, a: a[None],
    lambda rng, a: a.reshape(-1),
    lambda rng, a: a.T,
    lambda rng, a: a[:0] if a.ndim else a,
    lambda rng, a: a[:-1] if a.ndim else np.array([a, a]),
    lambda rng, a: np.concatenate([a, a]) if a.ndim else a,
    lambda rng, a: np.repeat(a, 2, axis=-1) if a.ndim else a,
    lambda rng, a: a[tuple(slice(rng.randint(1, n)) if n else slice(0) for n in a.shape)],
    lambda rng, a: -a if a.dtype.kind != "b" else a,
)


def damage_tensor(rng: Random, model: onnx.ModelProto) -> None:
    """What a tensor says of itself is not what it holds."""
    if not model.graph.initializer:
        return
    tensor = rng.choice(model.graph.initializer)
    choice = rng.randrange(7)
    if choice == 0:
        tensor.data_type = rng.choice(TYPES)
    elif choice == 1:
        tensor.dims.append(rng.choice(INTEGERS))
    elif choice == 2 and tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(INTEGERS)
    elif choice == 3:
        tensor.raw_data = tensor.raw_data[: rng.randrange(len(tensor.raw_data) + 1)]
    elif choice == 4:
        tensor.external_data.add(key="location", value=rng.choice(("/etc/passwd", "", "../x")))
    elif choice == 5:
        tensor.name = _some_name(rng, model)
    else:
        tensor.ClearField("raw_data")
        tensor.float_data.extend([rng.choice(FLOATS)] * rng.choice((1, 2, 100)))


# --- Inputs, outputs, the model ---


def change_input(rng: Random, model: onnx.ModelProto) -> None:
    """An input of another type, shape or name; one more or less."""
    inputs, choice = model.graph.input, rng.randrange(6)
    if not inputs or choice == 0:
        new = inputs.add(name=rng.choice(("kind", "cells", "latent", "extra", "")))
        new.type.tensor_type.elem_type = rng.choice(TYPES)
        return
    value = rng.choice(inputs)
    dims = value.type.tensor_type.shape.dim
    if choice == 1:
        value.type.tensor_type.elem_type = rng.choice(TYPES)
    elif choice == 2 and len(dims) > 1:
        dims[rng.randrange(1, len(dims))].dim_value = rng.choice((*INTEGERS, 1, 2, 3, 5, 6, 16))
    elif choice == 3:
        dims.add(dim_value=rng.choice((0, 1, 2, 32768, 2**40)))
    elif choice == 4:
        inputs.remove(value)
    else:
        value.name = rng.choice(("kind", "cells", "latent", "extra", "\x1b[2J"))


def change_output(rng: Random, model: onnx.ModelProto) -> None:
    """An output of another type or name, of another value; one more or less."""
    outputs, choice = model.graph.output, rng.randrange(5)
    if not outputs or choice < 2:
        new = outputs.add(
            name=_some_name(rng, model) if choice else rng.choice(("indices", "palette", "rgba", "logits"))
        )
        new.type.tensor_type.elem_type = TensorProto.UINT8
        if new.name in ("palette", "rgba", "indices") and rng.random() < 0.7:
            model.graph.node.add(op_type="Identity", input=[_some_name(rng, model)], output=[new.name])
        return
    value = rng.choice(outputs)
    if choice == 2:
        value.type.tensor_type.elem_type = rng.choice(TYPES)
    elif choice == 3:
        value.name = rng.choice(("indices", "palette", "rgba", "logits", "other", "latent", "\x1b[2J"))
    else:
        outputs.remove(value)


def change_model(rng: Random, model: onnx.ModelProto) -> None:
    """Opsets, functions, sparse tensors, metadata twice or under another key."""
    choice = rng.randrange(6)
    if choice == 0 and model.opset_import:
        model.opset_import[0].version = rng.choice((0, 20, 21, 23, 10**9, -1))
    elif choice == 1:
        model.opset_import.add(
            domain=rng.choice(("", "ai.onnx", "ai.onnx.ml", "x")), version=rng.choice((1, 21))
        )
    elif choice == 2:
        model.functions.add(name="f", domain="")
    elif choice == 3:
        model.graph.sparse_initializer.add()
    elif choice == 4:
        del model.opset_import[:]
    elif model.metadata_props:
        model.metadata_props[0].key = rng.choice(("", "tilewright ", "other"))


def change_metadata(rng: Random, model: onnx.ModelProto) -> None:
    """A field of another value or type, one less, one more; or a text that is no JSON."""
    if not model.metadata_props:
        return
    entry = model.metadata_props[0]
    try:
        values = json.loads(entry.value)
        where = values
        key = rng.choice(sorted(values))
        values[key]
    except (ValueError, TypeError, LookupError, RecursionError):  # an earlier change left something else
        return
    if isinstance(values[key], dict) and values[key] and rng.random() < 0.7:
        where = values[key]
        key = rng.choice(sorted(where))
    choice = rng.random()
    if choice < 0.15:
        del where[key]
    elif choice < 0.3 and isinstance(where[key], int):
        where[key] += rng.choice((-1, 1))
    elif choice < 0.4 and isinstance(where[key], list):
        where[key] = rng.choice((where[key][:-1], where[key] * 2, [any_value(rng), *where[key][1:]]))
    elif choice < 0.45:
        values["sampler"] = {
            "method": rng.choice(("masked", "autoregressive", "x")),
            "steps": 1,
            "temperature": 1,
        }
    else:
        where[key] = any_value(rng)
    entry.value = json.dumps(values)
    if rng.random() < 0.1:
        text = rng.choice(
            (
                entry.value[:-1],
                "[" * 50_000,
                "[1]",
                "null",
                "",
                "9" * 6000,
                '{"format": 1e999}',
                entry.value + "x",
            )
        )
        entry.value = text


# --- Another pack ---


def insert_identity(rng: Random, model: onnx.ModelProto) -> None:
    """Between a value and one of its readers, or between a node and an output."""
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
    """A node with a name of its own, or a constant."""
    nodes = model.graph.node
    if rng.random() < 0.3:
        numbers = np.zeros(rng.choice(((), (0,), (3, 0, 5), (7,))), np.int8)
        model.graph.initializer.append(numpy_helper.from_array(numbers, "unread"))
    elif nodes:
        nodes.append(rng.choice(nodes))
        nodes[-1].output[:] = ["unread"]


def change_numbers(rng: Random, model: onnx.ModelProto) -> None:
    """Other weights and biases, zero points moved, scales a little other."""
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
    """An attribute that says what it says by itself, or one less that does."""
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
    node = _node(rng, model)
    known = defaults.get(node.op_type, {})
    for name in known:
        for i, attribute in enumerate(node.attribute):
            if attribute.name == name:
                del node.attribute[i]
                return
    for name in rng.sample(sorted(known), min(len(known), 1)):
        set_attribute(node.attribute.add(), name, known[name])


def swap_addends(rng: Random, model: onnx.ModelProto) -> None:
    """The two sides of an Add."""
    adds = [node for node in model.graph.node if node.op_type == "Add" and len(node.input) == 2]
    if adds:
        node = rng.choice(adds)
        node.input[0], node.input[1] = node.input[1], node.input[0]


def describe_otherwise(rng: Random, model: onnx.ModelProto) -> None:
    """Metadata that fit as well."""
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


REWRITINGS: tuple[Mutation, ...] = (
    insert_identity,
    insert_identity,
    add_what_nothing_reads,
    change_numbers,
    change_numbers,
    spell_out,
    swap_addends,
    describe_otherwise,
)
MUTATIONS: tuple[Mutation, ...] = (
    change_attribute,
    change_attribute,
    add_attribute,
    drop_attribute,
    change_op,
    rewire,
    rewire,
    insert,
    insert,
    drop_node,
    repeat_or_move_node,
    rename_result,
    change_constant,
    change_constant,
    change_constant,
    damage_tensor,
    change_input,
    change_output,
    change_model,
    change_metadata,
    change_metadata,
)
