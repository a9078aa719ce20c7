"""Random numbers from a seed: latents, kinds and samplers. NumPy, C++ and CUDA return the same integers.

The generator is the counter-based Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
easy as 1, 2, 3", SC 2011). The key is the seed and the counter is (tile index, block, stream), so tile i can
be drawn without drawing earlier tiles. Every byte of a latent selects an entry of a table of normal
quantiles, which avoids floating-point functions. This file is the definition; `_core` implements the same.
"""

import numpy as np
import numpy.typing as npt

from tilewright.arrays import Int8Array, Int32Array, Int64Array, Uint32Array, Uint64Array
from tilewright.errors import UsageError
from tilewright.streams import Stream

# round(44 * normal quantile of (b + 0.5) / 256) for b = 128..255; the lower half mirrors it.
# fmt: off
_UPPER_QUANTILES = (
    0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 8, 8, 8, 9, 9,
    10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 17, 18, 18, 19, 19,
    20, 20, 21, 21, 22, 22, 23, 23, 24, 24, 25, 25, 26, 26, 27, 27, 28, 28, 29, 29, 30, 30,
    31, 32, 32, 33, 33, 34, 34, 35, 36, 36, 37, 37, 38, 39, 39, 40, 41, 41, 42, 43, 43, 44,
    45, 46, 46, 47, 48, 49, 49, 50, 51, 52, 53, 54, 55, 56, 56, 57, 59, 60, 61, 62, 63, 64,
    65, 67, 68, 70, 71, 73, 75, 77, 79, 81, 83, 86, 89, 93, 97, 103, 111, 127,
)
# fmt: on

LATENT_SCALE = 1.0 / 44.0
"""Scale of a latent: latent * LATENT_SCALE is approximately standard normal."""

LATENT_TABLE: Int8Array = np.array(
    [-q for q in reversed(_UPPER_QUANTILES)] + list(_UPPER_QUANTILES), dtype=np.int8
)
"""int8 (256,): the latent for each value of a random byte, ascending."""

ROUNDS = 256
"""Round r of refinement uses stream number + ROUNDS * r."""

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (np.uint32(0x9E3779B9), np.uint32(0xBB67AE85))


def philox(counter: Uint32Array, key: Uint32Array) -> Uint32Array:
    """Philox4x32 with 10 rounds: counter uint32 (..., 4), key uint32 (2,) -> uint32 (..., 4)."""
    c0, c1, c2, c3 = (np.asarray(counter[..., i], dtype=np.uint32) for i in range(4))
    k0, k1 = (int(k) for k in key)
    for _ in range(10):
        p0 = c0.astype(np.uint64) * _MULTIPLIERS[0]
        p1 = c2.astype(np.uint64) * _MULTIPLIERS[1]
        high0, low0 = (p0 >> np.uint64(32)).astype(np.uint32), p0.astype(np.uint32)
        high1, low1 = (p1 >> np.uint64(32)).astype(np.uint32), p1.astype(np.uint32)
        c0, c1, c2, c3 = high1 ^ c1 ^ np.uint32(k0), low1, high0 ^ c3 ^ np.uint32(k1), low0
        k0, k1 = (k0 + int(_WEYL[0])) & 0xFFFFFFFF, (k1 + int(_WEYL[1])) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1)


def check_seed(seed: int, caller: str) -> int:
    """Return `seed` as an int. Raises UsageError unless it is an integer in 0 .. 2**64 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
        raise UsageError(f"{caller}: seed must be an integer in 0..2**64-1, not {seed!r:.60}")
    return int(seed)


def tile_numbers(start: int, count: int) -> Uint64Array:
    """Return uint64 (count,): start .. start + count - 1, modulo 2**64."""
    with np.errstate(over="ignore"):
        return np.uint64(start % 2**64) + np.arange(count, dtype=np.uint64)


def draw_words(
    seed: int, start: int | Uint64Array, count: int, blocks: int, stream: Stream, refinement: int = 0
) -> Uint32Array:
    """Return random words uint32 (count, 4 * blocks) for tiles start .. start + count - 1 (modulo 2**64).

    start: in this and the following functions also uint64 (count,), the number of each tile. refinement: the number of
    a sampler's round of refinement, which has streams of its own; 0 for the sampling before.
    """
    index = start if isinstance(start, np.ndarray) else tile_numbers(start, count)
    counter = np.empty((count, blocks, 4), dtype=np.uint32)
    counter[..., 0] = index.astype(np.uint32)[:, None]
    counter[..., 1] = (index >> np.uint64(32)).astype(np.uint32)[:, None]
    counter[..., 2] = np.arange(blocks, dtype=np.uint32)[None, :]
    counter[..., 3] = stream + ROUNDS * refinement
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], dtype=np.uint32)
    return philox(counter, key).reshape(count, 4 * blocks)


def scaled_latents(scale: int) -> Int8Array:
    """Return LATENT_TABLE times scale / 256, rounded to the nearest integer, halves away from zero: int8 (256,).

    scale: 0 or more. Products beyond 127 become 127.
    """
    table = LATENT_TABLE.astype(np.int64)
    scaled: Int8Array = (
        (np.sign(table) * ((np.abs(table) * scale + 128) >> 8)).clip(-127, 127).astype(np.int8)
    )
    return scaled


def draw_latents(
    seed: int, start: int | Uint64Array, count: int, size: int, table: Int8Array = LATENT_TABLE
) -> Int8Array:
    """Return latents int8 (count, size) of tiles start .. start + count - 1.

    seed: 0 .. 2**64 - 1; start: any integer, modulo 2**64; count, size: 0 or more. table: int8 (256,), the latent of
    each random byte.
    """
    words = draw_words(seed, start, count, -(-size // 16), Stream.LATENTS)
    random_bytes = words.astype("<u4").view(np.uint8).reshape(count, 4 * words.shape[1])
    return table[random_bytes[:, :size]]


def draw_kinds(seed: int, start: int | Uint64Array, count: int, kinds: int) -> Int32Array:
    """Return kind numbers int32 (count,) in 0 .. kinds - 1, for tiles without a requested kind."""
    words = draw_words(seed, start, count, 1, Stream.KIND)[:, 0]
    return ((words.astype(np.uint64) * np.uint64(kinds)) >> np.uint64(32)).astype(np.int32)


def draw_order(seed: int, start: int | Uint64Array, count: int, cells: int) -> Int64Array:
    """Return a random order of 0 .. cells - 1 per tile, int64 (count, cells): ascending by (random word,
    cell).
    """
    keys = draw_words(seed, start, count, -(-cells // 4), Stream.ORDER)[:, :cells]
    return np.argsort(keys, axis=1, kind="stable").astype(np.int64)


def draw_noise(
    seed: int, start: int | Uint64Array, count: int, cells: int, colours: int, refinement: int = 0
) -> npt.NDArray[np.uint16]:
    """Return random numbers uint16 (count, cells, colours): one per cell and palette entry.

    A cell uses whole blocks of eight numbers: the low half of word 0, its high half, the low half of word 1,
    ...
    """
    blocks = -(-colours // 8)
    words = draw_words(seed, start, count, cells * blocks, Stream.GUMBEL, refinement)
    return words.astype("<u4").view("<u2").astype(np.uint16).reshape(count, cells, 8 * blocks)[..., :colours]


def draw_halton_shifts(
    seed: int, numbers: Uint64Array, height: int, width: int, refinement: int = 0
) -> Int64Array:
    """Return how far the Halton order of each tile is rolled, int64 (N, 2): rows below `height`, columns below `width`.

    numbers: uint64 (N,), of the tiles.
    """
    words = draw_words(seed, numbers, len(numbers), 1, Stream.HALTON, refinement)[:, :2].astype(np.uint64)
    return ((words * np.array([height, width], np.uint64)) >> np.uint64(32)).astype(np.int64)


def draw_beginnings(
    seed: int, numbers: Uint64Array, cells: int, share: int, entries: Int64Array
) -> Int64Array:
    """Return what each cell starts as, int64 (N, cells): a number below the tile's `entries`, int64 (N,), or -1.

    numbers: uint64 (N,), of the tiles. share: the probability of a number, in units of 2^-16.
    """
    words = draw_words(seed, numbers, len(numbers), -(-cells // 4), Stream.BEGIN)[:, :cells].astype(np.int64)
    return np.where(words >> 16 < share, (words & 0xFFFF) * entries[:, None] >> 16, -1)
