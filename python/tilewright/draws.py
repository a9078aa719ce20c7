"""Sequences of random integers (docs/seeds.md)."""

from collections.abc import Sequence
from typing import TypeVar

from tilewright.seeds import draw_words
from tilewright.streams import Stream

T = TypeVar("T")

_BLOCKS = 64


class Draws:
    """A sequence of random integers; `number` tells sequences of one seed and stream apart."""

    def __init__(self, seed: int, number: int = 0, stream: Stream = Stream.LEVEL) -> None:
        self._seed, self._start, self._stream = seed, number << 32, stream
        self._words: list[int] = []

    def below(self, n: int) -> int:
        """Return an integer in 0 .. n - 1, for n of 1 or more."""
        if not self._words:
            self._words = draw_words(self._seed, self._start, 1, _BLOCKS, self._stream)[0, ::-1].tolist()
            self._start += 1
        return self._words.pop() * n >> 32

    def within(self, least: int, most: int) -> int:
        """Return an integer in least .. most; `least` if that is empty."""
        return least + self.below(max(1, most - least + 1))

    def choose(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return values[self.below(len(values))]

    def shuffle(self, values: Sequence[T]) -> list[T]:
        """Return the values in a random order."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
