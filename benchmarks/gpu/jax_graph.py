"""Run a float graph in JAX: one small function per ONNX op, with maps stored as (n, H, W, C)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from jax import lax
from onnx import TensorProto

from ..rewriter import attributes
from .network import constants_of

DTYPES = {TensorProto.UINT8: jnp.uint8, TensorProto.INT64: jnp.int32}
LAYOUT = ("NHWC", "HWIO", "NHWC")


@dataclass(frozen=True)
class Map:
    """A value of ONNX shape (n, C, H, W). rows: the same as (n, H, W, C)."""

    rows: jax.Array

    @property
    def planes(self) -> jax.Array:
        """The value in ONNX layout."""
        return jnp.moveaxis(self.rows, -1, 1)


class JaxGraph:
    """The function of a `float_graph`: inputs by name -> outputs in order, maps as (n, H, W, C)."""

    def __init__(self, model: onnx.ModelProto, dtype: Any) -> None:
        self._nodes = [
            (node.op_type, list(node.input), node.output[0], attributes(node)) for node in model.graph.node
        ]
        self._outputs = [value.name for value in model.graph.output]
        self._dtype = dtype
        self._constants = {
            name: array.astype(dtype) if array.dtype == np.float32 and array.ndim else array.tolist()
            for name, array in constants_of(model).items()
        }

    def __call__(self, **inputs: jax.Array) -> tuple[jax.Array, ...]:
        """Map latents, uint8 cells and kinds to the outputs. Float values have the dtype of the weights."""
        values: dict[str, Any] = {"": None, **self._constants}
        for name, x in inputs.items():
            values[name] = x.astype(self._dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x
        for op, names, output, settings in self._nodes:
            values[output] = OPS[op](settings, *(values[name] for name in names))
        made = (values[name] for name in self._outputs)
        return tuple(y.rows if isinstance(y, Map) else y for y in made)


def _pointwise(f: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an elementwise op for two maps, or a map and a number, in any layout."""

    def apply(settings: Mapping[str, Any], *operands: Any) -> Any:
        if not any(isinstance(x, Map) for x in operands):
            return f(settings, *operands)
        return Map(f(settings, *(_rows(x) for x in operands)))

    return apply


def _rows(x: Any) -> Any:
    if isinstance(x, Map):
        return x.rows
    return jnp.moveaxis(x, 1, -1) if getattr(x, "ndim", 0) == 4 else x


def _axis(x: Any, axis: int) -> int:
    """Return the position of an ONNX axis in `_rows`."""
    return (0, 3, 1, 2)[axis] if isinstance(x, Map) else axis


def _concat(settings: Mapping[str, Any], *parts: Any) -> Any:
    axis = settings["axis"]
    if isinstance(parts[0], Map):
        return Map(jnp.concatenate([_rows(x) for x in parts], _axis(parts[0], axis)))
    return jnp.concatenate(parts, axis)


def _conv(settings: Mapping[str, Any], x: Map, weights: Any, bias: Any = None) -> Map:
    top, left, bottom, right = settings["pads"]
    y = lax.conv_general_dilated(
        x.rows,
        weights.transpose(2, 3, 1, 0),
        (1, 1),
        ((top, bottom), (left, right)),
        rhs_dilation=settings.get("dilations", [1, 1]),
        dimension_numbers=LAYOUT,
    )
    return Map(y if bias is None else y + bias)


def _conv_transpose(settings: Mapping[str, Any], x: Map, weights: Any, bias: Any = None) -> Map:
    height, width = (size - 1 for size in weights.shape[2:])
    top, left, bottom, right = settings["pads"]
    y = lax.conv_general_dilated(
        x.rows,
        # XLA recognises the pattern by the reversal
        lax.rev(jnp.asarray(weights.transpose(2, 3, 0, 1)), (0, 1)),
        (1, 1),
        ((height - top, height - bottom), (width - left, width - right)),
        lhs_dilation=settings["strides"],
        dimension_numbers=LAYOUT,
    )
    return Map(y if bias is None else y + bias)


def _gemm(settings: Mapping[str, Any], x: Any, weights: Any, bias: Any = None) -> Any:
    assert settings["transB"] == 1
    y = x @ weights.T
    return y if bias is None else y + bias


def _reshape(_: Mapping[str, Any], x: Any, shape: Sequence[int]) -> Any:
    x = x.planes if isinstance(x, Map) else x
    return x.reshape([size or x.shape[i] for i, size in enumerate(shape)])


def _transpose(settings: Mapping[str, Any], x: Any) -> Any:
    """Transpose. Between ONNX and channels-last layout, no data is moved."""
    perm = list(settings["perm"])
    if isinstance(x, Map):
        return x.rows if perm == [0, 2, 3, 1] else x.planes.transpose(perm)
    return Map(x) if perm == [0, 3, 1, 2] else x.transpose(perm)


def _depth_to_space(settings: Mapping[str, Any], x: Map) -> Map:
    n, height, width, channels = x.rows.shape
    block = settings["blocksize"]
    y = x.rows.reshape(n, height, width, block, block, channels // block**2).transpose(0, 1, 3, 2, 4, 5)
    return Map(y.reshape(n, height * block, width * block, channels // block**2))


def _resize(settings: Mapping[str, Any], x: Map, _: None, scales: Sequence[float]) -> Map:
    assert settings["mode"] == b"nearest"
    n, height, width, channels = x.rows.shape
    y = jnp.broadcast_to(x.rows[:, :, None, :, None, :], (n, height, 2, width, 2, channels))
    return Map(y.reshape(n, 2 * height, 2 * width, channels))


def _pad(settings: Mapping[str, Any], x: Map, pads: Sequence[int]) -> Map:
    assert settings["mode"] == b"wrap"
    _, _, top, left, _, _, bottom, right = pads
    return Map(jnp.pad(x.rows, ((0, 0), (top, bottom), (left, right), (0, 0)), mode="wrap"))


def _quantise(_: Mapping[str, Any], x: Any, scale: float, zero: float) -> Any:
    return jnp.clip(jnp.round(x.astype(jnp.float32) / scale) + zero, 0, 255).astype(jnp.uint8)


OPS: dict[str, Callable[..., Any]] = {
    "Add": _pointwise(lambda _, a, b: a + b),
    "ArgMax": lambda settings, x: jnp.argmax(_rows_of(x), _axis(x, settings["axis"])),
    "ArgMin": lambda settings, x: jnp.argmin(_rows_of(x), _axis(x, settings["axis"])),
    "Cast": _pointwise(lambda settings, x: x.astype(DTYPES[settings["to"]])),
    "Concat": _concat,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "DepthToSpace": _depth_to_space,
    "Gather": lambda _, table, rows: jnp.take(jnp.asarray(table), rows, axis=0, mode="clip"),
    "Gemm": _gemm,
    "Identity": lambda _, x: x,
    "LeakyRelu": _pointwise(lambda settings, x: jnp.where(x < 0, x * settings["alpha"], x)),
    "Mul": _pointwise(lambda _, a, b: a * b),
    "Pad": _pad,
    "QuantizeLinear": _pointwise(_quantise),
    "Relu": _pointwise(lambda _, x: jnp.maximum(x, 0)),
    "Reshape": _reshape,
    "Resize": _resize,
    "Sigmoid": _pointwise(lambda _, x: jax.nn.sigmoid(x)),
    "Slice": lambda _, x, start, end, axis: lax.slice_in_dim(x, start[0], end[0], axis=axis[0]),
    "Sub": _pointwise(lambda _, a, b: a - b),
    "Tanh": _pointwise(lambda _, x: jnp.tanh(x)),
    "Transpose": _transpose,
    "Unsqueeze": lambda _, x, axes: jnp.expand_dims(x, tuple(axes)),
}
"""ONNX op -> f(attributes, inputs ...) -> the output, as in torch_graph.py."""


def _rows_of(x: Any) -> Any:
    return x.rows if isinstance(x, Map) else x
