"""The form of a tune: which bars repeat others, and in which windows of bars a pack generates them."""

from dataclasses import dataclass

WINDOW = 4
"""Bars that a pack of tunes generates together, and bars of a phrase."""

MOTIF = 2
"""Bars at the beginning of a phrase that other phrases repeat."""


@dataclass(frozen=True)
class Window:
    """A call of the pack. bars: the bar in each quarter of its grid; wanted: the quarters that are used afterwards.

    A bar is given to the pack if it was generated earlier and is not wanted now.
    """

    bars: tuple[int, ...]
    wanted: range


@dataclass(frozen=True)
class Copy:
    """Bars first .. first + MOTIF - 1 become equal to the first bars of the tune."""

    first: int


def steps(bars: int) -> list[Window | Copy]:
    """Return what composes a tune of `bars` bars, in order.

    Every other phrase begins with the motif of the first one: the form of 32 bars is A A B A C A D A. The last bar of a
    phrase is generated when what follows is known, if that is known at all. The first bar follows the last one.
    """

    def window(first: int, wanted: range) -> Window:
        return Window(tuple((first + i) % bars for i in range(WINDOW)), wanted)

    whole = bars // WINDOW
    copies = [Copy(phrase * WINDOW) for phrase in range(1, whole, 2)]
    found: list[Window | Copy] = [window(0, range(min(WINDOW, bars))), *copies]
    for start in range(0, bars, WINDOW):
        end = min(start + WINDOW, bars)
        if Copy(start) in copies:
            # Between the motif and the beginning of the tune, or after both bars of the motif.
            found.append(window(start + 1, range(1, 3)) if end == bars else window(start, range(2, 4)))
            continue
        left = end - start
        if start > 0 and left > 2:
            found.append(window(start - 1, range(1, min(WINDOW, left + 1))))
            left = 1
        if bars > 1:
            found.append(window(end - 3, range(3 - min(left, 2), 3) if start > 0 else range(2, 3)))
    return found
