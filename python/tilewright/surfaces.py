"""Pictures as pygame surfaces. Only this module imports pygame, and only when called."""

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import MachineError

if TYPE_CHECKING:
    from pygame import Surface as Surface


def indexed_surfaces(indices: Uint8Array, palette: Uint8Array) -> "list[Surface]":
    """Return surfaces of 8 bits with the palette uint8 (K, 4), from indices (N, H, W)."""
    module = _pygame()
    clear = np.flatnonzero(palette[:, 3] == 0)
    if len(clear) > 1:  # a surface has only one colour key
        indices = np.where(np.isin(indices, clear), clear[0], indices).astype(np.uint8)
    surfaces = []
    for picture in indices:
        surface = module.image.frombytes(picture.tobytes(), picture.shape[::-1], "P")
        surface.set_palette(palette[:, :3].tolist())
        if len(clear):
            surface.set_colorkey(int(clear[0]))
        surfaces.append(surface)
    return surfaces


def rgba_surfaces(rgba: Uint8Array) -> "list[Surface]":
    """Return surfaces of 32 bits from RGBA (N, H, W, 4)."""
    module = _pygame()
    return [module.image.frombytes(p.tobytes(), (p.shape[1], p.shape[0]), "RGBA") for p in rgba]


def _pygame() -> ModuleType:
    try:
        import pygame
    except ImportError as error:
        raise MachineError("surfaces need the module pygame: pip install pygame-ce (or pygame)") from error
    return pygame
