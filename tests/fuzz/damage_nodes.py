"""Damage to the nodes of a pack: attributes, operators and edges."""

from random import Random
from typing import Any

import onnx

from tilewright.compiler.onnx_reader import OPERATORS

from .values import FLOATS, INTEGERS, TEXTS
from .writer import set_attribute

OPS = tuple(sorted(OPERATORS))
OTHER_OPS = ("Elu", "MatMul", "Softmax", "Loop", "", "conv", "\x1b[31mEVIL\nsecond line", "A" * 3000, "名前")
ATTRIBUTES = (
    *("axis", "alpha", "beta", "transA", "transB", "strides", "pads", "dilations", "group", "kernel_shape"),
    *("auto_pad", "mode", "keepdims", "perm", "to", "select_last_index", "output_padding", "output_shape"),
    *("block_size", "noop_with_empty_axes", "allowzero", "saturate", "output_dtype", "precision"),
)


def any_node(rng: Random, model: onnx.ModelProto) -> onnx.NodeProto:
    return rng.choice(model.graph.node) if model.graph.node else model.graph.node.add(op_type="Relu")


def any_name(rng: Random, model: onnx.ModelProto) -> str:
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
    """Change an attribute's value, keeping its type or not."""
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
    """Add an attribute, known to ONNX or not, perhaps a duplicate."""
    attribute = any_node(rng, model).attribute.add()
    set_attribute(attribute, rng.choice((*ATTRIBUTES, rng.choice(TEXTS))), _attribute_value(rng))
    if rng.random() < 0.05:
        attribute.type = onnx.AttributeProto.GRAPH
        attribute.g.node.add(op_type="Relu")


def drop_attribute(rng: Random, model: onnx.ModelProto) -> None:
    """Remove an attribute."""
    nodes = [n for n in model.graph.node if n.attribute]
    if nodes:
        attributes = rng.choice(nodes).attribute
        del attributes[rng.randrange(len(attributes))]


def change_op(rng: Random, model: onnx.ModelProto) -> None:
    """Replace the operator of a node."""
    node = any_node(rng, model)
    node.op_type = rng.choice(OTHER_OPS) if rng.random() < 0.15 else rng.choice(OPS)
    if rng.random() < 0.05:
        node.domain = rng.choice(("ai.onnx", "com.stranger", "\x1b[1m", "d" * 2000))


def rewire(rng: Random, model: onnx.ModelProto) -> None:
    """Change, remove or add an input of a node."""
    node, choice = any_node(rng, model), rng.random()
    if choice < 0.6 and node.input:
        node.input[rng.randrange(len(node.input))] = any_name(rng, model)
    elif choice < 0.75 and node.input:
        del node.input[rng.randrange(len(node.input))]
    elif choice < 0.85 and len(node.input) > 1:
        node.input[0], node.input[1] = node.input[1], node.input[0]
    else:
        node.input.append(any_name(rng, model))


def insert(rng: Random, model: onnx.ModelProto) -> None:
    """Insert a node between two nodes, or replace an output by one."""
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
        source = any_name(rng, model)
        new.output.append(rng.choice([v.name for v in model.graph.output] or ["indices"]))
        if rng.random() < 0.5:
            for node in nodes:
                if node.output and node.output[0] == new.output[0]:
                    node.output[0] = "former"
    new.input.append(source)
    while rng.random() < 0.3:
        new.input.append(source if rng.random() < 0.5 else any_name(rng, model))
    if rng.random() < 0.3:
        set_attribute(new.attribute.add(), rng.choice(ATTRIBUTES), _attribute_value(rng))
    nodes.insert(at, new)


def drop_node(rng: Random, model: onnx.ModelProto) -> None:
    """Remove a node."""
    if model.graph.node:
        del model.graph.node[rng.randrange(len(model.graph.node))]


def repeat_or_move_node(rng: Random, model: onnx.ModelProto) -> None:
    """Duplicate a node, with its own result or not, or move a node."""
    nodes = model.graph.node
    copy = onnx.NodeProto()
    copy.CopyFrom(any_node(rng, model))
    if rng.random() < 0.5:
        nodes.remove(copy)
    elif copy.output and rng.random() < 0.7:
        copy.output[0] += "twice"
    nodes.insert(rng.randrange(len(nodes) + 1), copy)


def rename_result(rng: Random, model: onnx.ModelProto) -> None:
    """Rename a node's result, with or without its readers, or change the number of results."""
    node = any_node(rng, model)
    if not node.output or rng.random() < 0.2:
        del node.output[:]
        node.output.extend(rng.choice(((), ("",), ("a", "b"), ("indices",), ("latent",))))
        return
    old, node.output[0] = (
        node.output[0],
        rng.choice(("indices", "rgba", "palette", "logits", "cells", "kind", "kind_map", "words", "other")),
    )
    if rng.random() < 0.5:
        for other in model.graph.node:
            for i, name in enumerate(other.input):
                if name == old:
                    other.input[i] = node.output[0]
