"""Picture and sounds of docs/music.md: python -m tilewright_training.experiments.tune_pictures docs."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tilewright import music, sound
from tilewright.arrays import Uint8Array
from tilewright.score import Score
from tilewright_training.measures.tunes import BAR, rolls_of

COLOURS = ((200, 50, 60), (220, 140, 30), (50, 150, 80), (50, 80, 190))  # of the voices, from the highest
LOWEST, HIGHEST, SCALE = 33, 91, 3
MOODS = ("merry", "calm", "sad", "fierce")
SEED = 7
RATE = 8_000  # of the sounds, which keeps them small


def piano_roll(score: Score) -> Uint8Array:
    """Return a picture, uint8 (58, T, 3): time to the right, pitch upwards, the beginnings of notes darker."""
    rolls = rolls_of(score)
    picture = np.full((HIGHEST - LOWEST, score.length, 3), 255, np.uint8)
    picture[:, ::BAR] = 225
    picture[:, :: 4 * BAR] = 170
    for voice in reversed(range(len(rolls.pitches))):
        ticks = np.flatnonzero((rolls.pitches[voice] >= LOWEST) & (rolls.pitches[voice] < HIGHEST))
        shade = np.where(rolls.begins[voice, ticks, None], 6, 10)
        picture[HIGHEST - 1 - rolls.pitches[voice, ticks], ticks] = np.array(COLOURS[voice]) * shade // 10
    return picture


def sheet() -> Image.Image:
    """Draw a tune of each mood."""
    gap, label = 4, 44
    rolls = [piano_roll(music.compose(mood, seed=SEED)) for mood in MOODS]
    height, width = rolls[0].shape[0] * SCALE, rolls[0].shape[1] * SCALE
    picture = Image.new("RGB", (label + width, len(rolls) * (height + gap)), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    for row, (mood, roll) in enumerate(zip(MOODS, rolls, strict=True)):
        large = Image.fromarray(roll).resize((width, height), Image.Resampling.NEAREST)
        picture.paste(large, (label, row * (height + gap)))
        draw.text((2, row * (height + gap) + height // 2), mood, fill=(0, 0, 0))
    return picture


def write_sounds(folder: Path) -> None:
    """Write the tunes that docs/music.md links to."""
    for mood in ("merry", "fierce"):
        samples = sound.render(music.compose(mood, bars=8, seed=SEED), rate=RATE, echo=48)
        sound.write_wav(folder / f"{mood}.wav", samples, RATE)


def main() -> None:
    """Write the files into the folder that is named."""
    folder = Path(sys.argv[1])
    sheet().quantize(32).save(folder / "images/tunes.png", optimize=True)
    write_sounds(folder / "sounds")


if __name__ == "__main__":
    main()
