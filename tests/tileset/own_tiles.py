"""Tiles of a caller, for sets that a pack only joins."""

import numpy as np

from tilewright.generator import Pack


def own_tiles(pack: Pack, count: int = 4, band: int = 2) -> dict[str, np.ndarray]:
    """Tiles uint8 (count, cell, cell, 4) of each kind, with equal borders of `band` pixels.

    Each kind has six colours, of which it shares two with the next kind.
    """
    grey = np.arange(0, 256, 12)
    colours = np.stack([grey, grey[::-1], grey, np.full(len(grey), 255)], axis=-1).astype(np.uint8)
    tiles = {}
    for kind, name in enumerate(pack.kinds):
        art = np.random.default_rng(kind).integers(4 * kind, 4 * kind + 6, (count, pack.cell, pack.cell))
        inside = art[:, band:-band, band:-band].copy()
        art[:] = art[0].copy()
        art[:, band:-band, band:-band] = inside
        tiles[name] = colours[art]
    return tiles
