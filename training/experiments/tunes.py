"""Compares composed tunes with the quartets of the training set and with random walks, for docs/music.md.

python -m tilewright_training.experiments.tunes GRIDS [TUNES]

GRIDS: the folder that quartet_grids.py writes; without .tokens files there, the data is left out. TUNES: of each, 100.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tilewright import music, sound
from tilewright.score import Note, Score, Voice
from tilewright_training.measures.tunes import BAR, MEASURES, loudness, measure, rolls_of

MOODS = {"merry": "merry", "peaceful": "calm", "sad": "sad", "tense": "tense"}
"""A mood of `tilewright.music` for each kind of the training set."""

SEED = 7


def main() -> None:
    """Print the table."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rng = np.random.default_rng(SEED)
    columns = {"composed": composed(count)}
    data = quartets(Path(sys.argv[1]), -(-count // len(MOODS)), rng)
    if data:
        columns["quartets"] = data
        columns["random walk"] = [random_walk(score, rng) for score in data]
    found = {name: measure(scores) for name, scores in columns.items()}
    print(f"| of {count} tunes each, 16 bars | {' | '.join(found)} |")
    print("|---|" + "---:|" * len(found))
    for name in MEASURES:
        print(f"| {name} | {' | '.join(f'{values[name]:.1f}' for values in found.values())} |")
    if data:
        parts = [_bars(score) for score in quartets(Path(sys.argv[1]), 1 << 20, rng)]
        counts = Counter(bar for part in parts for bar in part)
        copied = np.mean([bar in counts for score in columns["composed"] for bar in _bars(score)])
        shared = np.mean([counts[bar] > 1 for part in parts for bar in part])
        print(
            f"bars of the training set: {100 * copied:.1f} % of composed ones; in another part: {100 * shared:.1f} %"
        )
    low, high, peak, offset = loudness(columns["composed"])
    print(f"loudness {low:.1f} to {high:.1f} dB, largest sample {peak}, offset {offset:.2f}")
    print(f"seconds of one core for 100 tunes with samples: {seconds(100):.2f}")


def composed(count: int) -> list[Score]:
    """Return tunes of 16 bars, as many of each kind of the training set as of others."""
    each = -(-count // len(MOODS))
    tunes = [music.compose_many(each, mood, seed=SEED) for mood in MOODS.values()]
    return [tune for some in zip(*tunes, strict=True) for tune in some][:count]


def seconds(count: int) -> float:
    """Return the processor time of composing and rendering `count` tunes of 16 bars on one thread."""
    music.compose("merry", seed=1)
    started = time.process_time()
    for score in music.compose_many(count, "merry", seed=SEED, threads=1):
        sound.render(score)
    return time.process_time() - started


def quartets(folder: Path, each: int, rng: np.random.Generator) -> list[Score]:
    """Return parts of the training set, 16 bars each, up to `each` of every kind."""
    found = []
    for file in sorted(folder.glob("*.tokens")):
        grids = file.read_text().strip().split("\n\n")
        for number in rng.permutation(len(grids))[:each]:
            rows = [line.split() for line in grids[number].splitlines()]
            found.append(Score(tuple(map(_voice, rows)), len(rows[0])))
    return found


def _bars(score: Score) -> set[bytes]:
    """Return the bars of eight notes or more, whatever their key."""
    rolls, found = rolls_of(score), set()
    for at in range(0, score.length, BAR):
        pitches, begins = rolls.pitches[:, at : at + BAR], rolls.begins[:, at : at + BAR]
        if begins.sum() >= 8:
            lowest = pitches[pitches > 0].min()
            found.add(np.where(pitches > 0, pitches - lowest, -1).tobytes() + begins.tobytes())
    return found


def _voice(row: list[str]) -> Voice:
    """Return a voice of tokens. A note that is held at the beginning, whose pitch is unknown, is left out."""
    notes, at = [], [tick for tick, token in enumerate(row) if token != "-"]
    for tick, end in zip(at, [*at[1:], len(row)], strict=True):
        if row[tick] != ".":
            notes.append(Note(tick, end - tick, int(row[tick])))
    return Voice("pulse-25", tuple(notes))


def random_walk(score: Score, rng: np.random.Generator) -> Score:
    """Return voices that begin like those of a score and go up or down by at most four semitones with each note.

    The lengths are those of its notes and silences in a random order.
    """
    voices = []
    for voice in score.voices:
        notes, at = [], 0
        lengths = [note.length for note in voice.notes] or [score.length]
        pitch = voice.notes[0].pitch if voice.notes else 60
        for length in rng.permutation(lengths):
            notes.append(Note(at, int(min(length, score.length - at)), pitch))
            at += int(length)
            pitch = int(np.clip(pitch + rng.integers(-4, 5), 36, 88))
            if at >= score.length:
                break
        voices.append(Voice(voice.instrument, tuple(notes)))
    return Score(tuple(voices), score.length)


if __name__ == "__main__":
    main()
