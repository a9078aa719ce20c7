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
