"""Measures of tunes: rhythm, repetition, harmony, and how they loop. Drums take no part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from tilewright import sound
from tilewright.score import Score

BAR, BEAT = 16, 4  # ticks
SCALE = (0, 2, 4, 5, 7, 9, 11)
FIFTH, OCTAVE = 7, 0


@dataclass(frozen=True)
class Rolls:
    """The voices of a tune by tick. pitches: int (V, T), 0 for silence; begins: bool (V, T), whether a note begins."""

    pitches: np.ndarray
    begins: np.ndarray

    @property
    def sounds(self) -> np.ndarray:
        """bool (V, T)."""
        return self.pitches > 0


def rolls_of(score: Score) -> Rolls:
    """Return the rolls of a score, whose notes go on at the beginning where they are held over the end."""
    voices = [voice for voice in score.voices if voice.instrument != "drums"]
    pitches = np.zeros((len(voices), score.length), int)
    begins = np.zeros(pitches.shape, bool)
    for row, voice in enumerate(voices):
        for note in voice.notes:
            pitches[row, (note.start + np.arange(note.length)) % score.length] = note.pitch
            begins[row, note.start] = True
    return Rolls(pitches, begins)


def held(rolls: Rolls) -> float:
    """Share of ticks of voices in which a note is held."""
    return float((rolls.sounds & ~rolls.begins).mean())


def long_notes(rolls: Rolls) -> float:
    """Share of ticks of voices in which a note has been held for more than a bar."""
    held_for = np.zeros(len(rolls.pitches), int)
    found = 0
    for sounds, begins in zip(rolls.sounds.T, rolls.begins.T, strict=True):
        held_for = np.where(sounds & ~begins, held_for + 1, 0)
        found += int((held_for >= BAR).sum())
    return found / rolls.pitches.size


def silent(rolls: Rolls) -> float:
    """Share of ticks of voices that are silent."""
    return float((~rolls.sounds).mean())


def repeated_bars(rolls: Rolls) -> float:
    """Share of bars that are equal to an earlier one in all voices."""
    bars = [
        rolls.pitches[:, at : at + BAR].tobytes() + rolls.begins[:, at : at + BAR].tobytes()
        for at in range(0, rolls.pitches.shape[1], BAR)
    ]
    return 1 - len(set(bars)) / len(bars)


def parallels(rolls: Rolls) -> float:
    """Of the moves of two voices in one direction, the share from a fifth to a fifth or from an octave to an octave."""
    before, after = rolls.pitches[:, :-1], rolls.pitches[:, 1:]
    moves = np.where((before > 0) & (after > 0), after - before, 0)
    similar = wrong = 0
    for a, b in combinations(range(len(moves)), 2):
        together = moves[a] * moves[b] > 0
        first = (before[a] - before[b])[together] % 12
        second = (after[a] - after[b])[together] % 12
        similar += int(together.sum())
        wrong += int(((first == second) & ((first == FIFTH) | (first == OCTAVE))).sum())
    return wrong / max(similar, 1)


def entropy(rolls: Rolls) -> float:
    """Entropy of the pitch classes that sound, in bits: 2.8 for the seven notes of a scale, 3.6 for all twelve."""
    share = _classes(rolls)
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())


def foreign(rolls: Rolls) -> float:
    """Share of the sounding time outside of the major scale that fits best."""
    share = _classes(rolls)
    return float(1 - max(share[[(tonic + step) % 12 for step in SCALE]].sum() for tonic in range(12)))


def clashes(rolls: Rolls) -> float:
    """Share of pairs of sounding voices, at the beats, that are a semitone apart, octaves aside."""
    at_beats = rolls.pitches[:, ::BEAT]
    clashing = sounding = 0
    for a, b in combinations(at_beats, 2):
        both = (a > 0) & (b > 0)
        sounding += int(both.sum())
        clashing += int(np.isin((a - b)[both] % 12, (1, 11)).sum())
    return clashing / max(sounding, 1)


def unisons(rolls: Rolls) -> float:
    """Share of ticks in which two voices sound the same pitch."""
    same = np.zeros(rolls.pitches.shape[1], bool)
    for a, b in combinations(rolls.pitches, 2):
        same |= (a > 0) & (a == b)
    return float(same.mean())


def crossings(rolls: Rolls) -> float:
    """Share of ticks in which a voice is above its upper neighbour."""
    crossed = np.zeros(rolls.pitches.shape[1], bool)
    for upper, lower in pairwise(rolls.pitches):
        crossed |= (upper > 0) & (lower > upper)
    return float(crossed.mean())


def ambit(rolls: Rolls) -> float:
    """Semitones from the lowest to the highest note of the first voice."""
    heard = rolls.pitches[0][rolls.sounds[0]]
    return float(np.ptp(heard)) if len(heard) else 0.0


def small_steps(rolls: Rolls) -> float:
    """Share of the steps of the first voice that are at most two semitones."""
    steps = np.abs(_steps(rolls.pitches[0], rolls.begins[0]))
    return float((steps <= 2).mean()) if len(steps) else 0.0


def loops(rolls: Rolls) -> float:
    """Share of voices whose step from the last note to the first one is not larger than all others."""
    fine = []
    for pitches, begins in zip(rolls.pitches, rolls.begins, strict=True):
        heard = pitches[begins]
        if len(heard) > 2:
            fine.append(abs(heard[0] - heard[-1]) <= np.abs(np.diff(heard)).max())
    return float(np.mean(fine)) if fine else 1.0


def _steps(pitches: np.ndarray, begins: np.ndarray) -> np.ndarray:
    return np.diff(pitches[begins])


def _classes(rolls: Rolls) -> np.ndarray:
    counts = np.bincount(rolls.pitches[rolls.sounds] % 12, minlength=12).astype(float)
    return counts / max(counts.sum(), 1)


MEASURES: dict[str, tuple[Callable[[Rolls], float], str]] = {
    "held notes (% of ticks)": (held, "%"),
    "held for more than a bar (% of ticks)": (long_notes, "%"),
    "silence (% of ticks)": (silent, "%"),
    "repeated bars (%)": (repeated_bars, "%"),
    "parallel fifths and octaves (% of similar motions)": (parallels, "%"),
    "entropy of pitch classes (bits)": (entropy, ""),
    "outside of the best scale (% of the time)": (foreign, "%"),
    "semitone clashes at beats (% of pairs)": (clashes, "%"),
    "unisons (% of ticks)": (unisons, "%"),
    "crossed voices (% of ticks)": (crossings, "%"),
    "range of the first voice (semitones)": (ambit, ""),
    "steps of at most a tone, first voice (%)": (small_steps, "%"),
    "voices whose step at the loop is no record (%)": (loops, "%"),
}


def measure(scores: Sequence[Score]) -> dict[str, float]:
    """Return the mean of each measure over tunes; shares in percent."""
    rolls = [rolls_of(score) for score in scores]
    return {
        name: float(np.mean([one(roll) for roll in rolls])) * (100 if unit else 1)
        for name, (one, unit) in MEASURES.items()
    }


def loudness(scores: Sequence[Score]) -> tuple[float, float, int, float]:
    """Return the lowest and the highest root mean square of tunes in decibels of full scale, the largest sample, and
    the largest offset from zero.
    """
    levels, peak, offset = [], 0, 0.0
    for score in scores:
        samples = sound.render(score).astype(float)
        levels.append(20 * np.log10(np.sqrt((samples**2).mean()) / 32768))
        peak = max(peak, int(np.abs(samples).max()))
        offset = max(offset, abs(float(samples.mean())))
    return min(levels), max(levels), peak, offset
