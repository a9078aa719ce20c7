"""Time all packs in waves: the workers of a wave compile in parallel, then its cases are timed one by one."""

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
"""Most important first."""
STEP_BATCHES = (1024,)
"""Batch sizes of iterative packs, which evaluate their network many times per picture."""
BATCHES_IN_A_WAVE = 2
MEASURING = 9.0
"""Estimated seconds to time a case."""
PREPARING = 165.0
"""Maximum and minimum seconds for compiling and tuning a wave."""
LEAST_PREPARING = 20.0
GRACE = 15.0
"""Grace period of a worker in seconds."""

TUNED = "torch.compile max-autotune"

Case = tuple[str, int]


@dataclass(frozen=True)
class Settings:
    """What to time, and how. baselines: kinds of worker. log: file for the workers' output."""

    packs: Sequence[str]
    batches: Sequence[int]
    baselines: Sequence[str]
    device: str
    rounds: int
    log: Path


class Timings:
    """`begin` starts the first wave, whose compilation needs no idle device. `results` times it and all
    others.
    """

    def __init__(self, settings: Settings, budget: Budget) -> None:
        self._settings, self._budget = settings, budget
        self._waves = waves(settings.packs, settings.batches)
        self._ready_by = Budget(0)
        self._workers: dict[Case, list[Worker]] = {}
        self._starting: list[Worker] = []
        self._ceilings: Worker | None = None
        self.notes: list[str] = []
        self.left_out: list[Case] = []
        self._baselines = []
        for kind in settings.baselines:
            if reason := why_not(kind, settings.device):
                self.notes.append(f"{kind}: {reason}")
            else:
                self._baselines.append(kind)

    def begin(self) -> None:
        """Start the workers of the next wave, unless they run already or too little time is left."""
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
        compiling = max(1, len(cases) * (TUNED in self._baselines))
        os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = str(max(1, (os.cpu_count() or 1) // compiling))
        for case in cases:
            self._workers[case] = [self._worker(kind, case, seconds) for kind in ("core", *self._baselines)]
        self._starting = [*starting, *(w for case in cases for w in self._workers[case])]
        self._ready_by = self._budget.part(seconds)

    def results(self) -> Iterator[dict[str, Any]]:
        """Yield the result of each case and measure when it is available."""
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
    """Return the cases by priority: G1 to G3 before others, batches as given, two at a time."""
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
