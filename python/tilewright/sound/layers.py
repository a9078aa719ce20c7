"""A sound effect as layers: a layer is one oscillator with a curve of pitches and a curve of levels."""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import Int32Array
from tilewright.sound.waves import FRAMES_PER_SECOND, FULL_LEVEL, line, sine, tone

Curve = tuple[tuple[int, int], ...]
"""Points (milliseconds, value) with straight lines between; two points at one time are a step."""


@dataclass(frozen=True)
class Layer:
    """One oscillator.

    wave: a name of `waves.WAVES`; pitch: cents; level: 0 .. 256, whose last point is the end; start: ms;
    vibrato: depth in cents and oscillations per second.
    """

    wave: str
    pitch: Curve
    level: Curve
    start: int = 0
    vibrato: tuple[int, int] = (0, 0)

    @property
    def end(self) -> int:
        """Milliseconds from the beginning of the sound to the end of the layer."""
        return self.start + self.level[-1][0]

    def render(self, rate: int) -> Int32Array:
        """Return the samples of the layer without the time before its start, int32 (N,)."""
        levels = line([(ms * rate // 1000, level * FULL_LEVEL // 256) for ms, level in self.level])
        frames = len(levels) // (rate // FRAMES_PER_SECOND) + 1
        last = (frames * 1000, self.pitch[-1][1])  # beyond the end
        pitches = line([*self.pitch, last], 1)[np.arange(frames) * 1000 // FRAMES_PER_SECOND].astype(np.int64)
        depth, speed = self.vibrato
        if depth:
            pitches += sine()[np.arange(frames) * 2048 * speed // FRAMES_PER_SECOND % 2048] * depth >> 15
        return tone(self.wave, pitches, levels, rate)


def ringing(ms: int, attack: int = 2, level: int = 256) -> Curve:
    """Return a curve that rises in `attack` ms and then falls to a half in every fifth of the rest, to 0 at `ms`."""
    middle = ((attack + (ms - attack) * part // 5, level >> part) for part in (1, 2, 3, 4))
    return ((0, 0), (attack, level), *middle, (ms, 0))


def mix(layers: tuple[Layer, ...], rate: int) -> Int32Array:
    """Return the sum of layers, int32 (N,)."""
    total = np.zeros(max(layer.end for layer in layers) * rate // 1000 + 1, dtype=np.int32)
    for layer in layers:
        samples = layer.render(rate)
        begin = layer.start * rate // 1000
        total[begin : begin + len(samples)] += samples
    return total
