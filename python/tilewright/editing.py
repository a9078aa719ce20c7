"""Methods of packs that start from pictures, from seeds or from a map of kinds."""

from collections.abc import Mapping

import numpy as np

from tilewright import borders, canvas
from tilewright.arrays import AnyArray, Uint8Array, Uint64Array
from tilewright.batches import FrameBatch, TileBatch
from tilewright.checks import check_range, check_truth
from tilewright.errors import UsageError
from tilewright.given_pictures import checked_entries, complete, first_frames, hide, to_indices
from tilewright.pack import PackFile
from tilewright.palette import PaletteLike
from tilewright.requests import (
    MAX_COUNT,
    KindLike,
    checked_kinds,
    give_sampling,
    kind_number,
    read_request,
)
from tilewright.runner import Runner
from tilewright.seeds import check_seed
from tilewright.variations import mix_latents, regions
from tilewright.vocabulary import WordsLike


class Editing:
    """The part of `Pack` that edits. Threads may share it."""

    def __init__(self, file: PackFile, backend: str = "") -> None:
        """backend: one of `engine.backends()`, or "" for TILEWRIGHT_BACKEND or else the fastest."""
        self.file = file
        self._runner = Runner(file, backend)

    def inpaint(
        self,
        pictures: AnyArray,
        mask: AnyArray,
        *,
        kind: KindLike | None = None,
        words: WordsLike | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        order: str | None = None,
        refine: int | None = None,
        begin: float | None = None,
        temperature: float | None = None,
        allowed: AnyArray | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate parts of pictures, or of grids of tokens, anew. What is outside the mask never changes.

        pictures: uint8 palette entries (H, W) or (N, H, W), or RGBA with a last axis of 4, which is mapped to the
        nearest entries (`to_indices`); for packs of tokens, positions in `alphabet`. mask: bool (H, W) or (N, H, W),
        True where cells are generated. allowed: bool (K,) or (N, K), entries that may be drawn, at least one for each
        picture; None allows all. Other arguments are as in `generate`. An autoregressive pack sees the cells
        above and to the left only; a masked one sees all.

        Raises UsageError for invalid arguments, and for a pack that generates pictures in one pass.
        """
        caller = "pack.inpaint()"
        _refuse_upsampler(self.file, caller)
        indices, _ = to_indices(self.file, pictures, caller)
        cells = hide(self.file, indices, mask, caller)
        request = read_request(self.file, caller, len(cells), MAX_COUNT, kind, words, seed, start, palette)
        give_sampling(self.file, request, order, refine, begin, temperature)
        request.give("cells", cells, 3)
        if allowed is not None:
            request.give("allowed", checked_entries(self.file, allowed, len(cells), caller), 2)
        request.place(device, threads)
        return self._runner.run(request)

    def animate(
        self,
        pictures: AnyArray,
        *,
        new_colours: bool = False,
        words: WordsLike | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        temperature: float | None = None,
        gate: bool = True,
        device: str = "auto",
        threads: int | None = None,
    ) -> FrameBatch:
        """Complete animation sheets from their first frames, which stay as they are.

        pictures: first frames, such as a character seen from the front: uint8 palette entries (h, w) or (N, h, w), or
        RGBA with a last axis of 4, which is mapped to the nearest entries (`to_indices`). new_colours: whether other
        frames may have colours that the first one lacks. gate: whether a sheet whose character moves further than those
        of artists, or that the critic of the pack rejects, is drawn again (docs/animation.md); False accepts each first
        draw. Other arguments are as in `generate`; picture i of a seed is drawn like picture start + i of `generate`.

        Raises UsageError for invalid arguments, and for a pack that does not generate sheets of frames with a kind for
        each, frame by frame (docs/animation.md).
        """
        caller = "pack.animate()"
        fronts = first_frames(self.file, pictures, caller)
        request = read_request(self.file, caller, len(fronts), MAX_COUNT, None, words, seed, start, palette)
        give_sampling(self.file, request, None, None, None, temperature)
        complete(self.file, request, fronts, new_colours)
        request.finish_with(gate)
        request.place(device, threads)
        batch = self._runner.run(request)
        assert isinstance(batch, FrameBatch)
        return batch

    def to_indices(self, pictures: AnyArray) -> tuple[Uint8Array, float]:
        """Map pictures to the pack's palette: return uint8 (N, H, W), and the largest distance of a colour in RGB.

        pictures: as in `inpaint`; for a pack with an upsampler, as in `upsample`. The distance, 0 .. 441, is 0 if all
        colours are in the palette, and for tokens.
        """
        return to_indices(self.file, pictures, "pack.to_indices()", self.file.drawn)

    def variations(
        self,
        picture: AnyArray | int,
        count: int,
        *,
        strength: float = 0.3,
        kind: KindLike | None = None,
        words: WordsLike | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate `count` pictures that resemble one.

        picture: for packs with a sampler, one picture as in `inpaint`; variation i generates a connected region of
        it anew. For other packs, the seed of a picture that `generate` returns with gate=False, whose number is
        `start`; variation i mixes its latents with those of tile start + i of `seed`. strength: 0 .. 1, the share of
        the picture that changes, or the weight of the other latents. Other arguments are as in `generate`; give the
        picture's own kind.
        """
        caller = "pack.variations()"
        if self.file.plan.sampler is not None:
            _refuse_upsampler(self.file, caller)
        if not 0.0 <= strength <= 1.0:
            raise UsageError(f"{caller}: strength must be in 0..1, not {strength!r:.60}")
        request = read_request(self.file, caller, count, MAX_COUNT, kind, words, seed, start, palette)
        request.place(device, threads)
        if self.file.plan.sampler is None:
            mix_latents(self.file, request, picture, seed, strength)
        else:
            if not isinstance(picture, np.ndarray):
                raise UsageError(
                    f"{caller}: {self.file.name} needs a picture, uint8 (H, W) or (H, W, 4), not a seed"
                )
            indices, _ = to_indices(self.file, picture, caller)
            if len(indices) != 1:
                raise UsageError(f"{caller}: give one picture, not {len(indices)}")
            mask = regions(request.seed, request.start, request.count, *self.file.shape, strength)
            request.give("cells", hide(self.file, np.broadcast_to(indices, mask.shape), mask, caller), 3)
        return self._runner.run(request)

    def interpolate(
        self,
        a: int,
        b: int,
        count: int,
        *,
        kind: KindLike | None = None,
        words: WordsLike | None = None,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate `count` pictures between two of one-pass packs, with latents that are mixed in integers.

        a, b: seeds. The first picture is tile `start` of seed a and the last that of seed b, as `generate` returns them
        with gate=False. count: 2 or more. kind, words: of all pictures; without a kind, that of the first. Other
        arguments are as in `generate`.
        """
        caller = "pack.interpolate()"
        request = read_request(self.file, caller, count, MAX_COUNT, kind, words, a, start, palette)
        check_range(count, "count", 2, MAX_COUNT, caller)
        mix_latents(self.file, request, a, check_seed(b, caller), None)
        request.place(device, threads)
        return self._runner.run(request)

    def upsample(
        self,
        pictures: AnyArray,
        *,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Draw pictures of twice the size from yours, in the style of the pack and in the colours of each picture.

        pictures: uint8 palette entries (H, W) or (N, H, W) of half the height and width of the pack's pictures, or RGBA
        with a last axis of 4, which is mapped to the nearest entries. The kinds of the batch are the first of the pack.
        Other arguments are as in `generate`.

        Raises UsageError for invalid arguments, and for a pack without an upsampler (docs/training.md).
        """
        caller = "pack.upsample()"
        if self.file.upsampler is None:
            raise UsageError(
                f"{caller}: {self.file.name} has no upsampler; `tilewright export --upsampler` adds one"
            )
        indices, _ = to_indices(self.file, pictures, caller, self.file.drawn)
        request = read_request(self.file, caller, len(indices), MAX_COUNT, None, None, seed, start, palette)
        request.place(device, threads)
        outputs = {"indices": self._runner.upsample(indices, request)}
        return self._runner.batch(outputs, request, np.zeros(len(indices), np.int32))

    def paint(
        self,
        kind_map: AnyArray,
        *,
        picture: AnyArray | None = None,
        mask: AnyArray | None = None,
        seed: int = 0,
        origin: tuple[int, int] = (0, 0),
        outside: str | None = None,
        insides_first: bool = False,
        words: WordsLike | None = None,
        palette: PaletteLike | None = None,
        allowed: AnyArray | None = None,
        threads: int | None = None,
    ) -> TileBatch:
        """Paint one picture of any size from a map of kinds. Returns a batch with this picture.

        kind_map: integers (rows, columns), positions in `kinds`, one for each cell of `cell` pixels. origin: (row,
        column) of its first cell in an endless world: a cell's picture depends on the seed, on its place in the world
        and on the kinds up to three windows of the pack away, so parts of a world fit together where both are painted
        with that much around them. outside: the kind around the map; None continues each cell of its edges. A wall that
        runs along an edge needs ground outside: it would be as thick as its surroundings without. insides_first:
        whether what is half a cell or more from other kinds is painted first, each kind as if there were no other. That
        takes as long again for each kind, and removes stray patches beside kinds that the pack never saw together.

        picture: what exists of the picture, as in `inpaint`, of `cell` pixels for each cell. mask: bool (H, W), True
        where it is painted; the rest never changes. Give both or neither. So borders can be painted between tiles of
        your own. allowed: bool (K,), entries that may be painted; None allows all. Other arguments are as in
        `generate`.

        Raises UsageError for invalid arguments, and for a pack without a kind per cell.
        """
        caller = "pack.paint()"
        grid = canvas.grid_of(self.file, caller)
        canvas.check_map(kind_map, grid.cell, caller)
        kinds = checked_kinds(self.file, kind_map, caller)
        row, column = (check_range(n, "origin", -(2**31), 2**31 - 1, caller) for n in origin)
        request = read_request(self.file, caller, 1, 1, None, words, seed, 0, palette)

        def sample(kinds: Uint8Array, cells: Uint8Array, numbers: Uint64Array) -> Uint8Array:
            return self.sample_windows(
                kinds, cells, numbers, seed=seed, words=words, allowed=allowed, threads=threads
            )

        if allowed is not None:
            allowed = checked_entries(self.file, allowed, 1, caller).reshape(-1)
        given = self._given_canvas(picture, mask, (len(kinds) * grid.cell, len(kinds[0]) * grid.cell), caller)
        painted, ring = kinds, 0
        if outside is not None:
            ring = 1  # cell around the map, which is painted and cut off
            number = kind_number(self.file, outside, f"{caller}: outside: ")
            painted = np.pad(kinds, ring, constant_values=number)
        if given is not None:
            given = np.pad(given, ring * grid.cell, constant_values=grid.unknown)
        if check_truth(insides_first, "insides_first", caller):
            insides = canvas.paint_insides(grid, painted, (row - ring, column - ring), sample)
            given = insides if given is None else np.where(given == grid.unknown, insides, given)
        cut = slice(ring * grid.cell, -ring * grid.cell or None)
        indices = canvas.paint(grid, painted, (row - ring, column - ring), sample, given)[None, cut, cut]
        return self._runner.batch({"indices": indices}, request, kinds[None])

    def paint_borders(
        self,
        kind_map: AnyArray,
        tiles: Mapping[str, AnyArray],
        *,
        width: int | None = None,
        new_colours: bool = False,
        seed: int = 0,
        words: WordsLike | None = None,
        threads: int | None = None,
    ) -> Uint8Array:
        """Draw a map of kinds in tiles of your own, and paint the borders between them.

        kind_map: as in `paint`. tiles: for each kind of the map, by name, uint8 RGBA (cell, cell, 4) without
        transparent pixels, or several of them (N, cell, cell, 4), of which the seed chooses one for each cell. width:
        pixels on each side of a border that are painted, 1 .. cell / 2; by default a third of a cell. Ground within
        them is continued with the tiles' own pixels. new_colours: whether borders may have colours that no tile of the
        map has. Returns uint8 RGBA (rows * cell, columns * cell, 4).

        The network sees the tiles in the nearest colours of the pack's palette, and paints with these; a colour that
        stands for one of the tiles becomes that one. Raises UsageError for invalid arguments, for kinds of the map
        without tiles, and for a pack without a kind per cell.
        """
        caller = "pack.paint_borders()"
        cell = canvas.grid_of(self.file, caller).cell
        canvas.check_map(kind_map, cell, caller)
        width = check_range(max(1, cell // 3) if width is None else width, "width", 1, cell // 2, caller)
        kinds = checked_kinds(self.file, kind_map, caller)
        given = borders.check_tiles(tiles, self.file.kinds, np.unique(kinds).tolist(), cell, caller)
        palette = self.file.head.palette
        assert palette is not None
        own = borders.OwnTiles(given, palette)
        plain = borders.lay(own.pictures, kinds, check_seed(seed, caller))
        pixels = kinds.repeat(cell, axis=0).repeat(cell, axis=1)
        band = canvas.near_borders(pixels, width)
        allowed = own.allowed(given, new_colours)
        painted = self.paint(
            kinds,
            picture=own.seen[plain],
            mask=band,
            allowed=allowed,
            seed=seed,
            words=words,
            threads=threads,
        ).indices
        assert painted is not None
        picture = own.continue_ground(painted, band[None], pixels[None], plain[None])[0]
        rgba: Uint8Array = own.palette[picture]
        return rgba

    def _given_canvas(
        self, picture: AnyArray | None, mask: AnyArray | None, size: tuple[int, int], caller: str
    ) -> Uint8Array | None:
        """Return a canvas of `size` pixels, uint8, whose pixels are unknown where the mask is True."""
        if picture is None and mask is None:
            return None
        if picture is None or mask is None:
            raise UsageError(f"{caller}: give a picture and a mask of what is painted, or neither")
        indices, _ = to_indices(self.file, picture, caller, size)
        if len(indices) != 1:
            raise UsageError(f"{caller}: give one picture, not {len(indices)}")
        canvas_cells: Uint8Array = hide(self.file, indices, mask, caller)[0]
        return canvas_cells

    def sample_windows(
        self,
        kind_maps: Uint8Array,
        cells: Uint8Array,
        tile_numbers: Uint64Array,
        *,
        seed: int = 0,
        words: WordsLike | None = None,
        allowed: AnyArray | None = None,
        threads: int | None = None,
    ) -> Uint8Array:
        """Generate pictures of which pixels are given, with numbers of their own: uint8 (N, H, W), palette entries.

        This is what `paint` and `make_tileset` build on. kind_maps: uint8 (N, H, W), the kind of each pixel. cells:
        uint8 (N, H, W), palette entries, or the number of colours where the pixel is to be generated. tile_numbers:
        uint64 (N,), the indices of the pictures in the streams of random words (docs/seeds.md). allowed: as in
        `inpaint`.
        """
        caller = "pack.sample_windows()"
        request = read_request(self.file, caller, len(cells), MAX_COUNT, None, words, seed, 0, None)
        request.place("cpu", threads)
        request.given |= {"kind_maps": kind_maps, "cells": cells, "tile_numbers": tile_numbers}
        if allowed is not None:
            request.give("allowed", checked_entries(self.file, allowed, len(cells), caller), 2)
        return self._runner.outputs(request)["indices"]


def _refuse_upsampler(file: PackFile, caller: str) -> None:
    """Raise UsageError for a pack with an upsampler, whose pictures cannot be given to its first network."""
    if file.upsampler is not None:
        raise UsageError(
            f"{caller}: {file.name} draws pictures in two steps, and cannot start from a picture"
        )
