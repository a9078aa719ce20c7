"""Generation of tiles: the class Pack, and the functions load and generate_tiles."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from tilewright import engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array
from tilewright.batches import DeviceBatch, FrameBatch, TileBatch, TokenBatch
from tilewright.devices import Gpus, is_worth_a_gpu, on_named_gpu, or_none, parse_device
from tilewright.errors import UsageError
from tilewright.heads import Frames, Host, Pixels, Tokens
from tilewright.lazy import lazy
from tilewright.pack import PackFile, Source, check_pack, open_pack, packs
from tilewright.palette import PaletteLike, as_palette
from tilewright.plan import KIND, Plan
from tilewright.seeds import check_seed
from tilewright.settings import default_threads

KindLike = str | Sequence[str]

DEFAULT_PACK = "dawn-tiles"
MAX_COUNT = 1 << 24
_HOST = Host()


@dataclass(eq=False, slots=True)  # a frozen one takes a microsecond more to make
class _Request:
    """The checked arguments of a call.

    kinds: the kind id of all tiles, an id per tile, or None to draw them from the seed.
    """

    caller: str
    count: int
    kinds: int | Int32Array | None
    seed: int
    start: int
    palette: Uint8Array | None

    def part(self, done: int, count: int) -> "_Request":
        """Return the request for `count` tiles after the first `done`."""
        kinds = self.kinds[done : done + count] if isinstance(self.kinds, np.ndarray) else self.kinds
        start = (self.start + done) % 2**64
        return _Request(self.caller, count, kinds, self.seed, start, self.palette)


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
        outputs = self.plan.outputs
        height, width, *_ = self.plan.buffers[outputs["indices" if "indices" in outputs else "rgba"]].shape
        return height, width

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
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> TileBatch:
        """Generate `count` tiles. Tile i depends only on (pack, kind, seed, start + i), on every machine and
        device.

        count: 0 .. 2**24. kind: one of `kinds` for all tiles, or a sequence with the kind of each; None draws
        them from the seed. seed, start: 0 .. 2**64 - 1. palette: recolour with the nearest colours of a named
        palette, of a .gpl, .hex or .pal file, or of a list of colours: "#1a1c2c", (26, 28, 44), uint8 (K, 3)
        or (K, 4). device: "cpu"; "cuda" or "cuda:1" selects a GPU; "auto" uses a GPU for large calls if there
        is one, and the CPU otherwise. With several GPUs, "auto" uses number LOCAL_RANK (torchrun sets it),
        modulo their number. threads: CPU threads; 0 means one per processor, None the value of
        TILEWRIGHT_THREADS. Releases the GIL.

        A pack of frames returns a `FrameBatch`, one of tokens a `TokenBatch`.

        Raises UsageError for invalid arguments, MachineError if the named GPU cannot be used.
        """
        request = self._request("pack.generate()", count, MAX_COUNT, kind, seed, start, palette)
        gpu, threads = parse_device(device, request.caller), _check_threads(threads, request.caller)
        return self._run(request, device, gpu, threads)

    def stream(
        self,
        count: int,
        *,
        batch: int = 1024,
        kind: KindLike | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> Iterator[TileBatch]:
        """Generate `count` tiles in batches. Same tiles as one call of `generate`, with the memory of one
        batch.

        count: 0 .. 2**64 - 1. batch: 1 .. 2**24; the last batch may be smaller. Other arguments are as in
        `generate`. Arguments are checked at once; a batch is generated when the iterator advances.
        """
        request = self._request("pack.stream()", count, 2**64 - 1, kind, seed, start, palette)
        batch = _check_range(batch, "batch", 1, MAX_COUNT, request.caller)
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
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "cuda",
    ) -> DeviceBatch:
        """Generate tiles like `generate`, and keep them in GPU memory.

        device: "cuda" or "cuda:N". May return before the GPU has finished; consumers of the arrays wait for
        it. Raises UsageError for invalid arguments, MachineError if the GPU cannot be used.
        """
        request = self._request("pack.generate_on_device()", count, MAX_COUNT, kind, seed, start, palette)
        gpu = parse_device(device, request.caller, only_gpus=True)
        assert gpu is not None
        return on_named_gpu(lambda: self._run_on_device(request, gpu), device, request.caller)

    def _request(
        self,
        caller: str,
        count: int,
        most: int,
        kind: KindLike | None,
        seed: int,
        start: int,
        palette: PaletteLike | None,
    ) -> _Request:
        count = _check_range(count, "count", 0, most, caller)
        if palette is not None and isinstance(self.file.head, Tokens):
            raise UsageError(f"{caller}: {self.name} generates tokens, which take no palette")
        return _Request(
            caller,
            count,
            self._kinds(kind, count, caller),
            check_seed(seed, caller),
            _check_range(start, "start", 0, 2**64 - 1, caller),
            None if palette is None else as_palette(palette, caller),
        )

    def _kinds(self, kind: KindLike | None, count: int, caller: str) -> int | Int32Array | None:
        if kind is None:
            return None
        offered = {name: number for number, name in enumerate(self.kinds)}
        if isinstance(kind, str):
            return self._kind(kind, offered, f"{caller}: ")
        if not isinstance(kind, (Sequence, np.ndarray)) or isinstance(kind, (bytes, bytearray)):
            raise UsageError(
                f"{caller}: kind must be a name, or a sequence with a name per tile, not {kind!r:.60}"
            )
        if len(kind) != count:
            raise UsageError(
                f"{caller}: kind has {len(kind)} names for {count} tiles: give one name, or one per tile"
            )
        ids = (self._kind(name, offered, f"{caller}: kind[{i}]: ") for i, name in enumerate(kind))
        return np.fromiter(ids, np.int32, count)

    def _kind(self, name: object, offered: Mapping[str, int], where: str) -> int:
        if not isinstance(name, str) or name not in offered:
            raise UsageError(f"{where}unknown kind {name!r:.60}; {self.name} has {', '.join(self.kinds)}")
        return offered[name]

    def _run(self, request: _Request, device: str, gpu: int | None, threads: int) -> TileBatch:
        count, kinds = request.count, request.kinds

        def on(gpu: engine.DeviceEngine) -> dict[str, AnyArray]:
            return gpu.run(count, seed=request.seed, start=request.start, kinds=kinds)

        outputs = None
        if gpu is not None:
            outputs = on_named_gpu(lambda: on(self._gpus.engine(gpu)), device, request.caller)
        elif device == "auto" and is_worth_a_gpu(self.plan, count):
            outputs = or_none(lambda: on(self._gpus.automatic()), request.caller)
        if outputs is None:
            outputs = self._engine.run(
                count, seed=request.seed, start=request.start, kinds=kinds, threads=threads
            )
        arrays = self.file.head.decode(outputs, count, request.palette, _HOST)
        return self._batch(*arrays, outputs[KIND])

    def _batch(
        self,
        indices: Uint8Array | None,
        palettes: Uint8Array | None,
        rgba: Uint8Array | None,
        kind_ids: Int32Array,
    ) -> TileBatch:
        head = self.file.head
        if isinstance(head, Tokens):
            return TokenBatch(indices, kind_ids, self.kinds, head.alphabet)
        if isinstance(head, Frames):
            sheet = head.rows, head.columns
            return FrameBatch(indices, palettes, rgba, kind_ids, self.kinds, sheet)
        return TileBatch(indices, palettes, rgba, kind_ids, self.kinds)

    def _run_on_device(self, request: _Request, gpu: int) -> DeviceBatch:
        on, count = self._gpus.engine(gpu), request.count
        outputs = on.run_on_device(count, seed=request.seed, start=request.start, kinds=request.kinds)
        arrays = self.file.head.decode(outputs, count, request.palette, on)
        return DeviceBatch(on, *arrays, outputs[KIND], self.kinds)

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
    return default_threads() if threads is None else _check_range(threads, "threads", 0, 1024, caller)


def _check_range(value: int, name: str, least: int, most: int, caller: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise UsageError(f"{caller}: {name} must be an integer, not {value!r:.60}")
    if value < least:
        raise UsageError(f"{caller}: {name} must be {least} or more, not {value}")
    if value > most:
        raise UsageError(f"{caller}: {name} must be at most {most}, not {value}")
    return int(value)
