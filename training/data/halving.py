"""The art of the two networks of a pack with an upsampler: pictures of half the size, and pictures with halves."""

import dataclasses

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError
from tilewright.palette import extract_palette
from tilewright.upsampling import PHASES, guides

from .batches import Indexer
from .dataset import Dataset
from .vocabulary import no_words

MOST_COLOURS = 256 // PHASES  # of the art, with transparency
CHUNK = 1024  # pictures at once
SOLID = 2  # opaque pixels of a block of four, from which its pixel is opaque


def halved(data: Dataset) -> Dataset:
    """Return the data set at half the size. Some pictures may be equal then. Relatives and the digest are those of the
    art, so that the same pictures are held out.

    Raises DataError for edges that are odd or differ, and for art of more than MOST_COLOURS colours.
    """
    palette = _palette_of(data)
    return dataclasses.replace(data, images=palette[_halves(data, palette)], palette=palette)


def guided(data: Dataset) -> Dataset:
    """Return the data set with entries of the halves as the kinds of pixels (upsampling.py), without words. The
    pictures that are held out are those that `halved` holds out. Errors are as there.
    """
    palette = _palette_of(data)
    names = ["none" if alpha < 128 else f"{r:02x}{g:02x}{b:02x}" for r, g, b, alpha in palette.tolist()]
    return dataclasses.replace(
        data,
        labels=np.zeros_like(data.labels),
        strata=data.labels,
        kinds=tuple(f"{name}-{phase}" for name in names for phase in range(PHASES)),
        kind_maps=guides(_halves(data, palette)),
        palette=palette,
        vocabulary=no_words(len(data.labels)),
    )


def halve(indices: np.ndarray, palette: Uint8Array) -> Uint8Array:
    """Return pictures (N, 2H, 2W) of palette entries at half the size, uint8 (N, H, W).

    Each block of four becomes the entry that most of its opaque pixels have, or 0 if fewer than SOLID are opaque. Of
    several such entries, it is the one nearest to the mean of the opaque pixels in RGB, or the lowest of these.

    palette: uint8 (K, 4). If it has a transparent entry, that is the first one.
    """
    count, height, width = indices.shape
    blocks = indices.reshape(count, height // 2, 2, width // 2, 2).swapaxes(2, 3).reshape(-1, 4)
    opaque = palette[blocks, 3] >= 128
    colours = palette[blocks, :3].astype(np.int32)
    number = opaque.sum(axis=1)
    total = (colours * opaque[..., None]).sum(axis=1)
    distance = np.square(colours * number[:, None, None] - total[:, None]).sum(axis=2)
    votes = (blocks[:, :, None] == blocks[:, None]).sum(axis=2)
    # One number orders by votes, distance and entry, so a mirrored picture has the mirrored half.
    order = (distance.astype(np.int64) << 8) + blocks - (votes.astype(np.int64) << 40)
    chosen = np.where(opaque, order, np.iinfo(np.int64).max).argmin(axis=1)
    entries = np.where(number >= SOLID, blocks[np.arange(len(blocks)), chosen], 0)
    return entries.astype(np.uint8).reshape(count, height // 2, width // 2)


def _halves(data: Dataset, palette: Uint8Array) -> Uint8Array:
    index, count = Indexer(palette), len(data.labels)
    parts = (np.asarray(data.images[start : start + CHUNK]) for start in range(0, count, CHUNK))
    return np.concatenate([halve(index(part), palette) for part in parts])


def _palette_of(data: Dataset) -> Uint8Array:
    height, width = data.images.shape[1:3]
    if height != width or height % 2:
        raise DataError(
            f"train: packs of two networks generate squares of even edges, not {width}x{height} pixels"
        )
    images = np.asarray(data.images[:])
    palette = extract_palette(images, 256, bool((images[..., 3] == 0).any()))
    if len(palette) > MOST_COLOURS:
        raise DataError(
            f"train: the art has more than {MOST_COLOURS} colours, transparency included, which an upsampler can tell "
            "apart: give it a palette in a recipe (`tilewright palette FOLDER -n 32` finds one)"
        )
    return palette
