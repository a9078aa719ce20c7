"""`make_tileset`: complete corner sets, in which every tile fits all tiles with equal corners.

A vertex of the grid of tiles is the centre of a cell of the pack's maps, so the four corners of a tile have the
terrains of four cells. The pixels around each vertex are generated first, once for each terrain. Then the strips
between two vertices, once for each pair of terrains, with the vertices given; then the insides of the tiles, with the
strips given. A strip straddles the border of two tiles, so no difference can show there. Drawing shared strips first
follows Wang tiles: Cohen, Shade, Hiller and Deussen, "Wang tiles for image and texture generation" (SIGGRAPH 2003).
"""

from collections.abc import Sequence
from itertools import product

import numpy as np

from tilewright.arrays import Int64Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.requests import check_range
from tilewright.seeds import check_seed
from tilewright.tileset.provenance import of_pack
from tilewright.tileset.select import orphan_pixels
from tilewright.tileset.tileset import CORNERS, NO_TERRAIN, Terrain, Tileset

LAYOUTS = ("corner-16",)
MAX_TERRAINS = 16
MAX_VARIANTS = 64
BAND_SHARE = 5  # half the width of a strip is a fifth of a cell

# A tile's corners, and those of `codes`: top right, bottom right, bottom left, top left.
Code = tuple[int, int, int, int]  # terrains at the top left, top right, bottom left, bottom right


def make_tileset(
    pack: Pack,
    terrains: Sequence[str],
    *,
    layout: str = "corner-16",
    variants: int = 4,
    candidates: int = 4,
    seed: int = 0,
    threads: int | None = None,
) -> Tileset:
    """Generate a tileset in which every pair of terrains meets in every way.

    pack: with a sampler and a kind per cell, such as one that was trained on terrain. terrains: 1 to 16 of its kinds.
    layout: "corner-16", tiles with a terrain at each corner: 16 codes for each pair of terrains. variants: tiles per
    code, 1 to 64; all variants of a code have the same edges. candidates: 1 to 64 pictures are generated for each part,
    and the one with the fewest orphan pixels (`select.py`) is kept; ties select the first. More candidates give
    fewer stray pixels and flatter textures.

    The tiles have `pack.cell` pixels along an edge. A seed gives the same bytes on every machine. Raises UsageError
    for invalid arguments and for a pack that cannot.
    """
    caller = "make_tileset()"
    names, numbers = _terrains(pack, terrains, caller)
    if layout not in LAYOUTS:
        raise UsageError(f"{caller}: layout must be one of {', '.join(LAYOUTS)}, not {layout!r:.60}")
    variants = check_range(variants, "variants", 1, MAX_VARIANTS, caller)
    candidates = check_range(candidates, "candidates", 1, MAX_VARIANTS, caller)
    parts = _Parts(pack, numbers, candidates, check_seed(seed, caller), threads, caller)
    every = product(range(len(names)), repeat=4)
    codes = [(a, b, c, d) for a, b, c, d in every if len({a, b, c, d}) <= 2]
    pictures = parts.tiles([code for code in codes for _ in range(variants)])
    palette = parts.palette
    full = {code[0]: i * variants for i, code in enumerate(codes) if len(set(code)) == 1}
    marks = [palette[pictures[full[i]]][..., :3].reshape(-1, 3).mean(axis=0) for i in range(len(names))]
    corners = np.full((len(pictures), 8), NO_TERRAIN, dtype=np.int16)
    corners[:, CORNERS] = np.repeat([(b, d, c, a) for a, b, c, d in codes], variants, axis=0)
    return Tileset(
        name=f"{pack.name}-{'-'.join(names)}"[:60],
        pictures=pictures,
        palette=palette,
        terrains=tuple(
            Terrain(name, (int(r), int(g), int(b))) for name, (r, g, b) in zip(names, marks, strict=True)
        ),
        codes=corners,
        provenance=of_pack(pack, seed, {name: name for name in names}),
    )


def _terrains(pack: Pack, terrains: Sequence[str], caller: str) -> tuple[list[str], list[int]]:
    """Return the names and the kind numbers of the terrains."""
    if isinstance(terrains, str) or not isinstance(terrains, Sequence):
        raise UsageError(f"{caller}: terrains must be a sequence of kinds, not {terrains!r:.60}")
    if not 1 <= len(terrains) <= MAX_TERRAINS or len(set(terrains)) < len(terrains):
        raise UsageError(
            f"{caller}: terrains must be 1 to {MAX_TERRAINS} different kinds, not {len(terrains)}"
        )
    for name in terrains:
        if name not in pack.kinds:
            raise UsageError(
                f"{caller}: unknown terrain {name!r:.60}; {pack.name} has {', '.join(pack.kinds)}"
            )
    return list(terrains), [pack.kinds.index(name) for name in terrains]


class _Parts:
    """Generates vertices, strips and tiles in windows of the pack."""

    def __init__(
        self, pack: Pack, numbers: list[int], candidates: int, seed: int, threads: int | None, caller: str
    ) -> None:
        self.pack, self.numbers, self.candidates = pack, numbers, candidates
        self.seed, self.threads = seed, threads
        cell, (height, width) = pack.cell, pack.shape
        if pack.plan.sampler is None or not pack.has_kind_map or cell < 4 or min(height, width) < 2 * cell:
            raise UsageError(
                f"{caller}: {pack.name} cannot make tilesets: that takes a sampler, and a kind for each cell of four "
                "or more pixels, at least two cells to a picture"
            )
        palette = pack.file.head.palette
        assert palette is not None  # packs with a sampler have one
        self.palette = palette
        self.unknown = pack.plan.sampler.colours
        self.band = max(1, cell // BAND_SHARE)
        self.first, self.second = cell // 2, cell // 2 + cell  # the vertices of a tile in its window
        self.made = 0  # windows so far, which are their numbers in the streams of random words

    def tiles(self, codes: list[Code]) -> Uint8Array:
        """Return a tile for each code, uint8 (N, cell, cell)."""
        used = sorted({terrain for code in codes for terrain in code})
        vertices = self._vertices(used)
        pairs = sorted({pair for a, b, c, d in codes for pair in ((a, b), (c, d), (a, c), (b, d))})
        across = self._strips(pairs, vertices)
        down = self._strips(pairs, vertices, down=True)
        cells = self._empty(len(codes))
        at, strip = (self.first, self.second), self._between()
        for window, (a, b, c, d) in zip(cells, codes, strict=True):
            for terrain, (y, x) in zip((a, b, c, d), product(at, at), strict=True):
                window[self._around(y), self._around(x)] = vertices[terrain]
            for y, pair in zip(at, ((a, b), (c, d)), strict=True):
                window[self._around(y), strip] = across[pair]
            for x, pair in zip(at, ((a, c), (b, d)), strict=True):
                window[strip, self._around(x)] = down[pair]
        tile = slice(self.first, self.second)
        return self._best([np.array([[a, b], [c, d]]) for a, b, c, d in codes], cells, (tile, tile))

    def _vertices(self, terrains: list[int]) -> dict[int, Uint8Array]:
        """Return the pixels around a vertex within each terrain."""
        area = self._around(self.second)
        maps = [np.full((2, 2), terrain) for terrain in terrains]
        return dict(zip(terrains, self._best(maps, self._empty(len(maps)), (area, area)), strict=True))

    def _strips(
        self, pairs: list[tuple[int, int]], vertices: dict[int, Uint8Array], down: bool = False
    ) -> dict[tuple[int, int], Uint8Array]:
        """Return the pixels between two vertices, which lie side by side, or `down`: one below the other."""
        maps, cells = [], self._empty(len(pairs))
        beside, between = self._around(self.second), self._between()
        for window, pair in zip(cells, pairs, strict=True):
            row = np.array([pair, pair])
            maps.append(row.T if down else row)
            for terrain, place in zip(pair, (self.first, self.second), strict=True):
                spot = (self._around(place), beside) if down else (beside, self._around(place))
                window[spot] = vertices[terrain]
        area = (between, beside) if down else (beside, between)
        return dict(zip(pairs, self._best(maps, cells, area), strict=True))

    def _around(self, vertex: int) -> slice:
        return slice(vertex - self.band, vertex + self.band)

    def _between(self) -> slice:
        return slice(self.first + self.band, self.second - self.band)

    def _empty(self, count: int) -> Uint8Array:
        return np.full((count, *self.pack.shape), self.unknown, dtype=np.uint8)

    def _best(self, maps: list[Int64Array], cells: Uint8Array, area: tuple[slice, slice]) -> Uint8Array:
        """Generate candidates for windows, and return an area of the best of each.

        maps: (2, 2) each, the terrains of the first cells of a window; they continue beyond them.
        """
        each = self.candidates
        kinds = np.stack([self._kinds(terrains) for terrains in maps])
        numbers = np.arange(self.made, self.made + len(cells) * each, dtype=np.uint64)
        self.made += len(numbers)
        windows = self.pack.sample_windows(
            np.repeat(kinds, each, axis=0),
            np.repeat(cells, each, axis=0),
            numbers,
            seed=self.seed,
            threads=self.threads,
        )
        orphans = orphan_pixels(self.palette[windows])[:, *area].sum(axis=(1, 2)).reshape(-1, each)
        chosen = orphans.argmin(axis=1) + np.arange(len(cells)) * each
        best: Uint8Array = windows[chosen][:, *area]
        return best

    def _kinds(self, terrains: Int64Array) -> Uint8Array:
        """Return the kind of each pixel of a window, uint8 (H, W), whose first cells have the terrains (2, 2)."""
        height, width = (edge // self.pack.cell for edge in self.pack.shape)
        numbers = np.array(self.numbers, dtype=np.uint8)[terrains]
        cells = np.pad(numbers, ((0, height - 2), (0, width - 2)), mode="edge")
        return cells.repeat(self.pack.cell, axis=0).repeat(self.pack.cell, axis=1)
