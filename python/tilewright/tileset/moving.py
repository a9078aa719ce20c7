"""Animated terrains: frames in which parts of a liquid change, and change back.

A plain tile of the liquid, which repeats, is generated anew in one region for each frame. All tiles show those pixels
at the same places wherever they show the liquid, so borders fit in every frame, and outlines stand still.
"""

from collections.abc import Sequence

import numpy as np

from tilewright.arrays import BoolArray, Entries
from tilewright.tileset.animation import Animation
from tilewright.tileset.layouts import Materials, Slots
from tilewright.tileset.overlay import colour_counts
from tilewright.tileset.tileset import NO_TERRAIN
from tilewright.variations import regions

FRAME_MILLISECONDS = 250
SHARE = 0.35  # of a tile that differs from the first frame


def animate(
    slots: Slots, materials: Materials, moving: Sequence[int], frames: int, shift: int
) -> tuple[Slots, tuple[Animation, ...]]:
    """Return the tiles and further frames of those that show some of the kinds `moving`, and their animations.

    frames: 2 or more, which loop. shift: pixels by which the tiles lie right of and below the plain tiles.
    """
    if not moving:
        return slots, ()
    windows = materials.windows
    windows.give_nothing()
    masks = regions(windows.seed, 0, frames - 1, windows.cell, windows.cell, SHARE)
    later = np.repeat(slots.pictures[None], frames - 1, axis=0)
    for kind in moving:
        shown = _colours_of(materials, kind)[slots.pictures] & slots.opaque
        plain = _frames_of(materials, kind, masks)
        for frame, mask, picture in zip(later, masks, plain, strict=True):
            mask, picture = (np.roll(array, (shift, shift), axis=(0, 1)) for array in (mask, picture))
            frame[:] = np.where(shown & mask, picture, frame)
    changed = np.flatnonzero((later != slots.pictures).any(axis=(0, 2, 3)))
    count = len(slots.pictures)
    animations = tuple(
        Animation(
            int(tile),
            (int(tile), *(count + len(changed) * frame + number for frame in range(frames - 1))),
            (FRAME_MILLISECONDS,) * frames,
        )
        for number, tile in enumerate(changed)
    )
    more = frames - 1
    return (
        Slots(
            np.concatenate([slots.pictures, *later[:, changed]]),
            np.concatenate([slots.opaque, *([slots.opaque[changed]] * more)]),
            np.pad(slots.codes, ((0, more * len(changed)), (0, 0)), constant_values=NO_TERRAIN),
            np.pad(slots.centres, (0, more * len(changed)), constant_values=NO_TERRAIN),
        ),
        animations,
    )


def _colours_of(materials: Materials, kind: int) -> BoolArray:
    """Return which entries are more frequent in a kind than in all others of the set, bool."""
    colours = len(materials.windows.palette)
    own = colour_counts(materials.plain(kind), colours)
    others = {*materials.kinds, kind if materials.ground is None else materials.ground} - {kind}
    more = [own > colour_counts(materials.plain(other), colours) for other in sorted(others)]
    return np.asarray(np.all([own > 0, *more], axis=0))


def _frames_of(materials: Materials, kind: int, masks: BoolArray) -> Entries:
    """Return the plain tile of a kind with regions generated anew, (F, T, T). masks: bool (F, T, T)."""
    windows, plain = materials.windows, materials.plain(kind)
    cells = np.repeat(windows.repeated(plain)[None], len(masks), axis=0)
    cells[:, *windows.tile] = np.where(masks, windows.dtype(windows.unknown), plain)
    return windows.best(np.full((len(masks), 2, 2), kind), cells, windows.tile)
