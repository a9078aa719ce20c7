"""The front door: a pack and a seed in, tiles out."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Literal, overload

import numpy as np

from tilewright import engine
from tilewright.arrays import Int32Array, Uint8Array
from tilewright.devices import DeviceBatch, Gpus, is_worth_a_gpu, on_named_gpu, or_none, parse_device
from tilewright.errors import UsageError
from tilewright.lazy import lazy
from tilewright.pack import PackFile, Source, check_pack, open_pack, packs
from tilewright.palette import PaletteLike, as_palette, opaque_or_clear, remap
from tilewright.plan import Plan
from tilewright.seeds import check_seed
from tilewright.settings import default_threads

Destination = Literal["host", "device"]

DEFAULT_PACK = "dawn-tiles"
MAX_COUNT = 1 << 24


@dataclass(frozen=True, eq=False)
class TileBatch:
    """Generated tiles.

    indices: uint8 (N, H, W), a palette entry per pixel; palettes: uint8 (N, K, 4), alpha 0 or 255. Both are None
    for packs with an RGBA head, which have `colours` instead. kinds: the kind of each tile. The arrays are read-only.
    """

    indices: Uint8Array | None
    palettes: Uint8Array | None
    colours: Uint8Array | None
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        """Makes the arrays read-only: `rgba` is painted once."""
        for array in (self.indices, self.palettes, self.colours):
            if array is not None:
                array.flags.writeable = False

    @lazy
    def rgba(self) -> Uint8Array:
        """uint8 (N, H, W, 4); alpha is 0 or 255. Painted when first asked for; read-only with an RGBA head."""
        if self.indices is None or self.palettes is None:
            assert self.colours is not None
            return self.colours
        return engine.paint(self.indices, self.palettes)

    def __len__(self) -> int:
        """The number of tiles."""
        return len(self.kinds)


class Pack:
    """A generator of tiles or sprites, ready to run. Threads may share it."""

    def __init__(self, file: PackFile) -> None:
        self.file = file
        self._engine = engine.Engine(file.plan)
        self._gpus = Gpus(file.plan)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickles as the bytes of its file: another process, or machine, makes the same tiles."""
        return _from_content, (self.file.content, self.path)

    @property
    def name(self) -> str:
        """The name that its maker gave it."""
        return self.file.name

    @property
    def path(self) -> Path:
        """The .onnx file."""
        return self.file.path

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be asked for."""
        return self.file.kinds

    @property
    def tile_size(self) -> int:
        """Pixels along an edge."""
        return self.file.tile_size

    @property
    def palette_size(self) -> int:
        """Colours in a palette, the transparent one included; 0 for an RGBA head."""
        return self.file.palette_size

    @property
    def sources(self) -> tuple[Source, ...]:
        """The art it was trained on."""
        return self.file.sources

    @property
    def licence(self) -> str:
        """The licences of that art."""
        return self.file.licence

    @property
    def plan(self) -> Plan:
        """What the core executes; prints as a table."""
        return self.file.plan

    @overload
    def generate(
        self,
        count: int,
        kind: str | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
        output: Literal["host"] = "host",
    ) -> TileBatch: ...

    @overload
    def generate(
        self,
        count: int,
        kind: str | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
        *,
        output: Literal["device"],
    ) -> DeviceBatch: ...

    def generate(
        self,
        count: int,
        kind: str | None = None,
        seed: int = 0,
        start: int = 0,
        palette: PaletteLike | None = None,
        device: str = "auto",
        threads: int | None = None,
        output: Destination = "host",
    ) -> TileBatch | DeviceBatch:
        """Generate `count` tiles. Tile i depends only on (pack, kind, seed, start + i), on every machine and device.

        kind: one of `kinds`; None draws kinds from the seed. seed, start: 0 .. 2**64 - 1. palette: repaint with the
        nearest colours of a named palette, of a .gpl, .hex or .pal file, or of a list of colours: "#1a1c2c",
        (26, 28, 44), uint8 (K, 3) or (K, 4). device: "cpu"; "cuda" or "cuda:1" selects a GPU; "auto" uses a GPU for
        large calls if there is one, and the CPU otherwise. threads: CPU threads; 0 means one per processor, None the
        value of TILEWRIGHT_THREADS. output: "device" leaves the tiles in the memory of the GPU that `device` names
        and returns a DeviceBatch. Releases the GIL.

        Raises UsageError for invalid arguments, MachineError if the named GPU cannot be used.
        """
        caller = "pack.generate()"
        count = _check_range(count, "count", MAX_COUNT, caller)
        seed = check_seed(seed, caller)
        start = _check_range(start, "start", 2**64 - 1, caller)
        threads = default_threads() if threads is None else _check_range(threads, "threads", 1024, caller)
        gpu = parse_device(device, caller)
        if output not in ("host", "device") or (output == "device" and gpu is None):
            raise UsageError(
                f'{caller}: output must be "host", or "device" beside device="cuda", not {output!r} beside {device!r}'
            )
        numbers = self._kind_numbers(kind, seed, start, count, caller)
        colours = None if palette is None else as_palette(palette, caller)
        if output == "device":
            assert gpu is not None
            return on_named_gpu(
                lambda: self._on_device(self._gpus.engine(gpu), count, kind, seed, start, numbers, colours),
                device,
                caller,
            )

        def ask(number: int) -> dict[str, Uint8Array]:
            return self._gpus.engine(number).run(count, seed=seed, start=start, kinds=numbers)

        results = None
        if gpu is not None:
            results = on_named_gpu(lambda: ask(gpu), device, caller)
        elif device == "auto" and is_worth_a_gpu(self.plan, count):
            results = or_none(lambda: ask(0), caller)
        if results is None:
            results = self._engine.run(count, seed=seed, start=start, kinds=numbers, threads=threads)
        names = self._kind_names(numbers)
        if "rgba" in results:
            rgba = opaque_or_clear(results["rgba"])
            return TileBatch(None, None, rgba if colours is None else remap(rgba, colours), names)
        palettes = self._palettes(results.get("palette"), count)
        if colours is not None:
            palettes = remap(palettes, colours)
        return TileBatch(results["indices"], palettes, None, names)

    def _on_device(
        self,
        on: engine.DeviceEngine,
        count: int,
        kind: str | None,
        seed: int,
        start: int,
        numbers: Int32Array,
        colours: Uint8Array | None,
    ) -> DeviceBatch:
        # Where no kind was asked for the device draws them itself, the same ones.
        results = on.run_on_device(count, seed=seed, start=start, kinds=None if kind is None else numbers)

        def names() -> tuple[str, ...]:
            return self._kind_names(numbers)

        if "rgba" in results:
            rgba = on.opaque_or_clear(results["rgba"])
            return DeviceBatch(
                on, None, None, rgba if colours is None else on.remap(rgba, colours), names, count
            )
        if "palette" in results:
            channels = prod(results["palette"].shape[1:]) // self.palette_size
            palettes = on.opaque_or_clear(results["palette"].reshape((count, self.palette_size, channels)))
        else:
            assert self.file.palette is not None
            palettes = on.upload(self.file.palette[None])
        if colours is not None:
            palettes = on.remap(palettes, colours)
        return DeviceBatch(on, results["indices"], palettes, None, names, count)

    def _kind_names(self, numbers: Int32Array) -> tuple[str, ...]:
        return tuple(map(self.kinds.__getitem__, numbers.tolist()))

    def _kind_numbers(self, kind: str | None, seed: int, start: int, count: int, caller: str) -> Int32Array:
        if kind is None:
            return engine.draw_kinds(seed, start, count, len(self.kinds))
        if kind not in self.kinds:
            raise UsageError(f"{caller}: unknown kind {kind!r}; {self.name} has {', '.join(self.kinds)}")
        return np.full(count, self.kinds.index(kind), dtype=np.int32)

    def _palettes(self, drawn: Uint8Array | None, count: int) -> Uint8Array:
        """uint8 (count, K, 4): the pack's own palette, or one per picture, its alpha 0 or 255."""
        if drawn is None:
            own = self.file.palette
            assert own is not None
            # As np.broadcast_to, in a fraction of its time; what is painted with it knows it by the stride of 0.
            return np.ndarray((count, *own.shape), np.uint8, own.data.toreadonly(), 0, (0, *own.strides))
        channels = prod(drawn.shape[1:]) // self.palette_size
        return opaque_or_clear(drawn.reshape(count, self.palette_size, channels))

    def __repr__(self) -> str:
        return f"<Pack {self.name}: {self.tile_size}x{self.tile_size}, {', '.join(self.kinds)}>"


def load(name_or_path: str | Path) -> Pack:
    """Open a bundled pack by name, or an .onnx file. UsageError if there is none, PackError if it is no pack."""
    return _open(name_or_path, "load()")


def _open(name_or_path: str | Path, caller: str) -> Pack:
    with engine.default_floats():  # a pack's tables and scales are computed here
        return Pack(open_pack(name_or_path, caller))


def _from_content(content: bytes, path: Path) -> Pack:
    with engine.default_floats():
        return Pack(check_pack(content, path))


@lru_cache(maxsize=64)
def _bundled(name: str) -> Pack | None:
    """The bundled pack of that name, kept open; None if there is none."""
    return load(name) if name in packs() else None


def generate_tiles(
    count: int,
    kind: str | None = None,
    seed: int = 0,
    pack: str | Path | Pack = DEFAULT_PACK,
    palette: PaletteLike | None = None,
) -> Uint8Array:
    """Make `count` tiles, uint8 (count, H, W, 4) RGBA, alpha 0 or 255: the same bytes for a seed everywhere.

    kind: one of the pack's kinds, None mixes them; seed: 0 .. 2**64 - 1; pack: a bundled pack's name, which is
    kept open between calls; the path of an .onnx file, which every call reads again; or a Pack. palette: to repaint
    with, as `Pack.generate` takes it. Raises UsageError for what cannot be served.
    """
    if isinstance(pack, Pack):
        chosen = pack
    else:
        kept = _bundled(pack) if isinstance(pack, str) else None
        chosen = kept or _open(pack, "generate_tiles()")
    return chosen.generate(count, kind=kind, seed=seed, palette=palette).rgba


def _check_range(value: int, name: str, most: int, caller: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise UsageError(f"{caller}: {name} must be an integer, not {value!r}")
    if value < 0:
        raise UsageError(f"{caller}: {name} must be 0 or more, not {value}")
    if value > most:
        raise UsageError(f"{caller}: {name} must be at most {most}, not {value}")
    return int(value)
