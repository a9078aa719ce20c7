"""GIFs of many moving sprites beside each other."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tilewright.arrays import Uint8Array
from tilewright.files import write_atomically

GROUND = (40, 42, 54)
COLUMNS, GAP, SCALE = 12, 2, 3


def save_moving_grid(path: Path, sprites: Uint8Array, milliseconds: int, columns: int = COLUMNS) -> None:
    """Write a GIF of sprites in rows, uint8 (N, F, H, W, 4), enlarged, that repeats without end."""
    write_atomically(path, _gif(_frames(sprites, columns), milliseconds))


def _frames(sprites: Uint8Array, columns: int) -> list[Image.Image]:
    count, frames, height, width, _ = sprites.shape
    size = columns * (width + GAP) + GAP, -(-count // columns) * (height + GAP) + GAP
    pictures = []
    for frame in range(frames):
        picture = Image.new("RGBA", size, (*GROUND, 255))
        for number in range(count):
            row, column = divmod(number, columns)
            at = GAP + column * (width + GAP), GAP + row * (height + GAP)
            picture.alpha_composite(Image.fromarray(sprites[number, frame]), at)
        large = picture.resize((SCALE * size[0], SCALE * size[1]), Image.Resampling.NEAREST)
        pictures.append(large.convert("RGB"))
    return pictures


def _gif(pictures: Sequence[Image.Image], milliseconds: int) -> bytes:
    """Return a file of frames with one palette for all."""
    whole = Image.new("RGB", (pictures[0].width, len(pictures) * pictures[0].height))
    for number, picture in enumerate(pictures):
        whole.paste(picture, (0, number * picture.height))
    palette = whole.quantize(256, dither=Image.Dither.NONE)
    first, *others = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures)
    buffer = io.BytesIO()
    first.save(
        buffer, "GIF", save_all=True, append_images=others, duration=milliseconds, loop=0, optimize=True
    )
    return buffer.getvalue()
