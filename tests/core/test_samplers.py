"""Step networks that stress incremental evaluation: borders and dirty regions, compared with the reference.

Between two evaluations, the core recomputes only the dirty region and keeps the halo around a map.
"""

from collections.abc import Callable

import numpy as np
import pytest

from tilewright.compiler import fast_reference
from tilewright.compiler.sampling import noise_table
from tilewright.engine import Engine, backends
from tilewright.plan import Buffer, Input, Plan, Sampler, Step

SIZE, CHANNELS, COLOURS, KINDS = 4, 6, 5, 3
COUNTS = (1, 2, 4, 5, 1)  # in this order, so that a workspace is reused
WHOLE = 9  # taps of a kernel in reading order
WITH_CENTRE = 5
BEFORE = 4


class Network:
    """Collects the steps of a network with one random stream."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(3)
        self._steps: list[Step] = []
        self._inputs = [Input("cells", "cells"), Input("kind", "kind")]
        self._buffers = {"cells": Buffer("cells", (SIZE, SIZE)), "kind": Buffer("kind", (), "int32")}

    def embed_cells(self, output: str = "x") -> None:
        """Add the map of the cells."""
        table = self._rng.integers(0, 256, (KINDS, COLOURS + 1, CHANNELS), dtype=np.uint8)
        self._append("embed_cells", ("kind", "cells"), output, {"table": table})

    def kind_map(self, output: str) -> None:
        """Add a map that depends only on the kind."""
        table = self._rng.integers(0, 256, (KINDS, 7), dtype=np.uint8)
        self._append("embed", ("kind",), "row", {"table": table}, (7,))
        self._append(
            "dense", ("row",), output, self._layer(SIZE * SIZE * CHANNELS, 7) | self._requantised(96)
        )

    def conditions(self, output: str, words: int = 9) -> None:
        """A map of the kind per cell, and to every cell of it a vector of the words added."""
        self._inputs += [Input("kind_map", "kind_map"), Input("words", "words")]
        self._buffers |= {
            "kind_map": Buffer("kind_map", (SIZE, SIZE)),
            "words": Buffer("words", (words,)),
        }
        table = self._rng.integers(0, 256, (1, KINDS, CHANNELS), dtype=np.uint8)
        self._append("embed_cells", ("kind_map",), "terrain", {"table": table})
        layer = self._layer(CHANNELS, words) | self._requantised(CHANNELS)
        layer["multiplier"] = np.full(CHANNELS, 0.5, dtype=np.float32)
        layer["bias"] = np.zeros(CHANNELS, dtype=np.int32)
        self._append("dense", ("words",), "vector", layer, (1, 1, CHANNELS))
        self.add("terrain", "vector", output)

    def latent_map(self, latents: str, output: str) -> None:
        """A map from 13 latents of each tile."""
        self._inputs.append(Input("latents", latents))
        self._buffers[latents] = Buffer(latents, (13,))
        layer = self._layer(SIZE * SIZE * CHANNELS, 13) | self._requantised(SIZE * SIZE * CHANNELS)
        self._append("dense", (latents,), output, layer)

    def conv2d(self, x: str, output: str, zero_in: int, wrap: bool = False, taps: int = WHOLE) -> None:
        """Add a 3x3 convolution whose first `taps` weights in reading order are not all zero."""
        layer = self._layer(CHANNELS, 3, 3, CHANNELS, taps=taps)
        padding = {"zero_in": zero_in, "wrap": wrap}
        self._append("conv2d", (x,), output, layer | self._requantised(CHANNELS) | padding)

    def lookup(self, x: str, output: str) -> None:
        """Add a table of random bytes."""
        self._append("lookup", (x,), output, {"table": self._rng.integers(0, 256, 256, dtype=np.uint8)})

    def add(self, a: str, b: str, output: str) -> None:
        """Add two maps with equal weight."""
        scales = {"scale_a": 0.6, "scale_b": 0.7, "zero_a": 110, "zero_b": 120, "zero_out": 130}
        self._append("add", (a, b), output, scales)

    def plan(self, x: str, method: str = "autoregressive", taps: int = BEFORE) -> Plan:
        """Add scores of `x` from the first `taps`, and the sampler."""
        layer = self._layer(COLOURS, 3, 3, CHANNELS, taps=taps) | {"zero_in": 90, "wrap": False}
        self._append("scores", (x,), "scores", layer, (SIZE, SIZE, COLOURS))
        steps = SIZE * SIZE if method == "autoregressive" else 7
        noise = noise_table(1.0, np.float32(1e-4))
        sampler = Sampler(method, SIZE, SIZE, COLOURS, steps, noise, "cells", "scores")
        outputs = {"indices": "cells", "kind": "kind"}
        return Plan(tuple(self._inputs), tuple(self._steps), self._buffers, outputs, KINDS, sampler)

    def _layer(self, outputs: int, *inputs: int, taps: int = WHOLE) -> dict[str, object]:
        weights = self._rng.integers(-60, 61, (outputs, *inputs), dtype=np.int8)
        if len(inputs) == 3:
            weights.reshape(outputs, WHOLE, -1)[:, taps:] = 0
        bias = self._rng.integers(-900, 900, outputs, dtype=np.int32)
        middle = 128 * weights.reshape(outputs, -1).sum(axis=1, dtype=np.int32)  # so that no output dominates
        return {"weights": weights, "bias": bias - middle}

    def _requantised(self, outputs: int) -> dict[str, object]:
        return {"multiplier": np.full(outputs, 0.003, dtype=np.float32), "zero_out": 110}

    def _append(
        self,
        op: str,
        inputs: tuple[str, ...],
        output: str,
        arguments: dict[str, object],
        shape: tuple[int, ...] = (SIZE, SIZE, CHANNELS),
    ) -> None:
        self._steps.append(Step(op, inputs, output, arguments))
        self._buffers[output] = Buffer(output, shape, "int32" if op == "scores" else "uint8")


def one_reader(taps: int = WHOLE) -> Plan:
    """A map with a non-zero border. With `taps` before the centre, or up to it, the network is causal."""
    network = Network()
    network.embed_cells()
    network.conv2d("x", "y", zero_in=200, taps=taps)
    return network.plan("y")


def two_readers(zero_in: int, wrap: bool, taps: int = WHOLE) -> Plan:
    """One map that is read with the border 200, and by another layer with another border."""
    network = Network()
    network.embed_cells()
    network.conv2d("x", "y", zero_in=200, taps=taps)
    network.conv2d("x", "z", zero_in, wrap, taps)
    network.add("y", "z", "sum")
    return network.plan("sum")


def wrapping_reader_first() -> Plan:
    network = Network()
    network.embed_cells()
    network.conv2d("x", "y", zero_in=10, wrap=True)
    network.conv2d("x", "z", zero_in=200)
    network.add("y", "z", "sum")
    return network.plan("sum")


def a_map_of_the_kind(method: str = "autoregressive", first: bool = True) -> Plan:
    """Kind -> embed -> dense -> a map that is added to the map of the cells; placed before that map or before
    the sum.
    """
    network = Network()
    if first:
        network.kind_map("k")
    network.embed_cells()
    network.conv2d("x", "y", zero_in=200)
    if not first:
        network.kind_map("k")
    network.add("y", "k", "sum")
    return network.plan("sum", method, taps=WHOLE if method == "masked" else BEFORE)


def a_convolved_map_of_the_kind() -> Plan:
    network = Network()
    network.embed_cells()
    network.kind_map("k")
    network.conv2d("k", "l", zero_in=10)
    network.add("x", "l", "sum")
    return network.plan("sum")


def steps_without_weights(method: str) -> Plan:
    """Lookups and an addition that are not fused into a layer."""
    network = Network()
    network.embed_cells()
    network.conv2d("x", "y", zero_in=200)
    network.lookup("y", "z")
    network.lookup("z", "u")
    network.lookup("x", "v")
    network.add("u", "v", "sum")
    network.lookup("sum", "w")
    return network.plan("w", method, taps=WHOLE if method == "masked" else BEFORE)


PLANS: dict[str, Callable[[], Plan]] = {
    "border": one_reader,
    "border-causal": lambda: one_reader(WITH_CENTRE),
    "border-before": lambda: one_reader(BEFORE),
    "two-borders": lambda: two_readers(10, wrap=False),
    "two-borders-causal": lambda: two_readers(10, wrap=False, taps=WITH_CENTRE),
    "wrap-and-border": lambda: two_readers(10, wrap=True),
    "wrap-first": wrapping_reader_first,
    "kind-map-first": a_map_of_the_kind,
    "kind-map-last": lambda: a_map_of_the_kind(first=False),
    "kind-map-masked": lambda: a_map_of_the_kind("masked"),
    "kind-map-last-masked": lambda: a_map_of_the_kind("masked", first=False),
    "without-weights": lambda: steps_without_weights("autoregressive"),
    "without-weights-masked": lambda: steps_without_weights("masked"),
    "kind-map-convolved": a_convolved_map_of_the_kind,
}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("backend", backends())
def test_the_core_draws_what_the_reference_draws(name: str, backend: str) -> None:
    plan = PLANS[name]()
    engine = Engine(plan, backend)
    for seed, count in enumerate(COUNTS):
        made = engine.run(count, seed=seed, start=7 * seed)["indices"]
        expected = fast_reference.run(plan, count, seed=seed, start=7 * seed)["indices"]
        np.testing.assert_array_equal(made, expected, err_msg=f"{count} tiles")


@pytest.mark.parametrize("name", PLANS)
def test_the_pictures_are_drawn_from_the_cells(name: str) -> None:
    """If all scores were equal or far apart, a wrong border would not change the picture."""
    plan = PLANS[name]()
    pictures = fast_reference.run(plan, 20, seed=1)["indices"]
    assert len(np.unique(pictures)) == COLOURS
    assert len(np.unique(pictures.reshape(20, -1), axis=0)) > 15
