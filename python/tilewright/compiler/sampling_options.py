"""The options of a sampler that a pack states and a call may override: order, refinement, beginning, temperature."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tilewright.arrays import Int8Array, Int32Array
from tilewright.compiler.sampling import AUTOREGRESSIVE, noise_table
from tilewright.errors import UsageError
from tilewright.plan import MAX_WORK, Plan
from tilewright.seeds import scaled_latents

ORDERS = ("random", "halton", "raster")
MAX_REFINE = 1 << 16
WHOLE = 1 << 16  # the share of all cells
MAX_LATENT_SCALE = 128.0  # at which all latents but 0 are 127 or -127


@dataclass(frozen=True, eq=False)
class SamplingOptions:
    """What `csrc/core/sampling_options.h` describes. begin: a share in units of 2^-16. noise: as in `plan.Sampler`."""

    order: str
    refine: int
    begin: int
    noise: Int32Array


@lru_cache(maxsize=64)
def _noise(temperature: float, scale: float) -> Int32Array:
    noise = noise_table(temperature, np.float32(scale))
    noise.setflags(write=False)  # shared by all callers
    return noise


def read_options(
    plan: Plan,
    order: str | None,
    refine: int | None,
    begin: float | None,
    temperature: float | None,
    *,
    name: str,
    caller: str,
) -> SamplingOptions | None:
    """Return the sampler's options, with those of the plan in place of None; None if all are None.

    begin: 0 to 1, rounded to multiples of 2^-16, ties to even. name: of the pack, and caller: "pack.generate()", for
    the texts of errors. Raises UsageError for unsuitable values, and for options that the plan's sampler does not have.
    """
    given = {"order": order, "refine": refine, "begin": begin, "temperature": temperature}
    first = next((key for key, value in given.items() if value is not None), None)
    if first is None:
        return None
    sampler = plan.sampler
    if sampler is None:
        raise UsageError(f"{caller}: {name} makes a picture in one pass: {first} is for packs with a sampler")
    if sampler.method == AUTOREGRESSIVE and first != "temperature":
        raise UsageError(
            f"{caller}: {name} fixes cells one by one in reading order: {first} is for masked samplers, "
            f"temperature for all"
        )
    if order is not None and order not in ORDERS:
        raise UsageError(
            f"{caller}: order must be {', '.join(ORDERS[:-1])} or {ORDERS[-1]}, not {order!r:.60}"
        )
    rounds = sampler.refine if refine is None else _rounds(plan, refine, caller)
    share = sampler.begin if begin is None else round(_number(begin, "begin", 1.0, caller) * WHOLE)
    noise = sampler.noise
    if temperature is not None:
        noise = _noise(_number(temperature, "temperature", math.inf, caller), float(sampler.scale))
    return SamplingOptions(order or sampler.order, rounds, share, noise)


def read_latent_table(temperature: float, caller: str) -> Int8Array:
    """Return the table of latents of a network of one pass at a temperature, int8 (256,).

    temperature: 0 or more, rounded to multiples of 1 / 256, ties to even; 1 gives LATENT_TABLE.
    """
    scale = round(256 * min(_number(temperature, "temperature", math.inf, caller), MAX_LATENT_SCALE))
    return scaled_latents(scale)


def _rounds(plan: Plan, refine: int, caller: str) -> int:
    assert plan.sampler is not None
    if isinstance(refine, bool) or not isinstance(refine, (int, np.integer)):
        raise UsageError(f"{caller}: refine must be an integer, not {refine!r:.60}")
    if not 0 <= refine <= MAX_REFINE:
        raise UsageError(f"{caller}: refine must be in 0..{MAX_REFINE}, not {refine}")
    work = plan.evaluation_work * (plan.sampler.steps + int(refine))
    if refine > 0 and work > MAX_WORK:
        raise UsageError(
            f"{caller}: refine={refine} takes {work:.1e} multiply-adds a tile in all evaluations, more than "
            f"{MAX_WORK:.1e}"
        )
    return int(refine)


def _number(value: float, name: str, most: float, caller: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise UsageError(f"{caller}: {name} must be a number, not {value!r:.60}")
    if not (math.isfinite(value) and 0 <= value <= most):
        limits = f"in 0..{most:g}" if math.isfinite(most) else "finite and 0 or more"
        raise UsageError(f"{caller}: {name} must be {limits}, not {value!r:.60}")
    return float(value)
