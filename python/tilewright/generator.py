"""Generation of tiles: the class Pack, and the functions load and generate_tiles."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from tilewright import canvas, engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array, Uint64Array
from tilewright.batches import DeviceBatch, FrameBatch, TileBatch, TokenBatch
from tilewright.compiler.sampling_options import read_options
from tilewright.devices import Gpus, is_worth_a_gpu, on_named_gpu, or_none, parse_device
from tilewright.errors import UsageError
from tilewright.heads import Frames, Host, Pixels, Tokens
from tilewright.known import hide, to_indices
from tilewright.lazy import lazy
from tilewright.pack import PackFile, Source, check_pack, open_pack, packs
from tilewright.palette import PaletteLike
from tilewright.plan import KIND, Plan
from tilewright.requests import KindLike, Request, check_range, checked_kinds, read_request
from tilewright.seeds import check_seed
from tilewright.settings import default_threads
from tilewright.variations import mix_latents, regions
from tilewright.vocabulary import WordsLike

DEFAULT_PACK = "dawn-tiles"
MAX_COUNT = 1 << 24
_HOST = Host()


class Pack:
    """A generator of tiles or sprites. Threads may share it."""

    def __init__(self, file: PackFile) -> None:
        self.file = file
        self._engine = engine.Engine(file.plan)
        self._gpus = Gpus(file.plan)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the bytes of the file, so other processes and machines generate the same tiles."""
        return _from_content, (self.file.content, self.path)

    @property
    def name(self) -> str:
        """The name in the metadata."""
        return self.file.name

    @property
    def path(self) -> Path:
        """The .onnx file."""
        return self.file.path

    @lazy
    def sha256(self) -> str:
        """The hash of the file, in hexadecimal digits."""
        return hashlib.sha256(self.file.content).hexdigest()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be requested."""
        return self.file.kinds

    @property
    def has_kind_map(self) -> bool:
        """Whether each cell of a picture may have a kind of its own."""
        return self.file.kind_map

    @property
    def cell(self) -> int:
        """Pixels along the edge of a cell that may have a kind of its own."""
        return self.file.cell

    @property
    def words(self) -> tuple[str, ...]:
        """The words that may describe a picture; empty if the pack takes none."""
        return self.file.words

    @property
    def tile_size(self) -> int:
        """Pixels along an edge of a tile; UsageError for a pack of frames or tokens, which `shape` describes."""
        head = self.file.head
        if type(head) is not Pixels:
            raise UsageError(
                f"pack.tile_size: {self.name} generates {head.content}; pack.shape is their size"
            )
        return head.height

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of what it generates, the H and W of a batch."""
        return self.file.shape

    @property
    def palette_size(self) -> int:
        """Colours in a palette, including the transparent one; 0 for an RGBA head."""
        return self.file.head.palette_size

    @property
    def sources(self) -> tuple[Source, ...]:
        """The art on which it was trained."""
        return self.file.sources

    @property
    def licence(self) -> str:
        """The licences of that art."""
        return self.file.licence

    @property
    def license(self) -> str:
        """Alias of `licence`."""
        return self.licence

    @property
    def plan(self) -> Plan:
        """The plan that the core executes. Prints as a table."""
        return self.file.plan

    def generate(
        self,
        count: int,
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
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate `count` tiles. Tile i depends only on (pack, kind, words, seed, start + i), on every machine
        and device.

        count: 0 .. 2**24. kind: one of `kinds` for all tiles, or a sequence with the kind of each; None draws
        them from the seed. If the pack takes a kind per cell (`has_kind_map`), also an array of integers (H, W) or
        (count, H, W), positions in `kinds`, for cells of `cell` pixels. words: for packs with `words`, those that
        describe all tiles, such as "red dragon", or a sequence with a text for each; None: any picture. seed, start:
        0 .. 2**64 - 1. palette: recolour with the nearest colours of a named palette, of a .gpl, .hex or .pal file, or
        of a list of colours: "#1a1c2c", (26, 28, 44), uint8 (K, 3) or (K, 4).

        For packs with a sampler (docs/models.md), None leaves a choice to the pack: temperature, 0 or more; and, unless
        it fixes cells one by one, order: "random", "halton" or "raster"; refine: rounds that resample some cells
        afterwards; begin: share of cells, 0 .. 1, that start as random entries instead of unknown.

        device: "cpu"; "cuda" or "cuda:1" selects a GPU; "auto" uses a GPU for large calls if there
        is one, and the CPU otherwise. With several GPUs, "auto" uses number LOCAL_RANK (torchrun sets it),
        modulo their number. threads: CPU threads; 0 means one per processor, None the value of
        TILEWRIGHT_THREADS. Releases the GIL.

        A pack of frames returns a `FrameBatch`, one of tokens a `TokenBatch`.

        Raises UsageError for invalid arguments, MachineError if the named GPU cannot be used.
        """
        request = self._request("pack.generate()", count, MAX_COUNT, kind, words, seed, start, palette)
        self._give_sampling(request, order, refine, begin, temperature)
        gpu, threads = parse_device(device, request.caller), _check_threads(threads, request.caller)
        return self._run(request, device, gpu, threads)

    def stream(
        self,
        count: int,
        *,
        batch: int = 1024,
        kind: KindLike | None = None,
        words: WordsLike | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        order: str | None = None,
        refine: int | None = None,
        begin: float | None = None,
        temperature: float | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> Iterator[TileBatch]:
        """Generate `count` tiles in batches. Same tiles as one call of `generate`, with the memory of one
        batch.

        count: 0 .. 2**64 - 1. batch: 1 .. 2**24; the last batch may be smaller. Other arguments are as in
        `generate`. Arguments are checked at once; a batch is generated when the iterator advances.
        """
        request = self._request("pack.stream()", count, 2**64 - 1, kind, words, seed, start, palette)
        self._give_sampling(request, order, refine, begin, temperature)
        batch = check_range(batch, "batch", 1, MAX_COUNT, request.caller)
        gpu, threads = parse_device(device, request.caller), _check_threads(threads, request.caller)
        return (
            self._run(request.part(done, min(batch, request.count - done)), device, gpu, threads)
            for done in range(0, request.count, batch)
        )

    def generate_on_device(
        self,
        count: int,
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
        device: str = "cuda",
    ) -> DeviceBatch:
        """Generate tiles like `generate`, and keep them in GPU memory.

        device: "cuda" or "cuda:N". May return before the GPU has finished; consumers of the arrays wait for
        it. Raises UsageError for invalid arguments, MachineError if the GPU cannot be used.
        """
        request = self._request(
            "pack.generate_on_device()", count, MAX_COUNT, kind, words, seed, start, palette
        )
        self._give_sampling(request, order, refine, begin, temperature)
        gpu = parse_device(device, request.caller, only_gpus=True)
        assert gpu is not None
        return on_named_gpu(lambda: self._run_on_device(request, gpu), device, request.caller)

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
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate parts of pictures anew. Pixels outside the mask never change.

        pictures: uint8 palette entries (H, W) or (N, H, W), or RGBA with a last axis of 4, which is mapped to the
        nearest entries (`to_indices`). mask: bool (H, W) or (N, H, W), True where pixels are generated. Other arguments
        are as in `generate`. An autoregressive pack sees the pixels above and to the left only; a masked one sees all.

        Raises UsageError for invalid arguments, and for a pack that generates pictures in one pass.
        """
        caller = "pack.inpaint()"
        indices, _ = to_indices(self.file, pictures, caller)
        cells = hide(self.file, indices, mask, caller)
        request = self._request(caller, len(cells), MAX_COUNT, kind, words, seed, start, palette)
        request.give("cells", cells, 3)
        gpu, threads = parse_device(device, caller), _check_threads(threads, caller)
        return self._run(request, device, gpu, threads)

    def to_indices(self, pictures: AnyArray) -> tuple[Uint8Array, float]:
        """Map pictures to the pack's palette: return uint8 (N, H, W), and the largest distance of a colour in RGB.

        pictures: as in `inpaint`. The distance, 0 .. 441, is 0 if all colours are in the palette.
        """
        return to_indices(self.file, pictures, "pack.to_indices()")

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
        it anew. For other packs, the seed of a picture, whose number is `start`; variation i mixes its latents with
        those of tile start + i of `seed`. strength: 0 .. 1, the share of the picture that changes, or the weight of the
        other latents. Other arguments are as in `generate`; give the picture's own kind.
        """
        caller = "pack.variations()"
        if not 0.0 <= strength <= 1.0:
            raise UsageError(f"{caller}: strength must be in 0..1, not {strength!r:.60}")
        request = self._request(caller, count, MAX_COUNT, kind, words, seed, start, palette)
        gpu, threads = parse_device(device, caller), _check_threads(threads, caller)
        if self.plan.sampler is None:
            mix_latents(self.file, request, picture, seed, strength)
        else:
            if not isinstance(picture, np.ndarray):
                raise UsageError(
                    f"{caller}: {self.name} needs a picture, uint8 (H, W) or (H, W, 4), not a seed"
                )
            indices, _ = to_indices(self.file, picture, caller)
            if len(indices) != 1:
                raise UsageError(f"{caller}: give one picture, not {len(indices)}")
            mask = regions(request.seed, request.start, request.count, *self.shape, strength)
            request.give("cells", hide(self.file, np.broadcast_to(indices, mask.shape), mask, caller), 3)
        return self._run(request, device, gpu, threads)

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

        a, b: seeds. The first picture is tile `start` of seed a and the last that of seed b. count: 2 or more. kind,
        words: of all pictures; without a kind, that of the first. Other arguments are as in `generate`.
        """
        caller = "pack.interpolate()"
        request = self._request(caller, count, MAX_COUNT, kind, words, a, start, palette)
        check_range(count, "count", 2, MAX_COUNT, caller)
        mix_latents(self.file, request, a, check_seed(b, caller), None)
        gpu, threads = parse_device(device, caller), _check_threads(threads, caller)
        return self._run(request, device, gpu, threads)

    def paint(
        self,
        kind_map: AnyArray,
        *,
        seed: int = 0,
        origin: tuple[int, int] = (0, 0),
        words: WordsLike | None = None,
        palette: PaletteLike | None = None,
        threads: int | None = None,
    ) -> TileBatch:
        """Paint one picture of any size from a map of kinds. Returns a batch with this picture.

        kind_map: integers (rows, columns), positions in `kinds`, one for each cell of `cell` pixels. origin: (row,
        column) of its first cell in an endless world: a cell's picture depends on the seed, on its place in the world
        and on the kinds up to three windows of the pack away, so parts of a world fit together where both are painted
        with that much around them. Beyond its edges, the map continues. Other arguments are as in `generate`.

        Raises UsageError for invalid arguments, and for a pack without a kind per cell.
        """
        caller = "pack.paint()"
        grid = canvas.grid_of(self.file, caller)
        canvas.check_map(kind_map, grid.cell, caller)
        kinds = checked_kinds(self.file, kind_map, caller)
        row, column = (check_range(n, "origin", -(2**31), 2**31 - 1, caller) for n in origin)
        request = self._request(caller, 1, 1, None, words, seed, 0, palette)
        threads = _check_threads(threads, caller)

        def sample(kinds: Uint8Array, cells: Uint8Array, numbers: Uint64Array) -> Uint8Array:
            return self.sample_windows(kinds, cells, numbers, seed=seed, words=words, threads=threads)

        indices = canvas.paint(grid, kinds, (row, column), sample)[None]
        arrays = self.file.head.decode({"indices": indices}, 1, request.palette, _HOST)
        return self._batch(*arrays, kinds[None])

    def sample_windows(
        self,
        kind_maps: Uint8Array,
        cells: Uint8Array,
        tile_numbers: Uint64Array,
        *,
        seed: int = 0,
        words: WordsLike | None = None,
        threads: int | None = None,
    ) -> Uint8Array:
        """Generate pictures of which pixels are given, with numbers of their own: uint8 (N, H, W), palette entries.

        This is what `paint` and `make_tileset` build on. kind_maps: uint8 (N, H, W), the kind of each pixel. cells:
        uint8 (N, H, W), palette entries, or the number of colours where the pixel is to be generated. tile_numbers:
        uint64 (N,), the indices of the pictures in the streams of random words (docs/seeds.md).
        """
        caller = "pack.sample_windows()"
        request = self._request(caller, len(cells), MAX_COUNT, None, words, seed, 0, None)
        given = request.given | {"kind_maps": kind_maps, "cells": cells, "tile_numbers": tile_numbers}
        threads = _check_threads(threads, caller)
        outputs = self._engine.run(request.count, seed=request.seed, threads=threads, **given)
        return outputs["indices"]

    def _request(
        self,
        caller: str,
        count: int,
        most: int,
        kind: KindLike | None,
        words: WordsLike | None,
        seed: int,
        start: int,
        palette: PaletteLike | None,
    ) -> Request:
        if palette is not None and isinstance(self.file.head, Tokens):
            raise UsageError(f"{caller}: {self.name} generates tokens, which take no palette")
        return read_request(self.file, caller, count, most, seed, start, palette, kind, words)

    def _give_sampling(
        self,
        request: Request,
        order: str | None,
        refine: int | None,
        begin: float | None,
        temperature: float | None,
    ) -> None:
        if order is None and refine is None and begin is None and temperature is None:
            return
        with engine.default_floats():  # the table of noise is computed here
            request.given["sampling"] = read_options(
                self.plan, order, refine, begin, temperature, name=self.name, caller=request.caller
            )

    def _run(self, request: Request, device: str, gpu: int | None, threads: int) -> TileBatch:
        count = request.count

        def on(gpu: engine.DeviceEngine) -> dict[str, AnyArray]:
            return gpu.run(count, seed=request.seed, start=request.start, **request.given)

        outputs = None
        if gpu is not None:
            outputs = on_named_gpu(lambda: on(self._gpus.engine(gpu)), device, request.caller)
        elif device == "auto" and is_worth_a_gpu(self.plan, count):
            outputs = or_none(lambda: on(self._gpus.automatic()), request.caller)
        if outputs is None:
            outputs = self._engine.run(
                count, seed=request.seed, start=request.start, threads=threads, **request.given
            )
        arrays = self.file.head.decode(outputs, count, request.palette, _HOST)
        maps = request.kind_maps
        return self._batch(*arrays, outputs[KIND] if maps is None else maps)

    def _batch(
        self,
        indices: Uint8Array | None,
        palettes: Uint8Array | None,
        rgba: Uint8Array | None,
        kinds: Int32Array | Uint8Array,
    ) -> TileBatch:
        head = self.file.head
        if isinstance(head, Tokens):
            return TokenBatch(indices, kinds, self.kinds, head.alphabet)
        if isinstance(head, Frames):
            sheet = head.rows, head.columns
            return FrameBatch(indices, palettes, rgba, kinds, self.kinds, sheet)
        return TileBatch(indices, palettes, rgba, kinds, self.kinds)

    def _run_on_device(self, request: Request, gpu: int) -> DeviceBatch:
        on, count = self._gpus.engine(gpu), request.count
        outputs = on.run_on_device(count, seed=request.seed, start=request.start, **request.given)
        arrays = self.file.head.decode(outputs, count, request.palette, on)
        return DeviceBatch(on, *arrays, outputs[KIND], self.kinds, request.kind_maps)

    def __repr__(self) -> str:
        height, width = self.shape
        return f"<Pack {self.name}: {height}x{width}, {', '.join(self.kinds)}>"


def load(name_or_path: str | Path) -> Pack:
    """Open a bundled pack by name, or an .onnx file. Raises NotFoundError if it does not exist, PackError if
    it is no pack.
    """
    return _open(name_or_path, "load()")


def _open(name_or_path: str | Path, caller: str) -> Pack:
    with engine.default_floats():  # tables and scales of the pack are computed here
        return Pack(open_pack(name_or_path, caller))


def _from_content(content: bytes, path: Path) -> Pack:
    with engine.default_floats():
        return Pack(check_pack(content, path))


@lru_cache(maxsize=64)
def _bundled(name: str) -> Pack | None:
    """Return the bundled pack of that name, which stays open, or None."""
    return load(name) if name in packs() else None


def generate_tiles(
    count: int,
    *,
    kind: KindLike | None = None,
    seed: int = 0,
    pack: str | Path | Pack = DEFAULT_PACK,
    palette: PaletteLike | None = None,
) -> Uint8Array:
    """Generate `count` tiles, uint8 (count, H, W, 4) RGBA, alpha 0 or 255. A seed gives the same bytes on
    every machine.

    kind: one of the pack's kinds, or a sequence with the kind of each tile; None mixes them. seed: 0 .. 2**64
    - 1. pack: a bundled pack's name, which stays open between calls; the path of an .onnx file, which is read
    on every call; or a Pack. palette: as for `Pack.generate`. The array is writable. Raises UsageError for
    invalid arguments.
    """
    if isinstance(pack, Pack):
        chosen = pack
    else:
        kept = _bundled(pack) if isinstance(pack, str) else None
        chosen = kept or _open(pack, "generate_tiles()")
    rgba = chosen.generate(count, kind=kind, seed=seed, palette=palette).rgba
    rgba.flags.writeable = True  # the batch, whose arrays are documented as read-only, is discarded
    return rgba


def _check_threads(threads: int | None, caller: str) -> int:
    return default_threads() if threads is None else check_range(threads, "threads", 0, 1024, caller)
