"""Find the fastest graph for a baseline: try variants one by one within the time budget, and keep the best."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..candidates import CLOSE, ROUNDS
from ..result import Row
from ..subject import Subject, difference, identical
from ..variants import VARIANTS
from .budget import Budget
from .network import Network
from .runner import BaselineRunner, Runner, calls_in

KEPT = 2
"""Limit for the variants of the same numbers that are kept. Each holds device memory."""
SHORT = 0.005


@dataclass(frozen=True)
class Entry:
    """A runner and its row of the result."""

    runner: Runner
    row: Row


def contest(
    subject: Subject,
    kind: Callable[[Network], BaselineRunner],
    name: str,
    variants: Sequence[str],
    budget: Budget,
    notes: list[str],
) -> list[Entry]:
    """Create and try the variants in order. Skips a variant that would exceed the remaining time.

    Speeds are the best of a few samples, because other baselines may be compiling on the same device. notes:
    receives a line about each skipped variant.
    """
    runners: dict[str, BaselineRunner] = {}
    speeds: dict[str, float] = {}
    longest = 0.0
    for variant in variants:
        before = budget.left()
        if before <= longest:
            notes.append(f"{name}, {variant}: skipped for lack of time")
            continue
        try:
            runner = kind(Network(subject, variant))
            calls = calls_in(runner, "device", SHORT)
            seconds = min(runner.seconds("device", calls) for _ in range(ROUNDS))
        # runtimes raise arbitrary exceptions, and the others should still be timed
        except Exception as error:
            notes.append(f"{name}, {variant}: {one_line(error)}")
            continue
        longest = max(longest, before - budget.left())
        runners[variant], speeds[variant] = runner, subject.batch / seconds
        runners = {kept: runners[kept] for kept in worth_measuring(speeds) if kept in runners}
    return [Entry(runner, _row(subject, runner, variant, speeds)) for variant, runner in runners.items()]


def worth_measuring(speeds: Mapping[str, float]) -> list[str]:
    """Return the fastest variant of the same numbers, those close to it, and the fastest other one if it
    beats them.
    """
    order = by_speed(speeds)
    same = [name for name in order if VARIANTS[name].same_numbers]
    close = [name for name in same if speeds[name] >= CLOSE * speeds[same[0]]][:KEPT]
    return close + [name for name in order[:1] if name not in same]


def by_speed(speeds: Mapping[str, float]) -> list[str]:
    """Return the variants, fastest first."""
    return sorted(speeds, key=lambda name: -speeds[name])


def one_line(error: BaseException) -> str:
    """Format an error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


def _row(subject: Subject, runner: BaselineRunner, variant: str, speeds: Mapping[str, float]) -> Row:
    row = Row(runner.name, runner.precision, variant, None, kernels=runner.kernels(), screening=dict(speeds))
    if VARIANTS[variant].same_numbers:
        pictures = runner.pictures()
        row.agreement = identical(subject.expected, pictures)
        row.difference = difference(subject.expected, pictures)
    return row
