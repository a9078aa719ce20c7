"""The command: its options, and the game in real time."""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pygame

import tilewright as tw
from tilewright.errors import command_text

from .assets import SPRITES, Assets, load_assets, plan_of
from .game import Game
from .headless import play_headless
from .replay import load_replay, verify
from .rules.run import STEPS_PER_SECOND
from .seed_words import to_seed
from .settings import RANGES


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
        assets = load_assets(options.pack, options.tileset, options.sprites, kinds, palette)
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
    """Run the game in a window until it is closed. scale, real: as of `Game`."""
    game, clock = Game(assets, seed, scale, out, real), pygame.time.Clock()
    try:
        while game.shown is not None:
            actions = game.events()
            milliseconds = clock.tick(STEPS_PER_SECOND)
            game.step(actions, game.direction(), milliseconds)
            game.draw()
    finally:
        game.close()


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
        help="tiles: a bundled pack's name or a file (default: complete tilesets that overworld and dungeon "
        "generate, and dawn-tiles until they are there)",
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
