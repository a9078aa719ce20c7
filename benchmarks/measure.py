"""Timing: runners are interleaved, A B A B, and all samples are kept.

Clock rates and the load of a machine change over time. Interleaved runners meet the same conditions, so
ratios are computed within a round, and the median over the rounds is reported.
"""

import math
import statistics
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Clock = Callable[[], float]
Runner = Callable[[], object]

SHORTEST = 0.03
"""Minimum length of a sample in seconds. Short calls are repeated within it."""


Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Spread:
    """The median, quartiles and extremes of some values."""

    least: float
    lower: float
    median: float
    upper: float
    most: float


def interleave(
    runners: Mapping[Name, Runner],
    rounds: int,
    clock: Clock = time.perf_counter,
    shortest: float = SHORTEST,
    probes: Mapping[Name, Callable[[], float]] | None = None,
) -> dict[Name, list[float]]:
    """Return the seconds of one call, one sample per round and runner. Runners are called once before, to
    warm up.

    probes: called once per round, before the runners. Their results are kept, not their times.
    """
    probes = probes or {}
    repeats = {name: _repeats(run, clock, shortest) for name, run in runners.items()}
    samples: dict[Name, list[float]] = {name: [] for name in (*probes, *runners)}
    for _ in range(rounds):
        for name, probe in probes.items():
            samples[name].append(probe())
        for name, run in runners.items():
            began = clock()
            for _ in range(repeats[name]):
                run()
            samples[name].append((clock() - began) / repeats[name])
    return samples


def spread(values: Sequence[float]) -> Spread:
    """Summarise one or more values."""
    if len(values) == 1:
        (only,) = values
        return Spread(only, only, only, only, only)
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(min(values), lower, median, upper, max(values))


def ratios(values: Sequence[float], others: Sequence[float]) -> Spread:
    """Return the ratios of value to other within each round."""
    return spread([value / other for value, other in zip(values, others, strict=True)])


def largest_batch(
    call: Callable[[int], object],
    limit: float,
    rounds: int = 7,
    clock: Clock = time.perf_counter,
) -> int:
    """Return the largest n for which `call(n)` takes at most `limit` seconds, by the median of `rounds`; 0 if
    none.
    """

    def fits(n: int) -> bool:
        call(n)
        return statistics.median(interleave({"": lambda: call(n)}, rounds, clock, 0)[""]) <= limit

    if not fits(1):
        return 0
    low = 1
    while fits(2 * low):
        low *= 2
    high = 2 * low  # low fits, high does not
    while high - low > max(1, low // 64):
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _repeats(run: Runner, clock: Clock, shortest: float) -> int:
    """Return the calls per sample. The first call is not timed, because it may allocate."""
    run()
    began = clock()
    run()
    return max(1, math.ceil(shortest / max(clock() - began, 1e-9)))
