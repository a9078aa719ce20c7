"""Timing, tested with a fake clock."""

import pytest

from tilewright_benchmarks.measure import Spread, interleave, largest_batch, ratios, spread


class FakeClock:
    """A clock that advances only when a fake runner works."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def __call__(self) -> float:
        return self.now

    def work(self, name: str, seconds: float) -> None:
        self.calls.append(name)
        self.now += seconds


def test_runners_take_turns() -> None:
    clock = FakeClock()
    runners = {"a": lambda: clock.work("a", 0.5), "b": lambda: clock.work("b", 0.25)}
    assert interleave(runners, 3, clock) == {"a": [0.5] * 3, "b": [0.25] * 3}
    assert clock.calls == ["a", "a", "b", "b", *["a", "b"] * 3]


def test_quick_calls_are_repeated_within_a_sample() -> None:
    clock = FakeClock()
    samples = interleave({"a": lambda: clock.work("a", 0.25)}, 2, clock, shortest=1.0)
    assert samples == {"a": [0.25, 0.25]}
    assert len(clock.calls) == 2 + 2 * 4


def test_a_clock_that_changes_its_pace_leaves_ratios_alone() -> None:
    clock = FakeClock()

    def pace() -> float:
        return 1.0 if len(clock.calls) < 9 else 2.0

    runners = {
        "a": lambda: clock.work("a", pace()),
        "b": lambda: clock.work("b", 4 * pace()),
    }
    samples = interleave(runners, 5, clock)
    assert ratios(samples["b"], samples["a"]).median == 4


def test_probes_come_first_in_a_round_and_keep_their_own_figure() -> None:
    clock = FakeClock()
    figures = iter([7.0, 8.0])

    def probe() -> float:
        clock.work("p", 100)
        return next(figures)

    samples = interleave({"a": lambda: clock.work("a", 1)}, 2, clock, probes={"p": probe})
    assert samples == {"p": [7.0, 8.0], "a": [1.0, 1.0]}
    assert clock.calls == ["a", "a", "p", "a", "p", "a"]


def test_spread() -> None:
    assert spread([5, 1, 3, 2, 4]) == Spread(1, 2, 3, 4, 5)
    assert spread([7.0]) == Spread(7, 7, 7, 7, 7)
    assert ratios([2, 9, 8], [1, 3, 2]) == Spread(2, 2.5, 3, 3.5, 4)
    with pytest.raises(ValueError):
        ratios([1, 2], [1])


@pytest.mark.parametrize("most", [0, 1, 2, 3, 63, 100])
def test_largest_batch(most: int) -> None:
    clock = FakeClock()
    assert largest_batch(lambda n: clock.work("", n), most, 3, clock) == most


def test_largest_batch_is_found_to_a_few_percent() -> None:
    clock = FakeClock()
    assert 9800 <= largest_batch(lambda n: clock.work("", n), 10000, 3, clock) <= 10000
