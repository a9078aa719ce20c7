"""A tune as notes: what music packs generate, `tilewright.sound` renders and MIDI files hold."""

from dataclasses import dataclass
from typing import NamedTuple

from tilewright.checks import check_range
from tilewright.errors import UsageError

TICKS_PER_BEAT = 4
"""A tick is a sixteenth note; a bar of four beats has 16."""

MAX_TICKS = 1 << 16
MAX_VOICES = 16
INSTRUMENTS = ("pulse-12", "pulse-25", "pulse-50", "pluck", "organ", "bell", "bass", "drums")
"""Names of instruments. `drums` takes the percussion numbers of General MIDI as pitches."""


class Note(NamedTuple):
    """A note. start, length: ticks; pitch: a MIDI note number, 0 .. 127, where 69 is the A of 440 Hz."""

    start: int
    length: int
    pitch: int


@dataclass(frozen=True)
class Voice:
    """Notes for one instrument. They may overlap, and may end after the end of the tune, where a loop continues them.

    instrument: one of `INSTRUMENTS`; volume: 0 .. 16, where 8 is normal.
    """

    instrument: str
    notes: tuple[Note, ...]
    volume: int = 8


@dataclass(frozen=True)
class Score:
    """A tune that can be looped.

    voices: at most 16; length: ticks, 1 .. 65536; tempo: beats per minute, 20 .. 400.
    Raises UsageError for values out of range and for notes that begin outside of the tune.
    """

    voices: tuple[Voice, ...]
    length: int
    tempo: int = 120

    def __post_init__(self) -> None:
        """Check all ranges."""
        check_range(self.length, "length", 1, MAX_TICKS, "Score()")
        check_range(self.tempo, "tempo", 20, 400, "Score()")
        check_range(len(self.voices), "the number of voices", 0, MAX_VOICES, "Score()")
        for voice in self.voices:
            if voice.instrument not in INSTRUMENTS:
                raise UsageError(
                    f"Score(): unknown instrument {voice.instrument!r:.60}: choose {', '.join(INSTRUMENTS)}"
                )
            check_range(voice.volume, "volume", 0, 16, "Score()")
            for note in voice.notes:
                if not isinstance(note, Note):
                    raise UsageError(f"Score(): notes must be Note(start, length, pitch), not {note!r:.60}")
                check_range(note.start, "the start of a note", 0, self.length - 1, "Score()")
                check_range(note.length, "the length of a note", 1, self.length, "Score()")
                check_range(note.pitch, "the pitch of a note", 0, 127, "Score()")
