"""Tiles that a caller gives, between which a pack paints the borders: in maps, and in tilesets.

A network fills a band along each border, and blurs the ground in it: it cannot know where the next tuft of grass would
be. So the ground is continued in the band: where a painted pixel and its eight neighbours have only colours of a
terrain's tiles, the pixel of its tile stands. Of several such terrains, it is that in which these colours are most
frequent: naive Bayes, with whole numbers.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int32Array, Int64Array, Uint8Array, Uint64Array
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.given_pictures import nearest_entries
from tilewright.streams import Stream

_SHARES = 127  # the largest share of a colour, so that the product of nine fits


def check_tiles(
    tiles: Mapping[str, AnyArray], names: tuple[str, ...], wanted: Iterable[int], cell: int, caller: str
) -> dict[int, Uint8Array]:
    """Return the tiles of the kinds `wanted`, by number, uint8 (N, S, S, 4). Raises UsageError.

    names: of all kinds.
    """
    if not isinstance(tiles, Mapping):
        raise UsageError(f"{caller}: tiles must be a mapping of kinds to arrays, not {tiles!r:.60}")
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
    wanted = list(wanted)
    if missing := [names[kind] for kind in wanted if kind not in found]:
        raise UsageError(f"{caller}: there are no tiles of {', '.join(missing)}")
    return {kind: found[kind] for kind in wanted}


def lay(tiles: Mapping[int, AnyArray], kinds: AnyArray, seed: int) -> AnyArray:
    """Return a map of kinds (R, C) in tiles (N, S, S, ...) that the seed chooses: (R * S, C * S, ...)."""
    draws = Draws(seed, stream=Stream.TILE_VARIANT)
    rows, columns = kinds.shape
    cells = [tiles[kind][draws.below(len(tiles[kind]))] for kind in kinds.ravel().tolist()]
    edge, _, *more = cells[0].shape
    laid = np.stack(cells).reshape(rows, columns, edge, edge, *more)
    return laid.swapaxes(1, 2).reshape(rows * edge, columns * edge, *more)


class OwnTiles:
    """Tiles of kinds, as entries of one palette in which each kind has entries of its own.

    So a picture in these entries also says to which kind each pixel belongs. pictures: int32 (N, S, S), by kind.
    palette: uint8 (C, 4): the colours of the pack, then those of each kind. kind_of: int64 (C,), the kind of each,
    or -1. seen: uint8 (C,), the nearest entry of the pack, as which the network sees each.
    """

    def __init__(self, tiles: Mapping[int, Uint8Array], palette: Uint8Array) -> None:
        """tiles: uint8 (N, S, S, 4), by kind. palette: uint8 (K, 4), of the pack."""
        self.own_entries = len(palette)  # where those of the tiles begin
        self.pictures: dict[int, Int32Array] = {}
        colours, kinds = [palette], [np.full(len(palette), -1)]
        count = len(palette)
        for kind, rgba in tiles.items():
            found, places = np.unique(rgba.reshape(-1, 4), axis=0, return_inverse=True)
            self.pictures[kind] = (places.reshape(rgba.shape[:3]) + count).astype(np.int32)
            colours.append(found)
            kinds.append(np.full(len(found), kind))
            count += len(found)
        self.palette: Uint8Array = np.concatenate(colours)
        self.kind_of: Int64Array = np.concatenate(kinds)
        nearest = nearest_entries(self.palette[self.own_entries :], palette)
        self.seen: Uint8Array = np.concatenate([np.arange(len(palette), dtype=np.uint8), nearest])

    def allowed(self, kinds: Iterable[int], new_colours: bool) -> BoolArray:
        """Return the entries of the pack that may be painted between kinds, bool (K,)."""
        may = np.full(self.own_entries, new_colours)
        for kind in kinds:
            may[self.seen[self.pictures[kind]]] = True
        return may

    def continue_ground(
        self, painted: Uint8Array, band: BoolArray, kinds: AnyArray, plain: Int32Array, offset: int = 0
    ) -> Int32Array:
        """Return pictures whose bands were painted, int32 (N, H, W), with the ground continued in them.

        painted: uint8 (N, H, W), entries of the pack. band: bool (N, H, W), what was painted. kinds: (N, H, W), of the
        cells of the pixels. plain: int32 (N, H, W), the tiles. offset: the row and column at which a tile begins in the
        pictures.
        """
        best, ground = np.zeros(painted.shape, np.uint64), np.full(painted.shape, -1)
        present = np.unique(kinds).tolist()
        for kind in present:
            likeness = _likeness(painted, self.seen[self.pictures[kind]])
            edge = self.pictures[kind].shape[1]
            likeness[~_dilated(kinds == kind, edge)] = 0
            better = (likeness > best) | ((likeness == best) & (likeness > 0) & (kinds == kind))
            best[better], ground[better] = likeness[better], kind
        picture = plain.copy()
        rows, columns = (np.arange(length) - offset for length in painted.shape[1:])
        for kind in present:
            tile = self.pictures[kind][0]
            edge = len(tile)
            laid = np.broadcast_to(tile[rows[:, None] % edge, columns % edge], painted.shape)
            here = band & (ground == kind) & (kinds != kind)
            picture[here] = laid[here]
        left = band & (ground < 0)
        tables = {kinds: self._colours_between(kinds) for kinds in {_present(one) for one in kinds}}
        for one, pixels, where, around in zip(picture, painted, left, kinds, strict=True):
            one[where] = tables[_present(around)][pixels[where]]
        return picture

    def _colours_between(self, kinds: Iterable[int]) -> Int32Array:
        """Return what each entry of the pack becomes in a picture of kinds, int32 (K,): of the entries of their tiles
        that it stands for the most frequent one, or else itself.
        """
        entries = np.concatenate([self.pictures[kind].ravel() for kind in kinds])
        own, counts = np.unique(entries, return_counts=True)
        order: Int64Array = np.argsort(counts, kind="stable")  # the last one of an entry remains
        colours = np.arange(self.own_entries, dtype=np.int32)
        colours[self.seen[own[order]]] = own[order]
        return colours


def _present(kinds: AnyArray) -> tuple[int, ...]:
    return tuple(np.unique(kinds).tolist())


def _likeness(painted: Uint8Array, tiles: Uint8Array) -> Uint64Array:
    """Return how likely each pixel (N, H, W) and its neighbours are parts of tiles, uint64, by entries of the pack: the
    product of the shares of these entries.
    """
    counts = np.bincount(tiles.ravel(), minlength=256)
    shares = np.where(counts > 0, np.maximum(1, counts * _SHARES // tiles.size), 0).astype(np.uint64)
    around = np.pad(shares[painted], ((0, 0), (1, 1), (1, 1)), mode="edge")
    height, width = painted.shape[1:]
    product = np.ones(painted.shape, np.uint64)
    for y in range(3):
        for x in range(3):
            product *= around[:, y : y + height, x : x + width]
    return product


def _dilated(mask: BoolArray, edge: int) -> BoolArray:
    """Return the pixels (N, H, W) at most `edge` pixels from one that is True, for cells of that many pixels."""
    around = np.pad(mask, ((0, 0), (edge, edge), (edge, edge)), mode="edge")
    height, width = mask.shape[1:]
    grown = np.zeros_like(mask)
    for y in (0, edge, 2 * edge):
        for x in (0, edge, 2 * edge):
            grown |= around[:, y : y + height, x : x + width]
    return grown
