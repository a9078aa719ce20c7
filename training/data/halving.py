"""The art of the two networks of a pack with an upsampler: pictures of half the size, and pictures with halves."""

import dataclasses

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError
from tilewright.palette import extract_palette, nearest_colours
from tilewright.upsampling import PHASES, guides

from .batches import Indexer
from .dataset import Dataset

MOST_COLOURS = 256 // PHASES  # of the art, with transparency
SOLID = 2  # opaque pixels of a block of four, from which its pixel is opaque


def halved(data: Dataset) -> Dataset:
    """Return the data set at half the size. Pictures, relatives and the digest are those of the whole art, so the same
    pictures are held out.

    Raises DataError for edges that are odd, and for art of more than MOST_COLOURS colours.
    """
    palette = _palette_of(data)
    return dataclasses.replace(data, images=palette[_halves(data, palette)], palette=palette)


def guided(data: Dataset) -> Dataset:
    """Return the data set with entries of the halves as the kinds of pixels (upsampling.py). Raises like `halved`."""
    palette = _palette_of(data)
    names = ["none" if alpha < 128 else f"{r:02x}{g:02x}{b:02x}" for r, g, b, alpha in palette.tolist()]
    return dataclasses.replace(
        data,
        labels=np.zeros_like(data.labels),
        kinds=tuple(f"{name}-{phase}" for name in names for phase in range(PHASES)),
        kind_maps=guides(_halves(data, palette)),
        block=2,
        palette=palette,
    )


def halve(indices: Uint8Array, palette: Uint8Array) -> Uint8Array:
    """Return pictures uint8 (N, 2H, 2W) of palette entries at half the size, uint8 (N, H, W): the entry nearest to the
    mean of the opaque pixels of each block of four, or 0 if fewer than SOLID are opaque.

    palette: uint8 (K, 4). If it has a transparent entry, that is the first one.
    """
    count, height, width = indices.shape
    blocks = indices.reshape(count, height // 2, 2, width // 2, 2).swapaxes(2, 3).reshape(-1, 4)
    opaque = (palette[:, 3] >= 128)[blocks]
    number = opaque.sum(axis=1)
    total = (palette[blocks, :3].astype(np.int64) * opaque[..., None]).sum(axis=1)
    share = np.maximum(number, 1)[:, None]
    means = ((2 * total + share) // (2 * share)).astype(np.uint8)
    colours, places = np.unique(means, axis=0, return_inverse=True)
    first = int(palette[0, 3] < 128)
    entries = (nearest_colours(colours, palette[first:]) + first)[places.reshape(-1)]
    halves = np.where(number >= SOLID, entries, 0).astype(np.uint8)
    return halves.reshape(count, height // 2, width // 2)


def _halves(data: Dataset, palette: Uint8Array) -> Uint8Array:
    return halve(Indexer(palette)(np.asarray(data.images[:])).astype(np.uint8), palette)


def _palette_of(data: Dataset) -> Uint8Array:
    height, width = data.images.shape[1:3]
    if height % 2 or width % 2:
        raise DataError(f"train: pictures of {width}x{height} pixels have no half: both edges must be even")
    images = np.asarray(data.images[:])
    palette = extract_palette(images, 256, bool((images[..., 3] == 0).any()))
    if len(palette) > MOST_COLOURS:
        raise DataError(
            f"train: the art has more than {MOST_COLOURS} colours, which both networks must have in common: give it a "
            "palette in a recipe (`tilewright palette FOLDER -n 32` finds one)"
        )
    return palette
