"""The pictures of the game in the documentation: `python -m tilewright_demo.showcase docs/images` writes them."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pygame
from PIL import Image

from .assets import Assets, load_assets, plan_of
from .bot import play_well
from .content.biomes import biome_of
from .morph import Morph
from .pictures import from_surface, save_gif, save_picture
from .replay import advance
from .rules.run import Run
from .view import HEIGHT, WIDTH, View

_SHOTS = ((3, 2, 12), (3, 3, 12), (3, 1, 17), (3, 4, 12))  # seed, depth, pictures
_FLOWS = 2  # the shot in which the tiles flow
_SIZE = (320, 176)  # of the animation
_STEPS = 6  # of the game for a picture: a tenth of a second
_BIOMES = ("ruins", "drowned isles", "forge", "frost halls", "overgrown garden")
_COLUMN = (208, 300)


def write_showcase(assets: Assets, folder: Path) -> list[Path]:
    """Write game.gif, the bot's play in four depths, and biomes.png, five biomes side by side. Returns both paths."""
    frames = [frame for number, shot in enumerate(_SHOTS) for frame in _shot(assets, *shot, number == _FLOWS)]
    whole = Image.new("RGB", (len(_BIOMES) * (_COLUMN[0] + 4) - 4, _COLUMN[1]))
    for place, name in enumerate(_BIOMES):
        whole.paste(_biome(assets, name), (place * (_COLUMN[0] + 4), 0))
    return [
        save_gif(frames, folder / "game.gif", 100),
        save_picture([whole.quantize(256, dither=Image.Dither.NONE)], folder / "biomes.png", optimize=True),
    ]


def _shot(assets: Assets, seed: int, depth: int, count: int, flows: bool) -> Iterator[Image.Image]:
    """Let the bot play in a depth, from where it meets the first monster."""
    run, scene = _at(seed, depth), assets.scene(seed, depth)
    view = View(scene)
    for _ in range(60 * 60):
        if run.below or any(
            monster.awake and monster.near(run.hero.x, run.hero.y, 900) for monster in run.depth.monsters
        ):
            break
        advance(run, play_well(run))
    morph = Morph(assets, scene, None, run.hero.cell) if flows else None
    for _ in range(count):
        for _ in range(_STEPS):
            if not run.below and not run.over:
                advance(run, play_well(run))
            for event in run.events:
                view.flash(run, event)
        for _ in range(_STEPS // 2):
            _advance(morph)
        yield _crop(run, view, _SIZE, morph)
    if morph is not None:
        morph.close()


def _advance(morph: Morph | None) -> None:
    """Let the tiles flow by a step, however late their pictures are."""
    while morph is not None:
        if morph.step():
            return
        time.sleep(0.001)


def _biome(assets: Assets, name: str) -> Image.Image:
    """Draw the beginning of the first depth with a biome."""
    seed, depth = next(
        (seed, depth) for seed in range(3, 99) for depth in (1, 2, 3) if biome_of(seed, depth).name == name
    )
    run = _at(seed, depth)
    return _crop(run, View(assets.scene(seed, depth)), _COLUMN, None)


def _at(seed: int, depth: int) -> Run:
    """Return a run at a depth, all of which is seen."""
    run = Run(seed, plan_of, first=depth)
    run.hero.health = run.hero.most_health = 40
    grid = run.depth.grid
    run.depth.seen |= {(row, column) for row in range(grid.height) for column in range(grid.width)}
    return run


def _crop(run: Run, view: View, size: tuple[int, int], morph: Morph | None) -> Image.Image:
    """Draw the view, and return the part around the hero."""
    screen = pygame.Surface((WIDTH, HEIGHT))
    view.draw(run, screen, morph=morph)
    left, top = view.camera(run)
    x, y = (at * view.tile // 256 - first for at, first in ((run.hero.x, left), (run.hero.y, top)))
    left, top = (
        min(max(x - size[0] // 2, 0), WIDTH - size[0]),
        min(max(y - size[1] // 2, 0), HEIGHT - size[1]),
    )
    return from_surface(screen).crop((left, top, left + size[0], top + size[1]))


if __name__ == "__main__":
    for written in write_showcase(load_assets(), Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        print(f"Wrote {written}, {written.stat().st_size // 1000} kB")
