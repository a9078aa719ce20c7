"""Quantised values of random packs: scales, zero points, weights, and conversions to and from floats."""

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from tilewright.critic import Critic
from tilewright.pack import FORMAT_VERSION
from tilewright.training_pictures import TrainingPictures

from ..networks import critic
from .writer import Writer

MOST_ELEMENTS = (600, 600, 600, 1400)  # limits for the elements of a value, so that a case takes milliseconds
EXTREME_SCALES = (1e-45, 1e-38, 1.2e-38, 1e-20, 1e10, 1e30, 3.4e38)


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


class QuantisedGraph:
    """The values and quantisations of a random pack. `features` and `maps` are the existing values."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.writer = Writer()
        self.features: list[Value] = []
        self.maps: list[Value] = []
        self.kinds = rng.choice((1, 1, 2, 3, 5))
        self.kind_of_cells = rng.random() < 0.25
        self.words = rng.choice((0, 0, 0, 1, 3, rng.randint(1, 40)))
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
            **({"kind_map": True} if self.kind_of_cells else {}),
            **({"words": [f"word{i}" for i in range(self.words)]} if self.words else {}),
            **({"word_kinds": self._kind_counts()} if self.words and self.rng.random() < 0.5 else {}),
            **({"texture": self._texture()} if self.rng.random() < 0.3 else {}),
            **fields,
        }

    def _texture(self) -> list[list[int]]:
        """Return shares of each kind, in 65,536ths."""
        ends = 0, 1 << 16
        return [
            [self.rng.choice((*ends, self.rng.randint(*ends))) for _ in range(3)] for _ in range(self.kinds)
        ]

    def _kind_counts(self) -> list[list[int]]:
        """Return numbers of pictures of each kind, without and with each word."""
        counts = 0, 0, 1, 7, 2**31 - 1
        return [[self.rng.choice(counts) for _ in range(self.kinds)] for _ in range(self.words + 1)]

    def fixed_palette(self, edge: int, colours: int) -> dict[str, Any]:
        """The metadata of pictures in a palette of their own, perhaps with training pictures."""
        palette = self.own_palette(colours)
        fields = {"tile_size": edge, "palette": palette, "palette_size": colours}
        if self.kind_of_cells or self.rng.random() < 0.7:
            return fields
        rng = np.random.default_rng(self.rng.getrandbits(64))
        pictures = rng.integers(0, colours, (rng.integers(1, 40), edge, edge), np.uint8)
        kinds = rng.integers(0, self.kinds, len(pictures))
        entries = np.array([list(bytes.fromhex(entry)) for entry in palette], np.uint8)
        known = TrainingPictures.of(pictures, kinds, self.kinds, entries)
        fields |= {"training_pictures": known.to_metadata()}
        if edge >= 4 and colours > 1 and self.rng.random() < 0.5:
            least = rng.integers(0, 256, self.kinds)
            fields |= {
                "critic": Critic.of(critic(edge, edge, colours, kinds=self.kinds), least).to_metadata()
            }
        return fields

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
