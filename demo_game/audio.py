"""Plays the sounds of events. Without an audio device the game is silent."""

from collections.abc import Mapping

import pygame

from .assets import SOUND_RATE, effects, voice
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
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        if pygame.mixer.get_init() is not None:
            made = effects(sorted(set(SOUNDS.values())), seed)
            self._sounds = {name: pygame.mixer.Sound(buffer=samples) for name, samples in made.items()}

    def play(self, event: str) -> None:
        """Play the sound of an event, if it has one."""
        sound = self._sounds.get(SOUNDS.get(event, ""))
        if sound is not None:
            self._play(sound, self._settings.effects)

    def speak(self, name: str, sentence: str) -> None:
        """Let a character speak."""
        if self._sounds and not self._settings.muted:
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
