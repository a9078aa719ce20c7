"""What every rival is: a network, loaded into another runtime, and called on the same inputs again and again."""

import importlib.metadata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import onnx


class Rival(ABC):
    """A network in another runtime.

    name: as the tables have it. package: what has to be installed. precision: "int8" for runtimes that are given the
    pack's own QDQ network, "int8, bf16" where they compute what is not quantised in bfloat16, "fp32" and "bf16" for
    those that are given its float graph. obedient: whether it can be held to an instruction set (isa.py). variants:
    names of those worth trying; None for all.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    precision: ClassVar[str]
    obedient: ClassVar[bool] = False
    variants: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def quantised(cls) -> bool:
        """Whether it is given the QDQ network."""
        return cls.precision.startswith("int8")

    @abstractmethod
    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        """Load and compile the network for inputs of these shapes."""

    @abstractmethod
    def run(self) -> object:
        """Evaluate the network once: what is timed."""

    @abstractmethod
    def outputs(self) -> dict[str, np.ndarray]:
        """The results of one evaluation by name."""

    @classmethod
    def installed(cls) -> bool:
        """Whether it can be used on this machine."""
        try:
            importlib.metadata.version(cls.package)
        except importlib.metadata.PackageNotFoundError:
            return False
        return True

    def kernels(self) -> str:
        """Which kernels the runtime chose, where it tells."""
        return ""
