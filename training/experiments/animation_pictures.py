"""Pictures of docs/animation.md, and of packs of sheets in docs/packs.md.

python -m tilewright_training.experiments.animation_pictures docs/images
"""

import sys
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright.arrays import Uint8Array
from tilewright.sheet import make_sheet, save_png

from ..measures.moving_grid import COLUMNS, GROUND, save_moving_grid

CHARACTERS, HEROES_SEED = 24, 11
KINDS = ("hero", "undead", "demon", "beast", "bird", "reptile", "slime", "potion")


def moving_sprites() -> Uint8Array:
    """Return sprites with their second frames, uint8 (N, 2, H, W, 4): six of each of `KINDS`."""
    still = tw.load("dawn-sprites-fine").generate(6 * len(KINDS), kind=[*KINDS] * 6, seed=5)
    sprites = tw.load("idle").animate(still.rgba, seed=4).sprites("idle")
    return np.stack([sprite.rgba[0] for sprite in sprites])


def walking_characters() -> Uint8Array:
    """Return generated characters that walk, uint8 (N, 4, H, W, 4): each in its four directions."""
    crowd = tw.load("heroes").generate(CHARACTERS, seed=HEROES_SEED)
    assert isinstance(crowd, tw.FrameBatch)
    return np.concatenate([sprite.rgba for sprite in crowd.sprites("hero")])


def main() -> None:
    """Write the files into the folder that is named."""
    folder, sprites = Path(sys.argv[1]), moving_sprites()
    save_moving_grid(folder / "idle.gif", sprites, 400)
    beside = np.concatenate([sprites[:, 0], sprites[:, 1]], axis=2)
    save_png(make_sheet(beside, COLUMNS, spacing=2, scale=2, ground=(*GROUND, 255)), folder / "idle.png")
    save_moving_grid(folder / "heroes.gif", walking_characters(), 150)


if __name__ == "__main__":
    main()
