"""Parts of tiles, generated in windows of a pack, of which some pixels may be given."""

import math
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from tilewright.arrays import Entries, Int64Array, Uint8Array, Uint64Array
from tilewright.compiler.sampling import AUTOREGRESSIVE
from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.heads import Pixels
from tilewright.texture import distances
from tilewright.tileset.select import orphan_pixels

BAND_SHARE = 5  # half the width of a strip is a fifth of a cell
_WIDER = 1 << 32  # numbers of wider windows begin here

Area = tuple[slice, slice]


class Windows:
    """Generates windows of a pack with a sampler and a kind per cell, and keeps the best of some candidates.

    A window shows 2 x 2 cells, which takes less than half the time of 3 x 3; or, if the network depends on the size
    of its pictures, as many as those show. The centres of the cells are the vertices of the grid of tiles: a tile is
    the square between the centres of the first 2 x 2 cells, and `band` is half the width of the strips between
    vertices. Pixels are entries of `palette`, of the type `dtype`, or `unknown`.
    """

    dtype: type[np.integer[Any]] = np.uint8
    draws_insides = True  # of kinds, and not only their borders
    begin = 0  # the row and column at which a caller's tiles begin, which other windows do not show

    def __init__(self, pack: Pack, candidates: int, seed: int, threads: int | None, caller: str) -> None:
        self.candidates, self.seed, self.threads, self.caller = candidates, seed, threads, caller
        cell, (height, width) = pack.cell, pack.shape
        sampler, paints = pack.plan.sampler, pack.has_kind_map and not pack.file.draws_columns
        if sampler is None or not paints or cell < 4 or min(height, width) < 2 * cell:
            raise UsageError(
                f"{caller}: {pack.name} cannot make tilesets: that takes a sampler, and a kind for each cell of four "
                "or more pixels, at least two cells to a picture"
            )
        self.pack = _of_size(pack, 2 * cell)
        palette = pack.file.head.palette
        assert palette is not None  # packs with a sampler have one
        self.palette, self.cell = palette, cell
        self.unknown = sampler.colours
        self.band = max(1, cell // BAND_SHARE)
        self.first, self.second = cell // 2, cell // 2 + cell  # the vertices of a tile in its window
        self.made = 0  # windows so far, which are their numbers in the streams of random words
        self._given: dict[int, Entries] = {}
        self._quicker: dict[tuple[Pack, int], Pack] = {}

    def wider(self, cells: int, layout: str) -> "Windows":
        """Return windows of cells x cells cells. layout: what takes them, for the error of a pack that cannot."""
        wider = copy(self)
        wider.pack = _of_size(self.pack, cells * self.cell)
        wider.made = _WIDER
        if min(wider.pack.shape) < cells * self.cell:
            height, width = wider.pack.shape
            raise UsageError(
                f"{self.caller}: {layout} takes pictures of {cells} x {cells} cells, and {self.pack.name} generates "
                f"{height // self.cell} x {width // self.cell}"
            )
        return wider

    @property
    def tile(self) -> Area:
        """The area of a tile."""
        return slice(self.first, self.second), slice(self.first, self.second)

    def give(self, kind: int, tile: Entries) -> None:
        """Show cells of one kind as repetitions of a tile (cell, cell) in all windows from now on."""
        self._given = {kind: self.repeated(tile)}

    def give_nothing(self) -> None:
        """Generate cells of all kinds from now on."""
        self._given = {}

    def repeated(self, tile: Entries) -> Entries:
        """Return a window (H, W) of repetitions of a tile (cell, cell)."""
        rows, columns = (np.arange(edge) - self.first for edge in self.pack.shape)
        return tile[rows[:, None] % self.cell, columns % self.cell]

    def empty(self, count: int) -> Entries:
        """Return windows of unknown pixels (count, H, W)."""
        return np.full((count, *self.pack.shape), self.unknown, dtype=self.dtype)

    def best(self, maps: Int64Array, cells: Entries, area: Area, unit: int | None = None) -> Entries:
        """Generate candidates for windows, and return an area of the best of each.

        maps: (N, R, C), the kinds of the first cells of each window, or squares of `unit` pixels; they continue beyond
        them. cells: (N, H, W).
        """
        each = self.candidates
        kinds = self._kinds(maps, unit or self.cell)
        for kind, picture in self._given.items():
            cells = np.where((kinds == kind) & (cells == self.unknown), picture, cells)
        numbers = np.arange(self.made, self.made + len(cells) * each, dtype=np.uint64)
        self.made += len(numbers)
        kinds = np.repeat(kinds, each, axis=0)
        windows = self._generate(kinds, np.repeat(cells, each, axis=0), numbers)
        scores = self._scores(windows, kinds, area).reshape(-1, each)
        chosen = scores.argmin(axis=1) + np.arange(len(cells)) * each
        best: Entries = windows[chosen][:, *area]
        return best

    def _generate(self, kinds: Uint8Array, cells: Entries, numbers: Uint64Array) -> Entries:
        """Return windows (N, H, W) of kinds, of which pixels are known."""
        pack = self._for_share(float((cells == self.unknown).mean(axis=(1, 2)).max()))
        return pack.sample_windows(kinds, cells, numbers, seed=self.seed, threads=self.threads)

    def _for_share(self, unknown: float) -> Pack:
        """Return a pack that takes only this share of the evaluations, so that each fixes as many pixels as in a window
        of which none are known.
        """
        sampler = self.pack.plan.sampler
        assert sampler is not None
        if sampler.method == AUTOREGRESSIVE:
            return self.pack
        steps, refine = (math.ceil(unknown * count) for count in (sampler.steps, sampler.refine))
        key = self.pack, max(1, steps)
        if key not in self._quicker:
            plan = replace(self.pack.plan, sampler=replace(sampler, steps=key[1], refine=refine))
            self._quicker[key] = Pack(replace(self.pack.file, plan=plan))
        return self._quicker[key]

    def _scores(self, windows: Entries, kinds: Uint8Array, area: Area) -> Int64Array:
        """Return the scores of candidates, the lower the better: the distance from the texture that the pack states, or
        the number of orphan pixels.
        """
        texture = self.pack.file.texture
        if texture:
            return distances(windows, kinds, texture, area)
        orphans: Int64Array = orphan_pixels(self.palette[windows])[:, *area].sum(axis=(1, 2), dtype=np.int64)
        return orphans

    def _kinds(self, maps: Int64Array, unit: int) -> Uint8Array:
        """Return the kind of each pixel of windows, uint8 (N, H, W)."""
        height, width = (edge // unit for edge in self.pack.shape)
        more = ((0, 0), (0, height - maps.shape[1]), (0, width - maps.shape[2]))
        cells = np.pad(maps.astype(np.uint8), more, mode="edge")
        return cells.repeat(unit, axis=1).repeat(unit, axis=2)


def _of_size(pack: Pack, edge: int) -> Pack:
    """Return a pack that generates pictures of edge x edge pixels, if its network can."""
    head, plan = pack.file.head, pack.plan.resized(edge, edge)
    if type(head) is not Pixels or plan is pack.plan:
        return pack
    return Pack(replace(pack.file, plan=plan, head=replace(head, height=edge, width=edge)))
