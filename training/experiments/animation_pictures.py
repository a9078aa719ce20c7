"""Pictures of docs/animation.md, and of packs of sheets in docs/packs.md.

python -m tilewright_training.experiments.animation_pictures docs/images
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import tilewright as tw
from tilewright.arrays import Uint8Array
from tilewright.sheet import make_sheet, save_png

GROUND = (40, 42, 54)
COLUMNS, GAP, SCALE = 12, 2, 3
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


def film(sprites: Uint8Array) -> list[Image.Image]:
    """Return a picture for each frame of sprites, uint8 (N, F, H, W, 4): all sprites beside each other, enlarged."""
    count, frames, height, width, _ = sprites.shape
    rows = -(-count // COLUMNS)
    size = (COLUMNS * (width + GAP) + GAP, rows * (height + GAP) + GAP)
    pictures = []
    for frame in range(frames):
        picture = Image.new("RGBA", size, (*GROUND, 255))
        for number in range(count):
            row, column = divmod(number, COLUMNS)
            at = GAP + column * (width + GAP), GAP + row * (height + GAP)
            picture.alpha_composite(Image.fromarray(sprites[number, frame]), at)
        large = picture.resize((SCALE * size[0], SCALE * size[1]), Image.Resampling.NEAREST)
        pictures.append(large.convert("RGB"))
    return pictures


def write(path: Path, pictures: list[Image.Image], milliseconds: int) -> None:
    """Write a GIF that repeats without end, with one palette for all frames."""
    whole = Image.new("RGB", (pictures[0].width, len(pictures) * pictures[0].height))
    for number, picture in enumerate(pictures):
        whole.paste(picture, (0, number * picture.height))
    palette = whole.quantize(256, dither=Image.Dither.NONE)
    first, *others = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures)
    first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0, optimize=True)


def main() -> None:
    """Write the files into the folder that is named."""
    folder, sprites = Path(sys.argv[1]), moving_sprites()
    write(folder / "idle.gif", film(sprites), 400)
    beside = np.concatenate([sprites[:, 0], sprites[:, 1]], axis=2)
    save_png(make_sheet(beside, COLUMNS, spacing=2, scale=2, ground=(*GROUND, 255)), folder / "idle.png")
    write(folder / "heroes.gif", film(walking_characters()), 150)


if __name__ == "__main__":
    main()
