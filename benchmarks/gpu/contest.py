"""Which graph a rival runs fastest: variants are tried one after the other while there is time, the best are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..candidates import CLOSE, ROUNDS
from ..result import Row
from ..subject import Subject, difference, identical
from ..variants import VARIANTS
from .budget import Budget
from .network import Network
from .runner import RivalRunner, Runner, calls_in

KEPT = 2
"""Variants of the same numbers that are kept at most: each holds memory of the device."""
SHORT = 0.005


@dataclass(frozen=True)
class Entry:
    """A runner, and the row that it will fill."""

    runner: Runner
    row: Row


def contest(
    subject: Subject,
    kind: Callable[[Network], RivalRunner],
    name: str,
    variants: Sequence[str],
    budget: Budget,
    notes: list[str],
) -> list[Entry]:
    """Make and try the variants in this order; one that would take longer than what is left is not begun.

    Speeds are the best of a few samples, as other rivals may be compiling on the same device. notes: gets a line about
    each variant that is left out.
    """
    runners: dict[str, RivalRunner] = {}
    speeds: dict[str, float] = {}
    longest = 0.0
    for variant in variants:
        before = budget.left()
        if before <= longest:
            notes.append(f"{name}, {variant}: left out for want of time")
            continue
        try:
            runner = kind(Network(subject, variant))
            calls = calls_in(runner, "device", SHORT)
            seconds = min(runner.seconds("device", calls) for _ in range(ROUNDS))
        except Exception as error:  # every runtime fails in its own way, and the others should still be timed
            notes.append(f"{name}, {variant}: {told(error)}")
            continue
        longest = max(longest, before - budget.left())
        runners[variant], speeds[variant] = runner, subject.batch / seconds
        runners = {kept: runners[kept] for kept in worth_measuring(speeds) if kept in runners}
    return [Entry(runner, _row(subject, runner, variant, speeds)) for variant, runner in runners.items()]


def worth_measuring(speeds: Mapping[str, float]) -> list[str]:
    """The fastest of the same numbers, those close to it, and the fastest of other numbers if it beats them all."""
    order = by_speed(speeds)
    same = [name for name in order if VARIANTS[name].same_numbers]
    close = [name for name in same if speeds[name] >= CLOSE * speeds[same[0]]][:KEPT]
    return close + [name for name in order[:1] if name not in same]


def by_speed(speeds: Mapping[str, float]) -> list[str]:
    """Variants, the fastest first."""
    return sorted(speeds, key=lambda name: -speeds[name])


def told(error: BaseException) -> str:
    """An error in a line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


def _row(subject: Subject, runner: RivalRunner, variant: str, speeds: Mapping[str, float]) -> Row:
    row = Row(runner.name, runner.precision, variant, None, kernels=runner.kernels(), screening=dict(speeds))
    if VARIANTS[variant].same_numbers:
        pictures = runner.pictures()
        row.agreement = identical(subject.expected, pictures)
        row.difference = difference(subject.expected, pictures)
    return row
