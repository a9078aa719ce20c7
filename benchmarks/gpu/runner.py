"""Runners that generate batches of tiles on a GPU, and three ways to time them."""

import math
import time
from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np

from ..measure import SHORTEST
from .network import Network

Measure = Literal["device", "call", "host"]

MEASURES: dict[Measure, str] = {
    "device": "time on the device, one batch after the other",
    "call": "the whole call, its results on the device",
    "host": "the whole call, its results in host memory",
}
MOST_CALLS = 1000


class Runner(ABC):
    """A network, loaded and compiled for one batch size. name, precision: as in the tables."""

    name: ClassVar[str]
    precision: ClassVar[str]

    @abstractmethod
    def start(self) -> None:
        """Start a batch: draw latents and generate. May return before the batch is complete."""

    @abstractmethod
    def wait(self) -> None:
        """Wait until all started batches are complete."""

    @abstractmethod
    def fetch(self) -> None:
        """Generate a batch and copy it to host memory."""

    def seconds(self, measure: Measure, calls: int) -> float:
        """Return the seconds of one call, the mean over `calls` calls."""
        began = time.perf_counter()
        for _ in range(calls):
            if measure == "host":
                self.fetch()
            else:
                self.start()
                if measure == "call":
                    self.wait()
        self.wait()
        return (time.perf_counter() - began) / calls

    def kernels(self) -> str:
        """The kernels in use, if known."""
        return ""


class BaselineRunner(Runner):
    """A runner of a `Network` on "cuda" or "cpu"."""

    @abstractmethod
    def __init__(self, network: Network, device: str) -> None:
        """Load and compile."""
        self.network = network

    def pictures(self) -> np.ndarray:
        """Return the pictures for the network's feed, for comparison with `subject.expected`."""
        return self.network.pictures(self.outputs())

    @abstractmethod
    def outputs(self) -> dict[str, np.ndarray]:
        """Return the outputs for the network's feed by name, in ONNX layout."""


def calls_in(runner: Runner, measure: Measure, shortest: float = SHORTEST) -> int:
    """Return the number of calls per sample. Makes two calls to estimate it, because the first one may
    allocate.
    """
    runner.seconds(measure, 1)
    return min(MOST_CALLS, math.ceil(shortest / max(runner.seconds(measure, 1), 1e-9)))
