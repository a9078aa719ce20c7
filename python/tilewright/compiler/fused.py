"""Nodes after the passes. Each node is an op of ops.py, with the constants and attributes that steps.py needs.

`op` is the name in ops.py. An op without constants and attributes (argmax, concat, max_pool) remains a plain Node.
"""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from tilewright.compiler.graph import Array, Node
from tilewright.compiler.quantised import Quantisation


@dataclass(frozen=True)
class Constant:
    """A constant that a DequantizeLinear of zero point 0 reads.

    axis: the axis of the channels, if there is one scale per channel.
    """

    numbers: npt.NDArray[Any]
    scale: npt.NDArray[Any]
    axis: int


@dataclass(frozen=True, kw_only=True)
class Embed(Node):
    """embed: selects the row of `table` for the kind."""

    table: Array


@dataclass(frozen=True, kw_only=True)
class EmbedCells(Node):
    """embed_cells: selects a row of `table` for each cell.

    The table has `entries` rows for each kind, one for each value of a cell. `entries` is None if the row
    does not depend on a kind.
    """

    table: Array
    entries: int | None


@dataclass(frozen=True, kw_only=True)
class Reshape(Node):
    """reshape: converts features to a map (batch, channels, height, width). Lowering removes it."""

    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Slice(Node):
    """slice: selects the features `first` to `end` - 1."""

    first: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Lookup(Node):
    """lookup: applies a function of one number.

    function: its name in ONNX. alpha: the slope of a LeakyRelu for negative numbers.
    """

    function: str
    alpha: float
    source: Quantisation
    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Add(Node):
    """add: adds two values of different scales."""

    source_a: Quantisation
    source_b: Quantisation
    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Mean(Node):
    """mean: the mean of each channel over all cells of a map."""

    source: Quantisation
    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Nearest(Node):
    """nearest: selects the nearest colour of a palette with `entries` = (colours, channels)."""

    entries: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Layer(Node):
    """The common fields of ops with weights."""

    source: Quantisation
    weights: Constant
    bias: Constant | None


@dataclass(frozen=True, kw_only=True)
class Dense(Layer):
    """dense: a fully connected layer."""

    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Convolution(Layer):
    """scores: a convolution without requantisation.

    pads, dilations, kernel_shape: ONNX's attributes.
    wrap: rows and columns that a Pad with mode=wrap adds on each side.
    """

    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    kernel_shape: tuple[int, ...]
    wrap: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class RequantisedConvolution(Convolution):
    """conv2d and conv_transpose2d: convolutions whose sums are requantised to bytes."""

    target: Quantisation
