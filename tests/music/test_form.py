"""The form of tunes: what is generated, copied and given, in which order."""

import pytest

from tilewright.music.compose import MAX_BARS
from tilewright.music.form import MOTIF, WINDOW, Copy, Window, steps


@pytest.mark.parametrize("bars", range(1, MAX_BARS + 1))
def test_every_bar_is_made_next_to_known_ones(bars: int) -> None:
    known: set[int] = set()
    for step in steps(bars):
        if isinstance(step, Copy):
            assert known >= set(range(MOTIF))
            known.update(range(step.first, step.first + MOTIF))
            continue
        wanted = [step.bars[place] for place in step.wanted]
        assert len(step.bars) == WINDOW and len(set(wanted)) == len(wanted)
        assert all((b - a) % bars == 1 % bars for a, b in zip(step.bars, step.bars[1:], strict=False))
        if known:
            assert step.bars[step.wanted.start - 1] in known and step.wanted.start > 0
        known.update(wanted)
    assert known == set(range(bars))


@pytest.mark.parametrize("bars", [2, 3, 4, 5, 6, 7, 9, 16, 31])
def test_the_last_bar_leads_to_the_first(bars: int) -> None:
    last = [step for step in steps(bars) if isinstance(step, Window)][-1]
    end = last.wanted.stop
    assert last.bars[end - 1] == bars - 1 and last.bars[end] == 0


def test_sixteen_bars_are_four_phrases() -> None:
    made = [step if isinstance(step, Copy) else (step.bars, tuple(step.wanted)) for step in steps(16)]
    assert made == [
        ((0, 1, 2, 3), (0, 1, 2, 3)),
        Copy(4),
        Copy(12),
        ((1, 2, 3, 4), (2,)),
        ((4, 5, 6, 7), (2, 3)),
        ((7, 8, 9, 10), (1, 2, 3)),
        ((9, 10, 11, 12), (2,)),
        ((13, 14, 15, 0), (1, 2)),
    ]
