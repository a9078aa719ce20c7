"""The compiled core: executes plans, draws latents, names backends and GPUs.

Only `tilewright.engine` and `tilewright.level.solver` import this module. Arrays must be C-contiguous and
of exactly the dtype named; they are copied. Whatever does not fit raises `ValueError`.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

class PlanBuilder:
    """Collects the steps of a plan in order; nothing but the arrays is checked until `Executor`.

    Values are numbers: `input` and every step return the one they make. All hold uint8 except the kind and the result
    of `scores`, int32. Feature maps are (height, width, channels).
    """

    def __init__(self, kinds: int, latent_table: NDArray[np.int8]) -> None:
        """`kinds`: how many, 1 or more. `latent_table`: 256 int8, the latent for each random byte."""

    def input(self, source: str, shape: Sequence[int] = ()) -> int:
        """A value that no step makes. source: "latents", the next part of them, of any shape; "kind", of shape ();
        "cells", the (H, W) of a sampler."""

    def embed(self, kind: int, table: NDArray[np.uint8]) -> int:
        """(width,) = table[kind]; table (kinds, width)."""

    def embed_cells(self, kind: int, cells: int, table: NDArray[np.uint8]) -> int:
        """(H, W, C) = table[kind][cells]; table (kinds, entries, C): colours + 1 entries for a sampler's cells, 256 for
        other indices."""

    def concat(self, xs: Sequence[int]) -> int:
        """(total bytes,) = the bytes of xs one after another."""

    def slice(self, x: int, first: int, shape: Sequence[int]) -> int:
        """The result `shape`, (F,) or (H, W, C): features of x from `first` on, a map channel by channel."""

    def dense(
        self,
        x: int,
        shape: Sequence[int],
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_out: int,
    ) -> int:
        """x of I elements, the result `shape` of O elements; weights (O, I); bias (O,); multiplier (O,)."""

    def conv2d(
        self,
        x: int,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_in: int,
        zero_out: int,
        wrap: bool,
        dilation: int = 1,
    ) -> int:
        """x (H, W, I) -> (H, W, O); weights (O, k, k, I), k odd; bias (O,); multiplier (O,)."""

    def conv_transpose2d(
        self,
        x: int,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_in: int,
        zero_out: int,
        wrap: bool,
    ) -> int:
        """x (H, W, I) -> (2H, 2W, O); weights (O, 4, 4, I); bias (4, O), row 2 * py + px; multiplier (O,)."""

    def scores(
        self,
        x: int,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        zero_in: int,
        wrap: bool,
        dilation: int = 1,
    ) -> int:
        """As conv2d, but (H, W, K) keeps the int32 sums."""

    def argmax(self, x: int) -> int:
        """x (H, W, K), K <= 256 -> (H, W); the lowest index wins a tie."""

    def lookup(self, x: int, table: NDArray[np.uint8]) -> int:
        """table[x], elementwise; table (256,)."""

    def add(
        self, a: int, b: int, scale_a: float, scale_b: float, zero_a: int, zero_b: int, zero_out: int
    ) -> int:
        """clamp(rne((a - zero_a) * scale_a + (b - zero_b) * scale_b) + zero_out), of two values of one shape."""

    def nearest(self, x: int, palette: int) -> int:
        """x (H, W, C), palette (K, C), K <= 256 -> (H, W): the palette row nearest in squared distance."""

    def sampler(
        self, method: str, colours: int, steps: int, cells: int, scores: int, noise: NDArray[np.int32]
    ) -> None:
        """Run the steps again and again until every cell is known. method: "masked" or "autoregressive"; cells: the
        input to fill; scores: the value of (H, W, colours) to draw from; noise (4096,): Gumbel quantiles in units of
        the scores."""

    def output(self, name: str, value: int) -> None:
        """Names a value as a result of the plan: of a step, or an input."""

class Executor:
    """Runs a plan, in blocks of tiles. Immutable: threads may share one."""

    def __init__(self, plan: PlanBuilder, backend: str = "") -> None:
        """Checks the whole plan once. `backend`: a name from `backends()`; "" takes the first of them."""

    @property
    def backend(self) -> str:
        """The name of the backend that runs the plan."""

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds that are executed for one tile."""

    @property
    def workspace_bytes(self) -> int:
        """Bytes of memory that each thread works in."""

    @property
    def groups(self) -> list[list[int]]:
        """The cells that each evaluation of an autoregressive sampler fixes, row-major; else nothing."""

    def run(
        self,
        seed: int,
        start: int,
        kinds: NDArray[np.int32] | int | None,
        latents: NDArray[np.int8] | None,
        count: int,
        threads: int = 1,
    ) -> dict[str, NDArray[Any]]:
        """Makes tiles start .. start + count - 1 (modulo 2**64): name -> (count, *shape), int32 for a kind, else
        uint8.

        `kinds`, a number or (count,), and `latents` (count, latent_size) replace what would be drawn from the seed.
        `threads` 0 takes one per processor. Releases the GIL.
        """

    def time_stages(self, rounds: int) -> list[tuple[str, float, int]]:
        """(ops, seconds, multiply-adds) of each stage for one tile, the mean of `rounds` blocks."""

    def trace(
        self, seed: int, index: int, kind: int | None = None, latents: NDArray[np.int8] | None = None
    ) -> list[NDArray[np.uint8]]:
        """Makes one tile and returns the bytes that each step wrote, in order; `latents` (latent_size,). With a
        sampler: one evaluation of its network, on a picture of which no cell is known."""

def opaque_or_clear(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 4) with alpha 255 from 128 up, else four zeros."""

def remap(colours: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 4), (K, 4) -> (N, 4): csrc/core/oklab.h."""

def oklab(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(N, 4) -> (N, 3), in units of 2^-14: csrc/core/oklab.h."""

def paint(indices: NDArray[np.uint8], palettes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """indices (N, H, W), palettes (N, K, 4) or (1, K, 4), K <= 256 -> (N, H, W, 4). Releases the GIL."""

def measure_peak(backend: str) -> float:
    """Multiply-adds of bytes a second that one thread reaches in registers; takes some milliseconds."""

def backends() -> list[str]:
    """Names of the backends that run on this machine, fastest first."""

def exchange_float_mode(mode: int | None = None) -> int:
    """Sets how this thread's floats round and flush, None as IEEE 754 does by default; returns how they did before."""

# --- GPUs (csrc/bindings/device.cpp) ---

class CudaDevice:
    """A GPU that this build can use."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def compute_capability(self) -> tuple[int, int]: ...
    @property
    def memory_bytes(self) -> int: ...

def cuda_devices() -> list[CudaDevice]:
    """The GPUs that this build has code for; empty where there are none. Never raises."""

def cuda_unavailable_reason() -> str:
    """Why `cuda_devices` is empty, in one line; "" when it is not."""

class DeviceArray:
    """uint8 in a GPU's memory, C-contiguous; freed with the last array or tensor that knows it."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def device(self) -> int:
        """The GPU, as the CUDA runtime numbers it."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Version 3, with the stream on which the array is filled."""

    def __dlpack__(
        self,
        *,
        stream: int | None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """A DLPack capsule; `stream` waits until the array is filled. BufferError for another device or a copy."""

    def __dlpack_device__(self) -> tuple[int, int]: ...
    def reshape(self, shape: Sequence[int]) -> DeviceArray:
        """The same memory under another shape of the same size."""

    def to_host(self) -> NDArray[np.uint8]:
        """A copy, once the array is filled. Releases the GIL."""

class DeviceExecutor:
    """Runs a plan on one GPU, the same bytes as `Executor`. Threads may share it; their calls take turns.

    What the GPU cannot do raises `RuntimeError`: no device, no memory, a fork.
    """

    def __init__(self, plan: PlanBuilder, device: int = 0) -> None:
        """Checks the whole plan once and copies it to the GPU that the CUDA runtime calls `device`."""

    @property
    def block_tiles(self) -> int:
        """How many tiles a block of threads takes through the plan."""

    @property
    def in_shared_memory(self) -> bool:
        """Whether the values of these tiles fit shared memory."""

    def run(
        self,
        seed: int,
        start: int,
        kinds: NDArray[np.int32] | int | None,
        latents: NDArray[np.int8] | None,
        count: int,
    ) -> dict[str, NDArray[Any]]:
        """As `Executor.run`."""

    def run_on_device(
        self,
        seed: int,
        start: int,
        kinds: NDArray[np.int32] | int | None,
        latents: NDArray[np.int8] | None,
        count: int,
    ) -> dict[str, DeviceArray]:
        """As `run`, without waiting for the results; an int32 has four bytes on a last axis of its own."""

    def trace(
        self, seed: int, index: int, kind: int | None = None, latents: NDArray[np.int8] | None = None
    ) -> list[NDArray[np.uint8]]:
        """As `Executor.trace`."""

    def time(self, tiles: int, rounds: int) -> list[float]:
        """Seconds on the device of `rounds` launches of so many tiles, whose results stay there."""

    def upload(self, array: NDArray[np.uint8]) -> DeviceArray:
        """A copy in the device's memory."""

    def opaque_or_clear(self, colours: DeviceArray) -> DeviceArray:
        """(..., 3 or 4) -> (..., 4), alpha 0 or 255, clear colours black."""

    def remap(self, colours: DeviceArray, palette: NDArray[np.uint8]) -> DeviceArray:
        """Opaque colours (..., 4) replaced by the nearest of palette (K, 4), all opaque."""

    def paint(self, indices: DeviceArray, palettes: DeviceArray) -> DeviceArray:
        """As `paint`, on the device."""

def philox(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """Philox4x32-10: four words of 32 bits from a counter (4 words) and a key (2 words)."""

def draw_latents(seed: int, start: int, count: int, size: int, table: NDArray[np.int8]) -> NDArray[np.int8]:
    """The latents of tiles start .. start + count - 1: int8 (count, size); table: 256 int8."""

def draw_kinds(seed: int, start: int, count: int, kinds: int) -> NDArray[np.int32]:
    """The kinds drawn for tiles start .. start + count - 1: int32 (count,), each in [0, kinds)."""

# --- levels (csrc/bindings/level.cpp) ---

def solve(
    weights: NDArray[np.int32],
    allowed: NDArray[np.uint8],
    height: int,
    width: int,
    periodic: bool,
    seed: int,
    domains: NDArray[np.uint8] | None = None,
    first_attempt: int = 0,
    attempts: int = 1,
) -> tuple[Literal["decided"], NDArray[np.int32]] | tuple[Literal["contradiction"], None]:
    """Wave function collapse: a pattern for every cell, int32 (height, width), or a contradiction.

    `weights` (T,), each at least 1, summing to less than 2**31; `allowed` (2, T, T), non-zero where the
    second pattern may stand right of [0] or below [1] the first; `domains` (height, width, T), non-zero where
    a cell may take a pattern, None for everywhere. T <= 4096 and height * width * T <= 2**24. Attempts are
    numbered from `first_attempt`; each number draws its own random words. Releases the GIL.
    """
