"""From a score to samples."""

from math import isqrt

import numpy as np

from tilewright.arrays import Int16Array, Int32Array
from tilewright.checks import check_range
from tilewright.errors import UsageError
from tilewright.score import TICKS_PER_BEAT, Score, Voice
from tilewright.sound.instruments import sound_note

RATE = 44_100
RATES = (8_000, 96_000)
MAX_SECONDS = 1_800
PEAK = 28_000
"""The largest sample, out of 32767."""

LOUDNESS = 4_600
"""The root mean square of a tune, unless its peak is lower than `PEAK` allows: -17 dB below full scale."""

_PART = 1 << 18  # samples that are squared at a time
_ECHOED = ("pulse-12", "pulse-25", "pulse-50", "pluck", "bell")


def check_rate(rate: int, caller: str) -> int:
    """Return a sampling rate. Raises UsageError unless it is an integer in `RATES`."""
    return check_range(rate, "rate", *RATES, caller)


def render(score: Score, *, rate: int = RATE, loop: bool = True, echo: int = 0) -> Int16Array:
    """Render a tune: int16 (N,), mono.

    rate: samples per second, 8000 .. 96000; a tick is rounded to whole samples. loop: notes that sound beyond the end
    continue at the beginning, so that the samples can be repeated without a click; otherwise they follow the end, and
    N is larger. echo: volume of an echo after three ticks, 0 .. 128 (of 256); bass and drums have none.
    Raises UsageError for other values, a score without notes, and more than half an hour.
    """
    check_rate(rate, "sound.render()")
    check_range(echo, "echo", 0, 128, "sound.render()")
    tick = samples_per_tick(score, rate)
    length = score.length * tick
    if length > MAX_SECONDS * rate:
        raise UsageError(
            f"sound.render(): {score.length} ticks at tempo {score.tempo} are {length // rate} seconds; the most is "
            f"{MAX_SECONDS}: render a part and repeat it"
        )
    if not any(voice.notes for voice in score.voices):
        raise UsageError("sound.render(): the score has no notes")
    notes = {key for voice in score.voices for key in _keys(voice)}
    sounds = {key: sound_note(*key[:2], key[2] * tick, rate) for key in notes}
    tail = max(
        note.start * tick + len(sounds[key]) - length
        for voice in score.voices
        for note, key in zip(voice.notes, _keys(voice), strict=True)
    )
    size = length if loop else length + max(tail, 0) + (3 * tick if echo else 0)
    total = np.zeros(size, dtype=np.int32)
    echoed = np.zeros_like(total) if echo else total
    for voice in score.voices:
        target = echoed if voice.instrument in _ECHOED else total
        for note, key in zip(voice.notes, _keys(voice), strict=True):
            samples = sounds[key]
            _add(target, note.start * tick, samples if voice.volume == 8 else samples * voice.volume >> 3)
    if echo:
        total += echoed + (np.roll(echoed, 3 * tick) * echo >> 8)
    total -= np.int32(int(total.sum(dtype=np.int64)) // size)
    return level(total, LOUDNESS)


def samples_per_tick(score: Score, rate: int) -> int:
    """Return the length of a tick in whole samples."""
    per_minute = score.tempo * TICKS_PER_BEAT
    return (60 * rate + per_minute // 2) // per_minute


def level(samples: Int32Array, loudness: int, peak: int = PEAK) -> Int16Array:
    """Return samples scaled to a root mean square or, if that is less, to a peak, int16 (N,)."""
    largest = max(int(np.abs(samples).max(initial=0)), 1)
    parts = (samples[i : i + _PART] for i in range(0, len(samples), _PART))
    squares = sum(int(np.square(part, dtype=np.int64).sum()) for part in parts)
    power = max(squares // max(len(samples), 1), 1)
    # The gain has 12 binary places; a product is at most peak << 12, which an int32 holds.
    gain = min((peak << 12) // largest, isqrt((loudness * loudness << 24) // power))
    return (samples * np.int32(gain) >> 12).astype(np.int16)


def _keys(voice: Voice) -> list[tuple[str, int, int]]:
    """Return what tells the sound of each note from others: instrument, pitch, and length in ticks."""
    return [(voice.instrument, note.pitch, note.length) for note in voice.notes]


def _add(total: Int32Array, start: int, samples: Int32Array) -> None:
    """Add samples at a place of a ring."""
    while len(samples):
        part = samples[: len(total) - start]
        total[start : start + len(part)] += part
        samples, start = samples[len(part) :], 0
