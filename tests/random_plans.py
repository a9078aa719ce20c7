"""Random step networks: any map, kernel, dilation and border, causal or not, kind maps, both samplers."""

import numpy as np

from tilewright.compiler.sampling import noise_table
from tilewright.plan import Buffer, Input, Plan, Sampler, Step

KINDS, CHANNELS = 3, 4


class RandomPlan:
    """Collects random steps. All maps have CHANNELS channels."""

    def __init__(self, seed: int, height: int, width: int, wrap: bool, causal: bool) -> None:
        self._rng = np.random.default_rng(seed)
        self._height, self._width, self._wrap, self._causal = height, width, wrap, causal
        self._steps: list[Step] = []
        self._buffers = {"cells": Buffer("cells", (height, width)), "kind": Buffer("kind", (), "int32")}
        self._maps: list[str] = []

    def build(self, method: str, pooled: bool) -> Plan:
        """Return a network of some steps with a sampler. pooled: every score depends on every cell."""
        colours = int(self._rng.integers(2, 7))
        table = self._bytes(KINDS, colours + 1, CHANNELS)
        table[:, :, 0] = table[:, :1, 0]  # a channel that depends only on the kind
        self._append("embed_cells", ("kind", "cells"), {"table": table})
        if self._rng.random() < 0.5:
            self._kind_map()
        for number in range(int(self._rng.integers(1, 5))):
            self._convolution("conv2d", CHANNELS, strict=number == 0)
            if self._rng.random() < 0.5:
                self._append("lookup", (self._maps[-1],), {"table": self._bytes(256)})
            if self._rng.random() < 0.6:
                self._add()
        if pooled:
            self._add_means()
        self._convolution("scores", colours, strict=False)
        cells = self._height * self._width
        steps = cells if method == "autoregressive" else int(self._rng.integers(1, cells + 1))
        noise = noise_table(1.0, np.float32(1e-3))
        scores = self._steps[-1].output
        sampler = Sampler(method, self._height, self._width, colours, steps, noise, "cells", scores)
        inputs = Input("cells", "cells"), Input("kind", "kind")
        outputs = {"indices": "cells", "kind": "kind"}
        return Plan(inputs, tuple(self._steps), self._buffers, outputs, KINDS, sampler)

    def _bytes(self, *shape: int) -> np.ndarray:
        return self._rng.integers(0, 256, shape, dtype=np.uint8)

    def _append(
        self, op: str, inputs: tuple[str, ...], arguments: dict[str, object], channels: int = CHANNELS
    ) -> None:
        name = f"{op}-{len(self._steps)}"
        self._steps.append(Step(op, inputs, name, arguments))
        dtype = "int32" if op == "scores" else "uint8"
        self._buffers[name] = Buffer(name, (self._height, self._width, channels), dtype)
        self._maps.append(name)

    def _kind_map(self) -> None:
        size = self._height * self._width * CHANNELS
        self._steps.append(Step("embed", ("kind",), "row", {"table": self._bytes(KINDS, 5)}))
        self._buffers["row"] = Buffer("row", (5,))
        weights = self._rng.integers(-60, 61, (size, 5), dtype=np.int8)
        self._append("dense", ("row",), self._layer(weights) | self._requantised(size))
        self._maps.insert(0, self._maps.pop())  # keep the map of the cells last

    def _convolution(self, op: str, outputs: int, strict: bool) -> None:
        """strict: in a causal network, exclude even the centre, except for the channel of the kind."""
        kernel = [int(self._rng.choice([3, 3, 5] if strict else [1, 3, 3, 5]))] * 2
        if self._rng.random() < 0.25:
            kernel[int(self._rng.integers(2))] = int(self._rng.choice([1, 7]))
        weights = self._rng.integers(-60, 61, (outputs, *kernel, CHANNELS), dtype=np.int8)
        number = kernel[0] * kernel[1]
        taps = weights.reshape(outputs, number, CHANNELS)
        centre = number // 2
        if self._causal:
            taps[:, centre + 1 :] = 0
            taps[:, centre, 1 if strict else CHANNELS :] = 0
        taps[:, self._rng.random(number) < 0.2] = 0
        arguments = self._layer(weights) | {"zero_in": int(self._rng.integers(256)), "wrap": self._wrap}
        if op == "conv2d" or self._rng.random() < 0.5:
            rows, columns = (int(dilation) for dilation in self._rng.choice([1, 2, 3], 2))
            arguments["dilations"] = (rows, rows if self._rng.random() < 0.7 else columns)
        if op == "conv2d":
            arguments |= self._requantised(outputs)
        read = self._maps[-1] if strict or self._rng.random() < 0.8 else str(self._rng.choice(self._later()))
        self._append(op, (read,), arguments, outputs)

    def _add(self) -> None:
        scales = {"scale_a": 0.6, "scale_b": 0.7, "zero_a": 110, "zero_b": 120, "zero_out": 130}
        other = str(self._rng.choice([name for name in self._maps if "embed" not in name]))
        self._append("add", (other, self._maps[-1]), scales)

    def _add_means(self) -> None:
        """Add to every cell a vector made of the means of a pooled map."""
        read = self._maps[-1]
        if min(self._height, self._width) >= 2:
            self._steps.append(Step("max_pool", (read,), "pooled", {}))
            self._buffers["pooled"] = Buffer("pooled", (self._height // 2, self._width // 2, CHANNELS))
            read = "pooled"
        cells = np.prod(self._buffers[read].shape[:2])
        arguments = {"multiplier": np.float32(2 / cells), "zero_in": 120, "zero_out": 128}
        self._steps.append(Step("mean", (read,), "means", arguments))
        self._buffers["means"] = Buffer("means", (CHANNELS,))
        weights = self._rng.integers(-60, 61, (CHANNELS, CHANNELS), dtype=np.int8)
        self._steps.append(
            Step("dense", ("means",), "vector", self._layer(weights) | self._requantised(CHANNELS))
        )
        self._buffers["vector"] = Buffer("vector", (1, 1, CHANNELS))
        scales = {"scale_a": 0.6, "scale_b": 0.7, "zero_a": 110, "zero_b": 120, "zero_out": 130}
        self._append("add", (self._maps[-1], "vector"), scales)

    def _later(self) -> list[str]:
        """Return the maps of a causal network whose cells do not depend on themselves."""
        return [name for name in self._maps if name.split("-")[0] in ("conv2d", "lookup", "add")]

    def _layer(self, weights: np.ndarray) -> dict[str, object]:
        bias = self._rng.integers(-900, 900, len(weights), dtype=np.int32)
        middle = 128 * weights.reshape(len(weights), -1).sum(axis=1, dtype=np.int32)
        return {"weights": weights, "bias": bias - middle}

    def _requantised(self, outputs: int) -> dict[str, object]:
        return {"multiplier": np.full(outputs, 0.01, dtype=np.float32), "zero_out": 120}


def random_plan(
    seed: int,
    method: str,
    causal: bool = True,
    wrap: bool = False,
    size: tuple[int, int] = (5, 7),
    pooled: bool = False,
) -> Plan:
    """Return a distinct plan for each seed. With `wrap`, the network is not causal, because rows wrap around; nor with
    `pooled`, because every score depends on the mean over all cells.
    """
    return RandomPlan(seed, *size, wrap, causal).build(method, pooled)
