"""The command: options, and the real-time loop that passes keys to the game."""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pygame

import tilewright as tw
from tilewright.errors import command_text

from .assets import imagine
from .game import Game
from .headless import play_headless
from .pictures import from_surface, save_picture
from .view import enlarge, present
from .world import STEPS_PER_SECOND

_DIRECTIONS = {
    pygame.K_LEFT: (-1, 0), pygame.K_a: (-1, 0), pygame.K_RIGHT: (1, 0), pygame.K_d: (1, 0),
    pygame.K_UP: (0, -1), pygame.K_w: (0, -1), pygame.K_DOWN: (0, 1), pygame.K_s: (0, 1),
}  # fmt: skip
_MOST_STEPS_PER_FRAME = 5  # on a slow machine, the game slows down instead of skipping steps


def main(argv: Sequence[str] | None = None) -> int:
    """Play, or let the game play itself. Returns the exit code: 0, 1 (failed) or 2 (wrong use)."""
    options = _parser().parse_args(argv)
    headless = options.headless or not _has_display()
    seed = options.seed if options.seed is not None else (7 if headless else secrets.randbits(32))
    try:
        kinds = tw.parse_kinds(options.map, "--map") if options.map is not None else {}
        palette = tw.load_palette(options.palette) if options.palette is not None else None
        tiles = tw.load(options.pack) if options.tileset is None else tw.load_tileset(options.tileset)
        game = Game(partial(imagine, tiles, tw.load(options.sprites), kinds, palette=palette), seed)
    except tw.TilewrightError as error:
        print(f"tilewright play: {command_text(error)}", file=sys.stderr)
        return 1 if isinstance(error, RuntimeError) else 2
    for matched in filter(None, map(str, game.scene.matched)):
        print(f"{matched}; --map chooses others")
    try:
        if headless:
            played = play_headless(game, options.seconds, options.out, options.scale)
            print(f"Played itself for {options.seconds} s, seeds {' and '.join(map(str, played.seeds))}.")
            print(f"Wrote {played.png} and {played.gif}")
        else:
            play(game, options.scale, options.out)
    except (OSError, pygame.error, tw.TilewrightError) as error:
        print(f"tilewright play: {command_text(error)}", file=sys.stderr)
        return 1
    finally:
        game.close()
    return 0


def play(game: Game, scale: int, out: Path) -> None:
    """Run the game in a window until it is closed."""
    pygame.display.init()
    try:
        logical = game.draw()
        size = (logical.get_width() * scale, logical.get_height() * scale)
        pygame.display.set_mode(size, pygame.RESIZABLE)
        pygame.display.set_caption(_caption(game))
        clock = pygame.time.Clock()
        owed = 0  # game time in milliseconds times STEPS_PER_SECOND, which keeps it an integer
        while _handle_events(game, out, scale):
            owed += clock.tick(STEPS_PER_SECOND) * STEPS_PER_SECOND
            owed = min(owed, _MOST_STEPS_PER_FRAME * 1000)
            dx, dy = _held_direction()
            while owed >= 1000:
                owed -= 1000
                game.step(dx, dy)
            if game.enter_new_world():
                pygame.display.set_caption(_caption(game))
            present(game.draw(), pygame.display.get_surface())
            pygame.display.flip()
    finally:
        pygame.display.quit()


def _caption(game: Game) -> str:
    return f"tilewright - {game.scene.pack} - seed {game.seed}"


def _handle_events(game: Game, out: Path, scale: int) -> bool:
    """Handle the events since the last frame. Returns False if the player leaves."""
    for event in pygame.event.get():
        if event.type == pygame.QUIT:
            return False
        if event.type == pygame.KEYDOWN:
            if event.key == pygame.K_ESCAPE:
                return False
            if event.key == pygame.K_r:
                game.new_world()
            if event.key == pygame.K_p:
                game.next_style()
            if event.key == pygame.K_F12:
                path = out / f"tilewright-{game.seed}-{game.world.clock}.png"
                try:
                    print(f"Wrote {save_picture([from_surface(enlarge(game.draw(), scale))], path)}")
                except tw.TilewrightError as error:
                    print(f"tilewright play: no screenshot: {command_text(error)}", file=sys.stderr)
    return True


def _held_direction() -> tuple[int, int]:
    pressed = pygame.key.get_pressed()
    held = [step for key, step in _DIRECTIONS.items() if pressed[key]]
    dx, dy = (sum(steps) for steps in zip(*held, strict=True)) if held else (0, 0)
    return max(-1, min(dx, 1)), max(-1, min(dy, 1))


def _has_display() -> bool:
    if os.environ.get("SDL_VIDEODRIVER") == "dummy":
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


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
        description="Walk through worlds that are generated while you play.",
        epilog="Keys: arrows or WASD walk, R generates a new world, P changes its colours, F12 saves a screenshot, "
        "Esc leaves. "
        "Example: tilewright play --seed 7 --scale 3",
    )
    parser.add_argument("--seed", type=int, help="the first world; 0 .. 2**64 - 1 (default: a random one)")
    parser.add_argument(
        "--pack", default="dawn-tiles", help="tiles: a bundled pack's name or a file (%(default)s)"
    )
    parser.add_argument(
        "--tileset", help="a complete tileset instead: a .tsx that `tilewright tileset` wrote"
    )
    parser.add_argument("--sprites", default="dawn-sprites", help="hero, monsters and items (%(default)s)")
    parser.add_argument(
        "--palette", help="recolour with a palette, by name or from a .gpl, .hex or .pal file"
    )
    parser.add_argument(
        "--map",
        metavar="KIND=NAME,...",
        help="which kinds of the packs to draw, such as wall=cliff,floor=ground,monster=orc (found by name)",
    )
    parser.add_argument(
        "--scale", type=_up_to(32), default=3, help="screen pixels per pixel of art (%(default)s)"
    )
    parser.add_argument("--headless", action="store_true", help="play itself and write demo.png and demo.gif")
    parser.add_argument(
        "--seconds", type=_up_to(3600), default=10, help="game time when headless (%(default)s)"
    )
    parser.add_argument("--out", type=Path, default=Path(), help="folder for pictures (the current one)")
    return parser
