"""A run whose first pictures are not there yet."""

from collections.abc import Callable

import pygame

from ..colours import NIGHT
from ..hud import box
from ..music import Tune, tune_of
from ..rules.run import Run
from ..view import HEIGHT, WIDTH
from .screen import Screen, Shared

Play = Callable[[Shared, Run], Screen]  # makes the screen of a run in play


def begin(shared: Shared, run: Run, play: Play) -> Screen:
    """Return the screen of a run: in play, if there is something to show of it already."""
    place = run.seed, run.depth.number, 0
    shared.request(place)
    return play(shared, run) if shared.ready(place) else Beginning(shared, run, play)


class Beginning(Screen):
    """Waits for the pictures of a run, which are made on other threads, so that the window stays alive."""

    def __init__(self, shared: Shared, run: Run, play: Play) -> None:
        super().__init__(shared)
        self._run, self._play = run, play

    @property
    def tune(self) -> Tune:
        """That of the biome, as in play."""
        return tune_of(self._run)

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Begin to play as soon as there is something to show."""
        if "pause" in actions:
            self.next = None
        elif self.shared.ready((self._run.seed, self._run.depth.number, 0)):
            self.next = self._play(self.shared, self._run)

    def draw(self, screen: pygame.Surface) -> None:
        """Say what the player waits for."""
        screen.fill(NIGHT)
        box(screen, ["drawing..."], (WIDTH // 2, HEIGHT // 2), scale=self.shared.settings.text)
