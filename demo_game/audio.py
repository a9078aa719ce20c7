"""Plays the sounds of events. Without an audio device the game is silent."""

from collections.abc import Mapping

import pygame

from .assets import SOUND_RATE, effects, voice

# The sound of each event; several kinds of events may share one.
SOUNDS: Mapping[str, str] = {
    "swing": "shoot", "hit": "hit", "killed": "death", "wounded": "hurt", "died": "death", "picked": "pick-up",
    "found": "chest", "used": "magic", "stolen": "back", "locked": "menu", "closed": "menu", "opened": "door",
    "stairs": "stairs", "level": "level-up", "learnt": "select", "shot": "jump", "called": "explosion",
}  # fmt: skip


class Audio:
    """The sounds of one run. muted: whether nothing is played."""

    def __init__(self, seed: int, muted: bool = False) -> None:
        self.muted = muted
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        if pygame.mixer.get_init() is not None:
            made = effects(sorted(set(SOUNDS.values())), seed)
            self._sounds = {
                name: pygame.mixer.Sound(buffer=samples.tobytes()) for name, samples in made.items()
            }

    def play(self, event: str) -> None:
        """Play the sound of an event, if it has one."""
        sound = self._sounds.get(SOUNDS.get(event, ""))
        if sound is not None and not self.muted:
            sound.play()

    def speak(self, name: str, sentence: str) -> None:
        """Let a character speak."""
        if self._sounds and not self.muted:
            pygame.mixer.Sound(buffer=voice(name, sentence).tobytes()).play()


def open_mixer() -> None:
    """Open the audio device, if there is one."""
    try:
        pygame.mixer.init(SOUND_RATE, -16, 1)
    except pygame.error:
        pygame.mixer.quit()
