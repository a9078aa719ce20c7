"""Pictures as palette entries, where they have few enough colours, and palettes in the order that files need."""

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.palette import count_colours, palette_of

_CLEAR = np.zeros((1, 4), np.uint8)


def index_pictures(
    pictures: Uint8Array, palette: Uint8Array | None = None
) -> tuple[Uint8Array, Uint8Array] | None:
    """Return the entries uint8 (N, H, W) of pictures uint8 (N, H, W, 4), and a palette uint8 (K, 4).

    Entry 0 is transparent. The others are the colours of `palette` in its order, or those of the pictures, dark to
    light. Returns None if there are more than 255 opaque colours, or one that the palette lacks.
    """
    if palette is None:
        colours, counts = count_colours(pictures)
        if len(colours) > 255:
            return None
        palette = palette_of(colours, counts, 256)
    opaque = palette[palette[:, 3] > 0]
    if len(opaque) > 255:
        return None
    table = np.concatenate([_CLEAR, opaque])
    values, which = np.unique(_packed(pictures), return_inverse=True)
    entries = np.zeros(len(values), np.uint8)
    for entry in range(len(table) - 1, 0, -1):  # the first of equal colours wins
        entries[values == _packed(table[entry])] = entry
    if ((entries == 0) & (values >= 1 << 24)).any():
        return None
    return entries[which].reshape(pictures.shape[:-1]), table


def clear_first(entries: Uint8Array, palette: Uint8Array) -> tuple[Uint8Array, Uint8Array] | None:
    """Return the same pictures with a palette whose only transparent colour is entry 0.

    Many readers know no other. Returns None if the palette has 256 opaque colours.
    """
    opaque = np.flatnonzero(palette[:, 3] > 0)
    if len(opaque) > 255:
        return None
    moved = np.zeros(256, np.uint8)
    moved[opaque] = np.arange(1, len(opaque) + 1)
    return moved[entries], np.concatenate([_CLEAR, palette[opaque]])


def _packed(colours: Uint8Array) -> np.ndarray:
    """RGBA uint8 (..., 4) as numbers of 25 bits, with all transparent colours 0."""
    wide = colours.astype(np.uint32)
    number = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return np.where(colours[..., 3] > 0, number | 1 << 24, 0)
