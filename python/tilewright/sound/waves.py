"""Oscillators in integers: pitches, one-period waves without aliases, noise, envelopes.

A pitch is in cents: 100 times a MIDI note number, so 6900 is 440 Hz. A phase is a uint32, of which 2**32 are a period.
Waves are sums of the harmonics of a drawn period that lie below half of the sampling rate. Sines, ratios of pitches and
sums are integers, so all samples are the same on every machine.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import isqrt

import numpy as np

from tilewright.arrays import Int16Array, Int32Array, Int64Array

FRAMES_PER_SECOND = 240
"""How often a pitch may change."""

FULL_LEVEL = 1 << 12
"""A level of this leaves a wave as it is."""

HIGHEST = 15000
"""Pitches above this many cents, 47 kHz, become it; noises have such pitches."""

AMPLITUDE = 1 << 14
"""Half of the height of a pulse."""

NOISES = {"noise": 1, "metal": 6}
"""The two noises of the NES, and the bit that each adds to bit 0 of its shift register of 15 bits."""

WAVES = ("pulse-12", "pulse-25", "pulse-50", "triangle", *NOISES)

_PERIOD = 2048  # entries of a wave
_ONE = 60  # binary places of the constants below, which are rounded to fewer
_DUTIES = {"pulse-12": _PERIOD // 8, "pulse-25": _PERIOD // 4, "pulse-50": _PERIOD // 2}
_HARMONICS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)


def _half_angles(halvings: int) -> tuple[int, int]:
    """Return cosine and sine of pi / 2 / 2**halvings, from cos(x / 2)**2 = (1 + cos(x)) / 2."""
    one = 1 << _ONE
    cosine = 0
    for _ in range(halvings):
        cosine = isqrt((one + cosine) << (_ONE - 1))
    return cosine, isqrt((one << _ONE) - cosine * cosine)


@lru_cache(maxsize=1)
def sine() -> Int64Array:
    """Return a period of a sine, int64 (2048,), with the amplitude 2**15."""
    cosine_step, sine_step = _half_angles(9)  # pi / 2 / 2**9 is 2 pi / 2048
    x, y, quarter = 1 << _ONE, 0, []
    for _ in range(_PERIOD // 4 + 1):
        quarter.append((y + (1 << (_ONE - 16))) >> (_ONE - 15))
        x, y = (x * cosine_step - y * sine_step) >> _ONE, (x * sine_step + y * cosine_step) >> _ONE
    half = np.array(quarter[:-1] + quarter[:0:-1], dtype=np.int64)
    return np.concatenate([half, -half])


@lru_cache(maxsize=1)
def _ratios() -> Int64Array:
    """Return 2**(cents / 1200) for 0 .. 1199 cents, int64 (1200,), with 24 binary places."""
    root, cent = 2 << _ONE, 1 << _ONE
    fraction = (1 << _ONE) // 1200
    for place in range(
        1, _ONE + 1
    ):  # 2**fraction is the product of 2**(1/2), 2**(1/4) ... for the bits that are set
        root = isqrt(root << _ONE)
        if fraction >> (_ONE - place) & 1:
            cent = cent * root >> _ONE
    ratio, ratios = 1 << _ONE, []
    for _ in range(1200):
        ratios.append((ratio + (1 << (_ONE - 25))) >> (_ONE - 24))
        ratio = ratio * cent >> _ONE
    return np.array(ratios, dtype=np.int64)


def increments(cents: Int64Array, rate: int) -> Int64Array:
    """Return the phase that each pitch advances per sample, with the shape of `cents` (0 .. 15000)."""
    octaves, rest = np.divmod(cents, 1200)
    ratios = _ratios()
    lowest = (440 << 32 + 16 + 24) // (
        rate * int(ratios[900]) * 32
    )  # 6900 cents are five octaves and 900 cents
    advanced: Int64Array = (ratios[rest] * lowest) >> (40 - octaves)
    return advanced


@lru_cache(maxsize=128)
def wave_table(wave: str, harmonics: int) -> Int16Array:
    """Return a period of a wave with this number of harmonics, int16 (2048,), without its mean."""
    steps = np.arange(_PERIOD)
    if wave == "triangle":  # of the NES: 32 steps, 15 down to 0 and up again
        drawn = (np.abs(31 - 2 * (steps // (_PERIOD // 32))) // 2 * 2 - 15) * (AMPLITUDE // 12)
    else:
        drawn = np.where(steps < _DUTIES[wave], AMPLITUDE, -AMPLITUDE)
    angles = np.arange(1, harmonics + 1)[:, None] * steps
    sines, cosines = sine()[angles % _PERIOD], sine()[(angles + _PERIOD // 4) % _PERIOD]
    odd, even = (sines @ drawn) >> 18, (cosines @ drawn) >> 18  # 7 binary places are left
    table: Int16Array = ((odd @ sines + even @ cosines) >> 22).astype(np.int16)
    return table


@lru_cache(maxsize=2)
def noise_bits(wave: str) -> Int16Array:
    """Return the whole sequence of a noise, int16: 32767 values for `noise` and 93 for `metal`, without the mean."""
    register, bits = 1, []
    while True:
        bits.append(register & 1)
        register = register >> 1 | ((register ^ register >> NOISES[wave]) & 1) << 14
        if register == 1:
            break
    values = np.array(bits, dtype=np.int64) * 2 * AMPLITUDE
    centred: Int16Array = ((values - values.sum() // len(bits)) * 3 // 4).astype(np.int16)
    return centred


def line(points: Sequence[tuple[int, int]], step: int = 1) -> Int32Array:
    """Return the values at 0, step, 2 * step ... of straight lines between points (place, value), int32.

    The first place is 0 and the places ascend; the last one is excluded.
    """
    places = np.arange(0, points[-1][0], step)
    values = np.empty(len(places), dtype=np.int32)
    for (left, first), (right, last) in pairwise(points):
        part = slice(-(-left // step), -(-right // step))
        values[part] = first + (places[part] - left) * (last - first) // max(right - left, 1)
    return values


def tone(wave: str, cents: int | Int64Array, levels: Int32Array, rate: int) -> Int32Array:
    """Return a sound of one oscillator, int32 (N,).

    wave: one of `WAVES`; cents: the pitch, or int64 with a pitch for each of `FRAMES_PER_SECOND` frames, of which the
    last one is held; levels: int32 (N,), 0 .. 4096. Noises advance 32 steps in a period of the pitch.
    """
    steps = increments(np.clip(np.atleast_1d(cents), 0, HIGHEST), rate)
    if len(steps) == 1:
        phases = np.arange(len(levels), dtype=np.uint32) * np.uint32(steps[0])
    else:
        each = np.full(len(steps), rate // FRAMES_PER_SECOND)
        each[-1] = max(len(levels) - each[:-1].sum(), 0)
        phases = np.cumsum(np.repeat(steps.astype(np.uint32), each)[: len(levels)], dtype=np.uint32)
    if wave in NOISES:
        bits = noise_bits(wave)
        samples = bits[(np.cumsum(np.diff(phases, prepend=np.uint32(0)), dtype=np.int64) >> 27) % len(bits)]
    else:
        below = (1 << 31) // int(steps.max())  # harmonics below half of the sampling rate
        harmonics = max(count for count in _HARMONICS if count == 1 or count <= below)
        samples = wave_table(wave, harmonics)[phases >> np.uint32(21)]
    product: Int32Array = np.multiply(samples, levels, dtype=np.int32)
    product >>= 12
    return product
