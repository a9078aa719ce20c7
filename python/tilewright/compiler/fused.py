"""The nodes that the passes make: one of our ops, with all that steps.py needs to know of it.

`op` is our name; what has no more than that (argmax, concat) stays a plain Node.
"""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from tilewright.compiler.graph import Array, Node
from tilewright.compiler.quantised import Quantisation


@dataclass(frozen=True)
class Constant:
    """A constant behind a DequantizeLinear of zero point 0; `axis` is the scale's, if it has more than one number."""

    numbers: npt.NDArray[Any]
    scale: npt.NDArray[Any]
    axis: int


@dataclass(frozen=True, kw_only=True)
class Embed(Node):
    """embed: a row of `table` for each kind."""

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
    """reshape: of features to a map, (batch, channels, height, width). It becomes no step."""

    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Slice(Node):
    """slice: the features `first` .. `end` - 1."""

    first: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Lookup(Node):
    """lookup: a function of one number, by ONNX's name; `alpha` is LeakyRelu's."""

    function: str
    alpha: float
    source: Quantisation
    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Add(Node):
    """add."""

    source_a: Quantisation
    source_b: Quantisation
    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Nearest(Node):
    """nearest; entries: (colours, channels) of the palette."""

    entries: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Layer(Node):
    """The common fields of ops with weights."""

    source: Quantisation
    weights: Constant
    bias: Constant | None


@dataclass(frozen=True, kw_only=True)
class Dense(Layer):
    """dense."""

    target: Quantisation


@dataclass(frozen=True, kw_only=True)
class Convolution(Layer):
    """scores. `pads`, `dilations` and `kernel_shape` are ONNX's; wrap: rows and columns of a Pad that wraps around."""

    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    kernel_shape: tuple[int, ...]
    wrap: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class RequantisedConvolution(Convolution):
    """conv2d and conv_transpose2d."""

    target: Quantisation
