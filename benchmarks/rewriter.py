"""Rewrite ONNX graphs, for variants of a network and its float counterpart."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


class Rewriter:
    """Indexes a model's nodes, constants and edges, and collects new nodes. `finish` returns the new model.

    Inputs, outputs, opset and metadata are kept. Unused nodes and constants are dropped.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self.constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
        self.inputs = [value.name for value in model.graph.input]
        self.outputs = [value.name for value in model.graph.output]
        shapes = onnx.shape_inference.infer_shapes(model).graph.value_info
        self._shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in shapes}
        self._producers = {name: node for node in model.graph.node for name in node.output}
        self._consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._consumers.setdefault(name, []).append(node)
        self._nodes: list[onnx.NodeProto] = []
        self._count = 0

    def __iter__(self) -> Iterator[onnx.NodeProto]:
        """Iterate over the nodes of the original model in order."""
        return iter(self._model.graph.node)

    def producer(self, name: str) -> onnx.NodeProto | None:
        """Return the original node that computes `name`, or None for inputs and constants."""
        return self._producers.get(name)

    def consumers(self, name: str) -> list[onnx.NodeProto]:
        """Return the original nodes that read `name`."""
        return self._consumers.get(name, [])

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a value in the original model, with 0 for the batch."""
        return self._shapes[name]

    def constant(self, array: np.ndarray) -> str:
        """Add a constant. Returns its name."""
        name = self._new_name("constant")
        self.constants[name] = array
        return name

    def node(self, op: str, inputs: Iterable[str], output: str = "", **attributes: Any) -> str:
        """Add a node with one output. Returns the output's name, generated if not given."""
        output = output or self._new_name(op.lower())
        self._nodes.append(helper.make_node(op, list(inputs), [output], name=output, **attributes))
        return output

    def keep(self, node: onnx.NodeProto) -> None:
        """Add an original node unchanged."""
        self._nodes.append(node)

    def copy(self, node: onnx.NodeProto, inputs: Iterable[str], output: str = "") -> str:
        """Add a copy of an original node with other inputs. Returns the output's name."""
        return self.node(node.op_type, inputs, output, **attributes(node))

    def finish(self) -> onnx.ModelProto:
        """Return the new, checked model."""
        needed, nodes = set(self.outputs), []
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                nodes.append(node)
                needed.update(node.input)
        model = onnx.ModelProto()
        model.CopyFrom(self._model)
        del model.graph.node[:], model.graph.initializer[:]
        model.graph.node.extend(reversed(nodes))
        model.graph.initializer.extend(
            numpy_helper.from_array(array, name) for name, array in self.constants.items() if name in needed
        )
        onnx.checker.check_model(model)
        return model

    def _new_name(self, what: str) -> str:
        while True:
            self._count += 1
            name = f"{what}_new{self._count}"
            if name not in self._producers and name not in self.constants:
                return name


def attributes(node: onnx.NodeProto) -> dict[str, object]:
    """Return the attributes of a node as plain values."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}
