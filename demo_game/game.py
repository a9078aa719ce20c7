"""The game in a window: what passes from the keys to the screens, and from the screens to the window."""

import sys
from pathlib import Path

import pygame

import tilewright as tw
from tilewright.errors import command_text

from . import memory
from .actions import Controls
from .assets import Assets, tune
from .audio import open_mixer
from .music import Music
from .pictures import from_surface, save_picture
from .real_art import RealOrGenerated
from .recorder import Recorder
from .rules.run import STEPS_PER_SECOND
from .screens.guess import Guess
from .screens.screen import Screen, Shared
from .screens.title import Title
from .settings import Settings, load_settings
from .view import HEIGHT, WIDTH, enlarge, present
from .worker import Worker

_MOST_STEPS_PER_FRAME = 5  # on a slow machine, the game slows down instead of skipping steps


class Game:
    """A window and the screen that it shows. Close it after use.

    scale: of the window, None for that of the settings. out: the folder of all files. real: a folder of real art, with
    which "real or generated?" begins. shown: the screen, None once the player has left.
    """

    def __init__(
        self, assets: Assets, seed: int, scale: int | None, out: Path, real: Path | None = None
    ) -> None:
        test = None if real is None else RealOrGenerated(assets.sprites, real, seed)
        memory.return_large_blocks()
        pygame.display.init()
        pygame.joystick.init()
        open_mixer()
        self.settings, said = load_settings(out / "tilewright-settings.json")
        self.settings.scale = self.settings.scale if scale is None else scale
        self.worker, self._recorder = Worker(assets.scene), Recorder(out)
        self._music, self._out = Music(self.settings, tune), out
        self._shared = shared = Shared(
            assets, self.worker, out, seed, settings=self.settings, notes=[said] if said else [], real=real
        )
        self._window, self._controls = _Window(self.settings), Controls(self.settings)
        self.shown: Screen | None = Title(shared) if test is None else Guess(shared, test)
        self._logical = pygame.Surface((WIDTH, HEIGHT))
        self._owed = 0  # game time in milliseconds times STEPS_PER_SECOND, which keeps it an integer
        self._waiting: list[str] = []

    def events(self) -> list[str]:
        """Return the actions that began since the last frame. A closed window leaves the game."""
        actions = []
        for event in pygame.event.get():
            if self.shown is None or event.type == pygame.QUIT:
                self.shown = None
                return []
            if event.type == pygame.JOYDEVICEREMOVED:
                actions.append("unplugged")
            action = self._controls.action_of(event)
            if event.type == pygame.KEYDOWN:
                text = "\b" if event.key == pygame.K_BACKSPACE else event.dict.get("unicode", "")
                if self.shown.press(pygame.key.name(event.key)):
                    continue
                if text and text not in "\r\n\x1b" and self.shown.type(text):
                    continue
            if event.type == pygame.JOYBUTTONDOWN and self.shown.press(f"button {event.button}"):
                continue
            if action is not None:
                actions.append(action)
        return actions

    def direction(self) -> tuple[int, int]:
        """Return (dx, dy) of the keys and sticks that are held."""
        pads = [pygame.joystick.Joystick(number) for number in range(pygame.joystick.get_count())]
        return self._controls.direction(pads)

    def step(self, actions: list[str], direction: tuple[int, int], milliseconds: int) -> None:
        """Advance by the time since the last frame, in steps of one sixtieth of a second."""
        if self.shown is None:
            return
        if "screenshot" in actions:
            _screenshot(self._logical, self.shown, self.settings.scale, self._out)
        if "record" in actions:
            self._recorder.toggle(self.shown.shared.seed, pygame.time.get_ticks())
        if "window" in actions:
            self.settings.full = not self.settings.full
        self._waiting += actions
        self._owed = min(self._owed + milliseconds * STEPS_PER_SECOND, _MOST_STEPS_PER_FRAME * 1000)
        while self._owed >= 1000 and self.shown is not None:
            self._owed -= 1000
            self.shown.step(self._waiting, direction)
            shown, self._waiting = _next(self.shown), []
            if shown is not self.shown:
                self.shown = shown
                memory.collect()

    def draw(self) -> None:
        """Draw the screen, and show it."""
        if self.shown is None:
            return
        self._music.follow(self.shown.tune)
        self.shown.draw(self._logical)
        now = pygame.time.get_ticks()
        self._recorder.frame(self._logical, now)
        self._recorder.draw(self._logical, now, self.settings.text)
        present(self._logical, self._window.surface())
        pygame.display.flip()

    def close(self) -> None:
        """Close the window at once, and finish files that are being written."""
        pygame.display.quit()
        self._shared.close()
        self._music.close()
        self._recorder.close()
        pygame.mixer.quit()


class _Window:
    """The window, as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._is: tuple[bool, int] | None = None

    def surface(self) -> pygame.Surface:
        """Return the surface of the window, which is opened again when the settings have changed."""
        if self._is != (self._settings.full, self._settings.scale):
            self._is = (self._settings.full, self._settings.scale)
            scale = self._settings.scale
            if self._settings.full:
                pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
            else:
                pygame.display.set_mode((WIDTH * scale, HEIGHT * scale), pygame.RESIZABLE)
            pygame.display.set_caption("tilewright")
        return pygame.display.get_surface()


def _next(shown: Screen) -> Screen | None:
    """Return the screen to show next: who leaves a screen returns to the title, and from there leaves the game."""
    if shown.next is None and not isinstance(shown, Title):
        return Title(shown.shared)
    return shown.next


def _screenshot(logical: pygame.Surface, shown: Screen, scale: int, out: Path) -> None:
    """Write the screen, at the size of the window."""
    name = f"tilewright-{shown.shared.seed}-{pygame.time.get_ticks()}.png"
    try:
        print(f"Wrote {save_picture([from_surface(enlarge(logical, scale))], out / name)}")
    except tw.TilewrightError as error:
        print(f"tilewright play: no screenshot: {command_text(error)}", file=sys.stderr)
