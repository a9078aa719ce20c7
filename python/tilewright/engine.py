"""Runs a Plan in the C++ core. Nothing else imports `_core`, but for level/solver.py and its solver."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tilewright import _core, settings
from tilewright.arrays import AnyArray, Int8Array, Int32Array, Uint8Array
from tilewright.errors import MachineError, PackError, UsageError
from tilewright.plan import Plan, Step
from tilewright.seeds import LATENT_TABLE

if TYPE_CHECKING:
    from tilewright._core import DeviceArray as DeviceArray

T = TypeVar("T")


class Engine:
    """A plan, checked and copied into the core. Immutable; threads may share it.

    backend: one of `backends()`, or "" for the one that TILEWRIGHT_BACKEND names, else the best. Raises UsageError
    for an unknown one, PackError for a plan that the core refuses.
    """

    def __init__(self, plan: Plan, backend: str = "") -> None:
        self.plan = plan
        backend = backend or settings.default_backend()
        if backend:
            _check_backend(backend)
        try:
            self._executor = _core.Executor(_build(plan), backend)
        except ValueError as error:  # the core has limits of its own, and checks all that it is given
            raise PackError(f"the core refuses the pack: {_reason(error)}") from error

    @property
    def backend(self) -> str:
        """The name of the backend that runs the plan."""
        return self._executor.backend

    @property
    def executed_multiply_adds(self) -> int:
        """Multiply-adds that one tile costs; less than the plan's, as taps that meet only a border are left out."""
        return self._executor.multiply_adds

    @property
    def workspace_bytes(self) -> int:
        """Bytes of memory that each thread works in."""
        return self._executor.workspace_bytes

    def run(
        self,
        count: int,
        *,
        seed: int = 0,
        start: int = 0,
        kinds: Int32Array | int | None = None,
        latents: Int8Array | None = None,
        threads: int = 1,
    ) -> dict[str, AnyArray]:
        """Make tiles start .. start + count - 1: output name -> (count, ...), uint8 or int32 as its buffer. No GIL.

        kinds, int32 (count,) or a number for all tiles, and latents int8 (count, latent_size) replace what would be
        drawn from the seed. threads: 0 takes one per processor.
        """
        return self._executor.run(seed, start, kinds, latents, count, threads)

    def time_stages(self, rounds: int = 200) -> list[tuple[str, float, int]]:
        """(ops, seconds, multiply-adds) of each stage, for one tile of one evaluation on one thread."""
        return self._executor.time_stages(rounds)

    def trace(self, seed: int, index: int, kind: int | None = None) -> list[Uint8Array]:
        """Make one tile and return the bytes that every step wrote, to be held against the reference."""
        return self._executor.trace(seed, index, kind)


class DeviceEngine:
    """A plan on one GPU: the bytes of `Engine`. Threads may share it; their calls take turns.

    device: as the CUDA runtime numbers the GPUs. Raises MachineError for what the GPU cannot do, here and in every
    method, and PackError as `Engine`.
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
        """How many tiles a block of threads takes through the plan at a time."""
        return self._executor.block_tiles

    @property
    def in_shared_memory(self) -> bool:
        """Whether the values of these tiles fit the shared memory of a multiprocessor."""
        return self._executor.in_shared_memory

    def run(
        self,
        count: int,
        *,
        seed: int = 0,
        start: int = 0,
        kinds: Int32Array | int | None = None,
        latents: Int8Array | None = None,
    ) -> dict[str, AnyArray]:
        """As `Engine.run`."""
        return _on_machine(self._executor.run, seed, start, kinds, latents, count)

    def run_on_device(
        self, count: int, *, seed: int = 0, start: int = 0, kinds: Int32Array | int | None = None
    ) -> "dict[str, DeviceArray]":
        """As `run`, with results that stay on the device; they may still be under way.

        All are uint8: an int32 has four bytes, little-endian, on a last axis of its own.
        """
        return _on_machine(self._executor.run_on_device, seed, start, kinds, None, count)

    def trace(self, seed: int, index: int, kind: int | None = None) -> list[Uint8Array]:
        """As `Engine.trace`."""
        return _on_machine(self._executor.trace, seed, index, kind)

    def time(self, tiles: int, rounds: int) -> list[float]:
        """Seconds on the device of each of `rounds` launches of so many tiles, whose results stay there."""
        return _on_machine(self._executor.time, tiles, rounds)

    def upload(self, array: Uint8Array) -> "DeviceArray":
        """A copy in the device's memory."""
        return _on_machine(self._executor.upload, np.ascontiguousarray(array))

    def binarize_alpha(self, colours: "DeviceArray") -> "DeviceArray":
        """As `palette.binarize_alpha`."""
        return _on_machine(self._executor.binarize_alpha, colours)

    def remap(self, colours: "DeviceArray", target: Uint8Array) -> "DeviceArray":
        """As `palette.remap`."""
        return _on_machine(self._executor.remap, colours, np.ascontiguousarray(target[target[:, 3] >= 128]))

    def apply_palette(self, indices: "DeviceArray", palettes: "DeviceArray") -> "DeviceArray":
        """As `apply_palette`; palettes (N, K, 4), or (1, K, 4) for all."""
        return _on_machine(self._executor.apply_palette, indices, palettes)


def _reason(error: Exception) -> str:
    """What the core says, without the name of its function, which no user has called."""
    return str(error).removeprefix("Executor(): ").removeprefix("DeviceExecutor(): ")


def _on_machine(function: Callable[..., T], *arguments: Any) -> T:
    """What the core's own exceptions mean here."""
    try:
        return function(*arguments)
    except RuntimeError as error:
        raise MachineError(str(error)) from error


def time_on_device(subject: Any, tiles: int, rounds: int, device: int = 0) -> list[float]:
    """Seconds that a GPU takes to make `tiles` tiles of a plan, or of a pack, in each of `rounds` launches.

    Measured by the device's own events, after one launch that is not counted; nothing is copied back. Raises
    MachineError without a GPU.
    """
    plan: Plan = getattr(subject, "plan", subject)
    return DeviceEngine(plan, device).time(tiles, rounds)


def apply_palette(indices: Uint8Array, palettes: Uint8Array) -> Uint8Array:
    """RGBA uint8 (N, H, W, 4) of indices (N, H, W) in palettes (N, K, 4), or (1, K, 4) for all."""
    return _core.apply_palette(np.ascontiguousarray(indices), np.ascontiguousarray(palettes))


def binarize_alpha(colours: Uint8Array) -> Uint8Array:
    """RGBA uint8 (..., 4) with alpha 0 or 255, from 128 up opaque; clear colours are black."""
    return _core.binarize_alpha(np.ascontiguousarray(colours).reshape(-1, 4)).reshape(colours.shape)


def remap(colours: Uint8Array, palette: Uint8Array) -> Uint8Array:
    """RGBA uint8 (..., 4) whose opaque colours are the nearest in OKLab of palette (K, 4), K in 1..256."""
    flat = np.ascontiguousarray(colours).reshape(-1, 4)
    return _core.remap(flat, np.ascontiguousarray(palette)).reshape(colours.shape)


def oklab(colours: Uint8Array) -> Int32Array:
    """OKLab int32 (..., 3) of RGBA uint8 (..., 4), in units of 2^-14: lightness, green to red, blue to yellow."""
    flat = np.ascontiguousarray(colours).reshape(-1, 4)
    return _core.oklab(flat).reshape(*colours.shape[:-1], 3)


@contextmanager
def default_floats() -> Iterator[None]:
    """Floats of this thread as docs/numerics.md wants them, however the program around rounds or flushes."""
    before = _core.exchange_float_mode()
    try:
        yield
    finally:
        _core.exchange_float_mode(before)


def backends() -> list[str]:
    """The CPU backends that this machine can run, best first."""
    return list(_core.backends())


def cuda_devices() -> list[str]:
    """Names of the GPUs that this build can use."""
    return [device.name for device in _core.cuda_devices()]


def cuda_indices() -> list[int]:
    """What the CUDA runtime calls the GPUs of `cuda_devices`."""
    return [device.index for device in _core.cuda_devices()]


def cuda_unavailable_reason() -> str:
    """Why `cuda_devices` is empty; "" where it is not."""
    return _core.cuda_unavailable_reason()


def int8_peak(backend: str) -> float:
    """Multiply-adds of bytes a second that one thread of this machine reaches in registers, measured now.

    backend: one of `backends()`; UsageError for another.
    """
    _check_backend(backend)
    return _core.measure_peak(backend)


def _check_backend(name: str) -> None:
    if name not in backends():
        raise UsageError(f"unknown backend {name!r:.60}; this machine has {', '.join(backends())}")


def _build(plan: Plan) -> _core.PlanBuilder:
    """The plan for the core, in which values are numbers."""
    builder = _core.PlanBuilder(plan.kinds, LATENT_TABLE)
    values = {
        given.buffer: builder.input(given.source, plan.buffers[given.buffer].shape) for given in plan.inputs
    }
    with default_floats():  # a scale may be a float of Python's, and becomes a float32
        for step in plan.steps:
            values[step.output] = _add_step(builder, plan, step, values)
    if plan.sampler is not None:
        s = plan.sampler
        builder.sampler(s.method, s.colours, s.steps, values[s.cells], values[s.scores], s.noise)
    for name, buffer in plan.outputs.items():
        builder.output(name, values[buffer])
    return builder


def _add_step(builder: _core.PlanBuilder, plan: Plan, step: Step, values: dict[str, int]) -> int:
    method: Callable[..., int] = getattr(builder, step.op)
    inputs: list[Any] = [values[name] for name in step.inputs]
    if step.op == "concat":
        inputs = [inputs]
    elif step.op == "dense":
        inputs.append(plan.buffers[step.output].shape)
    return method(*inputs, **step.arguments)
