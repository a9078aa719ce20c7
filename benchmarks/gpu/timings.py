"""The timings of all packs, in waves: all workers of a wave compile side by side, then its cases take turns."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..generators import GENERATORS
from ..subject import open_subject
from .budget import Budget
from .turns import take_turns
from .worker import Worker, why_not

BATCHES = (16384, 64, 1024, 1)
"""What matters most comes first."""
STEP_BATCHES = (1024,)
"""Of iterative packs, which evaluate their network many times for a picture."""
BATCHES_IN_A_WAVE = 2
MEASURING = 9.0
"""Seconds that a case is taken to need for its turns."""
PREPARING = 165.0
"""Seconds that the workers of a wave have for compiling and tuning, at most and at least."""
LEAST_PREPARING = 20.0
GRACE = 15.0
"""Seconds that a worker may be late."""

TUNED = "torch.compile max-autotune"

Case = tuple[str, int]


@dataclass(frozen=True)
class Settings:
    """What to time and how. rivals: kinds of worker. log: where workers write what they would print."""

    packs: Sequence[str]
    batches: Sequence[int]
    rivals: Sequence[str]
    device: str
    rounds: int
    log: Path


class Timings:
    """`begin` has the first wave compile, which needs no quiet device; `results` times it and all others."""

    def __init__(self, settings: Settings, budget: Budget) -> None:
        self._settings, self._budget = settings, budget
        self._waves = waves(settings.packs, settings.batches)
        self._ready_by = Budget(0)
        self._workers: dict[Case, list[Worker]] = {}
        self._starting: list[Worker] = []
        self._ceilings: Worker | None = None
        self.notes: list[str] = []
        self.left_out: list[Case] = []
        self._rivals = []
        for kind in settings.rivals:
            if reason := why_not(kind, settings.device):
                self.notes.append(f"{kind}: {reason}")
            else:
                self._rivals.append(kind)

    def begin(self) -> None:
        """Start the workers of the next wave, unless they run or there is too little time left for it."""
        if self._workers or not self._waves:
            return
        cases = self._waves[0]
        seconds = min(PREPARING, self._budget.left() - MEASURING * len(cases) - GRACE)
        if seconds < LEAST_PREPARING:
            return
        starting = []
        if self._ceilings is None:
            self._ceilings = self._worker("ceilings", cases[0], seconds)
            starting.append(self._ceilings)
        compiling = max(1, len(cases) * (TUNED in self._rivals))
        os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = str(max(1, (os.cpu_count() or 1) // compiling))
        for case in cases:
            self._workers[case] = [self._worker(kind, case, seconds) for kind in ("core", *self._rivals)]
        self._starting = [*starting, *(w for case in cases for w in self._workers[case])]
        self._ready_by = self._budget.part(seconds)

    def results(self) -> Iterator[dict[str, Any]]:
        """A result of each case and measure, as soon as it is there."""
        while self._waves:
            self.begin()
            cases = self._waves.pop(0)
            if not self._workers:
                self.left_out += cases
                continue
            ceilings = self._ceilings
            assert ceilings is not None
            for worker in self._starting:
                worker.prepared(self._ready_by.left() + GRACE)
            for number, case in enumerate(cases):
                share = self._budget.part(self._budget.left() / (len(cases) - number))
                core, *others = self._workers[case]
                settings = self._settings
                yield from take_turns(
                    open_subject(*case), core, others, ceilings, settings.device, settings.rounds, share
                )
            self._end_wave()
        self.close()

    def close(self) -> None:
        """End all processes."""
        self._end_wave()
        if self._ceilings is not None:
            self.notes += self._ceilings.notes
            self._ceilings.close()
            self._ceilings = None

    def _end_wave(self) -> None:
        for workers in self._workers.values():
            for worker in workers:
                worker.close()
        self._workers = {}

    def _worker(self, kind: str, case: Case, seconds: float) -> Worker:
        return Worker(kind, *case, self._settings.device, seconds, self._settings.log)


def waves(packs: Sequence[str], batches: Sequence[int]) -> list[list[Case]]:
    """Cases in the order in which they matter: G1 to G3 before others, batches as given, two of them at a time."""
    first = [pack for pack in packs if pack in GENERATORS]
    rest = [pack for pack in packs if pack not in GENERATORS]
    made = []
    for group in (first, rest):
        for i in range(0, len(batches), BATCHES_IN_A_WAVE):
            chosen = batches[i : i + BATCHES_IN_A_WAVE]
            made.append([(p, batch) for batch in chosen for p in group if batch in _batches_of(p, batches)])
    return [wave for wave in made if wave]


def _batches_of(pack: str, batches: Sequence[int]) -> Sequence[int]:
    iterative = open_subject(pack, 1).file.plan.sampler is not None
    return [batch for batch in batches if batch in STEP_BATCHES] or batches[:1] if iterative else batches
