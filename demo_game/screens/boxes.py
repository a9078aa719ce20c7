"""Boxes over a run that stands still: pause, help, and death."""

from typing import TYPE_CHECKING

import pygame

import tilewright as tw

from .. import font
from ..actions import SAYS
from ..hud import box
from ..rules.run import STEPS_PER_SECOND
from ..seed_words import seed_text
from ..view import HEIGHT, WIDTH
from .screen import Screen

if TYPE_CHECKING:
    from .playing import Playing


class Over(Screen):
    """A box over a screen that stands still."""

    def __init__(self, below: "Playing") -> None:
        super().__init__(below.shared)
        self.below = below

    def lines(self) -> list[str]:
        """The text of the box."""
        raise NotImplementedError

    def back(self) -> None:
        """Return to the screen below."""
        self.below.next = self.below
        self.next = self.below

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the screen below, and the box."""
        self.below.draw(screen)
        box(screen, self.lines(), (WIDTH // 2, HEIGHT // 2), bright=0)


class Paused(Over):
    """The pause, with the seed."""

    def lines(self) -> list[str]:
        """The seed and the keys."""
        run = self.below.run
        return [
            "PAUSE",
            f"seed: {seed_text(run.seed)}",
            f"depth {run.depth.number}, level {run.hero.level}, {run.hero.kills} killed",
            "",
            "ESC goes on   R begins again   N leaves for the title",
        ]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Go on, begin again, or leave."""
        if "pause" in actions or "act" in actions:
            self.back()
        elif "again" in actions:
            self.next = self.below.another(self.below.run.seed)
        elif "new" in actions:
            self.shared.next_seed()
            self.next = None


class Help(Over):
    """The keys."""

    def lines(self) -> list[str]:
        """A line per key."""
        return ["KEYS", *(f"{key:<20}{what:<28}" for key, what in SAYS)]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Return with any key."""
        if actions:
            self.back()


class Dead(Over):
    """The end of a run: who killed the hero, and what to do next."""

    def __init__(self, below: "Playing") -> None:
        super().__init__(below)
        self._clock = 0
        self._epitaph = font.wrap(below.epitaph(), WIDTH - 120)
        self.replay_path = self.shared.folder / f"tilewright-{below.run.seed}.replay.json"
        try:
            below.replay.save(self.replay_path)
            self.shared.save.unlink(missing_ok=True)
        except (tw.TilewrightError, OSError) as error:
            below.say(f"not saved: {error}")

    def lines(self) -> list[str]:
        """The killer, the figures and the keys."""
        run = self.below.run
        minutes, seconds = divmod(run.clock // STEPS_PER_SECOND, 60)
        return [
            f"{self.below.names.hero}, killed by {self.below.names.of(run.killer)} at depth {run.depth.number}",
            f"level {run.hero.level}, {run.hero.kills} killed, {minutes}:{seconds:02}",
            f"seed: {seed_text(run.seed)}",
            "",
            *self._epitaph,
            "",
            "SPACE or N: a new seed   R: the same again   ESC: title",
        ]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Begin the next run at once; a typed seed is not kept for it."""
        self._clock += 1
        if self._clock < STEPS_PER_SECOND // 2:
            return  # keys of the last fight choose nothing
        if "again" in actions:
            self.next = self.below.another(self.below.run.seed)
        elif "new" in actions or "act" in actions:
            self.next = self.below.another(self.shared.next_seed())
        elif "pause" in actions:
            self.shared.next_seed()
            self.next = None
