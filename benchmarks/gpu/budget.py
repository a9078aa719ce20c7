"""The time that a run has, and how little of it is left."""

import time
from collections.abc import Callable


class Budget:
    """Seconds that count down from the moment it is made."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds that are left, 0 or more."""
        return max(0.0, self._end - self._clock())

    def part(self, seconds: float) -> "Budget":
        """A budget of at most so many of the seconds that are left."""
        return Budget(min(seconds, self.left()), self._clock)
