"""Sounds in integers: tunes, effects and voices as int16 samples, the same bytes on every machine (docs/sound.md)."""

from tilewright.score import INSTRUMENTS, TICKS_PER_BEAT, Note, Score, Voice
from tilewright.sound.effects import effect, effect_names
from tilewright.sound.files import write_midi, write_wav
from tilewright.sound.mixing import RATE, render
from tilewright.sound.speech import letter_times, voice

__all__ = [
    "INSTRUMENTS",
    "RATE",
    "TICKS_PER_BEAT",
    "Note",
    "Score",
    "Voice",
    "effect",
    "effect_names",
    "letter_times",
    "render",
    "voice",
    "write_midi",
    "write_wav",
]
