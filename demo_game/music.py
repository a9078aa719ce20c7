"""The tune of a place: composed on a thread of its own, and looped. Without an audio device the game is silent."""

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import numpy.typing as npt
import pygame

from .background import Background
from .content.biomes import biome_of
from .rules.run import Run
from .settings import LOUDEST, Settings

Tune = tuple[int, str]  # a seed and a mood
_CHANNEL = 0  # reserved for music
_FADE = 600  # ms


def tune_of(run: Run) -> Tune:
    """Return the seed and the mood of the tune of a run: it has one for each biome."""
    return run.seed, biome_of(run.seed, run.depth.number).mood


class Music:
    """Plays one tune at a time, as loud as the settings say. Others are not kept: each takes megabytes.

    make: composes a tune, int16 samples.
    """

    def __init__(self, settings: Settings, make: Callable[[int, str], npt.NDArray[np.int16]]) -> None:
        self._settings, self._make = settings, make
        self._heard: Tune | None = None
        self._made: tuple[Tune, Future[npt.NDArray[np.int16]]] | None = None
        self._thread: Background | None = None
        if pygame.mixer.get_init() is not None:
            pygame.mixer.set_reserved(1)
            self._thread = Background("music")

    def follow(self, wanted: Tune | None) -> None:
        """Play a tune as soon as it is composed, or none. Called for every frame."""
        if self._thread is None:
            return
        channel = pygame.mixer.Channel(_CHANNEL)
        volume = 0 if self._settings.muted else self._settings.music
        channel.set_volume(volume / LOUDEST)
        if wanted is None:
            if self._heard is not None:
                channel.fadeout(_FADE)
                self._heard = None
            return
        if wanted == self._heard or not volume:
            return
        if self._made is None or self._made[0] != wanted:
            if self._made is not None:
                self._made[1].cancel()
            self._made = wanted, self._thread.submit(self._make, *wanted)
        if self._made[1].done():
            self._heard = wanted
            samples = self._made[1].result()
            channel.play(pygame.mixer.Sound(buffer=samples), loops=-1, fade_ms=_FADE)
            self._made = None  # the mixer has a copy
            channel.set_volume(volume / LOUDEST)

    def close(self) -> None:
        """End the thread, without waiting for a tune that is being composed."""
        if self._thread is not None:
            self._thread.close()
