"""Random packs: every pattern that the reader supports, in unusual shapes and at numeric limits.

`generate(rng)` returns a model that follows docs/pack_format.md. Only sums or scales that are too large may
be rejected.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import onnx

from tilewright.pack import FORMAT_VERSION

from .writer import Writer

MOST_ELEMENTS = (600, 600, 600, 1400)  # limits for the elements of a value, so that a case takes milliseconds
EXTREME_SCALES = (1e-45, 1e-38, 1.2e-38, 1e-20, 1e10, 1e30, 3.4e38)
FUNCTIONS = ("LeakyRelu",) * 10 + ("Relu",) * 10 + ("Tanh", "Sigmoid")  # the last two are slow
ALPHAS = (0.0, 0.01, 0.2, 1.0, -1.0, 5.0, 1e-40, 3e38)


@dataclass(frozen=True)
class Value:
    """A quantised tensor: features (F,) or a map (C, H, W). Its scale is chosen where it is read."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "uint8"


@dataclass(frozen=True)
class Scale:
    """Scale and zero point of a quantised tensor. `zero` is None if the node has none."""

    scale: np.float32
    zero: int | None
    dtype: str


def generate(rng: Random) -> onnx.ModelProto:
    """Return a one-shot pack, or an iterative pack with a sampler."""
    return (_StepPack if rng.random() < 0.4 else _TilePack)(rng).write()


class _Network:
    """The common part of both kinds of packs. `features` and `maps` are the existing values."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.writer = Writer()
        self.features: list[Value] = []
        self.maps: list[Value] = []
        self.kinds = rng.choice((1, 1, 2, 3, 5))
        self.wild = rng.random() < 0.1  # scales over the whole range of float32
        self.most = rng.choice(MOST_ELEMENTS)
        self.wide = rng.random() < 0.2  # many channels, as Winograd layers require
        self.shares = rng.random() < 0.7
        self.views: dict[tuple[str, Scale], str] = {}

    def metadata(self, **fields: Any) -> dict[str, Any]:
        """Return the metadata of the pack."""
        return {
            "format": FORMAT_VERSION,
            "name": "fuzz",
            "kinds": [f"kind{i}" for i in range(self.kinds)],
            "palette": None,
            "palette_size": 0,
            "latent_size": 0,
            "transparent": False,
            "wrap": self.rng.random() < 0.5,
            "sources": [{"name": "chance", "licence": "CC0-1.0", "author": "nobody"}],
            "data": {},
            "training": {},
            **fields,
        }

    def own_palette(self, colours: int) -> list[str]:
        """Return colours as rrggbbaa."""
        bits = self.rng.getrandbits
        return [f"{bits(24):06x}{self.rng.choice(('00', 'ff', 'ff'))}" for _ in range(colours)]

    # --- Numbers ---

    def bytes(self, *shape: int, dtype: type = np.int8) -> np.ndarray:
        """Return random bytes: uniform, extreme, few, small or zero."""
        array = np.frombuffer(self.rng.randbytes(math.prod(shape)), np.int8).reshape(shape)
        style = self.rng.random()
        if style < 0.06:
            array = np.where(array < 0, np.int8(-128), np.int8(127))
        elif style < 0.12:
            array = array * (array % 5 == 0).astype(np.int8)
        elif style < 0.2:
            array = array >> 4
        elif style < 0.23:
            array = np.full(shape, self.rng.choice((-128, -1, 0, 1, 127)), np.int8)
        return array.view(dtype)

    def channels(self) -> int:
        """Return 1 .. 40, often a small number or about a register width."""
        if self.wide:
            return self.rng.choice((16, 17, 24, 32, 40))
        registers = self.rng.choice((8, 15, 16, 17, 31, 32, 33))
        return self.rng.choice((self.rng.randint(1, 6), self.rng.randint(1, 40), registers))

    def scale(self, dtype: str = "uint8", around: float = 0.0) -> Scale:
        """Return a scale near `around`, or any. The zero point is usually inside, sometimes at an end or
        missing.
        """
        if self.wild and self.rng.random() < 0.3:
            scale = self.rng.choice(EXTREME_SCALES)
        elif around:
            scale = around * 2 ** self.rng.uniform(-2, 2)
        else:
            scale = 2 ** self.rng.uniform(-9, 1)
        least = -128 if dtype == "int8" else 0
        zero: int | None = least + self.rng.choice(
            (self.rng.randint(60, 190), self.rng.randint(0, 255), 0, 255, 128)
        )
        if dtype == "uint8" and self.rng.random() < 0.05:
            zero = None
        with np.errstate(over="ignore", under="ignore"):
            return Scale(np.float32(min(max(scale, 1e-45), 3.4e38)), zero, dtype)

    def parameters(self, scale: Scale) -> list[str]:
        """Return the names of a scale and its zero point."""
        shape = (1,) if self.rng.random() < 0.1 else ()
        names = [self.writer.constant(np.full(shape, scale.scale, np.float32), self.shares)]
        if scale.zero is not None:
            names.append(self.writer.constant(np.full(shape, scale.zero, scale.dtype), self.shares))
        return names

    # --- Between integers and floats ---

    def real(self, value: Value, scale: Scale) -> str:
        """Dequantise the value. One node may serve several readers."""
        key = (value.name, scale)
        if key not in self.views or self.rng.random() < 0.5:
            self.views[key] = self.writer.node("DequantizeLinear", value.name, *self.parameters(scale))
        return self.views[key]

    def quantised(
        self, name: str, shape: tuple[int, ...], around: float, relu: bool = False, dtype: str = ""
    ) -> Value:
        """Quantise the float value `name`, perhaps through a Relu that the clamp absorbs."""
        target = self.scale(dtype or self.rng.choice(("uint8", "uint8", "uint8", "int8")), around)
        if relu:
            name = self.writer.node("Relu", name)
            target = Scale(target.scale, -128 if target.dtype == "int8" else 0, target.dtype)
        return Value(self.writer.node("QuantizeLinear", name, *self.parameters(target)), shape, target.dtype)

    def weights(
        self, source: Scale, array: np.ndarray, axis: int, one_scale: bool
    ) -> tuple[list[str], float]:
        """Return the names of dequantised weights and perhaps a bias, and a scale that suits the sums."""
        outputs = array.shape[axis]
        per_channel = not one_scale and self.rng.random() < 0.5
        middle = 2 ** self.rng.uniform(-10, -2)
        if per_channel:
            scales = (middle * np.exp2(np.frombuffer(self.rng.randbytes(outputs), np.int8) / 64)).astype(
                np.float32
            )
        else:
            scales = np.full((1,) if self.rng.random() < 0.1 else (), middle, np.float32)
        attributes = {"axis": axis} if per_channel or self.rng.random() < 0.1 else {}
        inputs = [self.writer.constant(array, self.shares), self.writer.constant(scales, self.shares)]
        if self.rng.random() < 0.2:
            inputs.append(self.writer.constant(np.zeros(scales.shape, np.int8), self.shares))
        names = [self.writer.node("DequantizeLinear", *inputs, **attributes)]
        fan = array.size // outputs
        if self.rng.random() < 0.8:
            most = self.rng.choice((0, 100, 3000, 3000, 3000, 100_000, 2**31 - 1 - 32768 * fan))
            bias = np.array([self.rng.randint(-most, most) for _ in range(outputs)], np.int32)
            with np.errstate(over="ignore", under="ignore"):
                bias_scales = np.float32(source.scale) * scales
            axes = {"axis": 0} if per_channel else {}
            constants = (bias, bias_scales)
            names.append(
                self.writer.node(
                    "DequantizeLinear", *(self.writer.constant(c, self.shares) for c in constants), **axes
                )
            )
        sums = 5400 * math.sqrt(fan) * float(source.scale) * middle
        return names, sums / 50

    # --- Operators ---

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
        while outputs * channels * kernel * kernel > 12_000 and kernel > 1:
            kernel -= 2
        margin = kernel // 2 * dilation
        wrap = self.rng.random() < 0.3 and margin <= min(height, width)
        source = self.scale(x.dtype)
        array = self.bytes(outputs, channels, kernel, kernel)
        if causal:
            array = array.copy()
            array.reshape(outputs, channels, -1)[:, :, kernel * kernel // 2 + self.rng.randint(0, 1) :] = 0
        names, around = self.weights(source, array, 0, head)
        attributes: dict[str, Any] = {"pads": [0 if wrap else margin] * 4}
        if margin == 0 and self.rng.random() < 0.5:
            attributes = {}
        if dilation > 1 or self.rng.random() < 0.1:
            attributes["dilations"] = [dilation] * 2
        if self.rng.random() < 0.2:
            attributes |= {"strides": [1, 1], "kernel_shape": [kernel, kernel], "group": 1}
        source_value = self.wrapped(x, margin) if wrap and margin else x
        return self.writer.node("Conv", self.real(source_value, source), *names, **attributes), around

    def wrapped(self, x: Value, margin: int) -> Value:
        """Add a Pad(mode=wrap)."""
        pads = self.writer.constant(np.array([0, 0, margin, margin] * 2, np.int64), self.shares)
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
        padded = self.wrapped(x, 1) if wrap else x
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
        choice = self.rng.random()
        if choice < 0.4:
            y = self.conv2d(x, causal)
        elif choice < 0.5:  # a residual block
            y = self.add(x, self.pointwise(self.conv2d(x, causal, same=True)))
        elif choice < 0.65:
            y = self.pointwise(x)
        elif choice < 0.85 or not grows or x.shape[1] > 6 or 4 * x.shape[1] * x.shape[2] > self.most:
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

    def indices_of(self, compared: str, op: str, output: str) -> None:
        """Add an ArgMax or ArgMin as an output of bytes."""
        attributes = {"select_last_index": 0} if self.rng.random() < 0.5 else {}
        index = self.writer.node(op, compared, axis=1, keepdims=0, **attributes)
        self.writer.node("Cast", index, output=output, to=int(onnx.TensorProto.UINT8))
        self.writer.output(output, "uint8", 3)


class _TilePack(_Network):
    def write(self) -> onnx.ModelProto:
        """Write latents -> features -> maps -> a head."""
        rng = self.rng
        latents = rng.choice((rng.randint(1, 40), rng.randint(1, 40), rng.randint(100, 200)))
        self.features.append(Value(self.writer.input("latent", "int8", latents), (latents,), "int8"))
        if self.kinds > 1 or rng.random() < 0.1:
            self.writer.input("kind", "int64")
            self.features.append(self.kind_features())
            joined = self.writer.node("Concat", *(f.name for f in self.features), axis=1)
            self.features.append(Value(joined, (sum(f.shape[0] for f in self.features),), "int8"))
            if rng.random() < 0.9:
                del self.features[:2]
        for _ in range(rng.randint(0, 3)):
            self.grow_features()
        edges = (
            (2, 4, 6, 8) if self.wide else (1, 2, 3, 4, 5, 6, 8, 16, rng.randint(1, 16), rng.choice((24, 32)))
        )
        edge = rng.choice(edges)
        self.maps.append(self.feature_map(edge, edge))
        for _ in range(rng.choice((0, 1, 2, 3, 5))):
            self.grow_maps()
        head = rng.choice((self.scores, self.scores, self.bytes_compared, self.nearest, self.rgba))
        self.writer.describe(self.metadata(latent_size=latents, **head(self.maps[-1])))
        return self.writer.model

    def scores(self, x: Value) -> dict[str, Any]:
        """A head of Conv and ArgMax."""
        colours = self.rng.choice((self.channels(), self.channels(), self.rng.randint(1, 256)))
        real, _ = self.convolution(x, colours, head=True)
        self.indices_of(real, "ArgMax", "indices")
        return self.palette(x.shape[1], colours)

    def bytes_compared(self, x: Value) -> dict[str, Any]:
        """A head of ArgMax over quantised values."""
        self.indices_of(x.name, "ArgMax", "indices")
        return self.palette(x.shape[1], x.shape[0])

    def palette(self, edge: int, colours: int) -> dict[str, Any]:
        """The metadata of a head of indices: a fixed palette, or one generated by the network."""
        if self.rng.random() < 0.7:
            return {"tile_size": edge, "palette": self.own_palette(colours), "palette_size": colours}
        colours += self.rng.choice((0, 0, 3))
        drawn = self.dense(self.rng.choice(self.features), colours * self.rng.choice((3, 4)), "uint8")
        self.output(drawn, "palette", 2)
        return {"tile_size": edge, "palette_size": colours}

    def output(self, x: Value, name: str, rank: int) -> None:
        """Make x an output."""
        self.writer.node("Identity", x.name, output=name)
        self.writer.output(name, "uint8", rank)

    def nearest(self, x: Value) -> dict[str, Any]:
        """A head that selects the nearest entries of a generated palette."""
        channels = self.rng.choice((3, 4))
        real, around = self.convolution(x, channels)
        pixels = self.quantised(real, (channels, *x.shape[1:]), around, dtype="uint8")
        colours = self.rng.randint(1, 20)
        palette = self.dense(self.rng.choice(self.features), colours * channels, "uint8")
        whole = self.scale(around=1.0)
        node, constant = self.writer.node, self.writer.constant
        axes = [constant(np.array([axis], np.int64), self.shares) for axis in (1, 2)]
        apart = node("Unsqueeze", self.real(pixels, whole), axes[0])
        shape = constant(np.array([0, colours, channels, 1, 1], np.int64), self.shares)
        entries = Value(node("Reshape", palette.name, shape), (colours, channels, 1, 1))
        difference = node("Sub", apart, self.real(entries, whole))
        distance = node("ReduceSum", node("Mul", difference, difference), axes[1], keepdims=0)
        self.indices_of(distance, "ArgMin", "indices")
        self.output(palette, "palette", 2)
        return {"tile_size": x.shape[1], "palette_size": colours}

    def rgba(self, x: Value) -> dict[str, Any]:
        """A head of colours."""
        channels = self.rng.choice((3, 4))
        real, around = self.convolution(x, channels)
        colours = self.quantised(real, (channels, *x.shape[1:]), around, dtype="uint8")
        self.output(colours, "rgba", 4)
        return {"tile_size": x.shape[1], "transparent": channels == 4}


class _StepPack(_Network):
    def write(self) -> onnx.ModelProto:
        """Write cells -> maps -> logits, and a sampler."""
        rng, node, constant = self.rng, self.writer.node, self.writer.constant
        edge = rng.choice((1, 2, 3, 4, 5, 6, 7))
        colours = rng.choice((rng.randint(1, 6), rng.randint(1, 20), self.channels()))
        if rng.random() < 0.03:
            colours = rng.choice((254, 255))
        masked = rng.random() < 0.6
        causal = not masked and rng.random() < 0.6
        self.writer.input("cells", "uint8", edge, edge)
        row = node("Cast", "cells", to=int(onnx.TensorProto.INT64))
        if self.kinds > 1 or rng.random() < 0.1:
            self.writer.input("kind", "int64")
            column = node("Unsqueeze", "kind", constant(np.array([1, 2], np.int64), self.shares))
            entries = constant(np.array(colours + 1, np.int64), self.shares)
            row = node("Add", row, node("Mul", column, entries))
            if rng.random() < 0.3:
                self.features.append(self.kind_features())
        channels = min(self.channels(), self.most // (edge * edge))
        dtype = rng.choice(("uint8", "int8"))
        table = self.bytes(self.kinds * (colours + 1), channels, dtype=np.dtype(dtype).type)
        gathered = node("Gather", constant(table, self.shares), row, axis=0)
        self.maps.append(Value(node("Transpose", gathered, perm=[0, 3, 1, 2]), (channels, edge, edge), dtype))
        if self.features and rng.random() < 0.8:
            of_kind = self.dense(self.features[0], channels * edge * edge)
            self.maps.append(self.add(self.maps[0], self.to_map(of_kind, (channels, edge, edge))))
        for _ in range(rng.choice((0, 1, 2, 3, 4, 6))):
            self.grow_maps(causal, grows=False)
        real, _ = self.convolution(self.maps[-1], colours, head=True, causal=causal)
        if rng.random() < 0.5:
            self.writer.graph.node[-1].output[0] = "logits"
        else:
            node("Identity", real, output="logits")
        self.writer.output("logits", "float32", 4)
        sampler = {
            "method": "masked" if masked else "autoregressive",
            "steps": rng.randint(1, edge * edge) if masked else edge * edge,
            "temperature": rng.choice((0, 0.0, 1, 0.8, 2.5, 1e-300, 1e300)),
        }
        self.writer.describe(
            self.metadata(
                tile_size=edge, palette=self.own_palette(colours), palette_size=colours, sampler=sampler
            )
        )
        return self.writer.model
