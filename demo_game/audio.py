"""Plays the sounds of events. Without an audio device the game is silent."""

import threading
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pygame

from .assets import SOUND_RATE, effect, voice
from .settings import LOUDEST, Settings

# The sound of each event; several kinds of events may share one.
SOUNDS: Mapping[str, str] = {
    "swing": "shoot", "hit": "hit", "killed": "death", "wounded": "hurt", "died": "death", "picked": "pick-up",
    "found": "chest", "used": "magic", "stolen": "back", "locked": "menu", "closed": "menu", "opened": "door",
    "stairs": "stairs", "level": "level-up", "learnt": "select", "shot": "jump", "called": "explosion",
}  # fmt: skip


class Audio:
    """The sounds of one run, as loud as the settings say."""

    def __init__(self, seed: int, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, npt.NDArray[np.int16]] = {}
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        self._audible = pygame.mixer.get_init() is not None
        if self._audible:  # a run begins before its sounds are made
            threading.Thread(target=self._make, args=[seed], name="effects", daemon=True).start()

    def _make(self, seed: int) -> None:
        for name in sorted(set(SOUNDS.values())):
            self._made[name] = effect(name, seed)

    def play(self, event: str) -> None:
        """Play the sound of an event, if it has one that is made already."""
        name = SOUNDS.get(event, "")
        if name in self._made:
            self._sounds[name] = pygame.mixer.Sound(buffer=self._made.pop(name))
        if name in self._sounds:
            self._play(self._sounds[name], self._settings.effects)

    def speak(self, name: str, sentence: str) -> None:
        """Let a character speak."""
        if self._audible and not self._settings.muted:
            self._play(pygame.mixer.Sound(buffer=voice(name, sentence)), self._settings.voices)

    def _play(self, sound: pygame.mixer.Sound, volume: int) -> None:
        if volume and not self._settings.muted:
            sound.set_volume(volume / LOUDEST)
            sound.play()


def open_mixer() -> None:
    """Open the audio device, if there is one."""
    try:
        pygame.mixer.init(SOUND_RATE, -16, 1)
    except pygame.error:
        pygame.mixer.quit()
