"""Atomic writing of pictures."""

import io
from collections.abc import Sequence
from pathlib import Path

import pygame
from PIL import Image

from tilewright.files import write_atomically


def from_surface(surface: pygame.Surface) -> Image.Image:
    """Return a copy of the surface."""
    size = surface.get_width(), surface.get_height()
    return Image.frombytes("RGB", size, pygame.image.tobytes(surface, "RGB"))


def save_picture(frames: Sequence[Image.Image], path: Path, **options: object) -> Path:
    """Write one picture, or several as an animation. Returns `path`. Raises MachineError on failure."""
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": list(frames[1:])}
    buffer = io.BytesIO()
    frames[0].save(buffer, format=path.suffix[1:].upper(), **options)
    write_atomically(path, buffer.getvalue())
    return path


def save_gif(frames: Sequence[Image.Image], path: Path, milliseconds: int) -> Path:
    """Write frames as a GIF with one palette and without dithering, which keeps colours flat and files small.

    milliseconds: for which each frame is shown. Returns `path`. Raises MachineError on failure.
    """
    # A sample of the pixels: choosing a palette for all of them would stop other threads for many frames.
    sample = [
        frame.resize((-(-frame.width // 3), -(-frame.height // 3)), Image.Resampling.NEAREST)
        for frame in frames[:: max(1, len(frames) // 8)]
    ]
    sheet = Image.new("RGB", (sample[0].width, sample[0].height * len(sample)))
    for row, frame in enumerate(sample):
        sheet.paste(frame, (0, row * frame.height))
    palette = sheet.quantize(128, dither=Image.Dither.NONE)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    return save_picture(indexed, path, duration=milliseconds, loop=0, optimize=False)
