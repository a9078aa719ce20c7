"""Generation of tiles: the class Pack, and the functions load and generate_tiles."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tilewright import engine
from tilewright.arrays import Uint8Array
from tilewright.batches import DeviceBatch, TileBatch
from tilewright.checks import check_range
from tilewright.editing import Editing
from tilewright.errors import UsageError
from tilewright.heads import Pixels, Tokens
from tilewright.lazy import lazy
from tilewright.pack import Source, check_pack, open_pack, packs
from tilewright.palette import PaletteLike
from tilewright.plan import Plan
from tilewright.requests import MAX_COUNT, KindLike, give_sampling, read_request
from tilewright.vocabulary import WordsLike

DEFAULT_PACK = "dawn-tiles"


class Pack(Editing):
    """A generator of tiles or sprites. Threads may share it."""

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the bytes of the file, so other processes and machines generate the same tiles."""
        return pack_of, (self.file.content, self.path)

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
    def alphabet(self) -> tuple[str, ...]:
        """The symbols of a pack of tokens, to which the numbers in `indices` refer; empty for pictures."""
        head = self.file.head
        return head.alphabet if isinstance(head, Tokens) else ()

    @property
    def tile_size(self) -> int:
        """Pixels along an edge of a tile; UsageError for a pack of frames or tokens, which `shape` describes."""
        head = self.file.head
        if type(head) is not Pixels:
            raise UsageError(
                f"pack.tile_size: {self.name} generates {head.content}; pack.shape is their size"
            )
        return self.file.shape[0]

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
        """The plan that the core executes, of the first network if there is an upsampler. Prints as a table."""
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
        gate: bool = True,
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate `count` tiles. Tile i depends only on (pack, kind, words, seed, start + i), on every machine
        and device.

        count: 0 .. 2**24. kind: one of `kinds` for all tiles, or a sequence with the kind of each; None draws
        them from the seed, or, for animation sheets, gives each frame its own. If the pack takes a kind per cell
        (`has_kind_map`), also an array of integers (H, W) or (count, H, W), positions in `kinds`, for cells of `cell`
        pixels. words: for packs with `words`, those that describe all tiles, such as "red dragon", or a sequence with a
        text for each; None: any picture. seed, start: 0 .. 2**64 - 1. palette: recolour with the nearest colours of a
        named palette, of a .gpl, .hex or .pal file, or of a list of colours: "#1a1c2c", (26, 28, 44), uint8 (K, 3) or
        (K, 4).

        temperature: 0 or more, the randomness of a sampler or of the latents of a pack that generates a picture in
        one pass; None is that of the pack, or 1. For packs with a sampler (docs/models.md), unless it fixes cells one
        by one, None leaves to the pack: order: "random", "halton" or "raster"; refine: rounds that resample some cells
        afterwards; begin: share of cells, 0 .. 1, that start as random entries instead of unknown. All four are for the
        first network of a pack with an upsampler.

        gate: whether a picture that copies one of the training art, or that the critic of the pack tells from art of
        its kind, is drawn again, up to eight times (docs/training.md, docs/seeds.md); likewise a text, and an animation
        sheet whose character moves further than those of artists. False accepts each first draw, which is faster.

        device: "cpu"; "cuda" or "cuda:1" selects a GPU; "auto" uses a GPU for large calls if there
        is one, and the CPU otherwise. With several GPUs, "auto" uses number LOCAL_RANK (torchrun sets it),
        modulo their number. threads: CPU threads; 0 means one per processor, None the value of
        TILEWRIGHT_THREADS. Releases the GIL.

        A pack of frames returns a `FrameBatch`, one of tokens a `TokenBatch`.

        Raises UsageError for invalid arguments, MachineError if the named GPU cannot be used.
        """
        request = read_request(
            self.file, "pack.generate()", count, MAX_COUNT, kind, words, seed, start, palette
        )
        give_sampling(self.file, request, order, refine, begin, temperature)
        request.finish_with(gate)
        request.place(device, threads)
        return self._runner.run(request)

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
        gate: bool = True,
        device: str = "auto",
        threads: int | None = None,
    ) -> Iterator[TileBatch]:
        """Generate `count` tiles in batches. Same tiles as one call of `generate`, with the memory of one
        batch.

        count: 0 .. 2**64 - 1. batch: 1 .. 2**24; the last batch may be smaller. Other arguments are as in
        `generate`. Arguments are checked at once; a batch is generated when the iterator advances.
        """
        request = read_request(
            self.file, "pack.stream()", count, 2**64 - 1, kind, words, seed, start, palette
        )
        give_sampling(self.file, request, order, refine, begin, temperature)
        request.finish_with(gate)
        batch = check_range(batch, "batch", 1, MAX_COUNT, request.caller)
        request.place(device, threads)
        return (
            self._runner.run(request.part(done, min(batch, request.count - done)))
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
        gate: bool = True,
        device: str = "cuda",
    ) -> DeviceBatch:
        """Generate tiles like `generate`, and keep them in GPU memory.

        device: "cuda" or "cuda:N". May return before the GPU has finished; consumers of the arrays wait for
        it. With a gate or an upsampler, and of animation sheets, indices pass through the host's memory.

        Raises UsageError for invalid arguments, MachineError if the GPU cannot be used.
        """
        request = read_request(
            self.file, "pack.generate_on_device()", count, MAX_COUNT, kind, words, seed, start, palette
        )
        give_sampling(self.file, request, order, refine, begin, temperature)
        request.finish_with(gate)
        request.place(device, None, only_gpus=True)
        return self._runner.run_on_device(request)

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


def pack_of(content: bytes, path: Path) -> Pack:
    """Open the bytes of a pack. `path` is used in errors only. Raises PackError if they are none."""
    with engine.default_floats():
        return Pack(check_pack(content, path))


@lru_cache(maxsize=64)
def _bundled(name: str) -> Pack | None:
    """Return the bundled pack of that name, which stays open, or None."""
    return load(name) if name in packs() else None


def as_pack(pack: str | Path | Pack, caller: str) -> Pack:
    """Return a pack: itself; a bundled one by name, which stays open; or an .onnx file, which is read."""
    if isinstance(pack, Pack):
        return pack
    kept = _bundled(pack) if isinstance(pack, str) else None
    return kept or _open(pack, caller)


def generate_tiles(
    count: int,
    *,
    kind: KindLike | None = None,
    seed: int = 0,
    pack: str | Path | Pack = DEFAULT_PACK,
    palette: PaletteLike | None = None,
    gate: bool = True,
) -> Uint8Array:
    """Generate `count` tiles, uint8 (count, H, W, 4) RGBA, alpha 0 or 255. A seed gives the same bytes on
    every machine.

    kind: one of the pack's kinds, or a sequence with the kind of each tile; None mixes them. seed: 0 .. 2**64
    - 1. pack: a bundled pack's name, which stays open between calls; the path of an .onnx file, which is read
    on every call; or a Pack. palette, gate: as for `Pack.generate`. The array is writable. Raises UsageError for
    invalid arguments.
    """
    chosen = as_pack(pack, "generate_tiles()")
    rgba = chosen.generate(count, kind=kind, seed=seed, palette=palette, gate=gate).rgba
    rgba.flags.writeable = True  # the batch, whose arrays are documented as read-only, is discarded
    return rgba
