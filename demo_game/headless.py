"""Self-play without a display, recorded as a picture and an animation."""

from dataclasses import dataclass
from pathlib import Path

import pygame
from PIL import Image

from .assets import Assets, plan_of
from .bot import play_well
from .hud import draw_hud, says
from .pictures import from_surface, save_gif, save_picture
from .replay import Replay, advance
from .rules.run import STEPS_PER_SECOND, Run
from .saves import saved
from .view import HEIGHT, WIDTH, View, enlarge

_STEPS_PER_FRAME = 6


@dataclass(frozen=True)
class Played:
    """The result of self-play: files, the depth that was reached, and the digest of the last state."""

    png: Path
    gif: Path
    depth: int
    digest: str
    replay: Replay


def play_headless(assets: Assets, seed: int, seconds: int, out: Path, scale: int) -> Played:
    """Play `seconds` of game time as fast as possible. Writes demo.png and demo.gif.

    scale: magnification of the picture, 1 or more.
    """
    run = Run(seed, plan_of)
    replay = Replay(saved(run))
    scene, messages = assets.scene(seed, 1), ["depth 1"]
    view = View(scene)
    screen = pygame.Surface((WIDTH, HEIGHT))
    frames: list[Image.Image] = []
    picture: Image.Image | None = None
    steps = seconds * STEPS_PER_SECOND
    for step in range(steps):
        keys, number = play_well(run), run.depth.number
        advance(run, keys)
        replay.add(keys, run)
        if run.depth.number != number:
            scene = assets.scene(seed, run.depth.number)
            view = View(scene)
        for event in run.events:
            view.flash(run, event)
            messages += [text for text in [says(event.name, event.what, scene.names)] if text]
        if step % _STEPS_PER_FRAME == 0 or step == steps * 9 // 20:
            view.draw(run, screen)
            draw_hud(run, view, screen, messages)
            frames.append(from_surface(screen))
            if picture is None and step >= steps * 9 // 20:
                picture = from_surface(enlarge(screen, scale))
    png = save_picture([picture or frames[0]], out / "demo.png", optimize=True)
    gif = save_gif(frames, out / "demo.gif", 1000 * _STEPS_PER_FRAME // STEPS_PER_SECOND)
    return Played(png, gif, run.depth.number, run.digest(), replay)
