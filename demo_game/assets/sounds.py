"""Sound effects, voices and tunes."""

import numpy as np
import numpy.typing as npt

from tilewright import music, sound

SOUND_RATE = sound.RATE


def effect(name: str, seed: int) -> npt.NDArray[np.int16]:
    """Return a sound effect of a run: int16 (N,), SOUND_RATE samples a second."""
    return sound.effect(name, seed=seed)


def tune(seed: int, mood: str, bars: int = 16) -> npt.NDArray[np.int16]:
    """Return a tune that loops: int16 (N,), SOUND_RATE samples a second."""
    return sound.render(music.compose(mood, bars=bars, seed=seed, threads=1), rate=SOUND_RATE, echo=48)


def voice(name: str, sentence: str) -> npt.NDArray[np.int16]:
    """Return a character's voice: int16 (N,), SOUND_RATE samples a second."""
    return sound.voice(name, sentence)
