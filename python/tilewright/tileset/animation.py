"""Animated tiles: which picture a tile shows at which time."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

from tilewright.errors import UsageError

MAX_FRAMES = 256  # of one tile
MAX_MILLISECONDS = 60_000  # of one frame
MAX_TIMES = 1024  # at which one picture of many animated tiles may change


@dataclass(frozen=True)
class Animation:
    """The frames of an animated tile, which repeat.

    tile: the animated tile. frames: the tiles whose pictures it shows, in order, 1 .. 256 of them.
    milliseconds: the duration of each frame, 1 .. 60,000.
    """

    tile: int
    frames: tuple[int, ...]
    milliseconds: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raise UsageError if the frames and their durations do not fit."""
        if not 1 <= len(self.frames) == len(self.milliseconds) <= MAX_FRAMES:
            raise UsageError(
                f"Animation: tile {self.tile} has {len(self.frames)} frames and {len(self.milliseconds)} durations; "
                f"each of 1 to {MAX_FRAMES} frames needs one"
            )
        wrong = [time for time in self.milliseconds if not 1 <= time <= MAX_MILLISECONDS]
        if wrong:
            raise UsageError(
                f"Animation: a frame of tile {self.tile} takes {wrong[0]} ms, not 1 to {MAX_MILLISECONDS}"
            )

    @property
    def loop(self) -> int:
        """Milliseconds until the first frame shows again."""
        return sum(self.milliseconds)

    def frame(self, at: int) -> int:
        """Return the tile whose picture shows `at` milliseconds after the start."""
        left = at % self.loop
        for tile, duration in zip(self.frames, self.milliseconds, strict=True):
            if left < duration:
                return tile
            left -= duration
        raise AssertionError("the rest of a division is less than the sum")


def change_times(animations: Sequence[Animation]) -> tuple[tuple[int, ...], int]:
    """Return the times in milliseconds at which any of the animations changes, from 0, and the loop of all.

    Without animations, the picture shows from 0 on, and the loop is 0. Raises UsageError for more than 1,024
    times, which animations of different durations may have together.
    """
    if not animations:
        return (0,), 0
    loop = lcm(*(animation.loop for animation in animations))
    if sum(loop // one.loop * len(one.frames) for one in set(_timings(animations))) > MAX_TIMES:
        raise UsageError(
            f"the animated tiles together repeat after {loop} ms, in more than {MAX_TIMES} pictures: "
            "give them durations that fit each other"
        )
    times = {0}
    for one in set(_timings(animations)):
        for start in range(0, loop, one.loop):
            times.update(start + sum(one.milliseconds[:number]) for number in range(len(one.frames)))
    return tuple(sorted(times)), loop


def _timings(animations: Sequence[Animation]) -> list[Animation]:
    """The animations without what does not matter for times, so that equal ones count once."""
    return [Animation(0, (0,) * len(one.frames), one.milliseconds) for one in animations]
