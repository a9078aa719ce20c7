"""Real or generated? The player says which of two pictures a person drew."""

from itertools import count

import pygame

import tilewright as tw
from tilewright.errors import command_text

from .. import font
from ..colours import BRIGHT, FAINT, INK, NIGHT
from ..hud import box
from ..real_art import RATE_OF_2016, RealOrGenerated
from ..rules.run import STEPS_PER_SECOND
from ..view import HEIGHT, WIDTH, surface
from .screen import Screen, Shared

_SIDE = 160  # pixels of a picture, or less
_SHOW_STEPS = 75  # for which the solution is shown


class Guess(Screen):
    """Pairs without an end. Each answer is saved."""

    def __init__(self, shared: Shared, test: RealOrGenerated, back: Screen | None = None) -> None:
        super().__init__(shared)
        self.test, self._back = test, back
        name = f"tilewright-real-or-generated-{test.seed}"
        free = (
            shared.folder / f"{name}{'-' * (turn > 1)}{turn if turn > 1 else ''}.json" for turn in count(1)
        )
        self.path = next(path for path in free if not path.exists())
        self._said = ""
        self._solved: bool | None = None
        self._steps = 0
        self._ask()

    def press(self, name: str) -> bool:
        """The arrows and Escape work, whatever is bound."""
        action = {"left": "left", "right": "right", "escape": "pause"}.get(name)
        if action is not None:
            self.step([action], (0, 0))
        return action is not None

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Take an answer, show the solution for a moment, and ask again."""
        self._steps += 1
        if "pause" in actions:
            self.next = self._back
            if self._back is not None:
                self._back.next = self._back
        elif self._solved is not None:
            if self._steps > _SHOW_STEPS or (self._steps > 20 and actions):
                self._ask()
        elif "left" in actions or "right" in actions:
            milliseconds = self._steps * 1000 // STEPS_PER_SECOND
            self._solved = self.test.answer(self.pair, "left" in actions, milliseconds)
            self._steps = 0
            try:
                self.test.save(self.path)
            except tw.TilewrightError as error:
                self._said = command_text(error)

    def draw(self, screen: pygame.Surface) -> None:
        """Draw both pictures, the question or the solution, and the error rate."""
        screen.fill(NIGHT)
        scale, pair, test = self.shared.settings.text, self.pair, self.test
        head = "Which one did a person draw?  LEFT or RIGHT"
        if self._solved is not None:
            head = "right" if self._solved else "wrong"
        box(screen, [head], (WIDTH // 2, 30), 0, scale)
        for place, picture in enumerate(self._pictures):
            centre = WIDTH * (1 + 2 * place) // 4
            frame = picture.get_rect(center=(centre, 150))
            screen.fill(FAINT, frame.inflate(6, 6))
            screen.fill((60, 52, 66), frame.inflate(4, 4))
            screen.blit(picture, frame)
            if self._solved is not None:
                real = pair.real_is_left == (place == 0)
                text = f"drawn: {pair.file.rpartition('/')[2][:28]}" if real else f"generated: {pair.kind}"
                shown = font.render(text, BRIGHT if real else INK)
                screen.blit(shown, shown.get_rect(midtop=(centre, 150 + _SIDE // 2 + 14)))
        rate = f"{test.wrong} of {len(test.answers)} wrong: {test.error_rate:.1f} %   people in 2016: {RATE_OF_2016} %"
        lines = [rate, "50 % would be: nobody can tell", f"{self._said or self.path.name}   ESC leaves"]
        box(screen, lines, (WIDTH // 2, HEIGHT - 50), 0, scale)

    def _ask(self) -> None:
        self.pair = self.test.pair()
        self._solved, self._steps = None, 0
        both = (self.pair.real, self.pair.generated)
        pictures = [surface(picture) for picture in (both if self.pair.real_is_left else both[::-1])]
        factor = max(1, _SIDE // max(pictures[0].get_size()))
        self._pictures = [pygame.transform.scale_by(picture, factor) for picture in pictures]
