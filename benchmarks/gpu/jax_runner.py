"""JAX in bfloat16: one function including the random numbers, compiled by XLA."""

import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .jax_graph import JaxGraph
from .network import Network
from .runner import BaselineRunner, Measure

BACKENDS = {"cuda": "gpu", "cpu": "cpu"}
LOOP_TILES = 4096
MOST_LOOPS = 16


class JaxRunner(BaselineRunner):
    """XLA with autotuning. Small batches are timed in loops on the device."""

    name, precision = "JAX bf16", "bf16"

    def __init__(self, network: Network, device: str) -> None:
        super().__init__(network, device)
        if (found := jax.default_backend()) != BACKENDS[device]:
            raise RuntimeError(f"JAX runs on {found}, not on {device}")
        self._evaluate = jax.jit(JaxGraph(network.model, jnp.bfloat16))
        self._step = jax.jit(self._make)
        self._loops = max(1, min(MOST_LOOPS, LOOP_TILES // network.batch))
        self._many = jax.jit(partial(_repeated, self._make, self._loops))
        self._state = self._step(jax.random.key(0, impl="rbg"))
        self.wait()

    def start(self) -> None:
        self._state = self._step(self._state[0])

    def wait(self) -> None:
        jax.block_until_ready(self._state)

    def fetch(self) -> None:
        self.start()
        jax.device_get(self._state[1])

    def seconds(self, measure: Measure, calls: int) -> float:
        if measure != "device" or self._loops == 1:
            return super().seconds(measure, calls)
        began = time.perf_counter()
        rounds = -(-calls // self._loops)
        for _ in range(rounds):
            self._state = self._many(*self._state)
        self.wait()
        return (time.perf_counter() - began) / (rounds * self._loops)

    def outputs(self) -> dict[str, np.ndarray]:
        results = map(np.asarray, self._evaluate(**self.network.feed))
        made = dict(zip(self.network.outputs, results, strict=True))
        return {name: np.moveaxis(y, -1, 1) if y.ndim == 4 else y for name, y in made.items()}

    def _make(self, key: Any) -> tuple[Any, tuple[jax.Array, ...]]:
        """Draw, and evaluate as often as the pack does. Also returns the next key."""
        network, drawn = self.network, {}
        key, kinds, latents = jax.random.split(key, 3)
        if "kind" in network.inputs:
            drawn["kind"] = jax.random.randint(kinds, (network.batch,), 0, network.kinds, jnp.int32)
        if "latent" in network.inputs:
            shape = (network.batch, network.latent_size)
            drawn["latent"] = jax.random.normal(latents, shape, jnp.bfloat16)
        if not network.map_shape:
            return key, self._evaluate(**drawn)
        cells = jnp.full((network.batch, *network.map_shape), network.unknown, jnp.uint8)
        chosen = lax.fori_loop(
            0, network.evaluations, lambda _, known: self._evaluate(cells=known, **drawn)[0], cells
        )
        return key, (chosen,)


def _repeated(make: Any, times: int, key: Any, results: Any) -> Any:
    """Call `make` repeatedly, each time with the key returned by the previous call."""
    return lax.fori_loop(0, times, lambda _, state: make(state[0]), (key, results))
