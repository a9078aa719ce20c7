"""Tilesets of tiles that a caller gives, of which a pack paints the borders only (borders.py)."""

from collections.abc import Mapping, Sequence

import numpy as np

from tilewright.arrays import Entries, Int64Array, Uint8Array, Uint64Array
from tilewright.borders import OwnTiles
from tilewright.canvas import near_borders
from tilewright.tileset.layouts import Slots
from tilewright.tileset.select import orphan_pixels
from tilewright.tileset.tileset import NO_TERRAIN
from tilewright.tileset.windows import Area, Windows


class OwnWindows(Windows):
    """Windows that show the first tile of each kind, but for a band along borders of kinds, which is painted.

    tiles: uint8 (N, cell, cell, 4), by kind. begin: the row and column of a window at which a tile begins. new_colours:
    whether borders may have colours that the tiles beside them lack.
    """

    dtype = np.int32
    draws_insides = False

    def __init__(
        self, windows: Windows, tiles: Mapping[int, Uint8Array], begin: int, new_colours: bool
    ) -> None:
        vars(self).update(vars(windows))
        self.own, self.begin, self.new_colours = OwnTiles(tiles, windows.palette), begin, new_colours
        self.palette = self.own.palette.copy()
        self.palette[:, 3] = 255
        self.hidden, self.unknown = windows.unknown, len(self.palette)  # for the network, and here

    def _generate(self, kinds: Uint8Array, cells: Entries, numbers: Uint64Array) -> Entries:
        given = cells != self.unknown
        pictures = np.where(given, cells, self._laid(kinds))
        band = near_borders(kinds, max(1, self.cell // 3)) & ~given
        some = band.any(axis=(1, 2))
        if some.any():
            kinds, band, plain = kinds[some], band[some], pictures[some]
            allowed = [self.own.allowed(np.unique(one).tolist(), self.new_colours) for one in kinds]
            pack = self._for_share(float(band.mean(axis=(1, 2)).max()))
            painted = pack.sample_windows(
                kinds,
                np.where(band, np.uint8(self.hidden), self.own.seen[plain]),
                numbers[some],
                seed=self.seed,
                allowed=np.stack(allowed),
                threads=self.threads,
            )
            pictures[some] = self.own.continue_ground(painted, band, kinds, plain, self.begin)
        return pictures

    def _laid(self, kinds: Uint8Array) -> Entries:
        """Return windows (N, H, W) of the first tile of each kind."""
        present, places = np.unique(kinds, return_inverse=True)
        tiles = np.stack([self.own.pictures[kind][0] for kind in present.tolist()])
        rows, columns = ((np.arange(edge) - self.begin) % self.cell for edge in self.pack.shape)
        laid: Entries = tiles[places.reshape(kinds.shape), rows[:, None], columns]
        return laid

    def _scores(self, windows: Entries, kinds: Uint8Array, area: Area) -> Int64Array:
        orphans: Int64Array = orphan_pixels(self.palette[windows])[:, *area].sum(axis=(1, 2), dtype=np.int64)
        return orphans

    def with_all_tiles(self, slots: Slots, names: Sequence[str], variants: bool) -> Slots:
        """Return slots that show the first of several tiles of each terrain, with the others.

        names: of the kind of each terrain. variants: whether slots have variants. Then a slot without borders becomes
        one slot for each of its tiles, and variants of the others show in turn the tiles that are equal to the first
        along the borders, in the pixels that all variants share. Else terrains of one kind show a tile each.
        """
        kinds = [self.pack.kinds.index(name) for name in names]
        arts = [self.own.pictures[kind] for kind in kinds]
        turns = [names[:terrain].count(name) for terrain, name in enumerate(names)]
        band = self.band if variants else 0
        codes = np.concatenate([slots.codes, slots.centres[:, None]], axis=1)
        codes = codes[:, (codes != NO_TERRAIN).any(axis=0)]
        overlays = (codes == NO_TERRAIN).any()
        inside = np.zeros(slots.pictures.shape[1:], bool)
        inside[band : len(inside) - band, band : len(inside) - band] = True
        fitting = [[tile for tile in art if (tile == art[0])[~inside].all()] for art in arts]
        pictures: list[Entries] = []
        rows: list[int] = []
        seen: dict[bytes, int] = {}
        for number, (picture, opaque, code) in enumerate(
            zip(slots.pictures, slots.opaque, codes, strict=True)
        ):
            variant = seen[code.tobytes()] = seen.get(code.tobytes(), -1) + 1
            terrains = [terrain for terrain in np.unique(code).tolist() if terrain != NO_TERRAIN]
            first = arts[terrains[0]]
            if overlays:  # holes that were filled show the ground below the terrain
                owners = self.own.kind_of[picture]
                hole = (owners >= 0) & (owners != kinds[terrains[0]]) & opaque
                picture = np.where(hole, first[0], picture)
            if variants and (code == terrains[0]).all() and opaque.all() and (picture == first[0]).all():
                if variant == 0:
                    pictures.extend(first)
                    rows.extend([number] * len(first))
                continue
            for terrain in terrains:
                tiles = fitting[terrain]
                tile = tiles[(variant + turns[terrain]) % len(tiles)]
                picture = np.where(picture == arts[terrain][0], tile, picture)
            pictures.append(picture)
            rows.append(number)
        return Slots(np.stack(pictures), slots.opaque[rows], slots.codes[rows], slots.centres[rows])
