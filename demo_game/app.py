"""The command: options, and the real-time loop that passes keys to the screens."""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pygame

import tilewright as tw
from tilewright.errors import command_text

from .actions import Controls
from .assets import Assets, plan_of, tune
from .audio import open_mixer
from .headless import play_headless
from .music import Music
from .pictures import from_surface, save_picture
from .real_art import RealOrGenerated
from .recorder import Recorder
from .replay import load_replay, verify
from .rules.run import STEPS_PER_SECOND
from .screens.guess import Guess
from .screens.screen import Screen, Shared
from .screens.title import Title
from .seed_words import to_seed
from .settings import RANGES, Settings, load_settings
from .view import HEIGHT, WIDTH, enlarge, present
from .worker import Worker

SPRITES = "dawn-sprites"
_MOST_STEPS_PER_FRAME = 5  # on a slow machine, the game slows down instead of skipping steps


def main(argv: Sequence[str] | None = None) -> int:
    """Play, or let the game play itself. Returns the exit code: 0, 1 (failed) or 2 (wrong use)."""
    options = _parser().parse_args(argv)
    headless = options.headless or not _has_display()
    seed = options.seed if options.seed is not None else (7 if headless else secrets.randbits(32))
    try:
        if options.replay is not None:
            return _verify(options.replay)
        if not 0 <= seed < 1 << 64:
            raise tw.UsageError(f"seed must be an integer in 0..2**64-1, not {seed}")
        kinds = tw.parse_kinds(options.map, "--map") if options.map is not None else {}
        palette = tw.load_palette(options.palette) if options.palette is not None else None
        lands = tw.load("overworld") if options.pack is None and options.tileset is None else None
        pack = options.pack or "dawn-tiles"
        tiles = tw.load(pack) if options.tileset is None else tw.load_tileset(options.tileset)
        motion = tw.load("idle") if options.sprites == SPRITES else None  # of the same art
        assets = Assets(tiles, tw.load(options.sprites), kinds, palette, lands, motion)
        if options.real is not None and headless:
            raise tw.UsageError("--real needs a display: a person answers")
        if headless:
            for matched in filter(None, map(str, assets.scene(seed, 1).matched)):
                print(f"{matched}; --map chooses others")
            played = play_headless(assets, seed, options.seconds, options.out, options.scale or 2)
            print(f"Played itself for {options.seconds} s, seed {seed}, to depth {played.depth}.")
            print(f"Wrote {played.png} and {played.gif}")
        else:
            play(assets, seed, options.scale, options.out, options.real)
    except tw.TilewrightError as error:
        print(f"tilewright play: {command_text(error)}", file=sys.stderr)
        return 1 if isinstance(error, RuntimeError) else 2
    except (OSError, pygame.error) as error:
        print(f"tilewright play: {command_text(error)}", file=sys.stderr)
        return 1
    return 0


def _verify(path: Path) -> int:
    """Play a replay, and tell whether this machine plays the same game."""
    run, differs = verify(load_replay(path), plan_of)
    seconds = run.clock // STEPS_PER_SECOND
    if differs is not None:
        print(f"tilewright play: {path} differs from second {differs} on", file=sys.stderr)
        return 1
    print(f"{path}: the same game, {seconds} s to depth {run.depth.number}: {run.digest()}")
    return 0


def play(assets: Assets, seed: int, scale: int | None, out: Path, real: Path | None = None) -> None:
    """Run the game in a window until it is closed. scale: of the window, None for that of the settings. real: a folder
    of real art, with which "real or generated?" begins.
    """
    test = None if real is None else RealOrGenerated(assets.sprites, real, seed)
    pygame.display.init()
    pygame.joystick.init()
    open_mixer()
    settings, said = load_settings(out / "tilewright-settings.json")
    settings.scale = settings.scale if scale is None else scale
    worker, recorder, music = Worker(assets.scene), Recorder(out), Music(settings, tune)
    try:
        shared = Shared(assets, worker, out, seed, settings=settings, notes=[said] if said else [], real=real)
        window = _Window(settings)
        shown: Screen | None = Title(shared) if test is None else Guess(shared, test)
        controls = Controls(settings)
        logical, clock = pygame.Surface((WIDTH, HEIGHT)), pygame.time.Clock()
        owed = 0  # game time in milliseconds times STEPS_PER_SECOND, which keeps it an integer
        waiting: list[str] = []
        while shown is not None:
            actions = _events(shown, controls)
            if actions is None:
                return
            if "screenshot" in actions:
                _screenshot(logical, shown, settings.scale, out)
            if "record" in actions:
                recorder.toggle(shared.seed, pygame.time.get_ticks())
            if "window" in actions:
                settings.full = not settings.full
            waiting += actions
            owed += clock.tick(STEPS_PER_SECOND) * STEPS_PER_SECOND
            owed = min(owed, _MOST_STEPS_PER_FRAME * 1000)
            pads = [pygame.joystick.Joystick(number) for number in range(pygame.joystick.get_count())]
            direction = controls.direction(pads)
            while owed >= 1000 and shown is not None:
                owed -= 1000
                shown.step(waiting, direction)
                shown, waiting = _next(shown), []
            if shown is not None:
                music.follow(shown.tune)
                shown.draw(logical)
                recorder.frame(logical, pygame.time.get_ticks())
                recorder.draw(logical, pygame.time.get_ticks(), settings.text)
                present(logical, window.surface())
                pygame.display.flip()
    finally:
        pygame.display.quit()  # the window closes at once; threads end what they have begun
        worker.close()
        music.close()
        recorder.close()
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


def _events(shown: Screen, controls: Controls) -> list[str] | None:
    """Return the actions that began since the last frame, or None if the window is closed."""
    actions = []
    for event in pygame.event.get():
        if event.type == pygame.QUIT:
            return None
        if event.type == pygame.JOYDEVICEREMOVED:
            actions.append("unplugged")
        action = controls.action_of(event)
        if event.type == pygame.KEYDOWN:
            text = "\b" if event.key == pygame.K_BACKSPACE else event.dict.get("unicode", "")
            if shown.press(pygame.key.name(event.key)):
                continue
            if text and text not in "\r\n\x1b" and shown.type(text):
                continue
        if event.type == pygame.JOYBUTTONDOWN and shown.press(f"button {event.button}"):
            continue
        if action is not None:
            actions.append(action)
    return actions


def _screenshot(logical: pygame.Surface, shown: Screen, scale: int, out: Path) -> None:
    """Write the screen, at the size of the window."""
    name = f"tilewright-{shown.shared.seed}-{pygame.time.get_ticks()}.png"
    try:
        print(f"Wrote {save_picture([from_surface(enlarge(logical, scale))], out / name)}")
    except tw.TilewrightError as error:
        print(f"tilewright play: no screenshot: {command_text(error)}", file=sys.stderr)


def _has_display() -> bool:
    if os.environ.get("SDL_VIDEODRIVER") == "dummy":
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _seed(text: str) -> int:
    number = to_seed(text)
    if number is None:
        try:
            return int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be a number or four words, not {text:.60}") from None
    return number


def _up_to(most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = 0
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number, 1 to {most}, not {text:.60}")
        return number

    return whole_number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tilewright play",
        description="Descend into depths that are generated while you play.",
        epilog="Keys: arrows or WASD walk, space strikes, X explores alone, ? shows all keys. "
        "Example: tilewright play --seed 7 --scale 2",
    )
    parser.add_argument(
        "--seed", type=_seed, help="of the first run: 0 .. 2**64 - 1, or four words (default: a random one)"
    )
    parser.add_argument(
        "--pack",
        help="tiles: a bundled pack's name or a file (default: complete tilesets that overworld generates, and "
        "dawn-tiles until they are there)",
    )
    parser.add_argument(
        "--tileset", help="a complete tileset instead: a .tsx that `tilewright tileset` wrote"
    )
    parser.add_argument("--sprites", default=SPRITES, help="hero, monsters and items (%(default)s)")
    parser.add_argument(
        "--palette", help="recolour with a palette, by name or from a .gpl, .hex or .pal file"
    )
    parser.add_argument(
        "--map",
        metavar="KIND=NAME,...",
        help="which kinds of the packs to draw, such as wall=cliff,floor=ground,monster=orc (found by name)",
    )
    parser.add_argument(
        "--scale",
        type=_up_to(RANGES["scale"][1]),
        help="screen pixels per pixel of art (2, or as in the settings)",
    )
    parser.add_argument("--headless", action="store_true", help="play itself and write demo.png and demo.gif")
    parser.add_argument(
        "--seconds", type=_up_to(3600), default=10, help="game time when headless (%(default)s)"
    )
    parser.add_argument(
        "--replay",
        type=Path,
        metavar="FILE",
        help="play a replay, and check that this machine plays the same game",
    )
    parser.add_argument(
        "--real",
        type=Path,
        metavar="FOLDER",
        help="real or generated? Tell sprites of this folder of real art from generated ones",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(),
        help="folder for pictures, replays and the saved run (the current one)",
    )
    return parser
