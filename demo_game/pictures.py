"""Pictures on their way to the disk: whole or not at all."""

import os
from collections.abc import Sequence
from pathlib import Path

import pygame
from PIL import Image


def from_surface(surface: pygame.Surface) -> Image.Image:
    """A copy of what is drawn."""
    size = surface.get_width(), surface.get_height()
    return Image.frombytes("RGB", size, pygame.image.tobytes(surface, "RGB"))


def save_picture(frames: Sequence[Image.Image], path: Path, **options: object) -> Path:
    """Write one picture, or several as an animation, beside `path` and rename; returns `path`. OSError if it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    try:
        if len(frames) > 1:
            options |= {"save_all": True, "append_images": list(frames[1:])}
        frames[0].save(unfinished, format=path.suffix[1:].upper(), **options)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
