"""The layouts of `make_tileset`: which tiles a set has, and how they are generated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from tilewright.arrays import BoolArray, Entries, Int16Array
from tilewright.tileset.blob import Blob, new_insides
from tilewright.tileset.corners import CornerParts, as_codes
from tilewright.tileset.overlay import ground_colours, opaque_pixels, overlap
from tilewright.tileset.quarters import blob_set
from tilewright.tileset.tileset import EDGES, NO_TERRAIN
from tilewright.tileset.walls import wall_set, wall_tiles
from tilewright.tileset.windows import Windows

MAX_OVERLAP = (
    20  # percent of the pixels of a terrain that have colours of its ground, if another ground has fewer
)


@dataclass(frozen=True, eq=False)
class Slots:
    """Tiles of a layout. pictures: (N, T, T), palette entries. opaque: bool (N, T, T).

    codes: int16 (N, 8); centres: int16 (N,), as in `Tileset`, with numbers of the terrains that were asked for.
    """

    pictures: Entries
    opaque: BoolArray
    codes: Int16Array
    centres: Int16Array


class Materials:
    """The kinds of a pack that a set joins, each as a plain tile that repeats.

    kinds: numbers of the pack's kinds, by terrain. ground: a kind, around the terrains while they are generated; None
    chooses for each. below: the terrain of that kind if it stays in their tiles; None makes it transparent. walls:
    terrains that are walls one cell thick.
    """

    def __init__(
        self,
        windows: Windows,
        kinds: Sequence[int],
        ground: int | None,
        below: int | None,
        walls: Sequence[int] = (),
    ) -> None:
        self.windows, self.kinds, self.ground, self.below = windows, kinds, ground, below
        self.walls = walls
        self.parts = CornerParts(windows)
        self._plain: dict[int, Entries] = {}

    @property
    def outside(self) -> int:
        """The terrain beyond the borders of the others, or NO_TERRAIN."""
        return NO_TERRAIN if self.below is None else self.below

    def plain(self, kind: int) -> Entries:
        """Return a tile (T, T) of a kind that repeats."""
        if kind not in self._plain:
            self._plain[kind] = self.parts.tiles([(kind,) * 4])[0]
        return self._plain[kind]

    def pairs(self) -> list[tuple[int, int]]:
        """Return the kind of each terrain, and the kind around it while it is generated."""
        around = {kind: self._around(kind) for kind in dict.fromkeys(self.kinds)}
        return [(kind, around[kind]) for kind in self.kinds]

    def _around(self, kind: int) -> int:
        """Return the last of the other terrains that has few colours in common with a kind, or the one with fewest."""
        if self.ground is not None and (self.below is not None or self.ground != kind):
            return self.ground
        others = [other for other in dict.fromkeys(self.kinds[::-1]) if other != kind]
        colours = len(self.windows.palette)
        common = [overlap(self.plain(kind), self.plain(other), colours) for other in others]
        few = [other for other, share in zip(others, common, strict=True) if share <= MAX_OVERLAP]
        return few[0] if few else others[common.index(min(common))]


Layout = Callable[[Materials, int], Slots]
"""(materials, variants) -> the tiles: `variants` of each code."""


def corner_16(materials: Materials, variants: int) -> Slots:
    """Tiles with a terrain at each corner: all combinations of two terrains."""
    kinds = materials.kinds
    every = product(range(len(kinds)), repeat=4)
    codes = [code for code in every if len(set(code)) <= 2 for _ in range(variants)]
    pictures = CornerParts(materials.windows).tiles([tuple(kinds[t] for t in code) for code in codes])
    return _opaque(pictures, as_codes(codes), np.full(len(codes), NO_TERRAIN, np.int16))


def dual_grid(materials: Materials, variants: int) -> Slots:
    """Tiles of each terrain over what is below it: the terrain at one to four corners."""
    windows, made = materials.windows, []
    corners = [code for code in product((False, True), repeat=4) if any(code) for _ in range(variants)]
    inside = np.array(corners).reshape(-1, 2, 2)
    for terrain, (kind, under) in enumerate(materials.pairs()):
        if terrain == materials.below:
            pictures = materials.parts.tiles([(kind,) * 4] * variants)
            codes = as_codes([(terrain,) * 4] * variants)
            made.append(_opaque(pictures, codes, np.full(variants, NO_TERRAIN, np.int16)))
            continue
        pictures = materials.parts.tiles(
            [tuple(kind if here else under for here in code) for code in corners]
        )
        table = ground_colours(materials.plain(kind), materials.plain(under), len(windows.palette))
        opaque = opaque_pixels(pictures, inside, table[pictures], windows.band)
        codes = as_codes([tuple(terrain if here else materials.outside for here in code) for code in corners])
        made.append(Slots(pictures, opaque, codes, np.full(len(codes), NO_TERRAIN, np.int16)))
    return _joined(materials, made)


def edge_16(materials: Materials, variants: int) -> Slots:
    """Tiles of cells that their terrain leaves at any of four sides, and never at a corner."""
    same = np.zeros((16, 8), bool)
    same[:, EDGES] = (np.arange(16)[:, None] >> np.arange(4) & 1).astype(bool)
    return _cells(materials, same, EDGES, variants)


def blob_47(materials: Materials, variants: int) -> Slots:
    """Tiles of cells by all neighbours."""
    return _cells(materials, blob_set(), slice(None), variants)


def wall_16(materials: Materials, variants: int) -> Slots:
    """Tiles of walls by the sides at which they continue, cells of the other terrains, and a tile of void."""
    only_walls = len(materials.walls) + 1 == len(materials.kinds)
    positions = EDGES if only_walls else slice(None)
    cells = _cells(materials, blob_set(), positions, variants)
    windows, void = materials.windows, len(materials.kinds)
    palette = windows.palette
    brightness = np.where(palette[:, 3] > 0, palette[:, :3].sum(axis=1, dtype=np.int64), 1 << 16)
    picture = np.full((1, *cells.pictures.shape[1:]), brightness.argmin(), windows.dtype)
    codes = np.full((1, 8), NO_TERRAIN, np.int16)
    codes[:, positions] = void
    return _joined(materials, [cells, _opaque(picture, codes, np.full(1, void, np.int16))])


LAYOUTS: dict[str, Layout] = {
    "dual-grid": dual_grid,
    "corner-16": corner_16,
    "edge-16": edge_16,
    "blob-47": blob_47,
    "rpgmaker-a2": blob_47,
    "wall-16": wall_16,
}


def _cells(materials: Materials, same: BoolArray, positions: slice, variants: int) -> Slots:
    """Return tiles of each terrain by the neighbours that have it, bool (N, 8), with codes at some positions.

    Walls have the neighbours of `wall_set` instead.
    """
    windows, made = materials.windows, []
    pairs = materials.pairs()
    plains = [(materials.plain(kind), materials.plain(under)) for kind, under in pairs]
    wide = windows.wider(3, "wall-16") if materials.walls else windows
    if materials.below is not None:
        made.append(_ground_cells(materials, materials.below, positions, variants))
    for terrain, (kind, under) in enumerate(pairs):
        if terrain == materials.below:
            continue
        full, plain = plains[terrain]
        if terrain in materials.walls:
            around, pictures = wall_set(), wall_tiles(wide, kind, under, plain, variants)
            opaque = np.ones(pictures.shape, bool)
        else:
            around, blob = same, Blob(windows, kind, full, under, plain)
            pictures, opaque = blob.tiles(around, variants)
        codes = np.full((len(pictures), 8), NO_TERRAIN, np.int16)
        codes[:, positions] = np.where(around, terrain, materials.outside).repeat(variants, axis=0)[
            :, positions
        ]
        made.append(Slots(pictures, opaque, codes, np.full(len(pictures), terrain, np.int16)))
    return _joined(materials, made)


def _ground_cells(materials: Materials, ground: int, positions: slice, variants: int) -> Slots:
    """Return tiles of cells of the ground, all with the borders of the first."""
    kind, half = materials.kinds[ground], materials.windows.cell // 2
    plain = np.roll(materials.plain(kind), (half, half), axis=(0, 1))[None]
    more = np.repeat(plain, variants - 1, axis=0)
    if len(more) and materials.windows.draws_insides:
        materials.windows.give_nothing()
        around = np.full((len(more), 8), kind)
        more = new_insides(materials.windows, more, np.zeros(more.shape, bool), around, kind)
    codes = np.full((variants, 8), NO_TERRAIN, np.int16)
    codes[:, positions] = ground
    return _opaque(np.concatenate([plain, more]), codes, np.full(variants, ground, np.int16))


def _opaque(pictures: Entries, codes: Int16Array, centres: Int16Array) -> Slots:
    return Slots(pictures, np.ones(pictures.shape, bool), codes, centres)


def _joined(materials: Materials, parts: list[Slots]) -> Slots:
    pictures, opaque, codes, centres = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("pictures", "opaque", "codes", "centres")
    )
    return Slots(pictures, opaque | (materials.below is not None), codes, centres)
