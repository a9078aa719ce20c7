"""Maps of tiles that a caller gives, between which a pack paints the borders.

A network fills a band along each border, and blurs the ground in it: it cannot know where the next tuft of grass would
be. So the ground is continued in the band: where a painted pixel and its eight neighbours have only colours of a
terrain's tiles, the pixel of its tile stands. Of several such terrains, it is that in which these colours are most
frequent: naive Bayes, with whole numbers.
"""

from collections.abc import Mapping

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int64Array, Uint8Array, Uint64Array
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.streams import Stream

Tiles = Mapping[int, Uint8Array]  # by kind: uint8 (N, S, S, 4), or palette entries (N, S, S)


def check_tiles(
    tiles: Mapping[str, AnyArray], names: tuple[str, ...], kinds: Uint8Array, cell: int, caller: str
) -> dict[int, Uint8Array]:
    """Return the tiles of the kinds of a map, by number, uint8 (N, S, S, 4). Raises UsageError."""
    found = {}
    for name, given in tiles.items():
        if name not in names:
            raise UsageError(f"{caller}: no kind {name!r:.60}: choose {', '.join(names)}")
        size = (cell, cell, 4)
        right = isinstance(given, np.ndarray) and given.dtype == np.uint8 and given.ndim in (3, 4)
        if not right or given.shape[-3:] != size or not len(given):
            raise UsageError(
                f"{caller}: tiles of {name} must be uint8 {size} or (N, {cell}, {cell}, 4), RGBA"
            )
        if (given[..., 3] < 128).any():
            raise UsageError(
                f"{caller}: tiles of {name} have transparent pixels, under which nothing is drawn"
            )
        found[names.index(name)] = given.reshape(-1, *size)
    present = np.unique(kinds).tolist()
    if missing := [names[kind] for kind in present if kind not in found]:
        raise UsageError(f"{caller}: the map has cells without tiles: {', '.join(missing)}")
    return {kind: found[kind] for kind in present}


def lay(tiles: Tiles, kinds: Uint8Array, seed: int) -> Uint8Array:
    """Return a map of kinds (H, W) in tiles uint8 (N, S, S, 4), without borders: uint8 (H * S, W * S, 4)."""
    draws = Draws(seed, stream=Stream.TILE_VARIANT)
    rows, columns = kinds.shape
    cells = [tiles[kind][draws.below(len(tiles[kind]))] for kind in kinds.ravel().tolist()]
    edge = cells[0].shape[0]
    laid = np.stack(cells).reshape(rows, columns, edge, edge, 4)
    return laid.swapaxes(1, 2).reshape(rows * edge, columns * edge, 4)


def near_borders(kinds: AnyArray, width: int) -> BoolArray:
    """Return which pixels are at most `width` pixels from another kind, bool (..., H, W), for the kinds of pixels.

    The distance is the larger of those along rows and columns. width: less than a cell.
    """
    ring = [(0, 0)] * (kinds.ndim - 2) + [(width, width)] * 2
    around, (height, across) = np.pad(kinds, ring, mode="edge"), kinds.shape[-2:]
    near = np.zeros(kinds.shape, dtype=bool)
    for y in (0, width, 2 * width):
        for x in (0, width, 2 * width):
            near |= around[..., y : y + height, x : x + across] != kinds
    return near


def continue_ground(
    painted: Uint8Array, band: BoolArray, kinds: Uint8Array, plain: Uint8Array, tiles: Tiles, entries: Tiles
) -> tuple[Uint8Array, BoolArray]:
    """Return the map with the ground continued in its band, uint8 (H * S, W * S, 4), and which pixels are still to be
    coloured.

    painted: palette entries (H * S, W * S). band: the pixels that were painted. plain: the map in tiles. entries: of
    the palette, for each of the tiles.
    """
    edge = plain.shape[0] // len(kinds)
    own = kinds.repeat(edge, axis=0).repeat(edge, axis=1)
    best, ground = np.zeros(painted.shape, np.uint64), np.full(painted.shape, -1)
    for kind in np.unique(kinds).tolist():
        likeness = _likeness(painted, entries[kind])
        likeness[~_dilated(kinds == kind).repeat(edge, axis=0).repeat(edge, axis=1)] = 0
        better = (likeness > best) | ((likeness == best) & (likeness > 0) & (own == kind))
        best[better], ground[better] = likeness[better], kind
    picture = plain.copy()
    for kind in np.unique(kinds).tolist():
        here = band & (ground == kind) & (own != kind)
        picture[here] = np.tile(tiles[kind][0], (*kinds.shape, 1))[here]
    return picture, band & (ground < 0)


def _likeness(painted: Uint8Array, tiles: Uint8Array) -> Uint64Array:
    """Return how likely each pixel and its neighbours are parts of tiles, uint64 (H, W), for palette entries: the
    product of the shares of these entries, each at most 127 so that nine fit.
    """
    counts = np.bincount(tiles.ravel(), minlength=256)
    shares = np.where(counts > 0, np.maximum(1, counts * 127 // tiles.size), 0).astype(np.uint64)
    around = np.pad(shares[painted], 1, mode="edge")
    height, width = painted.shape
    product = np.ones(painted.shape, np.uint64)
    for y in range(3):
        for x in range(3):
            product *= around[y : y + height, x : x + width]
    return product


def colours_of(tiles: Tiles, entries: Tiles, palette: Uint8Array) -> Uint8Array:
    """Return the colour of each palette entry, uint8 (K, 4): of the tiles the most frequent one that it stands for, or
    else its own.
    """
    packed = np.concatenate([np.ascontiguousarray(one).view("<u4").ravel() for one in tiles.values()])
    of = np.concatenate([one.ravel() for one in entries.values()])
    pairs, counts = np.unique(of.astype(np.uint64) << 32 | packed, return_counts=True)
    order: Int64Array = np.argsort(counts, kind="stable")  # the last one of an entry remains
    colours = palette.copy()
    colours[(pairs[order] >> 32).astype(np.int64)] = (
        (pairs[order] & 0xFFFFFFFF).astype("<u4").view(np.uint8).reshape(-1, 4)
    )
    return colours


def _dilated(mask: BoolArray) -> BoolArray:
    """Return the cells that are, or touch, one that is True."""
    around = np.pad(mask, 1)
    height, width = mask.shape
    grown = np.zeros_like(mask)
    for y in range(3):
        for x in range(3):
            grown |= around[y : y + height, x : x + width]
    return grown
