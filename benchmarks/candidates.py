"""Find the fastest graph for each baseline: compile and try every variant, and measure the best ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .baselines import BASELINES, Baseline
from .float_graph import float_graph
from .measure import interleave, spread
from .result import Row
from .subject import Subject, difference, identical
from .variants import VARIANTS, variants_of

ROUNDS = 5
"""Samples of each variant in the trial."""
CLOSE = 0.9
"""Variants with at least this share of the fastest variant's speed are measured."""


@dataclass(frozen=True)
class Candidate:
    """A baseline with a compiled network, and its row of the result."""

    baseline: Baseline
    row: Row


def candidates(
    subject: Subject, threads: int, isa: str, notes: list[str], report: Callable[[str], None]
) -> list[Candidate]:
    """Return every installed baseline with its fastest variants. Variants that compute other numbers must be
    faster.

    notes: receives a line about each skipped baseline or variant. report: receives progress messages.
    """
    found = []
    for kind in BASELINES:
        if not kind.installed():
            notes.append(f"{kind.name}: {kind.package} is not installed, or not for this processor")
        elif isa and not kind.supports_isa:
            notes.append(f"{kind.name}: cannot be held to {isa}")
        else:
            report(f"{subject.file.name}: {kind.name} tries its variants")
            found += _fastest(subject, kind, threads, notes)
    return found


def _fastest(subject: Subject, kind: type[Baseline], threads: int, notes: list[str]) -> list[Candidate]:
    compiled = _compile(subject, kind, threads, notes)
    seconds = interleave({name: baseline.run for name, baseline in compiled.items()}, ROUNDS)
    work = subject.batch / subject.evaluations
    speeds = {name: work / spread(samples).median for name, samples in seconds.items()}
    exact = max((speed for name, speed in speeds.items() if VARIANTS[name].same_numbers), default=0.0)
    return [
        _candidate(subject, baseline, name, speeds)
        for name, baseline in compiled.items()
        if speeds[name] >= (CLOSE * exact if VARIANTS[name].same_numbers else exact)
    ]


def _candidate(subject: Subject, baseline: Baseline, variant: str, speeds: Mapping[str, float]) -> Candidate:
    same = VARIANTS[variant].same_numbers
    row = Row(
        baseline.name, baseline.precision, variant, None, kernels=baseline.kernels(), screening=dict(speeds)
    )
    if same:
        pictures = subject.pictures(baseline.outputs())
        row.agreement = identical(subject.expected, pictures)
        row.difference = difference(subject.expected, pictures)
    return Candidate(baseline, row)


def _compile(subject: Subject, kind: type[Baseline], threads: int, notes: list[str]) -> dict[str, Baseline]:
    compiled = {}
    for name, variant in variants_of(subject.model).items():
        if kind.variants is not None and name not in kind.variants:
            continue
        model = variant.rewrite(subject.model)
        try:
            compiled[name] = kind(model if kind.quantised() else float_graph(model), subject.feed, threads)
            compiled[name].run()
        # runtimes raise arbitrary exceptions, and the others should still be timed
        except Exception as error:
            compiled.pop(name, None)
            notes.append(f"{kind.name}, {name}: {type(error).__name__}: {' '.join(str(error).split())[:120]}")
    return compiled
