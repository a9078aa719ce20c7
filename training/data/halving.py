"""The art of the two networks of a pack with an upsampler: pictures of half the size, and pictures with halves."""

import dataclasses

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

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

    Each block of four becomes the entry whose opaque pixels weigh most, or 0 if fewer than SOLID are opaque. The weight
    of a pixel is (1 + d)^1/2, where d is its distance in RGB, 0 .. 442, from the mean of the opaque pixels of the block
    and of those around it. So an eye of one pixel outweighs the skin around it: Weber et al., "Rapid,
    detail-preserving image downscaling" (SIGGRAPH Asia 2016), weigh the pixels of a mean in this way; 1/2 is one of
    their exponents. Of several such entries, it is the one nearest to the mean of the block, or the lowest of these.

    palette: uint8 (K, 4). If it has a transparent entry, that is the first one.
    """
    count, height, width = indices.shape
    opaque = palette[indices, 3] >= 128
    colours = palette[indices, :3] * opaque[..., None].astype(np.int32)
    blocks, solid, own = _blocks(indices), _blocks(opaque), _blocks(colours)
    number = solid.sum(axis=1)
    # One number orders by weight, distance and entry. All are integers, so a mirrored picture has the mirrored half.
    votes = _blocks(_weights(colours, opaque)) * solid
    votes = ((blocks[:, :, None] == blocks[:, None]) * votes[:, None]).sum(axis=2)
    distance = np.square(own * number[:, None, None] - own.sum(axis=1)[:, None]).sum(axis=2)
    order = (distance.astype(np.int64) << 8) + blocks - (votes.astype(np.int64) << 40)
    chosen = np.where(solid, order, np.iinfo(np.int64).max).argmin(axis=1)
    entries = np.where(number >= SOLID, blocks[np.arange(len(blocks)), chosen], 0)
    return entries.astype(np.uint8).reshape(count, height // 2, width // 2)


def _blocks(pixels: np.ndarray) -> np.ndarray:
    """Return the blocks of pixels (N, 2H, 2W, ...), row by row, (N * H * W, 4, ...)."""
    count, height, width, *rest = pixels.shape
    blocks = pixels.reshape(count, height // 2, 2, width // 2, 2, *rest).swapaxes(2, 3)
    return blocks.reshape(-1, 4, *rest)


def _weights(colours: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    """Return the weights of pixels in units of 1 / 256, int64 (N, 2H, 2W). colours: int32 RGB (N, 2H, 2W, 3), 0 where a
    pixel is not opaque.
    """
    around = [((0, 0), (1, 1), (1, 1), (0, 0))[:axes] for axes in (4, 3)]
    total, number = (
        sliding_window_view(np.pad(values, pad), (4, 4), axis=(1, 2))[:, ::2, ::2].sum(axis=(-2, -1))
        for values, pad in zip((colours, opaque), around, strict=True)
    )
    mean = total / np.maximum(number, 1)[..., None]
    distance = np.sqrt(np.square(colours - mean.repeat(2, axis=1).repeat(2, axis=2)).sum(axis=3))
    return np.rint(256 * np.sqrt(1 + distance)).astype(np.int64)


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
