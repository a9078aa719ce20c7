"""The random choices of a sampler: which cells an evaluation fixes, and to which palette entries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tilewright.arrays import BoolArray, Int32Array, Int64Array, Uint8Array, Uint64Array
from tilewright.compiler.cell_order import cell_keys, refined_cells
from tilewright.compiler.sampling import MASKED
from tilewright.compiler.sampling_options import SamplingOptions
from tilewright.plan import Sampler
from tilewright.seeds import draw_beginnings, draw_noise

LEAST = np.int32(-(2**31))  # below every sum of a score and noise


@dataclass(frozen=True)
class Turn:
    """One evaluation: the cells that it fixes, bool (N, cells). refinement: 0, or the number of the round, before
    which these cells become unknown.
    """

    fixed: BoolArray
    refinement: int = 0


@dataclass(frozen=True)
class Draws:
    """The random choices for N tiles: numbers uint64 (N,), and the palette entries that may be drawn, bool (colours,)
    or (N, colours), or None for all. options: None for those of the sampler.
    """

    sampler: Sampler
    seed: int
    numbers: Uint64Array
    allowed: BoolArray | None = None
    options: SamplingOptions | None = None

    @property
    def chosen(self) -> SamplingOptions:
        """The options of these draws."""
        s = self.sampler
        return self.options or SamplingOptions(s.order, s.refine, s.begin, s.noise)

    def part(self, some: slice) -> "Draws":
        """Return those of some of the tiles."""
        allowed = self.allowed
        if allowed is not None and allowed.ndim == 2:
            allowed = allowed[some]
        return replace(self, numbers=self.numbers[some], allowed=allowed)

    def begin(self, pictures: Uint8Array) -> Uint8Array:
        """Return the pictures (N, H, W) with the share of unknown cells that start as a random entry."""
        sampler, share = self.sampler, self.chosen.begin
        if share == 0:
            return pictures
        allowed = np.broadcast_to(
            True if self.allowed is None else self.allowed, (len(pictures), sampler.colours)
        )
        entries = np.argsort(~allowed, axis=1, kind="stable")  # the allowed ones first, ascending
        size = sampler.height * sampler.width
        drawn = draw_beginnings(self.seed, self.numbers, size, share, allowed.sum(axis=1))
        begun = np.take_along_axis(entries, np.maximum(drawn, 0), axis=1)
        begins = (drawn >= 0) & (pictures.reshape(len(pictures), size) == sampler.colours)
        return np.where(begins.reshape(pictures.shape), begun.reshape(pictures.shape), pictures).astype(
            np.uint8
        )

    def turns(self, unknown: BoolArray, fronts: Iterable[Int64Array]) -> Iterator[Turn]:
        """Yield the evaluations for pictures whose cells are `unknown`, bool (N, cells).

        fronts: the cells that each evaluation of an autoregressive sampler fixes.
        """
        if self.sampler.method != MASKED:
            yield from (Turn(unknown & np.isin(np.arange(unknown.shape[1]), front)) for front in fronts)
            return
        totals, steps, rounds = unknown.sum(axis=1), self.sampler.steps, self.chosen.refine
        ranks = self._ranks(unknown, 0)
        for i in range(steps):
            first, end = ((j * totals // steps)[:, None] for j in (i, i + 1))
            yield Turn(unknown & (ranks >= first) & (ranks < end))
        for i in range(1, rounds + 1):
            some = refined_cells(totals, i, rounds)[:, None]
            yield Turn(unknown & (self._ranks(unknown, i) < some), i)

    def _ranks(self, unknown: BoolArray, refinement: int) -> Int64Array:
        """Return the rank of each unknown cell by (key, cell), int64 (N, cells); that of a given cell is any."""
        s = self.sampler
        keys = cell_keys(self.chosen.order, self.seed, self.numbers, s.height, s.width, refinement)
        order = np.argsort(keys, axis=1, kind="stable")
        places = np.cumsum(np.take_along_axis(unknown, order, axis=1), axis=1) - 1
        ranks = np.empty_like(places)
        np.put_along_axis(ranks, order, places, axis=1)
        return ranks

    def noise(self, refinement: int = 0) -> Int32Array:
        """Return what is added to the scores, int32 (N, cells, colours)."""
        size, count = self.sampler.height * self.sampler.width, len(self.numbers)
        random = draw_noise(self.seed, self.numbers, count, size, self.sampler.colours, refinement)
        return np.take(self.chosen.noise, random >> 4)

    def choose(self, fixed: BoolArray, noisy: Int32Array) -> Uint8Array:
        """Return the entries (n,) of the n cells in `fixed`, bool (N, cells), from the sums int32 (n, colours) of
        their scores and noise. Ties select the lowest entry.
        """
        if self.allowed is not None:
            allowed = np.broadcast_to(self.allowed, (len(fixed), noisy.shape[1]))
            noisy = np.where(allowed[np.nonzero(fixed)[0]], noisy, LEAST)
        return np.asarray(noisy.argmax(axis=-1), dtype=np.uint8)
