"""Time one pack at one batch size: the core, baselines and upper limits, interleaved, with three measures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isnan, nan
from typing import Any

from ..measure import Spread, interleave, ratios
from ..result import Result, Row
from ..subject import Subject
from .budget import Budget
from .ceilings import CEILINGS, DeviceCopy, Int8Product
from .runner import MEASURES, Measure
from .worker import Worker, WorkerError

LEAST_ROUNDS = 3
PRECISIONS = ("bf16", "tf32")


@dataclass(frozen=True, eq=False)
class Contender:
    """A runner in a worker process, with its row."""

    worker: Worker
    index: int

    @property
    def row(self) -> Row:
        """The row, without samples."""
        return self.worker.rows[self.index]


Asked = tuple[Contender, Measure]


def take_turns(
    subject: Subject,
    core: Worker,
    others: Sequence[Worker],
    ceilings: Worker,
    device: str,
    rounds: int,
    budget: Budget,
) -> list[dict[str, Any]]:
    """Return a result for each measure, ready for JSON. If time runs out, it has fewer rounds."""
    contenders = [Contender(w, i) for w in (core, *others) for i in range(len(w.rows))]
    limits = {c.row.name: c for c in (Contender(ceilings, i) for i in range(len(ceilings.rows)))}
    notes = [note for worker in (core, *others) for note in worker.notes]
    asked: list[Asked] = [(c, "device") for c in limits.values()]
    asked += [(c, measure) for measure in MEASURES for c in contenders]
    samples = _sample(asked, rounds, budget, notes)
    rates = {
        kind.name: [kind.amount(device) / s for s in samples[limits[kind.name], "device"]]
        for kind in CEILINGS
        if kind.name in limits and (limits[kind.name], "device") in samples
    }
    made = []
    for measure in MEASURES:
        timed = {c: samples[c, measure] for c in contenders if (c, measure) in samples}
        result = _result(subject, core, timed, notes)
        facts: dict[str, Any] = {"measure": measure, "verdicts": _plain(verdicts(result))}
        if measure == "device" and result.core:
            facts["ceilings"] = _ceilings(subject, result.rows[0], rates)
        made.append(asdict(result) | facts)
    return made


def verdicts(result: Result) -> dict[str, Spread]:
    """Return the ratios of the core to the best baseline per precision, and to a faster graph of other
    numbers.
    """
    found = {}
    for precision in PRECISIONS:
        rows = [result.best_baseline(precision, same_numbers) for same_numbers in (True, False)]
        texts = (f"best {precision} baseline", f"best {precision} baseline of any graph")
        for text, row in dict(zip(texts, rows, strict=True)).items():
            if (
                row is not None
                and row.core_over_this is not None
                and not (text == texts[1] and row is rows[0])
            ):
                found[f"{text} ({row.name}, {row.variant})"] = row.core_over_this
    return found


def _sample(
    asked: Sequence[Asked], rounds: int, budget: Budget, notes: list[str]
) -> dict[Asked, list[float]]:
    """Return the seconds per round. A runner that fails is skipped with a note."""
    samples: dict[Asked, list[float]] = {what: [] for what in asked}
    for done in range(rounds):
        if done >= LEAST_ROUNDS and budget.left() == 0:
            notes.append(f"{done} rounds instead of {rounds}, for lack of time")
            break
        probes = {what: _probe(*what, notes) for what in samples}
        for what, (seconds,) in interleave({}, 1, probes=probes).items():
            samples[what].append(seconds)
        samples = {what: found for what, found in samples.items() if not isnan(found[-1])}
    return samples


def _probe(contender: Contender, measure: Measure, notes: list[str]) -> Callable[[], float]:
    def ask() -> float:
        try:
            return contender.worker.sample(contender.index, measure)
        except WorkerError as error:
            notes.append(f"{contender.row.name}, {measure}: {error}")
            return nan

    return ask


def _result(
    subject: Subject, core: Worker, timed: Mapping[Contender, list[float]], notes: list[str]
) -> Result:
    """Build a result with the core's row first. If the core could not be timed, `core` is "" and there are no
    ratios.
    """
    rows = [
        replace(c.row, tiles_per_second=[subject.batch / s for s in seconds]) for c, seconds in timed.items()
    ]
    name = rows[0].name if any(c.worker is core for c in timed) else ""
    for row in rows if name else ():
        row.core_over_this = ratios(rows[0].tiles_per_second, row.tiles_per_second)
    return Result(subject.file.name, subject.batch, subject.evaluations, name, rows, notes)


def _ceilings(subject: Subject, core: Row, rates: Mapping[str, list[float]]) -> dict[str, Any]:
    """Return the upper limits per round, and store the core's share of the lower one in its row.

    A tile needs at least its multiply-adds, and one write of its results.
    """
    plan = subject.file.plan
    needs = {
        DeviceCopy.name: sum(plan.buffers[name].nbytes for name in plan.outputs.values()),
        Int8Product.name: core.executed_multiply_adds,
    }
    shares = {
        name: ratios([needs[name] * speed for speed in core.tiles_per_second], rates[name]) for name in rates
    }
    if Int8Product.name in rates:
        core.int8_peak, core.share_of_peak = rates[Int8Product.name], shares[Int8Product.name]
    nearer = max(shares, key=lambda name: shares[name].median, default=None)
    return {"a_tile_needs": needs, "a_second": dict(rates), "share": _plain(shares), "nearer": nearer}


def _plain(spreads: Mapping[str, Spread]) -> dict[str, dict[str, float]]:
    return {name: asdict(ratio) for name, ratio in spreads.items()}
