"""Pictures and sounds of docs/sound.md: python -m tilewright_training.experiments.spectrograms docs."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tilewright import sound
from tilewright.arrays import Int16Array, Uint8Array

WINDOW, HEIGHT, FLOOR = 1024, 96, 70  # samples; rows of a picture; decibels below full scale
RATE = 16_000  # of the sounds, which keeps them small
KINDS = ("step", "hit", "pick-up", "coin", "door", "menu", "hurt", "level-up", "explosion")


def spectrogram(samples: Int16Array, width: int) -> Uint8Array:
    """Return brightness by frequency and time, uint8 (96, width): octaves from 60 Hz to 16 kHz upwards, 70 dB."""
    hop = max(1, len(samples) // width)
    padded = np.pad(samples / 32768, (WINDOW // 2, WINDOW + hop * width))
    frames = np.stack([padded[i * hop : i * hop + WINDOW] for i in range(width)]) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, 4 * WINDOW, axis=1)) * 4 / WINDOW
    frequencies = 60 * (16_000 / 60) ** (np.arange(HEIGHT)[::-1] / HEIGHT)
    rows = np.round(frequencies * 4 * WINDOW / sound.RATE).astype(int)
    decibels = 20 * np.log10(power[:, rows].T + 1e-9)
    return (np.clip(1 + decibels / FLOOR, 0, 1) * 255).astype(np.uint8)


def effects(kinds: tuple[str, ...], seeds: int) -> Image.Image:
    """Draw a row per kind and a column per seed, on one scale of time per row."""
    width, label, gap = 128, 70, 4
    sheet = Image.new("L", (label + seeds * (width + gap), len(kinds) * (HEIGHT + gap)), 255)
    draw = ImageDraw.Draw(sheet)
    for row, kind in enumerate(kinds):
        sounds = [sound.effect(kind, seed=seed) for seed in range(seeds)]
        longest = max(map(len, sounds))
        draw.text((2, row * (HEIGHT + gap) + 36), f"{kind}\n{longest * 1000 // sound.RATE} ms", fill=0)
        for column, samples in enumerate(sounds):
            picture = spectrogram(np.pad(samples, (0, longest - len(samples))), width)
            sheet.paste(
                Image.fromarray(255 - picture), (label + column * (width + gap), row * (HEIGHT + gap))
            )
    return sheet


def voices() -> Image.Image:
    """Draw one sentence as a question and as a statement, by two characters: a row each."""
    width, label, gap = 400, 70, 4
    said = [(name, f"Did you come alone{end}") for name in ("Mira", "Garth") for end in "?."]
    sheet = Image.new("L", (label + width, len(said) * (HEIGHT + gap)), 255)
    draw = ImageDraw.Draw(sheet)
    for row, (name, sentence) in enumerate(said):
        draw.text((2, row * (HEIGHT + gap) + 36), f"{name}\n{sentence[-7:]}", fill=0)
        picture = 255 - spectrogram(sound.voice(name, sentence), width)
        sheet.paste(Image.fromarray(picture), (label, row * (HEIGHT + gap)))
    return sheet


def write_sounds(folder: Path) -> None:
    """Write the sounds that docs/sound.md links to."""
    for kind in ("coin", "level-up", "explosion"):
        sound.write_wav(folder / f"{kind}.wav", sound.effect(kind, seed=7, rate=RATE), RATE)
    sound.write_wav(folder / "mira.wav", sound.voice("Mira", "Did you come alone?", rate=RATE), RATE)


def main() -> None:
    """Write the files into the folder that is named."""
    folder = Path(sys.argv[1])
    effects(KINDS, 4).quantize(32).save(folder / "images/effects.png", optimize=True)
    voices().quantize(32).save(folder / "images/voices.png", optimize=True)
    write_sounds(folder / "sounds")


if __name__ == "__main__":
    main()
