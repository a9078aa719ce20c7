"""Upper limits of the device: memory bandwidth and int8 throughput, timed in the same rounds as the runners."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from .runner import Measure, Runner


class Ceiling(Runner):
    """sizes: of the arrays, by device. amount: bytes or multiply-adds per call."""

    sizes: ClassVar[dict[str, int]]

    def __init__(self, device: str) -> None:
        self._device = device
        self._prepare(self.sizes[device])

    @classmethod
    @abstractmethod
    def amount(cls, device: str) -> int:
        """Return the bytes or multiply-adds of one call."""

    @abstractmethod
    def _prepare(self, size: int) -> None: ...

    def wait(self) -> None:
        if self._device == "cuda":
            import torch

            torch.cuda.synchronize()

    def fetch(self) -> None:
        """Does nothing: the result stays on the device."""
        self.start()

    def seconds(self, measure: Measure, calls: int) -> float:
        if self._device != "cuda":
            return super().seconds(measure, calls)
        from .events import seconds_by_events

        return seconds_by_events(self.start, calls)


class DeviceCopy(Ceiling):
    """A large copy within device memory. Counts bytes read and bytes written."""

    name, precision = "device copy", ""
    sizes: ClassVar = {"cuda": 2 << 30, "cpu": 1 << 20}

    @classmethod
    def amount(cls, device: str) -> int:
        return 2 * cls.sizes[device]

    def _prepare(self, size: int) -> None:
        import torch

        self._source = torch.ones(size, dtype=torch.uint8, device=self._device)
        self._target = torch.empty_like(self._source)

    def start(self) -> None:
        self._target.copy_(self._source)


class Int8Product(Ceiling):
    """A large int8 matrix product with int32 sums by cuBLASLt. Counts multiply-adds."""

    name, precision = "int8 product", "int8"
    sizes: ClassVar = {"cuda": 8192, "cpu": 64}

    @classmethod
    def amount(cls, device: str) -> int:
        return cls.sizes[device] ** 3

    def _prepare(self, size: int) -> None:
        import torch

        rng = np.random.default_rng(0)
        left, right = (rng.integers(-128, 128, (size, size), np.int8) for _ in range(2))
        self._left = torch.from_numpy(left).to(self._device)
        # the layout that tensor cores read fastest
        self._right = torch.from_numpy(right).to(self._device).t()
        self._product = torch._int_mm

    def start(self) -> None:
        self._product(self._left, self._right)


CEILINGS: tuple[type[Ceiling], ...] = (DeviceCopy, Int8Product)
