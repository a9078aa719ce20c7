"""Moods: what a tune of each is generated from, and how it is played."""

from dataclasses import dataclass

from tilewright.checks import check_range
from tilewright.errors import UsageError
from tilewright.score import INSTRUMENTS

BAR = 16
"""Ticks of a bar of four beats."""

KEYS = {
    "C": 0, "C#": 1, "Db": 1, "D": 2, "D#": 3, "Eb": 3, "E": 4, "F": 5, "F#": 6, "Gb": 6, "G": 7, "G#": 8, "Ab": 8,
    "A": 9, "A#": 10, "Bb": 10, "B": 11,
}  # fmt: skip
"""Semitones of a tonic above C."""

MAJOR, MINOR = 0, 9
"""The tonics in which packs generate tunes of major and of minor moods."""

MODES: dict[str, tuple[int, dict[int, int]]] = {
    "major": (MAJOR, {}),
    "lydian": (MAJOR, {5: 1}),
    "mixolydian": (MAJOR, {11: -1}),
    "minor": (MINOR, {}),
    "dorian": (MINOR, {5: 1}),
    "phrygian": (MINOR, {11: -1}),
}
"""Of each mode, the tonic of what a pack generates, and the pitch classes there that move, in semitones."""


DRUMS = {"k": 36, "s": 38, "h": 42, "o": 46, "c": 49, "r": 51, "l": 41, "m": 45, "t": 50, "x": 37}
"""Percussion numbers: kick, snare, closed and open hi-hat, crash, ride, low, middle and high tom, rim."""


@dataclass(frozen=True)
class Part:
    """How a voice is played. instrument: of `score.INSTRUMENTS`; volume: 0 .. 16; octaves: up, -10 .. 10."""

    instrument: str
    volume: int = 8
    octaves: int = 0

    def __post_init__(self) -> None:
        """Check all values. Raises UsageError."""
        if not isinstance(self.instrument, str) or self.instrument not in INSTRUMENTS:
            raise UsageError(
                f"music.Part(): unknown instrument {self.instrument!r:.60}: choose {', '.join(INSTRUMENTS)}"
            )
        check_range(self.volume, "volume", 0, 16, "music.Part()")
        check_range(self.octaves, "octaves", -10, 10, "music.Part()")


@dataclass(frozen=True)
class Mood:
    """A mood. kind: of the pack; key: a tonic of `KEYS`; mode: of `MODES`; tempo: beats per minute.

    parts: of the four voices, from the highest to the lowest. drums: a bar, with a letter of `DRUMS` or a dot for each
    sixteenth, or "" for none; fill: the same for the last bar of a phrase.
    """

    kind: str
    key: str
    mode: str
    tempo: int
    parts: tuple[Part, ...]
    drums: str = ""
    fill: str = ""

    def __post_init__(self) -> None:
        """Check all values. Raises UsageError."""
        caller = "music.Mood()"
        if not isinstance(self.kind, str):
            raise UsageError(f"{caller}: kind must be a name, not {self.kind!r:.60}")
        if not isinstance(self.key, str) or self.key not in KEYS:
            raise UsageError(f"{caller}: unknown key {self.key!r:.60}: choose {', '.join(KEYS)}")
        if not isinstance(self.mode, str) or self.mode not in MODES:
            raise UsageError(f"{caller}: unknown mode {self.mode!r:.60}: choose {', '.join(MODES)}")
        check_range(self.tempo, "tempo", 20, 400, caller)
        if not isinstance(self.parts, tuple) or not all(isinstance(part, Part) for part in self.parts):
            raise UsageError(
                f"{caller}: parts must be a tuple of a Part for each voice, not {self.parts!r:.60}"
            )
        for pattern in (self.drums, self.fill):
            if not isinstance(pattern, str) or (
                pattern and (len(pattern) != BAR or not set(pattern) <= {*DRUMS, "."})
            ):
                raise UsageError(
                    f"{caller}: drums must be {BAR} letters of {''.join(DRUMS)} and dots, not {pattern!r:.60}"
                )


_SOFT = (Part("bell", 8), Part("pulse-12", 4), Part("organ", 5), Part("bass", 7))
_PLUCKED = (Part("pulse-25", 7), Part("pluck", 7), Part("pluck", 6), Part("bass", 9))
_LEAD = (Part("pulse-25", 9), Part("pulse-12", 5), Part("pluck", 6), Part("bass", 10))
_FULL = (Part("pulse-50", 9), Part("pulse-25", 6), Part("pulse-12", 5), Part("bass", 11))
_DARK = (Part("pulse-12", 7), Part("organ", 6), Part("organ", 5), Part("bass", 10))

MOODS: dict[str, Mood] = {
    "calm": Mood("peaceful", "F", "major", 84, _SOFT),
    "home": Mood("peaceful", "G", "major", 96, _PLUCKED, "x.....h.x.....h.", "x.....h.x.x.h.h."),
    "bright": Mood("merry", "D", "mixolydian", 104, _PLUCKED, "k...h...k.k.h...", "k...h...m.m.t.t."),
    "light": Mood("merry", "A", "lydian", 96, (Part("bell", 9), *_PLUCKED[1:]), "h.....h.h...h...", "h.....h.h.h.h.h."),
    "merry": Mood("merry", "C", "major", 112, _LEAD, "k...s...k.k.s...", "k...s...k.s.s.ss"),
    "sad": Mood("sad", "A", "minor", 72, _SOFT),
    "cold": Mood("sad", "E", "phrygian", 76, (Part("bell", 9), Part("bell", 5), *_DARK[2:]), "r.......r...r...", ""),
    "grave": Mood("sad", "C", "minor", 80, _DARK, "l.......l.....l.", "l...l...l.l.l.l."),
    "uneasy": Mood("sad", "D", "dorian", 96, _DARK, "x..x..x.x..x..x.", "x..x..x.l.l.m.m."),
    "tense": Mood("tense", "E", "minor", 116, _LEAD, "k.h.s.h.k.k.s.h.", "k.h.s.h.l.l.m.m."),
    "fierce": Mood("tense", "D", "minor", 132, _FULL, "k.k.s.k.k.k.s.s.", "k.k.s.k.s.ssttmm"),
}  # fmt: skip
