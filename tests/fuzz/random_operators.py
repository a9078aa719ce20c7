"""Random operators on quantised values: every pattern that the reader supports."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx

from .quantised_graph import QuantisedGraph, Value

FUNCTIONS = ("LeakyRelu",) * 10 + ("Relu",) * 10 + ("Tanh", "Sigmoid")  # the last two are slow
ALPHAS = (0.0, 0.01, 0.2, 1.0, -1.0, 5.0, 1e-40, 3e38)


class OperatorGraph(QuantisedGraph):
    """Adds operators to a random pack."""

    def dense(self, x: Value, outputs: int, dtype: str = "") -> Value:
        """Add a Gemm."""
        source = self.scale(x.dtype)
        array = self.bytes(outputs, x.shape[0])
        names, around = self.weights(source, array, 0, False)
        real = self.writer.node("Gemm", self.real(x, source), *names, transB=1)
        return self.quantised(real, (outputs,), around, self.rng.random() < 0.2, dtype)

    def to_map(self, x: Value, shape: tuple[int, int, int]) -> Value:
        """Add a Reshape."""
        target = self.writer.constant(np.array([0, *shape], np.int64), self.shares)
        return Value(self.writer.node("Reshape", x.name, target), shape, x.dtype)

    def feature_map(self, height: int, width: int) -> Value:
        """Make a map from features, by a Gemm or a Slice."""
        most = max(1, self.most // (height * width))
        channels = min(self.channels(), most)
        x = self.rng.choice(self.features)
        fits = x.shape[0] // (height * width)
        if fits and self.rng.random() < 0.5:
            channels = self.rng.randint(1, min(fits, 40))
            return self.to_map(self.slice(x, channels * height * width), (channels, height, width))
        return self.to_map(self.dense(x, channels * height * width), (channels, height, width))

    def slice(self, x: Value, length: int) -> Value:
        """Select `length` features of x."""
        first = self.rng.randint(0, x.shape[0] - length)
        bounds = [first, first + length, 1] + [1] * (self.rng.random() < 0.2)
        constants = (self.writer.constant(np.array([b], np.int64), self.shares) for b in bounds)
        return Value(self.writer.node("Slice", x.name, *constants), (length,), x.dtype)

    def convolution(
        self, x: Value, outputs: int, head: bool = False, causal: bool = False
    ) -> tuple[str, float]:
        """Add a Conv. Returns the float result and a scale that suits it."""
        channels, height, width = x.shape
        kernel = self.rng.choice((1, 1, 3, 3, 3, 3, 5, 7))
        if self.rng.random() < 0.01:
            kernel = self.rng.choice((9, 15, 31))
        dilation = self.rng.choice((1, 1, 1, 2, 3, self.rng.randint(1, 64)))
        edges, dilations = [kernel, kernel], [dilation, dilation]
        if self.rng.random() < 0.3:
            axis = self.rng.randint(0, 1)
            edges[axis] = self.rng.choice((1, 1, 3, 5))
            dilations[axis] = self.rng.choice((1, dilation))
        while outputs * channels * edges[0] * edges[1] > 12_000 and max(edges) > 1:
            edges = [max(edge - 2, 1) for edge in edges]
        taps = edges[0] * edges[1]
        margins = [edge // 2 * dilation for edge, dilation in zip(edges, dilations, strict=True)]
        wrap = self.rng.random() < 0.3 and margins[0] <= height and margins[1] <= width
        source = self.scale(x.dtype)
        array = self.bytes(outputs, channels, *edges)
        if causal:
            array = array.copy()
            array.reshape(outputs, channels, -1)[:, :, taps // 2 + self.rng.randint(0, 1) :] = 0
        names, around = self.weights(source, array, 0, head)
        attributes: dict[str, Any] = {"pads": [0] * 4 if wrap else margins * 2}
        if margins == [0, 0] and self.rng.random() < 0.5:
            attributes = {}
        if dilations != [1, 1] or self.rng.random() < 0.1:
            attributes["dilations"] = dilations
        if self.rng.random() < 0.2:
            attributes |= {"strides": [1, 1], "kernel_shape": edges, "group": 1}
        source_value = self.wrapped(x, margins) if wrap and any(margins) else x
        return self.writer.node("Conv", self.real(source_value, source), *names, **attributes), around

    def wrapped(self, x: Value, margins: Sequence[int]) -> Value:
        """Add a Pad(mode=wrap)."""
        pads = self.writer.constant(np.array([0, 0, *margins] * 2, np.int64), self.shares)
        return Value(self.writer.node("Pad", x.name, pads, mode="wrap"), x.shape, x.dtype)

    def conv2d(self, x: Value, causal: bool = False, same: bool = False) -> Value:
        """Add a Conv with as many channels as x, so that both can be added, or with any number."""
        channels, height, width = x.shape
        most = max(1, self.most // (height * width))
        outputs = channels if same or self.rng.random() < 0.5 else min(self.channels(), most)
        real, around = self.convolution(x, outputs, causal=causal)
        return self.quantised(real, (outputs, height, width), around, self.rng.random() < 0.2)

    def conv_transpose2d(self, x: Value) -> Value:
        """Add a ConvTranspose."""
        channels, height, width = x.shape
        outputs = min(self.channels(), max(1, self.most // (4 * height * width)))
        wrap = self.rng.random() < 0.4
        source = self.scale(x.dtype)
        names, around = self.weights(source, self.bytes(channels, outputs, 4, 4), 1, False)
        attributes: dict[str, Any] = {"strides": [2, 2], "pads": [3 if wrap else 1] * 4}
        if self.rng.random() < 0.2:
            attributes |= {"dilations": [1, 1], "output_padding": [0, 0], "group": 1}
        padded = self.wrapped(x, (1, 1)) if wrap else x
        real = self.writer.node("ConvTranspose", self.real(padded, source), *names, **attributes)
        return self.quantised(real, (outputs, 2 * height, 2 * width), around / 2, self.rng.random() < 0.2)

    def pointwise(self, x: Value) -> Value:
        """Add a LeakyRelu, Relu, Sigmoid or Tanh."""
        function, source = self.rng.choice(FUNCTIONS), self.scale(x.dtype)
        attributes = (
            {"alpha": self.rng.choice(ALPHAS)} if function == "LeakyRelu" and self.rng.random() < 0.7 else {}
        )
        real = self.writer.node(function, self.real(x, source), **attributes)
        return self.quantised(real, x.shape, float(source.scale) if "Relu" in function else 1 / 128)

    def add(self, a: Value, b: Value) -> Value:
        """Add an Add."""
        sources = [self.scale(value.dtype) for value in (a, b)]
        real = self.writer.node("Add", *map(self.real, (a, b), sources))
        return self.quantised(real, a.shape, float(max(s.scale for s in sources)) * 1.3)

    def add_one_cell(self, x: Value, features: Value) -> Value:
        """Add to every cell of x a vector that a Gemm makes of features."""
        vector = self.to_map(self.dense(features, x.shape[0]), (x.shape[0], 1, 1))
        sides = [x, vector] if self.rng.random() < 0.5 else [vector, x]
        return replace(self.add(*sides), shape=x.shape)

    def max_pool(self, x: Value) -> Value:
        """Add a MaxPool, if x has a type and a size for it."""
        channels, height, width = x.shape
        if x.dtype != "uint8" or min(height, width) < 2:
            return x
        attributes: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
        if self.rng.random() < 0.2:
            attributes |= {"pads": [0] * 4, "dilations": [1, 1], "ceil_mode": 0, "storage_order": 0}
        name = self.writer.node("MaxPool", x.name, **attributes)
        return Value(name, (channels, height // 2, width // 2))

    def mean(self, x: Value) -> Value:
        """Add a ReduceMean over height and width."""
        source = self.scale(x.dtype)
        axes = self.writer.constant(np.array([2, 3], np.int64), self.shares)
        real = self.writer.node("ReduceMean", self.real(x, source), axes, keepdims=0)
        return self.quantised(real, x.shape[:1], float(source.scale))

    def add_kinds_of_cells(self, x: Value) -> Value:
        """Add to x a map of the kinds of its cells, directly or after a convolution. x: of the picture's size."""
        channels, *edges = x.shape
        self.writer.input("kind_map", "uint8", *edges)
        convolved = self.rng.random() < 0.5
        width = min(self.channels(), max(1, self.most // (edges[0] * edges[1]))) if convolved else channels
        dtype = self.rng.choice(("uint8", "int8"))
        table = self.bytes(self.kinds, width, dtype=np.dtype(dtype).type)
        row = self.writer.node("Cast", "kind_map", to=int(onnx.TensorProto.INT64))
        gathered = self.writer.node("Gather", self.writer.constant(table, self.shares), row, axis=0)
        kinds = Value(self.writer.node("Transpose", gathered, perm=[0, 3, 1, 2]), (width, *edges), dtype)
        if convolved:
            real, around = self.convolution(kinds, channels)
            kinds = self.quantised(real, x.shape, around)
        return self.add(x, kinds)

    def word_features(self) -> None:
        """Make the words an input of features, if there are any."""
        if self.words:
            self.features.append(Value(self.writer.input("words", "uint8", self.words), (self.words,)))

    def grow_features(self) -> None:
        """Add another value of features."""
        x = self.rng.choice(self.features)
        choice = self.rng.random()
        if choice < 0.3:
            others = [f for f in self.features if f.dtype == x.dtype]
            chosen = [x, *self.rng.choices(others, k=self.rng.choice((1, 1, 2)))]
            name = self.writer.node("Concat", *(f.name for f in chosen), axis=1)
            y = Value(name, (sum(f.shape[0] for f in chosen),), x.dtype)
        elif choice < 0.5:
            y = self.slice(x, self.rng.randint(1, x.shape[0]))
        elif choice < 0.8:
            y = self.dense(x, self.channels())
        elif choice < 0.9:
            y = self.pointwise(x)
        else:
            y = self.add(x, self.rng.choice([f for f in self.features if f.shape == x.shape]))
        self.features.append(y)

    def grow_maps(self, causal: bool = False, grows: bool = True) -> None:
        """Add another map, computed from the last one or an earlier one."""
        x = self.maps[-1] if self.rng.random() < 0.7 else self.rng.choice(self.maps)
        if self.rng.random() < 0.1:
            self.features.append(self.mean(self.max_pool(x) if self.rng.random() < 0.5 else x))
        choice = self.rng.random()
        if choice < 0.4:
            y = self.conv2d(x, causal)
        elif choice < 0.5:  # a residual block
            y = self.add(x, self.pointwise(self.conv2d(x, causal, same=True)))
        elif choice < 0.65:
            y = self.pointwise(x)
        elif choice < 0.72 and self.features:
            y = self.add_one_cell(x, self.rng.choice(self.features))
        elif choice < 0.78 and grows:
            y = self.max_pool(x)
        elif choice < 0.87 or not grows or x.shape[1] > 6 or 4 * x.shape[1] * x.shape[2] > self.most:
            y = self.add(x, self.rng.choice([m for m in self.maps if m.shape == x.shape]))
        else:
            y = self.conv_transpose2d(x)
        self.maps.append(y)

    def kind_features(self) -> Value:
        """Add a Gather of rows by the kind. A single table determines the number of kinds."""
        table = self.bytes(self.kinds, self.channels())
        attributes = {"axis": 0} if self.rng.random() < 0.5 else {}
        name = self.writer.node("Gather", self.writer.constant(table, self.shares), "kind", **attributes)
        return Value(name, table.shape[1:], "int8")

    def output(self, x: Value, name: str, rank: int) -> None:
        """Make x an output."""
        self.writer.node("Identity", x.name, output=name)
        self.writer.output(name, "uint8", rank)

    def indices_of(self, compared: str, op: str, output: str) -> None:
        """Add an ArgMax or ArgMin as an output of bytes."""
        attributes = {"select_last_index": 0} if self.rng.random() < 0.5 else {}
        index = self.writer.node(op, compared, axis=1, keepdims=0, **attributes)
        self.writer.node("Cast", index, output=output, to=int(onnx.TensorProto.UINT8))
        self.writer.output(output, "uint8", 3)
