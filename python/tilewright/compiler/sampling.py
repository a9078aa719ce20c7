"""The sampler of an iterative pack: checks, and the table of noise.

Adding Gumbel noise to the scores and taking the maximum draws palette indices with softmax probabilities. The
core needs only integers, which are computed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from tilewright.arrays import Int32Array, Int64Array
from tilewright.compiler.graph import CELLS, LOGITS
from tilewright.compiler.sum_bounds import sums_fit
from tilewright.errors import PackError
from tilewright.plan import Buffer, Sampler, Step

MASKED, AUTOREGRESSIVE = "masked", "autoregressive"
METHODS = (MASKED, AUTOREGRESSIVE)
MAX_COLOURS = 255  # the next value of a byte marks unknown cells
MAX_NOISE = 1 << 24
ENTRIES = 4096  # of the table of noise


@dataclass(frozen=True)
class Sampling:
    """The field `sampler` of a pack's metadata.

    steps: evaluations of the step network per picture. temperature: 0 or more.
    order, refine and begin: options of a masked sampler, as in `plan.Sampler`.
    """

    method: str
    steps: int
    temperature: float
    order: str = "random"
    refine: int = 0
    begin: int = 0


def compile_sampler(
    sampling: Sampling, steps: Sequence[Step], buffers: Mapping[str, Buffer], scale: np.float32
) -> Sampler:
    """Return the sampler of a step network whose logits are `scale` times its scores. Raises PackError if
    they do not match.
    """
    height, width = buffers[CELLS].shape
    step = next(step for step in steps if step.output == LOGITS)
    *edges, colours = buffers[LOGITS].shape
    if edges != [height, width] or not 1 <= colours <= MAX_COLOURS:
        raise PackError(
            f"the pack's logits must be 1 to {MAX_COLOURS} maps of {height}x{width} like its cells, "
            f"not {colours} of {edges[0]}x{edges[1]}"
        )
    for reader in steps:
        _check_reader(reader, colours)
    _check_steps(sampling, height * width)
    _check_sums(step)
    return Sampler(
        method=sampling.method,
        height=height,
        width=width,
        colours=colours,
        steps=sampling.steps,
        noise=noise_table(sampling.temperature, scale),
        cells=CELLS,
        scores=LOGITS,
        scale=float(scale),
        order=sampling.order,
        refine=sampling.refine,
        begin=sampling.begin,
    )


def _check_reader(step: Step, colours: int) -> None:
    if CELLS not in step.inputs:
        return
    if step.op == "embed_cells":
        entries = step.arguments["table"].shape[1]
        if entries != colours + 1:
            raise PackError(
                f"the table of cells must have a row for each of {colours} colours and one for a cell that is not "
                f"yet known, not {entries} rows"
            )
    else:
        raise PackError(f"the pack's {step.op} reads the cells: only a Gather may")


def _check_steps(sampling: Sampling, cells: int) -> None:
    least = cells if sampling.method == AUTOREGRESSIVE else 1
    if not least <= sampling.steps <= cells:
        raise PackError(
            f"the sampler's steps must be {least} to {cells} ({sampling.method}, {cells} cells), not {sampling.steps}"
        )


def _check_sums(step: Step) -> None:
    """Raise PackError if a score plus noise may leave int32."""
    if not sums_fit(step.arguments["weights"], step.arguments["bias"], MAX_NOISE):
        raise PackError("the pack's logits with the sampler's noise do not fit 32 bits")


# The table of noise.

_LN_2 = 11_629_080  # ln 2, in units of 2^-24
_MINUS_LN_LN_2 = 24_596_266  # -ln(ln 2), in units of 2^-26


@cache
def gumbel_quantiles() -> Int32Array:
    """Return int32 (4096,), ascending: -ln(-ln((i + 0.5) / 4096)) in units of 2^-16, within one unit.

    Uses integers only, so all machines agree: -log2 of the fraction is x = 13 - log2(2i + 1), and the
    quantile is -ln(x ln 2) = -ln 2 log2(x) - ln(ln 2).
    """
    odd = 2 * np.arange(ENTRIES, dtype=np.int64) + 1
    x = (13 << 32) - _log2(odd)
    sums = (_MINUS_LN_LN_2 << 30) - _LN_2 * (_log2(x) - (32 << 32))  # in units of 2^-56
    quantiles = ((sums + (1 << 39)) >> 40).astype(np.int32)
    quantiles.setflags(write=False)  # shared by all callers
    return quantiles


def _log2(numbers: Int64Array) -> Int64Array:
    """Return log2 of integers in 1 .. 2^62, in units of 2^-32. Each squaring that exceeds 2 yields a binary
    digit.
    """
    exponent = np.zeros_like(numbers)
    for shift in (32, 16, 8, 4, 2, 1):
        exponent += np.where(numbers >> (exponent + shift) > 0, shift, 0)
    left, right = np.maximum(31 - exponent, 0), np.maximum(exponent - 31, 0)
    mantissa = ((numbers << left) >> right).astype(np.uint64)  # 1 .. 2, in units of 2^-31
    result = exponent
    for _ in range(32):
        mantissa = (mantissa * mantissa) >> np.uint64(31)
        digit = mantissa >> np.uint64(32)
        mantissa >>= digit
        result = (result << 1) + digit.astype(np.int64)
    return result


def noise_table(temperature: float, scale: np.float32) -> Int32Array:
    """Return int32 (4096,): the quantiles times temperature / scale, in units of the scores, within 2^24.

    One float64 quotient, one product and one rounding to an integer, ties to even.
    """
    if not 0 < scale < np.inf:
        raise PackError("the pack's scales are too far apart")
    ratio = min(temperature / float(scale), 2.0**60)  # larger values are clamped below
    noise = np.rint(gumbel_quantiles() * (ratio * 2.0**-16))
    return np.asarray(np.clip(noise, -MAX_NOISE, MAX_NOISE), dtype=np.int32)
