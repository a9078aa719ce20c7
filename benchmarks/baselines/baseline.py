"""The interface of a baseline: a network in another runtime, called repeatedly on the same inputs."""

import importlib.metadata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import onnx


class Baseline(ABC):
    """A network in another runtime.

    name: as in the tables. package: the required package. precision: "int8" for runtimes that run the pack's
    QDQ network, "int8, bf16" if they compute unquantised ops in bfloat16, "fp32" and "bf16" for those that
    run its float graph. supports_isa: whether it can be limited to an instruction set (isa.py). variants: names
    of the variants to try; None for all.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    precision: ClassVar[str]
    supports_isa: ClassVar[bool] = False
    variants: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def quantised(cls) -> bool:
        """Whether it runs the QDQ network."""
        return cls.precision.startswith("int8")

    @abstractmethod
    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        """Load and compile the network for inputs of these shapes."""

    @abstractmethod
    def run(self) -> object:
        """Evaluate the network once. This call is timed."""

    @abstractmethod
    def outputs(self) -> dict[str, np.ndarray]:
        """Return the outputs of one evaluation by name."""

    @classmethod
    def installed(cls) -> bool:
        """Whether it is available on this machine."""
        try:
            importlib.metadata.version(cls.package)
        except importlib.metadata.PackageNotFoundError:
            return False
        return True

    def kernels(self) -> str:
        """The kernels that the runtime chose, if known."""
        return ""
