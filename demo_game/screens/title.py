"""The title screen."""

import datetime

import pygame

import tilewright as tw
from tilewright.errors import command_text

from .. import font, seed_words
from ..assets import plan_of, title_tiles
from ..colours import NIGHT, SPARK
from ..hud import box
from ..music import Tune
from ..real_art import RealOrGenerated
from ..rules.dice import mix
from ..rules.run import Run
from ..saves import load_run
from ..view import HEIGHT, WIDTH, surface
from .beginning import begin
from .guess import Guess
from .playing import Playing
from .records import RecordsScreen
from .screen import Screen, Shared
from .settings import SettingsScreen

_BLOOM_STEPS = 240  # until all tiles have changed


class Title(Screen):
    """The title: tiles appear on the whole screen, and the seed of the next run is shown in words."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._side = title_tiles(shared.assets, 0, 1).shape[1]
        self._columns, self._rows = -(-WIDTH // self._side), -(-HEIGHT // self._side)
        self._clock, self._typed = 0, ""
        self._wall = pygame.Surface((WIDTH, HEIGHT))
        self._wall.fill(NIGHT)
        shared.prepare()

    @property
    def tune(self) -> Tune:
        """Each seed has one."""
        return self.shared.seed, "bright"

    def type(self, text: str) -> bool:
        """Collect the letters of a seed in words, or the digits of one."""
        if text == "\b":
            self._typed = self._typed[:-1]
        elif text.isprintable() and (self._typed or text.isdecimal() or text == "-"):
            self._typed = (self._typed + text)[:60]
        else:
            return False
        return True

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Draw more tiles; begin a run, continue one, or change the seed."""
        self._bloom()
        shared = self.shared
        if "new" in actions:
            shared.next_seed()
            shared.prepare()
        if "daily" in actions:
            shared.seed = mix(datetime.date.today().toordinal()) >> 32
            shared.prepare()
        if "copy" in actions and pygame.display.get_init():
            _copy(seed_words.to_words(shared.seed))
        if "again" in actions and shared.save.exists():
            try:
                run = load_run(shared.save, plan_of)
                shared.seed = run.seed
                self.next = begin(shared, run, Playing)
            except tw.TilewrightError as error:
                shared.notes = [command_text(error)]
        if "act" in actions:
            seed = seed_words.to_seed(self._typed.lstrip("-")) if self._typed else shared.seed
            if seed is None:
                shared.notes = [
                    "a seed is a number, or four words such as " + seed_words.to_words(mix(1) >> 32)
                ]
                self._typed = ""
            else:
                shared.seed = seed
                self.next = begin(shared, Run(seed, plan_of), Playing)
        if "guess" in actions:
            self._guess()
        if "best" in actions:
            self.next = RecordsScreen(shared, self)
        if "settings" in actions:
            self.next = SettingsScreen(shared, self)
        if "pause" in actions:
            self.next = None

    def _guess(self) -> None:
        """Begin the test, if there is a folder of real art."""
        shared = self.shared
        if shared.real is None:
            shared.notes = ["start with --real FOLDER, a folder of real art"]
            return
        try:
            self.next = Guess(shared, RealOrGenerated(shared.assets.sprites, shared.real, shared.seed), self)
        except tw.TilewrightError as error:
            shared.notes = [command_text(error)]

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the tiles, the name, the seed and the keys."""
        screen.blit(self._wall, (0, 0))
        name = font.render("TILEWRIGHT", SPARK, 8)
        plate = name.get_rect(center=(WIDTH // 2, 110)).inflate(24, 24)
        screen.fill(NIGHT, plate)
        screen.blit(name, name.get_rect(center=plate.center))
        words = self._typed + "_" if self._typed else seed_words.to_words(self.shared.seed)
        lines = [f"SEED: {words}", "", f"{'ENTER' if self._typed else 'SPACE'} begins"]
        if self.shared.save.exists():
            lines.append("R continues the saved run")
        lines += [
            "N another seed   Y the seed of the day",
            "- types a seed   C copies it",
            "B best runs, gallery   Q real or generated?",
            "O settings   ESC leaves",
            *(line for note in self.shared.notes for line in font.wrap(note, WIDTH - 80)),
        ]
        box(screen, lines, (WIDTH // 2, 236), 0, self.shared.settings.text)

    def _bloom(self) -> None:
        """Show some more of the generated tiles, in a scattered order."""
        count = self._columns * self._rows
        if self.shared.settings.still and self._clock >= _BLOOM_STEPS:
            return
        turn, step = divmod(self._clock, _BLOOM_STEPS)
        first, end = (at * count // _BLOOM_STEPS for at in (step, step + 1))
        pictures = title_tiles(self.shared.assets, mix(self.shared.seed ^ turn), end - first, first)
        for place, picture in enumerate(pictures, first):
            cell = place * 389 % count  # 389 has no divisor in common with the number of cells
            at = (cell % self._columns * self._side, cell // self._columns * self._side)
            self._wall.blit(surface(picture), at)
        self._clock += 1


def _copy(text: str) -> None:
    """Put a text on the clipboard, where there is one."""
    put_text = getattr(pygame.scrap, "put_text", None)  # pygame-ce has it, pygame has not
    if put_text is not None:
        put_text(text)
    else:
        pygame.scrap.init()
        pygame.scrap.put(pygame.SCRAP_TEXT, text.encode())
