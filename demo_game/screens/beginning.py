"""A run whose first pictures are not there yet."""

from collections.abc import Callable

import pygame

import tilewright as tw
from tilewright.errors import command_text

from ..colours import NIGHT
from ..hud import box
from ..music import Tune, tune_of
from ..rules.run import Run
from ..view import HEIGHT, WIDTH
from .screen import Screen, Shared, place_of
from .settings import SettingsScreen

Play = Callable[[Shared, Run], Screen]  # makes the screen of a run in play


def begin(shared: Shared, run: Run, play: Play) -> Screen:
    """Return the screen of a run: in play, if there is something to show of it already."""
    shared.prepare(place_of(run))
    beginning = Beginning(shared, run, play)
    beginning.step([], (0, 0))
    return beginning.next or beginning


class Beginning(Screen):
    """Waits for the pictures of a run, which are made on other threads, so that the window stays alive."""

    def __init__(self, shared: Shared, run: Run, play: Play) -> None:
        super().__init__(shared)
        self._run, self._play = run, play
        self._said: list[str] = []
        self._unplugged = False

    @property
    def tune(self) -> Tune:
        """That of the biome, as in play."""
        return tune_of(self._run)

    @property
    def waiting(self) -> bool:
        """Until there is something to show."""
        return not self.shared.ready(place_of(self._run))

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Begin to play as soon as there is something to show, paused if a gamepad was unplugged meanwhile; return to
        the title if it cannot be made.
        """
        if "mute" in actions:
            self._said = [self.shared.mute()]
        self._unplugged = self._unplugged or "unplugged" in actions
        if "pause" in actions:
            self.next = None
        elif "settings" in actions:
            self.next = SettingsScreen(self.shared, self)
        elif not self.waiting:
            try:
                played = self._play(self.shared, self._run)
                if self._unplugged:
                    played.step(["unplugged"], (0, 0))
                self.next = played.next
            except tw.TilewrightError as error:
                self.shared.notes = [command_text(error)]
                self.next = None

    def draw(self, screen: pygame.Surface) -> None:
        """Say what the player waits for, and whether the sound was turned off or on."""
        screen.fill(NIGHT)
        box(screen, ["drawing...", *self._said], (WIDTH // 2, HEIGHT // 2), scale=self.shared.settings.text)
