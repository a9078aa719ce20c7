"""What is timed on a GPU: something that makes a batch of tiles, and three ways to time it."""

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
    """A network, loaded and compiled for one batch size. name, precision: as the tables have them."""

    name: ClassVar[str]
    precision: ClassVar[str]

    @abstractmethod
    def start(self) -> None:
        """Draw latents and make a batch of them; may return before it is made."""

    @abstractmethod
    def wait(self) -> None:
        """Return when everything that was started is made."""

    @abstractmethod
    def fetch(self) -> None:
        """Make a batch and bring it into host memory."""

    def seconds(self, measure: Measure, calls: int) -> float:
        """Seconds of one call, the mean over `calls`."""
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
        """Which kernels are used, where it is known."""
        return ""


class RivalRunner(Runner):
    """A runner of a `Network` on "cuda" or "cpu"."""

    @abstractmethod
    def __init__(self, network: Network, device: str) -> None:
        """Load and compile."""
        self.network = network

    def pictures(self) -> np.ndarray:
        """What the network makes of its feed, to be held against `subject.expected`."""
        return self.network.pictures(self.outputs())

    @abstractmethod
    def outputs(self) -> dict[str, np.ndarray]:
        """The results for the network's feed by name, laid out as ONNX has them."""


def calls_in(runner: Runner, measure: Measure, shortest: float = SHORTEST) -> int:
    """Calls that last as long as a sample should; two are made to find out, the first of which may still allocate."""
    runner.seconds(measure, 1)
    return min(MOST_CALLS, math.ceil(shortest / max(runner.seconds(measure, 1), 1e-9)))
