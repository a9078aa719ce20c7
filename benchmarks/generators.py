"""The benchmark generators G1 to G3: networks of fixed shapes with random weights, written with the
exporter's builder.

G1 is a DCGAN at 32x32. G2 is a palette-native generator at 32x32 that generates a palette per picture, G3 the
same at 16x16. Weights are scaled so that every map has about unit variance, which gives realistic
quantisation ranges without training.
"""

import json
from collections.abc import Callable

import numpy as np

from tilewright.pack import METADATA_KEY, lowest_format
from tilewright.seeds import LATENT_SCALE
from tilewright_training.export.onnx_builder import OnnxBuilder, Scale, Value

LATENTS = 64
LEAK = 0.2
KINDS = ("floor", "wall", "water", "door")
EMBEDDING = 16
PALETTE_HIDDEN = 64
COLOURS = 16

LINEAR = Scale(8 / 255, 128)  # covers four standard deviations of a sum of unit variance
LEAKY = Scale(5.2 / 255, 51)  # after a leaky ReLU, and after a residual sum of two such values
RECTIFIED = Scale(4 / 255, 0)  # the zero point 0 acts as the ReLU
COLOUR = Scale(1 / 127.5, 128)


class Drawing:
    """An OnnxBuilder with random weights: one method per layer of the benchmark generators."""

    def __init__(self, seed: int, latent_size: int = LATENTS, latent_scale: float = LATENT_SCALE) -> None:
        self._rng = np.random.default_rng(seed)
        self.builder = OnnxBuilder(latent_size, latent_scale)

    def weights(self, *shape: int, fan_in: int, gain: float = 1.0) -> np.ndarray:
        """Return normal float32 weights for sums of variance gain^2 from inputs of unit mean square."""
        return self._rng.normal(0, gain / np.sqrt(fan_in), shape).astype(np.float32)

    def bias(self, outputs: int) -> np.ndarray:
        """Return small normal float32 biases."""
        return self._rng.normal(0, 0.1, outputs).astype(np.float32)

    def kind(self, x: Value) -> Value:
        """Append a random row per kind."""
        table = self._rng.integers(-100, 100, (len(KINDS), EMBEDDING), np.int8)
        return self.builder.concat(x, self.builder.kind(table))

    def dense(self, x: Value, outputs: int, target: Scale, gain: float = 1.0) -> Value:
        """A Gemm to `outputs` features."""
        weights = self.weights(outputs, x.channels, fan_in=x.channels, gain=gain)
        return self.builder.dense(x, weights, self.bias(outputs), target)

    def conv(self, x: Value, outputs: int, kernel: int, target: Scale, gain: float = 1.4) -> Value:
        """Apply a convolution that keeps the size."""
        weights = self.weights(
            outputs, x.channels, kernel, kernel, fan_in=x.channels * kernel * kernel, gain=gain
        )
        return self.builder.conv2d(x, weights, self.bias(outputs), target, wrap=False)

    def up(self, x: Value, outputs: int, target: Scale, gain: float = 1.4) -> Value:
        """Double the size with a 4x4 ConvTranspose of stride 2."""
        weights = self.weights(x.channels, outputs, 4, 4, fan_in=4 * x.channels, gain=gain)
        return self.builder.conv_transpose2d(x, weights, self.bias(outputs), target, wrap=False)

    def leaky(self, x: Value) -> Value:
        """Apply a leaky ReLU."""
        return self.builder.pointwise(x, "LeakyRelu", LEAKY, alpha=LEAK)

    def scores(self, x: Value, outputs: int) -> None:
        """Write the output `indices`: the argmax of a 1x1 convolution to a score per palette entry."""
        weights = self._rng.integers(-127, 128, (outputs, x.channels, 1, 1), np.int8)
        bias = self._rng.integers(-2000, 2000, outputs, np.int32)
        self.builder.argmax_of(x, weights, bias, 1 / 512, False, "indices")

    def finish(self, name: str, size: int, **facts: object) -> bytes:
        """Return the bytes of the pack."""
        text = json.dumps({"format": lowest_format(facts), **_facts(name, size), **facts})
        return bytes(self.builder.finish(name, {METADATA_KEY: text}).SerializeToString(deterministic=True))


def g1() -> bytes:
    """DCGAN: z 64 -> 4x4x256 -> 8x8x128 -> 16x16x64 -> 32x32x4, transposed convolutions, ReLU, tanh to RGBA."""
    draw = Drawing(1)
    x = draw.builder.to_map(draw.dense(draw.builder.latent, 4 * 4 * 256, RECTIFIED), 4, 4)
    for channels in (128, 64):
        x = draw.up(x, channels, RECTIFIED)
    x = draw.builder.pointwise(draw.up(x, 4, LINEAR), "Tanh", COLOUR)
    draw.builder.output(x, "rgba", 4)
    return draw.finish("g1", 32, kinds=["any"], palette_size=0)


def g2() -> bytes:
    """Palette-native, 32x32: 4x4x128, then up and a residual convolution at 96, 64 and 32 channels, 16 colours."""
    return _palette_native("g2", 32, 128, (96, 64, 32), 2)


def g3() -> bytes:
    """Palette-native, 16x16: 4x4x64, then up and a residual convolution at 48 and 32 channels, 16 colours."""
    return _palette_native("g3", 16, 64, (48, 32), 3)


def _palette_native(name: str, size: int, first: int, stages: tuple[int, ...], seed: int) -> bytes:
    draw = Drawing(seed)
    start = draw.kind(draw.builder.latent)
    hidden = draw.leaky(draw.dense(start, PALETTE_HIDDEN, LINEAR))
    palette = draw.dense(hidden, 4 * COLOURS, COLOUR, gain=0.5)
    x = draw.leaky(draw.builder.to_map(draw.dense(start, 4 * 4 * first, LINEAR), 4, 4))
    for channels in stages:
        x = draw.leaky(draw.up(x, channels, LINEAR))
        x = draw.builder.add(x, draw.leaky(draw.conv(x, channels, 3, LINEAR, gain=1.0)), LEAKY)
    draw.scores(x, COLOURS)
    draw.builder.output(palette, "palette", 2)
    return draw.finish(name, size)


def _facts(name: str, size: int) -> dict[str, object]:
    return {
        "name": name,
        "kinds": list(KINDS),
        "tile_size": size,
        "palette": None,
        "palette_size": COLOURS,
        "latent_size": LATENTS,
        "transparent": True,
        "wrap": False,
        "sources": [{"name": "random weights", "licence": "CC0-1.0", "author": "nobody"}],
        "data": {},
        "training": {},
    }


GENERATORS: dict[str, Callable[[], bytes]] = {"g1": g1, "g2": g2, "g3": g3}
"""Generators by name, as functions that return the bytes of a pack. Deterministic."""
