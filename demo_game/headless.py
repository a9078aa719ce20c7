"""Self-play without a display, recorded as a picture and an animation."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .game import Game
from .pictures import from_surface, save_picture
from .script import keys_towards_item
from .view import enlarge
from .world import STEPS_PER_SECOND

_STEPS_PER_FRAME = 5
_IMAGINING_STEPS = 30  # limit for the steps in the old world after R, on any machine


@dataclass(frozen=True)
class Played:
    """The result of self-play: files, the seeds of the worlds, and the digest of the last state."""

    png: Path
    gif: Path
    seeds: tuple[int, ...]
    digest: str


def play_headless(game: Game, seconds: int, out: Path, scale: int) -> Played:
    """Play `seconds` of game time as fast as possible, and press R half way. Writes demo.png and demo.gif.

    scale: magnification of the picture, 1 or more.
    """
    seeds = [game.seed]
    steps = seconds * STEPS_PER_SECOND
    frames: list[Image.Image] = []
    picture = game.draw()
    for step in range(steps):
        if step == steps // 2:
            game.new_world()
        if step == steps // 2 + min(_IMAGINING_STEPS, steps // 4) and game.enter_new_world(wait=True):
            seeds.append(game.seed)
        game.step(*keys_towards_item(game.world))
        if step % _STEPS_PER_FRAME == 0:
            frames.append(from_surface(game.draw()))
        if step == steps * 9 // 20:
            picture = enlarge(game.draw(), scale)
    png = save_picture([from_surface(picture)], out / "demo.png", optimize=True)
    gif = _save_gif(frames, out / "demo.gif")
    return Played(png, gif, tuple(seeds), game.world.digest())


def _save_gif(frames: list[Image.Image], path: Path) -> Path:
    """Write a GIF at the original size with one palette and without dithering, which keeps colours flat and
    files small.
    """
    sample = frames[:: max(1, len(frames) // 12)]
    sheet = Image.new("RGB", (sample[0].width, sample[0].height * len(sample)))
    for row, frame in enumerate(sample):
        sheet.paste(frame, (0, row * frame.height))
    palette = sheet.quantize(128, dither=Image.Dither.NONE)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    duration = 1000 * _STEPS_PER_FRAME // STEPS_PER_SECOND
    return save_picture(indexed, path, duration=duration, loop=0, optimize=False)
