"""Write string quartets as grids of tokens, for training with the preset `tunes`.

python -m tilewright_training.experiments.quartet_grids QUARTETS OUTPUT

QUARTETS: quartets.json of OpenScore, an object per line with four voices of [pitch, length in sixteenths]. A grid has a
line per voice, from the first violin to the cello, and a symbol per sixteenth: a pitch that begins, `-` for one that is
held, `.` for silence. Parts in bars of four beats are kept, begin with a bar, and are transposed to C major or A minor.
The kind follows from the mode and from how many notes begin.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

HOLD, REST = "-", "."
LOWEST, HIGHEST = 36, 88  # pitches beyond are moved by octaves
BAR, PART = 16, 256  # ticks
OTHER_BARS = (12, 18, 20)  # of other metres
MOODS = {(True, False): "peaceful", (True, True): "merry", (False, False): "sad", (False, True): "tense"}
LIVELY = 0.34  # notes that begin per tick and voice
# Krumhansl and Kessler, "Tracing the dynamic changes in perceived tonal organization" (1982)
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def main() -> None:
    """Write OUTPUT/MOOD.tokens for each mood, and OUTPUT/SOURCE.json."""
    quartets, output = map(Path, sys.argv[1:3])
    output.mkdir(parents=True, exist_ok=True)
    grids: dict[str, list[str]] = defaultdict(list)
    for line in quartets.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            pitches, begins = expand(json.loads(line.rstrip(","))["voices"])
            for part in parts(begins):
                mood, grid = as_grid(pitches[:, part], begins[:, part])
                grids[mood].append(grid)
    for mood, some in grids.items():
        (output / f"{mood}.tokens").write_text("\n\n".join(some) + "\n")
    facts = {
        "name": "OpenScore String Quartets",
        "licence": "CC0-1.0",
        "author": "Haydn, Mozart, Beethoven, Schubert, Mendelssohn and others; encoded by the OpenScore volunteers",
    }
    (output / "SOURCE.json").write_text(json.dumps(facts))


def expand(voices: list[list[list[int]]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the pitch of each tick, int (4, T) with 0 for silence, and whether a note begins, bool (4, T)."""
    total = sum(length for _, length in voices[0])
    pitches, begins = np.zeros((4, total), int), np.zeros((4, total), bool)
    for row, voice in enumerate(voices):
        at = 0
        for pitch, length in voice:
            pitches[row, at : at + length] = pitch
            begins[row, at] |= pitch > 0
            at += length
    return pitches, begins


def parts(begins: np.ndarray) -> list[slice]:
    """Return the parts in bars of four beats: where notes begin together at every BAR ticks, more than at others."""
    found = []
    for first in range(0, begins.shape[1] - PART - BAR, PART):
        together = begins[:, first : first + PART].sum(axis=0).astype(float) ** 2
        strength, phase = _beat(together, BAR)
        if strength > max(_beat(together, bar)[0] for bar in OTHER_BARS):
            found.append(slice(first + phase, first + phase + PART))
    return found


def _beat(weights: np.ndarray, bar: int) -> tuple[float, int]:
    means = [weights[phase::bar].mean() for phase in range(bar)]
    return max(means), int(np.argmax(means))


def as_grid(pitches: np.ndarray, begins: np.ndarray) -> tuple[str, str]:
    """Return the mood of a part and its lines."""
    heard = pitches[pitches > 0] % 12
    share = np.bincount(heard, minlength=12).astype(float)
    keys = [
        (float(np.corrcoef(np.roll(profile, tonic), share)[0, 1]), major, tonic)
        for major, profile in ((True, MAJOR), (False, MINOR))
        for tonic in range(12)
    ]
    _, major, tonic = max(keys) if share.std() > 0 else (0.0, True, 0)
    up = (0 if major else 9) - tonic
    up = (up + 6) % 12 - 6
    moved = pitches + up
    moved = np.where(moved > HIGHEST, moved - 12 * -((HIGHEST - moved) // 12), moved)
    moved = np.where(moved < LOWEST, moved + 12 * -((moved - LOWEST) // 12), moved)
    lines = [
        " ".join(
            REST if pitch == 0 else str(tone) if begun else HOLD
            for pitch, tone, begun in zip(*rows, strict=True)
        )
        for rows in zip(pitches.tolist(), moved.tolist(), begins.tolist(), strict=True)
    ]
    return MOODS[major, bool(begins.mean() > LIVELY)], "\n".join(lines)


if __name__ == "__main__":
    main()
