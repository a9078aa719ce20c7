"""Run a Plan in the C++ core. Only this module and level/solver.py import `_core`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

import numpy as np

from tilewright import _core, settings
from tilewright.arrays import AnyArray, BoolArray, Int8Array, Int32Array, Uint8Array, Uint16Array, Uint64Array
from tilewright.errors import MachineError, PackError, UsageError
from tilewright.plan import Plan, Step
from tilewright.seeds import LATENT_TABLE

if TYPE_CHECKING:
    from tilewright._core import DeviceArray as DeviceArray
    from tilewright.compiler.sampling_options import SamplingOptions

T = TypeVar("T")


class Conditions(TypedDict, total=False):
    """What the caller of a run decides; None, and what is missing, is drawn from the seed or comes from the plan.

    kinds: int32 (count,), or a number for all tiles. latents: int8 (count, latent_size). latent_table: int8 (256,), the
    latent of each random byte (seeds.py), instead of the plan's. kind_maps: uint8 (H, W) or
    (count, H, W), the kind of each cell instead of the tile's; words: uint8 (V,) or (count, V), instead of zeros: for
    plans with these inputs. tile_numbers: uint64 (count,), instead of start .. start + count - 1 in all random choices.

    cells: uint8 (H, W) or (count, H, W), for plans that read them. With a sampler: given palette entries, which do not
    change, and K, the number of entries, where a cell is unknown. Without one: any bytes, which are required.

    For plans with a sampler: allowed, bool (K,) or (count, K), the entries that may be drawn, at least one; sampling,
    options from `read_options`, instead of the plan's.
    """

    kinds: Int32Array | int | None
    latents: Int8Array | None
    latent_table: Int8Array | None
    kind_maps: Uint8Array | None
    words: Uint8Array | None
    tile_numbers: Uint64Array | None
    cells: Uint8Array | None
    allowed: BoolArray | None
    sampling: "SamplingOptions | None"


class Engine:
    """A plan, checked and copied into the core. Immutable; threads may share it.

    backend: one of `backends()`, or "" for TILEWRIGHT_BACKEND or else the fastest. Raises UsageError for an
    unknown name, and PackError for a plan that the core rejects.
    """

    def __init__(self, plan: Plan, backend: str = "") -> None:
        self.plan = plan
        backend = backend or settings.default_backend()
        if backend:
            _check_backend(backend)
        try:
            self._executor = _core.Executor(_build(plan), backend)
        except ValueError as error:  # the core checks all its input, and has limits of its own
            raise PackError(f"the core refuses the pack: {_reason(error)}") from error

    @property
    def backend(self) -> str:
        """Name of the backend that runs the plan."""
        return self._executor.backend

    @property
    def executed_multiply_adds(self) -> int:
        """Multiply-adds executed per tile; fewer than the plan's, because taps outside of maps are skipped."""
        return self._executor.multiply_adds

    @property
    def workspace_bytes(self) -> int:
        """Bytes of memory per thread."""
        return self._executor.workspace_bytes

    def run(
        self,
        count: int,
        *,
        seed: int = 0,
        start: int = 0,
        threads: int = 1,
        **conditions: Unpack[Conditions],
    ) -> dict[str, AnyArray]:
        """Make tiles start .. start + count - 1: output name -> (count, ...), uint8 or int32 as its buffer. No GIL.

        threads: 0 takes one per processor. conditions: see `Conditions`.

        Raises ValueError for an array of another shape or dtype, or with a value out of range, and for one that the
        plan cannot use.
        """
        kinds, latents, others = _given(conditions)
        return self._executor.run(seed, start, kinds, latents, count, threads, **others)

    def time_stages(self, rounds: int = 200) -> list[tuple[str, float, int]]:
        """Return (ops, seconds, multiply-adds) of each stage, per tile, on one thread.

        With a sampler these are of one evaluation of the whole map; if the cells that the evaluations of an
        autoregressive sampler compute are known beforehand, as in a causal network, of all evaluations of a picture.
        """
        return self._executor.time_stages(rounds)

    def trace(
        self,
        seed: int,
        index: int,
        kind: int | None = None,
        kind_map: Uint8Array | None = None,
        words: Uint8Array | None = None,
        cells: Uint8Array | None = None,
    ) -> list[Uint8Array]:
        """Generate one tile and return the bytes that each step wrote, for comparison with the reference."""
        return self._executor.trace(seed, index, kind, None, kind_map, words, cells)


class DeviceEngine:
    """A plan on one GPU, with the results of `Engine`. Threads may share it; their calls run one at a time.

    device: the GPU's number in the CUDA runtime. All methods raise MachineError for failures of the GPU; the
    constructor raises PackError like `Engine`.
    """

    def __init__(self, plan: Plan, device: int = 0) -> None:
        self.plan = plan
        try:
            self._executor = _core.DeviceExecutor(_build(plan), device)
        except ValueError as error:
            raise PackError(f"the core refuses the pack: {_reason(error)}") from error
        except RuntimeError as error:
            raise MachineError(str(error)) from error

    @property
    def block_tiles(self) -> int:
        """Number of tiles per block of threads."""
        return self._executor.block_tiles

    @property
    def in_shared_memory(self) -> bool:
        """Whether the values of these tiles fit the shared memory of a multiprocessor."""
        return self._executor.in_shared_memory

    @property
    def evaluations(self) -> int:
        """Number of evaluations of the network per tile: 1 without a sampler."""
        return self._executor.evaluations

    def run(
        self,
        count: int,
        *,
        seed: int = 0,
        start: int = 0,
        **conditions: Unpack[Conditions],
    ) -> dict[str, AnyArray]:
        """Like `Engine.run`."""
        kinds, latents, others = _given(conditions)
        return _on_machine(self._executor.run, seed, start, kinds, latents, count, **others)

    def run_on_device(
        self,
        count: int,
        *,
        seed: int = 0,
        start: int = 0,
        **conditions: Unpack[Conditions],
    ) -> "dict[str, DeviceArray]":
        """Like `run`, with results on the device, which may still be incomplete.

        All results are uint8. An int32 result has a last axis of four bytes, little-endian.
        """
        kinds, latents, others = _given(conditions)
        return _on_machine(self._executor.run_on_device, seed, start, kinds, latents, count, **others)

    def trace(
        self,
        seed: int,
        index: int,
        kind: int | None = None,
        kind_map: Uint8Array | None = None,
        words: Uint8Array | None = None,
        cells: Uint8Array | None = None,
    ) -> list[Uint8Array]:
        """Like `Engine.trace`."""
        return _on_machine(self._executor.trace, seed, index, kind, None, kind_map, words, cells)

    def time(self, tiles: int, rounds: int) -> list[float]:
        """Return the seconds of `rounds` launches of `tiles` tiles on the device, without copies."""
        return _on_machine(self._executor.time, tiles, rounds)

    def upload(self, array: Uint8Array) -> "DeviceArray":
        """Copy an array to device memory."""
        return _on_machine(self._executor.upload, np.ascontiguousarray(array))

    def binarize_alpha(self, colours: "DeviceArray") -> "DeviceArray":
        """Like `palette.binarize_alpha`."""
        return _on_machine(self._executor.binarize_alpha, colours)

    def remap(self, colours: "DeviceArray", target: Uint8Array) -> "DeviceArray":
        """Like `palette.remap`."""
        return _on_machine(self._executor.remap, colours, np.ascontiguousarray(target[target[:, 3] >= 128]))

    def apply_palette(self, indices: "DeviceArray", palettes: "DeviceArray") -> "DeviceArray":
        """Like the function `apply_palette`; palettes (N, K, 4), or (1, K, 4) for all tiles."""
        return _on_machine(self._executor.apply_palette, indices, palettes)


def _reason(error: Exception) -> str:
    """Return the core's message without the name of its internal function."""
    return str(error).removeprefix("Executor(): ").removeprefix("DeviceExecutor(): ")


def _given(conditions: Conditions) -> tuple[Int32Array | int | None, Int8Array | None, dict[str, Any]]:
    """Return the kinds, the latents, and what else is given, by the name of the core's argument."""
    others: dict[str, Any] = {name: value for name, value in conditions.items() if value is not None}
    if "sampling" in others:
        others["sampling"] = astuple(others["sampling"])
    return others.pop("kinds", None), others.pop("latents", None), others


def _on_machine(function: Callable[..., T], *arguments: Any, **given: Any) -> T:
    """Convert exceptions of the core."""
    try:
        return function(*arguments, **given)
    except RuntimeError as error:
        raise MachineError(str(error)) from error


def time_on_device(subject: Any, tiles: int, rounds: int, device: int = 0) -> list[float]:
    """Return the seconds that a GPU takes for `tiles` tiles of a plan or a pack, in each of `rounds`
    launches.

    Measured with CUDA events after a warm-up launch; nothing is copied back. Raises MachineError without a
    GPU.
    """
    plan: Plan = getattr(subject, "plan", subject)
    return DeviceEngine(plan, device).time(tiles, rounds)


def apply_palette(indices: Uint8Array, palettes: Uint8Array) -> Uint8Array:
    """Return RGBA uint8 (N, H, W, 4) for indices (N, H, W) and palettes (N, K, 4), or (1, K, 4) for all tiles."""
    return _core.apply_palette(np.ascontiguousarray(indices), np.ascontiguousarray(palettes))


def binarize_alpha(colours: Uint8Array) -> Uint8Array:
    """Return RGBA uint8 (..., 4) with alpha 0 or 255 (threshold 128). Transparent colours become black."""
    return _core.binarize_alpha(np.ascontiguousarray(colours).reshape(-1, 4)).reshape(colours.shape)


def remap(colours: Uint8Array, palette: Uint8Array) -> Uint8Array:
    """Replace opaque colours of RGBA uint8 (..., 4) by the nearest colours of palette (K, 4) in OKLab, K in 1..256."""
    flat = np.ascontiguousarray(colours).reshape(-1, 4)
    return _core.remap(flat, np.ascontiguousarray(palette)).reshape(colours.shape)


def oklab(colours: Uint8Array) -> Int32Array:
    """Convert RGBA uint8 (..., 4) to OKLab int32 (..., 3): L, a and b in units of 2^-14."""
    flat = np.ascontiguousarray(colours).reshape(-1, 4)
    return _core.oklab(flat).reshape(*colours.shape[:-1], 3)


def picture_codes(pictures: Uint8Array, hashes: Uint16Array, holes: bool) -> Uint64Array:
    """Return the codes of pictures uint8 (N, H, W), uint64 (N, forms, words). hashes: uint16 (256,), of the entries.
    holes: whether entry 0 is transparent.
    """
    return _core.picture_codes(np.ascontiguousarray(pictures), hashes, holes)


def picture_figures(pictures: Uint8Array, entries: int, holes: bool) -> Int32Array:
    """Return the opaque pixels, colours, orphans and pixels of each entry of pictures, int32 (N, 3 + entries)."""
    return _core.picture_figures(np.ascontiguousarray(pictures), entries, holes)


def copied_pictures(
    pictures: Uint8Array, hashes: Uint16Array, holes: bool, known: Uint64Array, limit: int
) -> BoolArray:
    """Return whether a code of each picture differs in at most `limit` bits from one of `known`, without mirror images:
    bool (N,).
    """
    return _core.copied_pictures(np.ascontiguousarray(pictures), hashes, holes, known, limit)


@contextmanager
def default_floats() -> Iterator[None]:
    """Set this thread's floating-point mode as docs/numerics.md requires, for the duration of the block."""
    before = _core.exchange_float_mode()
    try:
        yield
    finally:
        _core.exchange_float_mode(before)


def backends() -> list[str]:
    """Return the CPU backends that this machine supports, fastest first."""
    return list(_core.backends())


def cuda_devices() -> list[str]:
    """Return the names of the GPUs that this build supports."""
    return [device.name for device in _core.cuda_devices()]


def cuda_indices() -> list[int]:
    """Return the numbers in the CUDA runtime of the GPUs of `cuda_devices`."""
    return [device.index for device in _core.cuda_devices()]


def cuda_unavailable_reason() -> str:
    """Return why `cuda_devices` is empty, or ""."""
    return _core.cuda_unavailable_reason()


def int8_peak(backend: str) -> float:
    """Measure the multiply-adds of bytes per second that one thread reaches in registers.

    backend: one of `backends()`; raises UsageError otherwise.
    """
    _check_backend(backend)
    return _core.measure_peak(backend)


def _check_backend(name: str) -> None:
    if name not in backends():
        raise UsageError(f"unknown backend {name!r:.60}; this machine has {', '.join(backends())}")


def _build(plan: Plan) -> _core.PlanBuilder:
    """Build the plan for the core, in which values are numbers."""
    builder = _core.PlanBuilder(plan.kinds, LATENT_TABLE)
    values = {
        given.buffer: builder.input(given.source, plan.buffers[given.buffer].shape) for given in plan.inputs
    }
    with default_floats():  # a Python float scale becomes float32
        for step in plan.steps:
            values[step.output] = _add_step(builder, plan, step, values)
    if plan.sampler is not None:
        s = plan.sampler
        options = s.noise, s.order, s.refine, s.begin
        builder.sampler(s.method, s.colours, s.steps, values[s.cells], values[s.scores], *options)
    for name, buffer in plan.outputs.items():
        builder.output(name, values[buffer])
    return builder


def _add_step(builder: _core.PlanBuilder, plan: Plan, step: Step, values: dict[str, int]) -> int:
    method: Callable[..., int] = getattr(builder, step.op)
    inputs: list[Any] = [values[name] for name in step.inputs]
    if step.op == "concat":
        inputs = [inputs]
    elif step.op == "embed_cells" and len(inputs) == 1:
        inputs.insert(0, None)  # no kind
    elif step.op == "dense":
        inputs.append(plan.buffers[step.output].shape)
    return method(*inputs, **step.arguments)
