"""Composes tunes with a pack, window by window of four bars."""

from pathlib import Path
from typing import Any

import numpy as np

from tilewright.arrays import BoolArray, Int64Array, Uint8Array
from tilewright.checks import check_range
from tilewright.compiler.sampling import MASKED
from tilewright.errors import UsageError
from tilewright.generator import Pack, as_pack
from tilewright.heads import Tokens
from tilewright.music.form import MOTIF, WINDOW, Copy, steps
from tilewright.music.moods import BAR, DRUMS, KEYS, MODES, MOODS, Mood
from tilewright.requests import MAX_COUNT
from tilewright.runner import STEP
from tilewright.score import Note, Score, Voice
from tilewright.seeds import check_seed

MAX_BARS = 64
DRUM_VOLUME = 4
LONGEST, LONGEST_OF_MELODY = BAR, BAR // 2
"""Ticks after which a held note gives way to another one, as no loop should stand still."""

REFINE = 12
"""Rounds of refinement for packs that take them: with the eight of a pack more voices clash."""
HOLD, REST = "-", "."
DEFAULT_PACK = "tunes"
_HELD, _SILENT = -1, -2


def mood_names() -> tuple[str, ...]:
    """Return the moods that `compose` knows."""
    return tuple(MOODS)


def compose(
    mood: str | Mood = "calm",
    *,
    bars: int = 16,
    key: str | None = None,
    tempo: int | None = None,
    seed: int = 0,
    pack: str | Path | Pack = DEFAULT_PACK,
    threads: int | None = None,
) -> Score:
    """Compose a tune that can be looped. A seed gives the same notes on every machine.

    mood: one of `mood_names()`, or a `Mood` of your own. bars: 1 .. 64, of four beats; a tune of 8 bars or more
    repeats its first motif. key: a tonic, "C" .. "B" with "#" or "b"; None is that of the mood. tempo: beats per
    minute, 20 .. 400; None is that of the mood. seed: 0 .. 2**64 - 1. pack: "tunes", the path of an .onnx file, or a
    Pack, which generates four bars of four voices. threads: as in `Pack.generate`. Raises UsageError for other values.
    """
    return _compose(1, mood, bars, key, tempo, seed, 0, pack, threads, "music.compose()")[0]


def compose_many(
    count: int,
    mood: str | Mood = "calm",
    *,
    bars: int = 16,
    key: str | None = None,
    tempo: int | None = None,
    seed: int = 0,
    start: int = 0,
    pack: str | Path | Pack = DEFAULT_PACK,
    threads: int | None = None,
) -> list[Score]:
    """Compose `count` tunes together, which is faster than one at a time.

    count: 0 .. 2**24. start: 0 .. 2**64 - 1, the number of the first tune: tune i depends on the seed and start + i
    only, and number 0 is that of `compose`. Other arguments are as in `compose`.
    """
    return _compose(count, mood, bars, key, tempo, seed, start, pack, threads, "music.compose_many()")


def _compose(
    count: int,
    mood: str | Mood,
    bars: int,
    key: str | None,
    tempo: int | None,
    seed: int,
    start: int,
    pack: str | Path | Pack,
    threads: int | None,
    caller: str,
) -> list[Score]:
    check_range(count, "count", 0, MAX_COUNT, caller)
    check_range(start, "start", 0, 2**64 - 1, caller)
    check_range(bars, "bars", 1, MAX_BARS, caller)
    check_seed(seed, caller)
    if threads is not None:
        check_range(threads, "threads", 0, 1024, caller)
    chosen = _mood(mood, caller)
    tonic = chosen.key if key is None else key
    if not isinstance(tonic, str) or tonic not in KEYS:
        raise UsageError(f"{caller}: unknown key {tonic!r:.60}: choose {', '.join(KEYS)}")
    speed = chosen.tempo if tempo is None else check_range(tempo, "tempo", 20, 400, caller)
    opened = as_pack(pack, caller)
    pitches = _pitches(opened, chosen, caller)
    grids = generate_grids(opened, pitches, chosen.kind, count, bars, seed, start, threads)
    heard = _transposed(pitches, tonic, chosen.mode)
    return [arrange(grid, chosen, speed) for grid in heard[grids]]


def _mood(mood: str | Mood, caller: str) -> Mood:
    if isinstance(mood, Mood):
        return mood
    if not isinstance(mood, str) or mood not in MOODS:
        raise UsageError(f"{caller}: unknown mood {mood!r:.60}: choose {', '.join(MOODS)}")
    return MOODS[mood]


def _pitches(pack: Pack, mood: Mood, caller: str) -> Int64Array:
    """Return the pitch of each symbol of a pack, or _HELD or _SILENT. Raises UsageError if it generates no tunes."""
    wanted = (len(mood.parts), WINDOW * BAR)
    numbers = {str(pitch): pitch for pitch in range(128)} | {HOLD: _HELD, REST: _SILENT}
    head = pack.file.head
    if (
        not isinstance(head, Tokens)
        or pack.shape != wanted
        or not set(head.alphabet) <= set(numbers)
        or set(head.alphabet) <= {HOLD, REST}
        or pack.plan.sampler is None
    ):
        raise UsageError(
            f"{caller}: {pack.name} does not generate tunes, which are grids of {wanted[0]}x{wanted[1]} notes: use the "
            f"bundled pack {DEFAULT_PACK}"
        )
    if mood.kind not in pack.kinds:
        raise UsageError(
            f"{caller}: the mood needs the kind {mood.kind!r:.60}; {pack.name} has {', '.join(pack.kinds)}"
        )
    return np.array([numbers[symbol] for symbol in head.alphabet])


def generate_grids(
    pack: Pack,
    pitches: Int64Array,
    kind: str,
    count: int,
    bars: int,
    seed: int,
    start: int,
    threads: int | None,
) -> Uint8Array:
    """Return tunes as a pack generates them, uint8 (count, voices, BAR * bars): numbers of symbols."""
    voices, places = pack.shape[0], np.arange(WINDOW * BAR) // BAR
    grids = np.zeros((count, bars, voices, BAR), np.uint8)
    known: set[int] = set()

    def generate(given: Uint8Array, mask: BoolArray, number: int, **options: Any) -> Uint8Array:
        number_seed = (seed + number * STEP) % 2**64
        drawn = pack.inpaint(
            given, mask, kind=kind, seed=number_seed, start=start, threads=threads, **options
        ).indices
        assert drawn is not None
        return drawn

    number = 0  # of the window
    for step in steps(bars):
        if isinstance(step, Copy):
            grids[:, step.first : step.first + MOTIF] = grids[:, :MOTIF]
            known.update(range(step.first, step.first + MOTIF))
            continue
        wanted = [step.bars[place] for place in step.wanted]
        known.difference_update(wanted)
        unknown = np.array([bar not in known for bar in step.bars])[places]
        given = _side_by_side(grids[:, list(step.bars)])
        drawn = generate(given, np.broadcast_to(unknown, pack.shape), 2 * number, refine=_rounds(pack))
        long = _too_long(pitches[drawn]) & np.isin(places, step.wanted)
        if long.any():
            drawn = generate(drawn, long, 2 * number + 1, allowed=pitches >= 0)
        grids[:, wanted] = drawn.reshape(count, voices, WINDOW, BAR).swapaxes(1, 2)[:, step.wanted]
        known.update(wanted)
        number += 1
    return _side_by_side(grids)


def _rounds(pack: Pack) -> int | None:
    sampler = pack.plan.sampler
    return REFINE if sampler is not None and sampler.method == MASKED else None


def _too_long(pitches: Int64Array) -> BoolArray:
    """Return where notes are held for longer than `LONGEST` and a part of a bar begins, bool (N, V, T) like pitches."""
    holds = pitches == _HELD
    ticks = np.arange(pitches.shape[2])
    begun = np.maximum.accumulate(np.where(holds, 0, ticks), axis=2)
    longest = np.full((pitches.shape[1], 1), LONGEST)
    longest[0] = LONGEST_OF_MELODY
    silent = np.take_along_axis(pitches, begun, axis=2) == _SILENT
    found: BoolArray = holds & ~silent & (ticks % longest == 0) & (ticks - begun >= longest)
    return found


def _side_by_side(bars: Uint8Array) -> Uint8Array:
    """Return bars uint8 (N, B, V, BAR) as uint8 (N, V, B * BAR)."""
    count, number, voices, ticks = bars.shape
    return np.ascontiguousarray(bars.swapaxes(1, 2)).reshape(count, voices, number * ticks)


def _transposed(pitches: Int64Array, key: str, mode: str) -> Int64Array:
    """Return the pitches in a key and a mode, up or down by at most half an octave."""
    tonic, moved = MODES[mode]
    up = (KEYS[key] - tonic + 5) % 12 - 5
    altered = pitches + up + np.array([moved.get(pitch, 0) for pitch in range(12)])[pitches % 12]
    return np.where(pitches < 0, pitches, altered)


def arrange(grid: Int64Array, mood: Mood, tempo: int) -> Score:
    """Return a score of the pitches of each voice and tick, int64 (V, T), with the instruments and drums of a mood."""
    length = grid.shape[1]
    voices = [
        Voice(part.instrument, _notes(row, part.octaves), part.volume)
        for row, part in zip(grid.tolist(), mood.parts, strict=True)
    ]
    beats = _drums(mood, length // BAR)
    return Score((*voices, Voice("drums", beats, DRUM_VOLUME)) if beats else tuple(voices), length, tempo)


def _notes(row: list[int], octaves: int) -> tuple[Note, ...]:
    """Return the notes of a voice. The last one is held over the end if the first tick holds a note."""
    found: list[Note] = []
    starts = [tick for tick, pitch in enumerate(row) if pitch != _HELD]
    ends = [*starts[1:], *(len(row) + first for first in starts[:1])]
    for tick, following in zip(starts, ends, strict=True):
        if row[tick] != _SILENT:
            found.append(Note(tick, following - tick, _in_range(row[tick] + 12 * octaves)))
    return tuple(found)


def _in_range(pitch: int) -> int:
    """Return a pitch moved by octaves to 0 .. 127."""
    return pitch % 12 if pitch < 0 else pitch - 12 * -((127 - pitch) // 12) if pitch > 127 else pitch


def _drums(mood: Mood, bars: int) -> tuple[Note, ...]:
    """Return the drums of a tune: a pattern per bar, and another for the last bar of each phrase."""
    found = []
    for bar in range(bars):
        last = bar % WINDOW == WINDOW - 1 or bar == bars - 1
        pattern = mood.fill if last and mood.fill else mood.drums
        found += [
            Note(bar * BAR + tick, 1, DRUMS[letter]) for tick, letter in enumerate(pattern) if letter != "."
        ]
    return tuple(found)
