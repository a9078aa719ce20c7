"""Screens after scripted keys, compared with pictures in references/ (`--update-references` writes them)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from tilewright.palette import as_palette, remap
from tilewright_demo.assets import Assets, plan_of
from tilewright_demo.rules.run import Run
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.screen import Shared
from tilewright_demo.screens.settings import SettingsScreen
from tilewright_demo.screens.title import Title
from tilewright_demo.view import HEIGHT, WIDTH
from tilewright_demo.worker import Worker

from .conftest import COLOURS, SPRITES, TILES, Batch, DrawnPack

REFERENCES = Path(__file__).parent / "references"
_MOST_DIFFERENT = 230  # of 230,400 pixels: versions of SDL draw circles and ellipses differently


@dataclass(frozen=True)
class FlatPack(DrawnPack):
    """Pictures of few colours, so that references are small: each kind has its colour, and a darker corner."""

    def generate(self, count, kind=None, seed=0, palette=None, gate=True, start=0):
        rgba = np.full((count, self.tile_size, self.tile_size, 4), 255, dtype=np.uint8)
        rgba[..., :3] = COLOURS.get(kind, (128, 128, 128))
        rgba[:, 4:6, 4:6, :3] //= 2
        if self.transparent:
            rgba[:, [0, -1]] = rgba[:, :, [0, -1]] = 0
        return Batch(rgba if palette is None else remap(rgba, as_palette(palette, "generate()")))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    tiles, sprites = (FlatPack(pack.name, pack.kinds, pack.transparent) for pack in (TILES, SPRITES))
    worker = Worker((assets := Assets(tiles, sprites, {})).scene)
    yield Shared(assets, worker, tmp_path_factory.mktemp("game"), 7)
    worker.close()


def script(screen, *keys):
    """Take steps: (number, actions in the first of them, direction)."""
    for count, actions, direction in keys:
        for step in range(count):
            screen.step(list(actions) if step == 0 else [], direction)


def title(shared):
    screen = Title(shared)
    script(screen, (60, (), (0, 0)))
    return screen


def play(shared):
    screen = Playing(shared, Run(7, plan_of))
    script(screen, (40, (), (1, 0)), (30, (), (0, 1)), (12, ("act",), (0, 0)), (30, ("explore",), (0, 0)))
    return screen


def large_text(shared):
    screen = play(shared)
    shared.settings.text = 3
    screen.draw(pygame.Surface((WIDTH, HEIGHT)))
    return screen


def help_box(shared):
    screen = play(shared)
    script(screen, (1, ("help",), (0, 0)))
    return screen.next


def settings(shared):
    screen = SettingsScreen(shared)
    script(screen, *[(1, ("down",), (0, 0))] * 12)
    return screen


def death(shared):
    screen = play(shared)
    screen.run.hero.health, screen.run.killer = 0, "trap"
    script(screen, (1, (), (0, 0)))
    return screen.next


def best_runs(shared):
    death(shared)
    script(screen := Title(shared), (1, ("best",), (0, 0)))
    return screen.next


@pytest.mark.parametrize(
    "made", [title, play, large_text, help_box, settings, death, best_runs], ids=lambda made: made.__name__
)
def test_a_screen_looks_as_before(made, shared, request):
    shared.settings.text = 2
    shared.records.best.clear()
    shared.records.seen.clear()
    screen = pygame.Surface((WIDTH, HEIGHT))
    made(shared).draw(screen)
    drawn = Image.frombytes("RGB", (WIDTH, HEIGHT), pygame.image.tobytes(screen, "RGB"))
    path = REFERENCES / f"{made.__name__}.png"
    if request.config.getoption("--update-references"):
        colours = len(drawn.getcolors(256))
        drawn.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
    with Image.open(path) as reference:
        differs = (np.asarray(reference.convert("RGB")) != np.asarray(drawn)).any(axis=2)
    assert differs.sum() <= _MOST_DIFFERENT, (
        f"{differs.sum()} pixels of {path.name} differ: --update-references?"
    )


def test_references_are_small():
    sizes = [path.stat().st_size for path in REFERENCES.glob("*.png")]
    assert len(sizes) == 7 and sum(sizes) < 60_000
