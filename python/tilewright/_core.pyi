"""The compiled core: executes plans, draws latents, names backends and GPUs.

Only `tilewright.engine` and `tilewright.level.solver` import this module. Arrays must be C-contiguous and
of exactly the dtype named; they are copied. Whatever does not fit raises `ValueError`.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Where a buffer lies in a tile's arena: (byte offset, multiple of 64; shape without the batch axis).
Buffer = tuple[int, Sequence[int]]

class PlanBuilder:
    """Collects the steps of a plan in order; nothing is checked against the arena until `Executor`.

    All buffers are uint8 except the output of `scores`, int32. Feature maps are (height, width, channels).
    """

    def __init__(
        self,
        arena_bytes: int,
        latent_size: int,
        latent_offset: int,
        kinds: int,
        latent_table: NDArray[np.int8],
    ) -> None:
        """`latent_table`: 256 int8, the latent for each random byte. `kinds`: how many, 1 or more."""

    def embed(self, y: Buffer, table: NDArray[np.uint8]) -> None:
        """y (width,) = table[kind]; table (kinds, width)."""

    def concat(self, xs: Sequence[Buffer], y: Buffer) -> None:
        """y (total bytes,) = the bytes of xs one after another."""

    def dense(
        self,
        x: Buffer,
        y: Buffer,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_out: int,
    ) -> None:
        """x of I elements, y of O elements; weights (O, I); bias (O,); multiplier (O,)."""

    def conv2d(
        self,
        x: Buffer,
        y: Buffer,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_in: int,
        zero_out: int,
        wrap: bool,
        dilation: int = 1,
    ) -> None:
        """x (H, W, I), y (H, W, O); weights (O, k, k, I), k odd; bias (O,); multiplier (O,)."""

    def conv_transpose2d(
        self,
        x: Buffer,
        y: Buffer,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        multiplier: NDArray[np.float32],
        zero_in: int,
        zero_out: int,
        wrap: bool,
    ) -> None:
        """x (H, W, I), y (2H, 2W, O); weights (O, 4, 4, I); bias (4, O), row 2 * py + px; multiplier (O,)."""

    def scores(
        self,
        x: Buffer,
        y: Buffer,
        weights: NDArray[np.int8],
        bias: NDArray[np.int32],
        zero_in: int,
        wrap: bool,
        dilation: int = 1,
    ) -> None:
        """As conv2d, but y (H, W, K) keeps the int32 sums (4 bytes per element)."""

    def argmax(self, x: Buffer, y: Buffer, dtype: Literal["int32", "uint8"]) -> None:
        """x (H, W, K) of `dtype`, K <= 256; y (H, W); the lowest index wins a tie."""

    def lookup(self, x: Buffer, y: Buffer, table: NDArray[np.uint8]) -> None:
        """y = table[x], elementwise; table (256,). y may be x itself."""

    def add(
        self,
        a: Buffer,
        b: Buffer,
        y: Buffer,
        scale_a: float,
        scale_b: float,
        zero_a: int,
        zero_b: int,
        zero_out: int,
    ) -> None:
        """y = clamp(rne((a - zero_a) * scale_a + (b - zero_b) * scale_b) + zero_out). y may be a or b."""

    def nearest(self, x: Buffer, palette: Buffer, y: Buffer) -> None:
        """x (H, W, C), palette (K, C), K <= 256; y (H, W): the palette row nearest in squared distance."""

    def output(self, name: str, offset: int, nbytes: int) -> None:
        """Names `nbytes` bytes at `offset` as a result of the plan."""

class Executor:
    """Runs a plan, tile by tile, each in an arena of its own. Immutable: threads may share one."""

    def __init__(self, plan: PlanBuilder, backend: str = "") -> None:
        """Checks the whole plan once. `backend`: a name from `backends()`; "" takes the best one here, or
        what the environment variable TILEWRIGHT_BACKEND names."""

    @property
    def backend(self) -> str:
        """The name of the backend that runs the plan."""

    def run(
        self,
        seed: int,
        start: int,
        kinds: NDArray[np.int32] | None,
        latents: NDArray[np.int8] | None,
        count: int,
        threads: int = 1,
    ) -> dict[str, NDArray[np.uint8]]:
        """Makes tiles start .. start + count - 1 (modulo 2**64): name -> (count, nbytes).

        `kinds` (count,) and `latents` (count, latent_size) replace what would be drawn from the seed.
        `threads` 0 takes one per processor. Releases the GIL.
        """

    def trace(
        self, seed: int, index: int, kind: int | None = None, latents: NDArray[np.int8] | None = None
    ) -> list[NDArray[np.uint8]]:
        """Makes one tile and returns the bytes that each step wrote, in order; `latents` (latent_size,)."""

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

def backends() -> list[str]:
    """Names of the backends that run on this machine, fastest first."""

def cuda_devices() -> list[CudaDevice]:
    """The GPUs that this build has code for; empty where there are none. Never raises."""

def cuda_unavailable_reason() -> str:
    """Why `cuda_devices` is empty, in one line; "" when it is not."""

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
