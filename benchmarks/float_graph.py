"""Convert a pack's QDQ network to the float32 network that it approximates."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto

from .rewriter import Rewriter, attributes

TABLES = (np.int8, np.uint8)
"""Types of quantised constants other than weights."""


def float_graph(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the network in float32. Names and types of inputs and outputs do not change.

    A QuantizeLinear whose clamp acts as a ReLU, because its zero point is the minimum, becomes a Relu. Others
    are removed. Byte outputs are quantised at the end.
    """
    return _FloatGraph(model).finish()


class _FloatGraph:
    """twins: value of the old model -> its float counterpart. quantised: values of the old model that were
    integers.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._new = Rewriter(model)
        self._twins: dict[str, str] = {}
        self._quantised: set[str] = set()
        for value in model.graph.input:
            if value.type.tensor_type.elem_type == TensorProto.INT8:
                name = value.name
                self._replace(name, self._new.node("DequantizeLinear", [name, *self._scale_of(name)]))
        for node in self._new:
            if node.op_type == "DequantizeLinear":
                self._twins[node.output[0]] = self._dequantise(node)
            elif node.op_type == "QuantizeLinear":
                self._replace(node.output[0], self._unquantise(node))
            elif self._is_quantised(node):
                self._replace(node.output[0], self._new.copy(node, map(self._as_float, node.input)))
            else:
                inputs = [self._twins.get(name, name) for name in node.input]
                self._new.copy(node, inputs, node.output[0])

    def finish(self) -> onnx.ModelProto:
        new = self._new
        for name in new.outputs:
            if name in self._quantised:
                new.node("QuantizeLinear", [self._twins[name], *self._scale_of(name)], name)
        return new.finish()

    def _replace(self, name: str, twin: str) -> None:
        self._twins[name] = twin
        self._quantised.add(name)

    def _is_quantised(self, node: onnx.NodeProto) -> bool:
        """Whether the node moves quantised values, like Reshape, Concat and a Gather from a table."""
        if node.op_type in ("ArgMax", "ArgMin"):
            return False
        constants = self._new.constants
        return any(
            name in self._quantised or (name in constants and constants[name].dtype in TABLES)
            for name in node.input
        )

    def _as_float(self, name: str) -> str:
        constant = self._new.constants.get(name)
        if constant is None or constant.dtype not in TABLES:
            return self._twins.get(name, name)
        return self._new.constant(self._real(constant, self._scale_of(name)))

    def _dequantise(self, node: onnx.NodeProto) -> str:
        constant = self._new.constants.get(node.input[0])
        if constant is not None:
            axis = attributes(node).get("axis", 1)
            return self._new.constant(self._real(constant, node.input[1:], int(str(axis))))
        twin, scale = self._twins[node.input[0]], self._new.constants[node.input[1]]
        was = self._new.constants[self._scale_of(node.input[0])[0]]
        if scale == was:
            return twin
        return self._new.node("Mul", [twin, self._new.constant(np.asarray(scale / was, np.float32))])

    def _unquantise(self, node: onnx.NodeProto) -> str:
        zero, source = self._new.constants[node.input[2]], self._twins.get(node.input[0], node.input[0])
        producer = self._new.producer(node.input[0])
        rectifies = zero == np.iinfo(zero.dtype).min and not (producer and producer.op_type == "Relu")
        return self._new.node("Relu", [source]) if rectifies else source

    def _scale_of(self, name: str) -> Sequence[str]:
        """Return the names of the scale and zero point of a quantised value, from the Q before it or the DQ
        after it.
        """
        node = self._new.producer(name)
        while node is not None and node.op_type != "QuantizeLinear":
            node = self._new.producer(node.input[0])
        while node is None or node.op_type not in ("QuantizeLinear", "DequantizeLinear"):
            node = self._new.consumers(name)[0]
            name = node.output[0]
        return list(node.input[1:])

    def _real(self, quantised: np.ndarray, scale_and_zero: Sequence[str], axis: int = 0) -> np.ndarray:
        scale, *zero = (self._new.constants[name] for name in scale_and_zero)
        if scale.ndim:
            scale = scale.reshape([-1 if i == axis else 1 for i in range(quantised.ndim)])
        shifted = quantised.astype(np.int32) - (zero[0].astype(np.int32) if zero else 0)
        return np.asarray(shifted.astype(np.float32) * scale, np.float32)
