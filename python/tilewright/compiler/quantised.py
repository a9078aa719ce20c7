"""Quantisation parameters of uint8 and int8 tensors, and tables of pointwise functions.

The core supports uint8 only. An int8 value v is stored as v + 128, and so is its zero point.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt

from tilewright.arrays import Float32Array, Uint8Array
from tilewright.errors import PackError

# Of activations and weights. Within them no product of two real values, nor a sum of such products, overflows in
# float32 or becomes denormal, where runtimes differ.
SCALES = (2.0**-60, 2.0**40)


@dataclass(frozen=True)
class Quantisation:
    """real = scale * (q - zero), with q and zero as the core's uint8."""

    scale: np.float32
    zero: int


def quantisation(scale: npt.NDArray[np.generic], zero: npt.NDArray[np.generic]) -> Quantisation:
    """Convert the scale and zero point of a per-tensor QuantizeLinear or DequantizeLinear node."""
    if scale.size != 1 or scale.ndim > 1 or scale.dtype != np.float32 or not float(scale.item()) > 0:
        raise PackError("an activation's scale must be one positive float32")
    check_scales(scale)
    if zero.size != 1 or zero.ndim > 1 or zero.dtype not in (np.dtype(np.uint8), np.dtype(np.int8)):
        raise PackError("an activation's zero point must be one uint8 or int8")
    return Quantisation(np.float32(scale.item()), int(zero.item()) + (128 if zero.dtype == np.int8 else 0))


def check_scales(scales: npt.NDArray[np.generic]) -> None:
    """Raise PackError if any of the float32 scales is outside of SCALES."""
    if not (SCALES[0] <= scales.min() and scales.max() <= SCALES[1]):
        raise PackError("the pack's scales are too far apart: each must be in 2^-60 to 2^40")


def finite(numbers: Float32Array) -> Float32Array:
    """Return `numbers`. Raises PackError if a product or quotient of scales is not finite in float32."""
    if not np.isfinite(numbers).all():
        raise PackError("the pack's scales are too far apart")
    return numbers


def pointwise_table(
    function: Callable[[np.float32], np.float32], source: Quantisation, target: Quantisation
) -> Uint8Array:
    """Return the table uint8 (256,) of a function of a byte, given the quantisations of its input and output.

    Each step is rounded to float32, as in ONNX.
    """
    with np.errstate(over="ignore"):
        reals = finite((np.arange(256, dtype=np.int32) - source.zero).astype(np.float32) * source.scale)
        values = finite(np.array([function(x) for x in reals], dtype=np.float32))
        steps = np.clip(values / target.scale, -512, 512)  # values beyond are clamped below
    rounded = np.rint(steps).astype(np.int64) + target.zero
    return np.asarray(np.clip(rounded, 0, 255), dtype=np.uint8)


def relu(x: np.float32) -> np.float32:
    """Return max(x, 0)."""
    return max(x, np.float32(0))


def leaky_relu(alpha: float) -> Callable[[np.float32], np.float32]:
    """Return the function x if x >= 0, else alpha * x."""
    slope = np.float32(alpha)
    return lambda x: x if x >= 0 else np.float32(x * slope)


# tanh and sigmoid use decimal, whose exp is correctly rounded; math libraries differ in the last bit.
def tanh(x: np.float32) -> np.float32:
    """Return tanh(x), equal on every machine."""
    with localcontext() as context:
        context.prec = 40
        return np.float32(float(1 - 2 / ((2 * Decimal(float(np.clip(x, -40, 40)))).exp() + 1)))


def sigmoid(x: np.float32) -> np.float32:
    """Return 1 / (1 + exp(-x)), equal on every machine."""
    with localcontext() as context:
        context.prec = 40
        return np.float32(float(1 / (1 + (-Decimal(float(np.clip(x, -80, 80)))).exp())))
