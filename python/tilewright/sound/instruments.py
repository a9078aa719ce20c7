"""How a note of each instrument sounds."""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import Int32Array
from tilewright.sound.layers import Layer, mix, ringing
from tilewright.sound.waves import FRAMES_PER_SECOND, FULL_LEVEL, line, sine, tone


@dataclass(frozen=True)
class Instrument:
    """An oscillator with an envelope.

    attack, decay, release: ms; sustain: the level after the decay, 0 .. 256; vibrato: depth in cents, oscillations per
    second, and ms before it begins; arpeggio: cents that are added in turn, each for `step` frames; gain: 0 .. 256.
    """

    wave: str
    attack: int = 3
    decay: int = 120
    sustain: int = 160
    release: int = 30
    vibrato: tuple[int, int, int] = (0, 0, 0)
    arpeggio: tuple[int, ...] = ()
    step: int = 4
    gain: int = 256


PITCHED = {
    "pulse-12": Instrument("pulse-12", vibrato=(14, 6, 250), gain=230),
    "pulse-25": Instrument("pulse-25", vibrato=(14, 6, 250), gain=190),
    "pulse-50": Instrument("pulse-50", sustain=140, vibrato=(12, 5, 250), gain=160),
    "pluck": Instrument("pulse-25", attack=1, decay=260, sustain=0, gain=200),
    "organ": Instrument("pulse-50", attack=12, decay=40, sustain=200, release=60, gain=110),
    "bell": Instrument(
        "triangle", attack=1, decay=700, sustain=0, release=200, arpeggio=(1200, 0, 0, 0), gain=256
    ),
    "bass": Instrument("triangle", attack=3, decay=60, sustain=220, release=25, gain=256),
}

_KICK = (
    Layer("triangle", ((0, 6200), (30, 4000), (120, 2800)), ringing(150, 1)),
    Layer("noise", ((0, 8000),), ringing(18, 1, 90)),
)
_SNARE = (
    Layer("noise", ((0, 9000), (60, 8400)), ringing(150, 1, 190)),
    Layer("triangle", ((0, 5800), (50, 5000)), ringing(80, 1, 150)),
)
_HAT = (Layer("noise", ((0, 12200),), ringing(45, 1, 100)),)
_OPEN_HAT = (Layer("noise", ((0, 11800),), ringing(240, 1, 90)),)
_CRASH = (Layer("noise", ((0, 11000), (500, 10200)), ringing(700, 2, 130)),)
DRUMS = {
    35: _KICK,
    36: _KICK,
    37: (Layer("metal", ((0, 7600),), ringing(40, 1, 150)),),
    38: _SNARE,
    39: (Layer("noise", ((0, 8800),), ringing(110, 6, 170)),),
    40: _SNARE,
    42: _HAT,
    44: _HAT,
    46: _OPEN_HAT,
    49: _CRASH,
    57: _CRASH,
    51: (Layer("metal", ((0, 9000),), ringing(160, 1, 80)),),
} | {
    pitch: (Layer("triangle", ((0, base + 700), (90, base)), ringing(200, 1, 230)),)
    for pitch, base in ((41, 4000), (43, 4300), (45, 4600), (47, 4900), (48, 5200), (50, 5500))
}
"""Layers for percussion numbers of General MIDI. Others sound like 42, the closed hi-hat."""


def sound_note(instrument: str, pitch: int, length: int, rate: int) -> Int32Array:
    """Return a note with the tail after its end, int32 (N,).

    instrument: a name of `score.INSTRUMENTS`; pitch: a MIDI note number; length: samples.
    """
    if instrument == "drums":
        return mix(DRUMS.get(pitch, _HAT), rate)
    return _pitched(PITCHED[instrument], pitch, length, rate)


def _pitched(voice: Instrument, pitch: int, length: int, rate: int) -> Int32Array:
    levels = _envelope(voice, length, rate)
    frames = len(levels) // (rate // FRAMES_PER_SECOND) + 1
    cents = np.full(frames, pitch * 100, dtype=np.int64)
    count = np.arange(frames)
    if voice.arpeggio:
        cents += np.array(voice.arpeggio)[np.minimum(count // voice.step, len(voice.arpeggio) - 1)]
    depth, speed, delay = voice.vibrato
    wait = delay * FRAMES_PER_SECOND // 1000
    if depth and frames > wait:
        cents[wait:] += (
            sine()[count[: frames - wait] * 2048 * speed // FRAMES_PER_SECOND % 2048] * depth >> 15
        )
    return tone(voice.wave, cents if np.ptp(cents) else pitch * 100, levels, rate)


def _envelope(voice: Instrument, length: int, rate: int) -> Int32Array:
    """Return the levels of a note and its tail. The release falls from the level that the note has at its end."""
    attack, decay, release = (ms * rate // 1000 for ms in (voice.attack, voice.decay, voice.release))
    full, sustain = voice.gain * FULL_LEVEL >> 8, voice.gain * voice.sustain * FULL_LEVEL >> 16
    fall = [(attack + decay * part // 4, sustain + (full - sustain >> part)) for part in (1, 2, 3)]
    points = [(0, 0), (attack, full), *fall, (attack + decay, sustain), (attack + decay + length, sustain)]
    held = line(points)[:length]
    last = int(held[-1])
    return np.concatenate([held, line([(0, last), (max(release, 1), 0)])]) if last else held
