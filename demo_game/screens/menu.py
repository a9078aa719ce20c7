"""A list of lines to choose from, over a dark screen."""

import pygame

from .. import font
from ..colours import NIGHT
from ..hud import box
from ..music import Tune
from ..view import HEIGHT, WIDTH
from .screen import Screen, Shared

# These keys work in every menu, whatever the player has bound.
_ALWAYS = {
    "up": "up", "down": "down", "left": "left", "right": "right", "return": "act", "escape": "pause",
}  # fmt: skip


class Menu(Screen):
    """A list of lines. back: the screen to return to, None for the title."""

    def __init__(self, shared: Shared, back: Screen | None = None) -> None:
        super().__init__(shared)
        self.row = 0
        self._back = back
        self._pressed: list[str] = []

    @property
    def tune(self) -> Tune | None:
        """That of the screen to return to."""
        return None if self._back is None else self._back.tune

    def head(self) -> str:
        """The first line."""
        raise NotImplementedError

    def foot(self) -> str:
        """The last line."""
        return "ESC goes back"

    def rows(self) -> list[str]:
        """The lines to choose from, one or more."""
        raise NotImplementedError

    def change(self, row: int, by: int) -> None:
        """React to left (-1), right (1) or the choice (0) of a row."""

    def press(self, name: str) -> bool:
        """Take the keys that work always."""
        action = _ALWAYS.get(name)
        if action is not None:
            self._pressed.append(action)
        return action is not None

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Move through the rows, change one, or go back."""
        actions, self._pressed = [*self._pressed, *actions], []
        for action in actions:
            if action in ("up", "down"):
                self.row = (self.row + (1 if action == "down" else -1)) % len(self.rows())
            elif action in ("left", "right", "act"):
                self.change(self.row, {"left": -1, "right": 1, "act": 0}[action])
            elif action == "pause":
                self.leave()

    def leave(self) -> None:
        """Return to the screen from which this one was opened."""
        self.next = self._back
        if self._back is not None:
            self._back.next = self._back

    def draw(self, screen: pygame.Surface) -> None:
        """Draw as many rows as fit, around the chosen one."""
        screen.fill(NIGHT)
        scale, rows = self.shared.settings.text, self.rows()
        fit = max(1, (HEIGHT - 40) // font.line(scale) - 4)
        first = max(0, min(self.row - fit // 2, len(rows) - fit))
        width = max(map(len, rows))
        shown = [
            f"{'>' if first + place == self.row else ' '} {row:<{width}}  "
            for place, row in enumerate(rows[first : first + fit])
        ]
        lines = [self.head(), "", *shown, "", self.foot()]
        box(screen, lines, (WIDTH // 2, HEIGHT // 2), 2 + self.row - first, scale)
