"""Which graph a rival runs fastest: each variant is compiled and tried, the best are measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .float_graph import float_graph
from .measure import interleave, spread
from .result import Row
from .rivals import RIVALS, Rival
from .subject import Subject, difference, identical
from .variants import VARIANTS, variants_of

ROUNDS = 5
"""Samples of each variant when it is tried."""
CLOSE = 0.9
"""Variants at least this fast, relative to the fastest, are all measured."""


@dataclass(frozen=True)
class Candidate:
    """A rival with a compiled network, and the row that it will fill."""

    rival: Rival
    row: Row


def candidates(
    subject: Subject, threads: int, isa: str, notes: list[str], report: Callable[[str], None]
) -> list[Candidate]:
    """Every installed rival with its fastest variants; of those of other numbers, only what is faster than these.

    notes: gets a line about each rival or variant that is left out. report: is told what is done.
    """
    found = []
    for kind in RIVALS:
        if not kind.installed():
            notes.append(f"{kind.name}: {kind.package} is not installed, or not for this processor")
        elif isa and not kind.obedient:
            notes.append(f"{kind.name}: cannot be held to {isa}")
        else:
            report(f"{subject.file.name}: {kind.name} tries its variants")
            found += _fastest(subject, kind, threads, notes)
    return found


def _fastest(subject: Subject, kind: type[Rival], threads: int, notes: list[str]) -> list[Candidate]:
    compiled = _compile(subject, kind, threads, notes)
    seconds = interleave({name: rival.run for name, rival in compiled.items()}, ROUNDS)
    work = subject.batch / subject.evaluations
    speeds = {name: work / spread(samples).median for name, samples in seconds.items()}
    exact = max((speed for name, speed in speeds.items() if VARIANTS[name].same_numbers), default=0.0)
    return [
        _candidate(subject, rival, name, speeds)
        for name, rival in compiled.items()
        if speeds[name] >= (CLOSE * exact if VARIANTS[name].same_numbers else exact)
    ]


def _candidate(subject: Subject, rival: Rival, variant: str, speeds: Mapping[str, float]) -> Candidate:
    same = VARIANTS[variant].same_numbers
    row = Row(rival.name, rival.precision, variant, None, kernels=rival.kernels(), screening=dict(speeds))
    if same:
        pictures = subject.pictures(rival.outputs())
        row.agreement = identical(subject.expected, pictures)
        row.difference = difference(subject.expected, pictures)
    return Candidate(rival, row)


def _compile(subject: Subject, kind: type[Rival], threads: int, notes: list[str]) -> dict[str, Rival]:
    compiled = {}
    for name, variant in variants_of(subject.model).items():
        if kind.variants is not None and name not in kind.variants:
            continue
        model = variant.rewrite(subject.model)
        try:
            compiled[name] = kind(model if kind.quantised() else float_graph(model), subject.feed, threads)
            compiled[name].run()
        except Exception as error:  # every runtime fails in its own way, and the others should still be timed
            compiled.pop(name, None)
            notes.append(f"{kind.name}, {name}: {type(error).__name__}: {' '.join(str(error).split())[:120]}")
    return compiled
