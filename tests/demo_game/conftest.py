"""Fake packs for the game: noise in one colour per kind, derived from the seed."""

from dataclasses import dataclass

import numpy as np
import pytest

import tilewright as tw
from tilewright.palette import as_palette, remap
from tilewright_demo.assets import Assets
from tilewright_demo.screens.screen import Shared
from tilewright_demo.worker import Worker

COLOURS = {
    "floor": (110, 90, 70), "grass": (60, 130, 40), "wall": (150, 150, 160), "water": (60, 90, 200),
    "lava": (210, 90, 20), "hero": (240, 220, 160), "beast": (120, 40, 40), "potion": (200, 40, 200),
}  # fmt: skip
SIZE = 8


@dataclass(frozen=True)
class Batch:
    rgba: np.ndarray


@dataclass(frozen=True)
class DrawnPack:
    """Implements what the game uses of a pack: name, kinds, size, provenance and pictures for a seed."""

    name: str
    kinds: tuple[str, ...]
    transparent: bool = False
    tile_size: int = SIZE
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"
    sources: tuple[tw.Source, ...] = ()

    def generate(self, count, kind=None, seed=0, palette=None, gate=True, start=0):
        rng = np.random.default_rng([seed, start, sum((kind or "any").encode())])
        noise = rng.integers(-20, 21, (count, self.tile_size, self.tile_size, 1))
        rgba = np.full((count, self.tile_size, self.tile_size, 4), 255, dtype=np.uint8)
        rgba[..., :3] = np.clip(np.array(COLOURS.get(kind, (128, 128, 128))) + noise, 0, 255)
        if self.transparent:
            rgba[:, [0, -1]] = rgba[:, :, [0, -1]] = 0
        return Batch(rgba if palette is None else remap(rgba, as_palette(palette, "generate()")))


TILES = DrawnPack("drawn-tiles", ("floor", "grass", "wall", "water", "lava", "sand"))
SPRITES = DrawnPack("drawn-sprites", ("hero", "beast", "potion"), transparent=True)


@pytest.fixture
def packs():
    """A pack of tiles and a pack of sprites."""
    return TILES, SPRITES


@pytest.fixture
def other_packs():
    """Packs with kinds unknown to the game."""
    return DrawnPack("strange", ("cheese",)), DrawnPack("odd", ("thing",), transparent=True)


@pytest.fixture
def renamed_packs():
    """Packs with all required pictures under other names."""
    tiles = DrawnPack("mine", ("ground", "cliff", "grass", "water", "lava", "floor"))
    return tiles, DrawnPack("folk", ("knight", "orc", "potion"), transparent=True)


@pytest.fixture
def assets(packs):
    return Assets(*packs, {})


@pytest.fixture
def shared(assets, tmp_path):
    made = Shared(assets, Worker(assets.scene), tmp_path, 7)
    yield made
    made.close()
