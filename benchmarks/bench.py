"""Time every backend of the core and every installed baseline on the same pack, interleaved in one run."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tilewright import engine
from tilewright.errors import MachineError

from .candidates import Candidate, candidates
from .measure import interleave, ratios
from .result import Result, Row
from .subject import SEED, Subject, identical


@dataclass(frozen=True)
class Options:
    """Settings of a measurement. rounds: samples per runner. backends: of the core. isa: limit for all
    runtimes, or "".
    """

    backends: tuple[str, ...]
    threads: int = 1
    rounds: int = 15
    baselines: bool = True
    isa: str = ""


def measure(subject: Subject, options: Options, report: Callable[[str], None] = lambda _: None) -> Result:
    """Time one pack. report: receives progress messages. Raises MachineError if no backend generates the
    right tiles.
    """
    notes: list[str] = []
    rows = [_core_row(subject, name) for name in options.backends]
    for row in rows:
        if row.agreement != 1:
            notes.append(f"{row.name}: skipped, because its tiles differ from the reference's")
    rows = [row for row in rows if row.agreement == 1]
    if not rows:
        raise MachineError(
            f"bench: no backend of {', '.join(options.backends)} generates the reference's tiles of {subject.file.name}"
        )
    against: list[Candidate] = []
    if options.baselines:
        against = candidates(subject, options.threads, options.isa, notes, report)
    report(f"{subject.file.name}: measuring")
    runners = {row.name: _core(subject, row.name, options.threads) for row in rows}
    runners |= {_key(c.row): _repeated(c.baseline.run, subject.evaluations) for c in against}
    probes = {f"peak of {row.name}": _peak_of(row.name) for row in rows}
    peaks = {row.name: f"peak of {row.name}" for row in rows}
    threaded = list(rows)
    if options.threads != 1:  # to show the effect of more threads
        for row in threaded:
            alone = replace(row, name=f"{row.name}, one thread")
            runners[alone.name] = _core(subject, row.name, 1)
            peaks[alone.name] = peaks[row.name]
            rows.append(alone)
    samples = interleave(runners, options.rounds, probes=probes)
    for row in (*rows, *(c.row for c in against)):
        row.tiles_per_second = [subject.batch / seconds for seconds in samples[_key(row)]]
    best = max(threaded, key=lambda row: row.speed.median)
    for row in rows:
        row.int8_peak = samples[peaks[row.name]]
        executed = [row.executed_multiply_adds * speed for speed in row.tiles_per_second]
        row.share_of_peak = ratios(executed, row.int8_peak)
    rows += [c.row for c in against]
    for row in rows:
        row.core_over_this = ratios(best.tiles_per_second, row.tiles_per_second)
    return Result(subject.file.name, subject.batch, subject.evaluations, best.name, rows, notes)


def _core_row(subject: Subject, backend: str) -> Row:
    executed = engine.Engine(subject.file.plan, backend).executed_multiply_adds
    pack = subject.pack(backend)
    made = pack.generate(len(subject.reference), seed=SEED, threads=1, device="cpu", gate=False).rgba
    agreement = identical(subject.reference, made)
    return Row(backend, "int8", agreement=agreement, executed_multiply_adds=executed)


def _core(subject: Subject, backend: str, threads: int) -> Callable[[], object]:
    """Return the call that a game makes, without a gate: draw latents, run the network, look up colours."""
    pack = subject.pack(backend)
    return lambda: pack.generate(subject.batch, seed=SEED, threads=threads, device="cpu", gate=False).rgba


def _repeated(run: Callable[[], object], evaluations: int) -> Callable[[], None]:
    """Evaluate the network as often as the pack's sampler does. The sampling itself is not charged to a
    baseline.
    """

    def run_all() -> None:
        for _ in range(evaluations):
            run()

    return run_all


def _peak_of(backend: str) -> Callable[[], float]:
    return lambda: engine.int8_peak(backend)


def _key(row: Row) -> str:
    return f"{row.name}: {row.variant}" if row.variant else row.name
