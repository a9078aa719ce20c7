"""Boxes over a run that stands still: pause, help, and death."""

from typing import TYPE_CHECKING

import pygame

import tilewright as tw

from .. import font
from ..actions import SAYS, key_text
from ..hud import box
from ..music import Tune
from ..records import BEST, Score
from ..rules.run import STEPS_PER_SECOND
from ..seed_words import seed_text
from ..view import HEIGHT, WIDTH
from .records import RecordsScreen
from .screen import Screen
from .settings import SettingsScreen

if TYPE_CHECKING:
    from .playing import Playing


class Over(Screen):
    """A box over a screen that stands still."""

    def __init__(self, below: "Playing") -> None:
        super().__init__(below.shared)
        self.below = below

    @property
    def tune(self) -> Tune:
        """That of the screen below."""
        return self.below.tune

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
        box(screen, self.lines(), (WIDTH // 2, HEIGHT // 2), 0, self.shared.settings.text)


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
            "ESC goes on   O settings",
            "R begins again   N leaves for the title",
        ]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Go on, begin again, or leave."""
        if "pause" in actions or "act" in actions:
            self.back()
        elif "settings" in actions:
            self.next = SettingsScreen(self.shared, self)
        elif "again" in actions:
            self.next = self.below.another(self.below.run.seed)
        elif "new" in actions:
            self.shared.next_seed()
            self.next = None


class Help(Over):
    """The keys, as they are bound now; any key shows the next page, and after the last returns."""

    def __init__(self, below: "Playing") -> None:
        super().__init__(below)
        keys = self.shared.settings.keys
        rows = [f"{key_text(keys[action][:2]):<16}{what:<28}" for action, what in SAYS.items()]
        fit = (HEIGHT - 30) // font.line(self.shared.settings.text) - 2
        self._pages = [rows[first : first + fit] for first in range(0, len(rows), fit)]

    def lines(self) -> list[str]:
        """A line per key."""
        return [f"KEYS ({len(self._pages) - 1} more)" if len(self._pages) > 1 else "KEYS", *self._pages[0]]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Show the next page with any key, or return."""
        if actions:
            self._pages.pop(0)
        if not self._pages:
            self._pages.append([])
            self.back()


class Dead(Over):
    """The end of a run: who killed the hero, and what to do next."""

    def __init__(self, below: "Playing") -> None:
        super().__init__(below)
        self._clock = 0
        self._epitaph = font.wrap(below.epitaph(), WIDTH - 60, self.shared.settings.text)
        self.replay_path = self.shared.folder / f"tilewright-{below.run.seed}.replay.json"
        run, names = below.run, below.names
        self._score = Score(
            run.depth.number,
            run.hero.level,
            run.hero.kills,
            run.clock,
            run.seed,
            names.hero,
            names.of(run.killer),
        )
        self._place = BEST
        try:
            self._place = self.shared.records.add_run(self._score)
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
            *(
                [f"the best run but {self._place}" if self._place else "the best run so far"]
                * (self._place < BEST)
            ),
            "",
            *self._epitaph,
            "",
            "SPACE or N: a new seed   R: the same again",
            "B: best runs, gallery   ESC: title",
        ]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Begin the next run at once; a typed seed is not kept for it."""
        self._clock += 1
        if self._clock < STEPS_PER_SECOND // 2:
            return  # keys of the last fight choose nothing
        if "best" in actions:
            self.next = RecordsScreen(self.shared, self)
        elif "again" in actions:
            self.next = self.below.another(self.below.run.seed)
        elif "new" in actions or "act" in actions:
            self.next = self.below.another(self.shared.next_seed())
        elif "pause" in actions:
            self.shared.next_seed()
            self.next = None
