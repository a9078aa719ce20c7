"""The core: the call that a game makes, and the time that the device takes for it."""

import statistics

from tilewright import engine
from tilewright.batches import DeviceBatch, TileBatch
from tilewright.generator import Pack

from ..subject import SEED, Subject
from .runner import Measure, Runner


class CoreRunner(Runner):
    """A pack on "cuda". For dry runs on "cpu", the CPU backend replaces it."""

    name, precision = "tilewright", "int8"

    def __init__(self, subject: Subject, device: str) -> None:
        self.pack, self._batch, self._device = Pack(subject.file), subject.batch, device
        self._start = 0

    def start(self) -> None:
        self._results = results(generate(self.pack, self._batch, self._device, True, SEED, self._next()))

    def wait(self) -> None:
        if self._device == "cuda":
            import torch

            torch.cuda.synchronize()

    def fetch(self) -> None:
        results(generate(self.pack, self._batch, self._device, False, SEED, self._next()))

    def seconds(self, measure: Measure, calls: int) -> float:
        if measure != "device" or self._device != "cuda":
            return super().seconds(measure, calls)
        return statistics.median(engine.time_on_device(self.pack.plan, self._batch, rounds=calls))

    def _next(self) -> int:
        """Return the first index of new tiles."""
        self._start += self._batch
        return self._start - self._batch


def generate(
    pack: Pack, count: int, device: str, stay: bool, seed: int, start: int, kind: str | None = None
) -> TileBatch | DeviceBatch:
    """Generate tiles on the device, without a gate. With `stay`, they are not copied to the host. On a CPU, there is no
    difference.
    """
    if stay and device == "cuda":
        return pack.generate_on_device(count, kind=kind, seed=seed, start=start, device=device, gate=False)
    return pack.generate(count, kind=kind, seed=seed, start=start, device=device, gate=False)


def results(batch: TileBatch | DeviceBatch) -> list[object]:
    """Return the outputs of the network: indices and palettes, or colours."""
    return [batch.rgba] if batch.indices is None else [batch.indices, batch.palettes]
