"""The remaining time of a run."""

import time
from collections.abc import Callable


class Budget:
    """Counts down from the moment of creation."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """The remaining seconds, 0 or more."""
        return max(0.0, self._end - self._clock())

    def part(self, seconds: float) -> "Budget":
        """Return a budget of at most `seconds` of the remaining time."""
        return Budget(min(seconds, self.left()), self._clock)
