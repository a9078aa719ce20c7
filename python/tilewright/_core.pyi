"""The compiled core: executes plans, draws latents, and lists backends and GPUs.

Only `tilewright.engine` and `tilewright.level.solver` import this module. Arrays must be C-contiguous and
have exactly the stated dtype; they are copied. Invalid arguments raise `ValueError`.
"""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

class Conditions(TypedDict, total=False):
    """Conditions of tiles, of the shape of their input, for all tiles, or (count, that shape).

    kind_maps: a kind per cell, instead of the tile's kind in each. words: instead of zeros. tile_numbers: (count,),
    instead of start .. start + count - 1. cells: of a sampler, entries that are known at first, and the number of
    colours for others, instead of a picture of unknown cells; required without a sampler. allowed: the entries that may
    be drawn, (colours,) or (count, colours).
    sampling: order, refine, begin and noise of `PlanBuilder.sampler`, instead of the plan's. latent_table: (256,),
    instead of the plan's.
    """

    kind_maps: NDArray[np.uint8] | None
    words: NDArray[np.uint8] | None
    tile_numbers: NDArray[np.uint64] | None
    cells: NDArray[np.uint8] | None
    allowed: NDArray[np.bool_] | None
    sampling: tuple[str, int, int, NDArray[np.int32]]
    latent_table: NDArray[np.int8]

class PlanBuilder:
    """Collects the steps of a plan in order; nothing but the arrays is checked until `Executor`.

    Values are numbers: `input` and every step return the one they make. All hold uint8 except the kind and the result
    of `scores`, int32. Feature maps are (height, width, channels).
    """

    def __init__(self, kinds: int, latent_table: NDArray[np.int8]) -> None:
        """kinds: their number, 1 or more. latent_table: 256 int8, the latent for each random byte."""

    def input(self, source: str, shape: Sequence[int] = ()) -> int:
        """A value that no step makes. source: "latents", the next part of them, of any shape; "kind", of shape ();
        "cells", (H, W), the picture of a sampler or, without one, of the caller; "kind_map", (H, W), a kind per cell;
        "words", of any shape."""

    def embed(self, kind: int, table: NDArray[np.uint8]) -> int:
        """(width,) = table[kind]; table (kinds, width)."""

    def embed_cells(self, kind: int | None, cells: int, table: NDArray[np.uint8]) -> int:
        """(H, W, C) = table[kind][cells]; table (kinds, entries, C): colours + 1 entries for a sampler's cells, one for
        each kind for a map of kinds, 256 for other cells and indices. kind: None is 0."""

    def concat(self, xs: Sequence[int]) -> int:
        """(total bytes,) = the concatenated bytes of xs."""

    def slice(self, x: int, first: int, shape: Sequence[int]) -> int:
        """Select features of x from `first` on. The result `shape` is (F,) or (H, W, C); a map is filled
        channel by channel.
        """

    def dense(
        self,
        x: int,
        shape: Sequence[int],
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_out: int,
    ) -> int:
        """x with I elements -> `shape` with O elements; weights (O, I); bias (O,); multiplier (O,)."""

    def conv2d(
        self,
        x: int,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_in: int,
        zero_out: int,
        wrap: bool,
        dilations: tuple[int, int] = (1, 1),
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
        dilations: tuple[int, int] = (1, 1),
    ) -> int:
        """Like conv2d, but (H, W, K) holds the int32 sums."""

    def argmax(self, x: int) -> int:
        """x (H, W, K), K <= 256 -> (H, W); ties select the lowest index."""

    def lookup(self, x: int, table: NDArray[np.uint8]) -> int:
        """table[x], elementwise; table (256,)."""

    def add(
        self, a: int, b: int, scale_a: float, scale_b: float, zero_a: int, zero_b: int, zero_out: int
    ) -> int:
        """clamp(rne((a - zero_a) * scale_a + (b - zero_b) * scale_b) + zero_out) for two values of one shape."""

    def nearest(self, x: int, palette: int) -> int:
        """x (H, W, C), palette (K, C), K <= 256 -> (H, W): the palette row with the smallest squared
        distance.
        """

    def max_pool(self, x: int) -> int:
        """x (H, W, C) -> (H // 2, W // 2, C): the largest of 2x2 cells; H and W at least 2."""

    def mean(self, x: int, multiplier: float, zero_in: int, zero_out: int) -> int:
        """x (H, W, C) -> (C,): the sums of x - zero_in over all cells, requantised."""

    def sampler(
        self,
        method: str,
        colours: int,
        steps: int,
        cells: int,
        scores: int,
        noise: NDArray[np.int32],
        order: str = "random",
        refine: int = 0,
        begin: int = 0,
    ) -> None:
        """Run the steps again and again until every cell is known. method: "masked" or "autoregressive"; cells: the
        input to fill; scores: the value of (H, W, colours) to draw from; noise (4096,): Gumbel quantiles in units of
        the scores. order, refine and begin: options of a masked sampler, as in `plan.Sampler`."""

    def output(self, name: str, value: int) -> None:
        """Names a value as a result of the plan: of a step, or an input."""

class Executor:
    """Runs a plan in blocks of tiles. Immutable; threads may share one."""

    def __init__(self, plan: PlanBuilder, backend: str = "") -> None:
        """Check the whole plan. backend: a name from `backends()`; "" selects the first one."""

    @property
    def backend(self) -> str:
        """Name of the backend that runs the plan."""

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds executed per tile."""

    @property
    def workspace_bytes(self) -> int:
        """Bytes of memory per thread."""

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
        **conditions: Unpack[Conditions],
    ) -> dict[str, NDArray[Any]]:
        """Makes tiles start .. start + count - 1 (modulo 2**64): name -> (count, *shape), int32 for a kind, else
        uint8.

        `kinds`, a number or (count,), and `latents` (count, latent_size) replace what would be drawn from the seed.
        `threads` 0 takes one per processor. Releases the GIL.
        """

    def time_stages(self, rounds: int) -> list[tuple[str, float, int]]:
        """Return (ops, seconds, multiply-adds) of each stage per tile, the mean over `rounds` blocks."""

    def trace(
        self,
        seed: int,
        index: int,
        kind: int | None = None,
        latents: NDArray[np.int8] | None = None,
        kind_map: NDArray[np.uint8] | None = None,
        words: NDArray[np.uint8] | None = None,
        cells: NDArray[np.uint8] | None = None,
    ) -> list[NDArray[np.uint8]]:
        """Generate one tile and return the bytes that each step wrote, in order. latents: (latent_size,).
        With a sampler: one evaluation of the network with all cells unknown, unless `cells` are given.
        """

def binarize_alpha(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Map (N, 4) to colours with alpha 255 where it is at least 128, else to four zeros."""

def remap(colours: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 4), (K, 4) -> (N, 4): csrc/core/oklab.h."""

def oklab(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(N, 4) -> (N, 3), in units of 2^-14: csrc/core/oklab.h."""

def picture_codes(pictures: NDArray[np.uint8], hashes: NDArray[np.uint16], holes: bool) -> NDArray[np.uint64]:
    """pictures (N, H, W), hashes (256,) -> (N, forms, words): csrc/core/picture_codes.h. Releases the GIL."""

def picture_figures(pictures: NDArray[np.uint8], entries: int, holes: bool) -> NDArray[np.int32]:
    """pictures (N, H, W) -> (N, 3 + entries): csrc/core/picture_codes.h. Releases the GIL."""

def copied_pictures(
    pictures: NDArray[np.uint8],
    hashes: NDArray[np.uint16],
    holes: bool,
    known: NDArray[np.uint64],
    limit: int,
) -> NDArray[np.bool_]:
    """pictures (N, H, W), hashes (256,), known (M, forms - 1, words) -> (N,): whether a code of a picture differs in at
    most `limit` bits from a known one. Releases the GIL."""

def apply_palette(indices: NDArray[np.uint8], palettes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """indices (N, H, W), palettes (N, K, 4) or (1, K, 4), K <= 256 -> (N, H, W, 4). Releases the GIL."""

def measure_peak(backend: str) -> float:
    """Measure the multiply-adds of bytes per second that one thread reaches in registers. Takes some
    milliseconds.
    """

def backends() -> list[str]:
    """Return the names of the backends that this machine supports, fastest first."""

def exchange_float_mode(mode: int | None = None) -> int:
    """Set the rounding and denormal mode of this thread; None means the defaults of IEEE 754. Returns the old
    mode.
    """

# --- GPUs (csrc/bindings/device.cpp) ---

class CudaDevice:
    """A GPU that this build supports."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def compute_capability(self) -> tuple[int, int]: ...
    @property
    def memory_bytes(self) -> int: ...

def cuda_devices() -> list[CudaDevice]:
    """Return the GPUs for which this build has code. Never raises."""

def cuda_unavailable_reason() -> str:
    """Return why `cuda_devices` is empty in one line, or ""."""

class DeviceArray:
    """uint8 in GPU memory, C-contiguous. Freed with the last array or tensor that refers to it."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def device(self) -> int:
        """The GPU's number in the CUDA runtime."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Version 3, with the stream that fills the array."""

    def __dlpack__(
        self,
        *,
        stream: int | None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Return a DLPack capsule. `stream` waits until the array is filled. Raises BufferError for another
        device or a copy.
        """

    def __dlpack_device__(self) -> tuple[int, int]: ...
    def reshape(self, shape: Sequence[int]) -> DeviceArray:
        """Return a view with another shape of the same size."""

    def to_host(self) -> NDArray[np.uint8]:
        """Copy to the host once the array is filled. Releases the GIL."""

class DeviceExecutor:
    """Runs a plan on one GPU, with the same results as `Executor`. Threads may share it; their calls run one
    at a time.

    Raises `RuntimeError` if the GPU fails: no device, no memory, a fork.
    """

    def __init__(self, plan: PlanBuilder, device: int = 0) -> None:
        """Check the whole plan and copy it to GPU `device` of the CUDA runtime."""

    @property
    def block_tiles(self) -> int:
        """Number of tiles per block of threads."""

    @property
    def in_shared_memory(self) -> bool:
        """Whether the values of these tiles fit shared memory."""

    @property
    def evaluations(self) -> int:
        """Number of evaluations of the network per tile: 1 without a sampler."""

    def run(
        self,
        seed: int,
        start: int,
        kinds: NDArray[np.int32] | int | None,
        latents: NDArray[np.int8] | None,
        count: int,
        **conditions: Unpack[Conditions],
    ) -> dict[str, NDArray[Any]]:
        """Like `Executor.run`."""

    def run_on_device(
        self,
        seed: int,
        start: int,
        kinds: NDArray[np.int32] | int | None,
        latents: NDArray[np.int8] | None,
        count: int,
        **conditions: Unpack[Conditions],
    ) -> dict[str, DeviceArray]:
        """Like `run`, without waiting for the results. An int32 result has a last axis of four bytes."""

    def trace(
        self,
        seed: int,
        index: int,
        kind: int | None = None,
        latents: NDArray[np.int8] | None = None,
        kind_map: NDArray[np.uint8] | None = None,
        words: NDArray[np.uint8] | None = None,
        cells: NDArray[np.uint8] | None = None,
    ) -> list[NDArray[np.uint8]]:
        """Like `Executor.trace`."""

    def time(self, tiles: int, rounds: int) -> list[float]:
        """Return the seconds of `rounds` launches of `tiles` tiles on the device, without copies."""

    def upload(self, array: NDArray[np.uint8]) -> DeviceArray:
        """Copy an array to device memory."""

    def binarize_alpha(self, colours: DeviceArray) -> DeviceArray:
        """(..., 3 or 4) -> (..., 4), with alpha 0 or 255, and transparent colours black."""

    def remap(self, colours: DeviceArray, palette: NDArray[np.uint8]) -> DeviceArray:
        """Replace opaque colours (..., 4) by the nearest colours of palette (K, 4), all opaque."""

    def apply_palette(self, indices: DeviceArray, palettes: DeviceArray) -> DeviceArray:
        """Like `apply_palette`, on the device."""

def philox(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """Philox4x32-10: four words of 32 bits from a counter (4 words) and a key (2 words)."""

def draw_latents(seed: int, start: int, count: int, size: int, table: NDArray[np.int8]) -> NDArray[np.int8]:
    """Draw the latents of tiles start .. start + count - 1: int8 (count, size). table: 256 int8."""

def draw_kinds(seed: int, start: int, count: int, kinds: int) -> NDArray[np.int32]:
    """Draw the kinds of tiles start .. start + count - 1: int32 (count,), each in [0, kinds)."""

# --- levels (csrc/bindings/level.cpp) ---

class LevelSolver:
    """A map of tiles to fill, with constraints, and its solver. Not for several threads at once.

    Constraints apply in the order of their addition; `name` is how the result refers to one. tiles: uint8 (T,),
    non-zero for the tiles that a constraint is about. cells: int32 (n,), row * width + column.
    """

    def __init__(
        self,
        weights: NDArray[np.int32],
        allowed: NDArray[np.uint8],
        height: int,
        width: int,
        periodic: bool = False,
        zones: NDArray[np.uint8] | None = None,
    ) -> None:
        """weights (Z, T): each at least 1, with sums less than 2**31. allowed (2, T, T): non-zero if the second
        tile may be right of [0] or below [1] the first. zones (height, width): rows of weights. T <= 4096,
        height * width <= 2**22 and height * width * T <= 2**30."""

    def allow(self, name: str, tiles: NDArray[np.uint8], cells: NDArray[np.int32]) -> None:
        """The cells take one of the tiles."""

    def count(self, name: str, tiles: NDArray[np.uint8], least: int, most: int) -> None:
        """`least` to `most` cells take one of the tiles."""

    def separate(self, name: str, tiles: NDArray[np.uint8], distance: int) -> None:
        """Two cells with one of the tiles are `distance` rows or columns apart."""

    def never(self, name: str, pattern: NDArray[np.uint8]) -> None:
        """The pattern (h, w, T) of sets of tiles matches nowhere."""

    def connect(self, name: str, tiles: NDArray[np.uint8], cells: NDArray[np.int32]) -> None:
        """The cells are connected by cells with one of the tiles; without cells, all that have one."""

    def solve(
        self, seed: int, max_steps: int, seconds: float = -1.0
    ) -> tuple[str, NDArray[np.int32] | None, int, int, list[str], bool]:
        """The outcome ("decided", "unsatisfiable", "out of steps" or "out of time"), the tile of each cell (height,
        width) if decided, the numbers of decisions and of contradictions, the names of the constraints that took
        part in contradictions, and whether the rules alone did. seconds: negative for no limit. Releases the
        GIL."""
