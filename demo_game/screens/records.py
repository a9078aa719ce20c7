"""The best runs, and the gallery of what was generated for them."""

import pygame

from .. import font
from ..colours import BRIGHT, FAINT, INK, NIGHT
from ..hud import box
from ..rules.run import STEPS_PER_SECOND
from ..seed_words import seed_text
from ..view import HEIGHT, WIDTH, surface
from .screen import Screen, Shared

_COLUMNS, _ROWS = 4, 4  # of a page of the gallery
_SIDE = 48  # pixels of a picture, or less
_TOP, _DOWN = 28, 78


class RecordsScreen(Screen):
    """Pages: the best runs first, then the gallery, the newest first."""

    def __init__(self, shared: Shared, back: Screen) -> None:
        super().__init__(shared)
        self._back = back
        self.page = 0
        self._seen = shared.records.seen[::-1]
        self._pictures: dict[int, pygame.Surface] = {}

    @property
    def pages(self) -> int:
        """The number of pages."""
        return 1 + -(-len(self._seen) // (_COLUMNS * _ROWS))

    def press(self, name: str) -> bool:
        """Leave with Escape, whatever is bound."""
        if name == "escape":
            self.step(["pause"], (0, 0))
        return name == "escape"

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Turn pages, or go back."""
        for action in actions:
            if action in ("right", "down", "act", "best"):
                self.page = (self.page + 1) % self.pages
            elif action in ("left", "up"):
                self.page = (self.page - 1) % self.pages
            elif action == "pause":
                self.next = self._back
                self._back.next = self._back

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the page."""
        screen.fill(NIGHT)
        scale = self.shared.settings.text
        if self.page == 0:
            box(screen, self._runs(), (WIDTH // 2, HEIGHT // 2), 0, scale)
            return
        first = (self.page - 1) * _COLUMNS * _ROWS
        head = f"GALLERY: {len(self._seen)} seen   page {self.page} of {self.pages - 1}   ESC goes back"
        screen.blit(font.render(head, BRIGHT), (16, 10))
        for place, one in enumerate(self._seen[first : first + _COLUMNS * _ROWS]):
            centre = (2 * (place % _COLUMNS) + 1) * WIDTH // (2 * _COLUMNS)
            top = _TOP + place // _COLUMNS * _DOWN
            picture = self._picture(first + place)
            screen.blit(picture, picture.get_rect(midbottom=(centre, top + _SIDE)))
            most = WIDTH // _COLUMNS // (font.WIDTH * 2) - 1
            for line, (text, colour) in enumerate(((one.name, INK), (one.what, FAINT))):
                shown = font.render(text[:most], colour)
                screen.blit(shown, shown.get_rect(midtop=(centre, top + _SIDE + 3 + 12 * line)))

    def _runs(self) -> list[str]:
        best = self.shared.records.best
        rows = [
            f"{place:>2} depth {one.depth:<3} level {one.level:<2} {one.kills:>3} killed {_time(one.steps):>5} "
            f"{one.hero[:10]:<10} {seed_text(one.seed)[:24]}"
            for place, one in enumerate(best, 1)
        ]
        width = max(map(len, rows), default=0)
        return [
            "BEST RUNS",
            "",
            *([row.ljust(width) for row in rows] or ["none yet"]),
            "",
            "RIGHT: the gallery   ESC goes back",
        ]

    def _picture(self, place: int) -> pygame.Surface:
        if place not in self._pictures:
            picture = surface(self._seen[place].pixels)
            factor = max(1, _SIDE // max(picture.get_size()))
            self._pictures[place] = pygame.transform.scale_by(picture, factor)
        return self._pictures[place]


def _time(steps: int) -> str:
    minutes, seconds = divmod(steps // STEPS_PER_SECOND, 60)
    return f"{minutes}:{seconds:02}"
