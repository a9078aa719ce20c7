"""The reference implementation: every op in plain NumPy. All backends must return the same bytes.

Maps are uint8 (N, H, W, C) and features uint8 (N, F): a quantised value q represents scale * (q - zero). Sums
are int32; the compiler has shown that they cannot overflow. Weights are int8, output channel first. The zero
point of the input is folded into the bias. docs/numerics.md is the specification.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.arrays import BoolArray, Float32Array, Int8Array, Int32Array, Uint8Array, Uint64Array
from tilewright.compiler.draws import Draws
from tilewright.compiler.sampling_options import SamplingOptions
from tilewright.plan import CELLS, KIND, KIND_MAP, LATENTS, WORDS, Plan, Step
from tilewright.seeds import LATENT_TABLE, draw_kinds, draw_latents, tile_numbers

Values = dict[str, npt.NDArray[np.generic]]


def requantise(sums: Int32Array, multiplier: Float32Array, zero_out: int) -> Uint8Array:
    """Convert int32 to float32, multiply, clamp, round half to even, and add the zero point.

    Clamping before rounding is equivalent because the bounds are integers. It also maps an infinite product
    to a bound.
    """
    with np.errstate(over="ignore"):
        scaled = sums.astype(np.float32) * multiplier
    return _to_uint8(scaled, zero_out)


def _to_uint8(values: Float32Array, zero_out: int) -> Uint8Array:
    clamped = np.clip(values, np.float32(-zero_out), np.float32(255 - zero_out))
    return (np.rint(clamped).astype(np.int32) + zero_out).astype(np.uint8)


def sums(x: Uint8Array, weights: Int8Array) -> Int32Array:
    """x (M, I), weights (O, I) -> int32 (M, O). float64 products of 8-bit integers are exact, and BLAS makes
    them fast.
    """
    return np.rint(x.astype(np.float64) @ weights.astype(np.float64).T).astype(np.int32)


def _padded(x: Uint8Array, margins: tuple[int, int], zero_in: int, wrap: bool) -> Uint8Array:
    width = ((0, 0), *((margin, margin) for margin in margins), (0, 0))
    return np.pad(x, width, mode="wrap") if wrap else np.pad(x, width, constant_values=zero_in)


def embed(kinds: Int32Array, table: Uint8Array) -> Uint8Array:
    """kinds int32 (N,), table (K, F) -> (N, F)."""
    return table[kinds]


def embed_cells(*inputs: npt.NDArray[np.generic], table: Uint8Array) -> Uint8Array:
    """kinds int32 (N,), cells (N, H, W) less than E, table (K, E, C) -> (N, H, W, C).

    kinds is the first input. It may be omitted, and then all kinds are 0.
    """
    *kinds, cells = (value.astype(np.int64) for value in inputs)
    return np.asarray(table[kinds[0][:, None, None] if kinds else 0, cells])


def concat(*features: Uint8Array) -> Uint8Array:
    """(N, F1), (N, F2), ... -> (N, F1 + F2 + ...)."""
    return np.concatenate(features, axis=1)


def slice(x: Uint8Array, first: int, shape: tuple[int, ...]) -> Uint8Array:
    """Select consecutive features of x (N, F), starting at feature `first`.

    The result is (N, L) for shape (L,), and (N, H, W, C) for shape (H, W, C). A map is filled channel by channel.
    """
    features = x[:, first : first + math.prod(shape)]
    if len(shape) == 1:
        return features
    height, width, channels = shape
    return features.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)


def dense(
    x: Uint8Array, weights: Int8Array, bias: Int32Array, multiplier: Float32Array, zero_out: int
) -> Uint8Array:
    """x (N, I), weights (O, I), bias (O,), multiplier (O,) -> (N, O)."""
    return requantise(sums(x, weights) + bias, multiplier, zero_out)


def scores(
    x: Uint8Array,
    weights: Int8Array,
    bias: Int32Array,
    zero_in: int,
    wrap: bool,
    dilations: tuple[int, int] = (1, 1),
) -> Int32Array:
    """Return the sums of a convolution: x (N, H, W, I), weights (O, kh, kw, I), bias (O,) -> int32 (N, H, W,
    O).
    """
    n, height, width, _ = x.shape
    rows, columns = weights.shape[1:3]
    padded = _padded(x, (rows // 2 * dilations[0], columns // 2 * dilations[1]), zero_in, wrap)
    total = np.broadcast_to(bias, (n, height, width, len(bias))).astype(np.int32)
    for ky in range(rows):
        for kx in range(columns):
            top, left = ky * dilations[0], kx * dilations[1]
            window = padded[:, top : top + height, left : left + width]
            total += sums(window.reshape(-1, x.shape[3]), weights[:, ky, kx]).reshape(total.shape)
    return total


def conv2d(
    x: Uint8Array,
    weights: Int8Array,
    bias: Int32Array,
    multiplier: Float32Array,
    zero_in: int,
    zero_out: int,
    wrap: bool,
    dilations: tuple[int, int] = (1, 1),
) -> Uint8Array:
    """Convolution of stride 1 that keeps the size. The border is zero_in, or the opposite edge with `wrap`."""
    return requantise(scores(x, weights, bias, zero_in, wrap, dilations), multiplier, zero_out)


def conv_transpose2d(
    x: Uint8Array,
    weights: Int8Array,
    bias: Int32Array,
    multiplier: Float32Array,
    zero_in: int,
    zero_out: int,
    wrap: bool,
) -> Uint8Array:
    """Transposed convolution 4x4, stride 2, padding 1: x (N, H, W, I), weights (O, 4, 4, I), bias (4, O) ->
    (N, 2H, 2W, O).

    Output pixel (2y + py, 2x + px) depends on 2x2 input pixels through the 2x2 kernel of its phase. bias has
    a row per phase 2 * py + px.
    """
    n, height, width, inputs = x.shape
    outputs = len(weights)
    padded = _padded(x, (1, 1), zero_in, wrap)
    result = np.empty((n, 2 * height, 2 * width, outputs), dtype=np.uint8)
    for py in range(2):
        for px in range(2):
            total = np.broadcast_to(bias[2 * py + px], (n, height, width, outputs)).astype(np.int32)
            for ty in range(2):
                for tx in range(2):
                    window = padded[:, py + ty : py + ty + height, px + tx : px + tx + width]
                    kernel = weights[:, 3 - py - 2 * ty, 3 - px - 2 * tx]
                    total += sums(window.reshape(-1, inputs), kernel).reshape(total.shape)
            result[:, py::2, px::2] = requantise(total, multiplier, zero_out)
    return result


def lookup(x: Uint8Array, table: Uint8Array) -> Uint8Array:
    """Apply a pointwise function given as a table (256,)."""
    return table[x]


def add(
    a: Uint8Array, b: Uint8Array, scale_a: float, scale_b: float, zero_a: int, zero_b: int, zero_out: int
) -> Uint8Array:
    """Add two products in float32, each operation rounded separately; then round and clamp like requantise.

    a and b of one shape; or a (N, H, W, C) and b (N, 1, 1, C), which is added to every cell.
    """
    left = (a.astype(np.int32) - zero_a).astype(np.float32) * np.float32(scale_a)
    right = (b.astype(np.int32) - zero_b).astype(np.float32) * np.float32(scale_b)
    with np.errstate(over="ignore"):  # the products are finite; an infinite sum is clamped
        total = left + right
    return _to_uint8(total, zero_out)


def argmax(x: Uint8Array | Int32Array) -> Uint8Array:
    """(N, H, W, K) -> (N, H, W): the channel of the largest value. Ties select the lowest channel."""
    return np.asarray(x.argmax(axis=-1), dtype=np.uint8)


def nearest(x: Uint8Array, palette: Uint8Array) -> Uint8Array:
    """x (N, H, W, C), palette (N, K, C) -> (N, H, W): the nearest entry by squared distance. Ties select the
    lowest.
    """
    difference = x[:, :, :, None, :].astype(np.int32) - palette[:, None, None, :, :].astype(np.int32)
    return np.asarray(np.square(difference).sum(axis=-1).argmin(axis=-1), dtype=np.uint8)


def max_pool(x: Uint8Array) -> Uint8Array:
    """(N, H, W, C) -> (N, H div 2, W div 2, C): the largest of 2x2 cells. An odd last row or column is dropped."""
    n, height, width, channels = x.shape
    blocks = x[:, : height // 2 * 2, : width // 2 * 2].reshape(n, height // 2, 2, width // 2, 2, channels)
    return np.asarray(blocks.max(axis=(2, 4)), dtype=np.uint8)


def mean(x: Uint8Array, multiplier: np.float32, zero_in: int, zero_out: int) -> Uint8Array:
    """(N, H, W, C) -> (N, C): the sums over all cells, requantised. The multiplier includes the number of cells."""
    total = (x.astype(np.int32) - zero_in).sum(axis=(1, 2), dtype=np.int32)
    return requantise(total, np.asarray(multiplier, np.float32), zero_out)


OPS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        embed,
        embed_cells,
        concat,
        slice,
        dense,
        scores,
        conv2d,
        conv_transpose2d,
        lookup,
        add,
        argmax,
        nearest,
        max_pool,
        mean,
    )
}


def run_step(step: Step, values: Values) -> npt.NDArray[np.generic]:
    """Return the output of one step, given the values of its inputs by name, batch first."""
    result: npt.NDArray[np.generic] = OPS[step.op](*(values[name] for name in step.inputs), **step.arguments)
    return result


def inputs(
    plan: Plan,
    count: int,
    *,
    seed: int = 0,
    start: int | Uint64Array = 0,
    kinds: Int32Array | None = None,
    latents: Int8Array | None = None,
    latent_table: Int8Array = LATENT_TABLE,
    cells: Uint8Array | None = None,
    kind_maps: Uint8Array | None = None,
    words: Uint8Array | None = None,
) -> Values:
    """Return the inputs of `plan` for `count` tiles, by name of the buffer.

    start: the number of the first tile, or the number of each tile, uint64 (count,).
    kinds: int32 (count,); by default drawn from the seed.
    latents: int8 (count, plan.latent_size); by default drawn from the seed, with latent_table, int8 (256,).
    cells: uint8 (H, W) or (count, H, W), the pictures of a sampler; by default all cells are unknown. Required by a
    plan that has cells and no sampler.
    kind_maps: uint8 (H, W) or (count, H, W); by default each cell has the kind of its tile.
    words: uint8 (V,) or (count, V); by default zeros.
    """
    if kinds is None:
        kinds = draw_kinds(seed, start, count, plan.kinds)
    if latents is None:
        latents = draw_latents(seed, start, count, plan.latent_size, latent_table)
    unsigned = (latents.astype(np.int16) + 128).astype(np.uint8)
    values: Values = {}
    first = 0
    for given in plan.inputs:
        shape = plan.buffers[given.buffer].shape
        if given.source == LATENTS:
            end = first + math.prod(shape)
            values[given.buffer] = unsigned[:, first:end].reshape(count, *shape)
            first = end
        elif given.source == KIND:
            values[given.buffer] = kinds
        elif given.source == KIND_MAP:
            maps = kinds.astype(np.uint8).reshape(-1, 1, 1) if kind_maps is None else kind_maps
            values[given.buffer] = np.broadcast_to(maps, (count, *shape))
        elif given.source == WORDS:
            given_words = np.zeros(shape, np.uint8) if words is None else words
            values[given.buffer] = np.broadcast_to(given_words, (count, *shape))
        elif given.source == CELLS:
            if cells is None:
                if plan.sampler is None:
                    raise ValueError("cells must be given, because the plan has no sampler")
                cells = np.full(shape, plan.sampler.colours, np.uint8)
            values[given.buffer] = np.broadcast_to(cells, (count, *shape))
    return values


def run(
    plan: Plan,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    tile_numbers: Uint64Array | None = None,
    allowed: BoolArray | None = None,
    sampling: SamplingOptions | None = None,
    **given: Any,
) -> dict[str, npt.NDArray[Any]]:
    """Execute `plan` for `count` tiles: output name -> (count, ...), uint8 or int32 like the buffer.

    tile_numbers: uint64 (count,), instead of start .. start + count - 1. allowed: bool (colours,) or (count, colours),
    the palette entries that a sampler may draw. sampling: options instead of the plan's. The other arguments are
    those of `inputs`.
    """
    numbers = numbers_of(start, count, tile_numbers)
    values = inputs(plan, count, seed=seed, start=numbers, **given)
    if plan.sampler is None:
        values = _evaluate(plan, values)
    else:
        values[plan.sampler.cells] = _sample(
            plan, Draws(plan.sampler, seed, numbers, allowed, sampling), values
        )
    return {name: values[buffer].astype(plan.buffers[buffer].dtype) for name, buffer in plan.outputs.items()}


def trace(plan: Plan, count: int, **given: Any) -> Values:
    """Like `run`, but return the values of all buffers by name. For a sampler: one evaluation of its steps.

    The arguments are those of `inputs`.
    """
    return _evaluate(plan, inputs(plan, count, **given))


def _evaluate(plan: Plan, given: Values) -> Values:
    """Return the given values and those of all steps."""
    values = dict(given)
    count = len(next(iter(given.values())))
    for step in plan.steps:
        shape = plan.buffers[step.output].shape
        values[step.output] = run_step(step, values).reshape(count, *shape)
    return values


def numbers_of(start: int, count: int, given: Uint64Array | None) -> Uint64Array:
    """Return uint64 (count,): the given numbers of tiles, or start .. start + count - 1, modulo 2**64."""
    return tile_numbers(start, count) if given is None else given


def _sample(plan: Plan, draws: Draws, given: Values) -> Uint8Array:
    """Palette indices uint8 (count, H, W): each evaluation of the plan fixes some cells."""
    sampler = draws.sampler
    known = given[sampler.cells].astype(np.uint8)
    count, size = len(known), sampler.height * sampler.width
    unknown = known.reshape(count, size) == sampler.colours
    pictures = draws.begin(known)
    cells = pictures.reshape(count, size)
    noise = draws.noise()
    for turn in draws.turns(unknown, np.arange(size)[:, None]):
        if turn.refinement:
            cells[turn.fixed] = sampler.colours
            noise = draws.noise(turn.refinement)
        evaluated = _evaluate(plan, {**given, sampler.cells: pictures})[sampler.scores]
        scores: Int32Array = evaluated.reshape(count, size, sampler.colours).astype(np.int32, copy=False)
        cells[turn.fixed] = draws.choose(turn.fixed, scores[turn.fixed] + noise[turn.fixed])
    return pictures
