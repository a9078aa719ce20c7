"""Equivalent graphs for one network. Each baseline runs the one that is fastest for it.

Runtimes have fast kernels for different ops; ONNX Runtime has no integer ConvTranspose. The rewrites keep all
scales, zero points and products, so integer runtimes return the same bytes. Only `resize` computes other
numbers: it uses the layers from which the transposed convolutions were folded, at the same cost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import onnx

from .rewriter import Rewriter, attributes

PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))  # (row, column) of an output pixel, modulo 2
END = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Variant:
    """A rewrite of a pack's network. same_numbers: it computes the same numbers, not only the same amount of
    work.
    """

    rewrite: Callable[[onnx.ModelProto], onnx.ModelProto]
    same_numbers: bool = True


class _Upsampling:
    """A 4x4 ConvTranspose of stride 2 in a model that is being rewritten.

    weights int8 (I, O, 4, 4). wrap: its input was padded by one cell of the opposite edge.
    """

    def __init__(self, rewriter: Rewriter, node: onnx.NodeProto) -> None:
        self._new = rewriter
        self._dq, weights_dq, *self._bias_dq = (_producer(rewriter, name) for name in node.input)
        self.weights, self._scales = (rewriter.constants[name] for name in weights_dq.input[:2])
        pad = rewriter.producer(self._dq.input[0])
        self.wrap = pad is not None and pad.op_type == "Pad"
        self.map = pad.input[0] if pad is not None and self.wrap else self._dq.input[0]
        self.rest: list[onnx.NodeProto] = []  # the following nodes, up to the QuantizeLinear
        while not self.rest or self.rest[-1].op_type != "QuantizeLinear":
            (following,) = rewriter.consumers((self.rest or [node])[-1].output[0])
            self.rest.append(following)

    @property
    def result(self) -> str:
        """The quantised map of twice the size."""
        return str(self.rest[-1].output[0])

    def convolution(
        self, x: str, weights: np.ndarray, pads: tuple[int, int, int, int], output: str = ""
    ) -> str:
        """Add a Conv over x and the following nodes: weights int8 (repeats * O, I, k, k).

        pads: cells added at the top, left, bottom and right, from the opposite edge if `wrap`.
        """
        new, repeats = self._new, len(weights) // self.weights.shape[1]
        if self.wrap:
            top, left, bottom, right = pads
            sizes = new.constant(np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))
            x, pads = new.node("Pad", [x, sizes], mode="wrap"), (0, 0, 0, 0)
        inputs = [new.copy(self._dq, [x, *self._dq.input[1:]])]
        inputs.append(self._constant(weights, self._scales, repeats))
        for dq in self._bias_dq:
            bias, scales = (new.constants[name] for name in dq.input[:2])
            inputs.append(self._constant(np.tile(bias, repeats), scales, repeats))
        y = new.node("Conv", inputs, pads=pads)
        for node in self.rest:
            y = new.copy(node, [y, *node.input[1:]], output if node is self.rest[-1] else "")
        return y

    def interleave(self, y: str) -> None:
        """Compute `result` from its four phases, y (n, 4 * O, H, W), with a DepthToSpace."""
        self._new.node("DepthToSpace", [y], self.result, blocksize=2)

    def interleave_rows(self, y: str) -> None:
        """Do the same with Reshape and Transpose on channels-last maps (n, H, W, channels)."""
        new, (_, channels, height, width) = self._new, self._new.shape(self.result)
        y = new.node("Transpose", [y], perm=[0, 2, 3, 1])
        y = new.node("Reshape", [y, new.constant(np.array([0, 0, 0, 2, 2, channels], np.int64))])
        y = new.node("Transpose", [y], perm=[0, 1, 3, 2, 4, 5])
        y = new.node("Reshape", [y, new.constant(np.array([0, height, width, channels], np.int64))])
        new.node("Transpose", [y], self.result, perm=[0, 3, 1, 2])

    def _constant(self, array: np.ndarray, scales: np.ndarray, repeats: int) -> str:
        new = self._new
        if scales.ndim == 0:
            return new.node("DequantizeLinear", [new.constant(array), new.constant(scales)])
        return new.node(
            "DequantizeLinear", [new.constant(array), new.constant(np.tile(scales, repeats))], axis=0
        )


def phases(model: onnx.ModelProto, rows: bool = False) -> onnx.ModelProto:
    """Replace each upsampling by four 2x2 convolutions, one per phase, and a DepthToSpace."""

    def write(new: Rewriter, up: _Upsampling) -> None:
        parts = [
            up.convolution(up.map, _phase(up.weights, py, px), (1 - py, 1 - px, py, px)) for py, px in PHASES
        ]
        (up.interleave_rows if rows else up.interleave)(new.node("Concat", parts, axis=1))

    return _rewrite_upsampling(model, write)


def wide(model: onnx.ModelProto, rows: bool = False) -> onnx.ModelProto:
    """Replace each upsampling by one 3x3 convolution to four times the channels, and a DepthToSpace.

    It multiplies 9 weights for each 4 non-zero ones, in exchange for one large convolution.
    """

    def write(new: Rewriter, up: _Upsampling) -> None:
        inputs, outputs = up.weights.shape[:2]
        weights = np.zeros((4, outputs, inputs, 3, 3), np.int8)
        for phase, (py, px) in zip(weights, PHASES, strict=True):
            phase[:, :, py : py + 2, px : px + 2] = _phase(up.weights, py, px)
        y = up.convolution(up.map, weights.reshape(-1, inputs, 3, 3), (1, 1, 1, 1))
        (up.interleave_rows if rows else up.interleave)(y)

    return _rewrite_upsampling(model, write)


def resize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace each upsampling by nearest-neighbour doubling and a 3x3 convolution with nine of the sixteen
    weights.
    """

    def write(new: Rewriter, up: _Upsampling) -> None:
        scales = new.constant(np.array([1, 1, 2, 2], np.float32))
        mode = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        doubled = new.node("Resize", [up.map, "", scales], **mode)
        up.convolution(doubled, up.weights.swapaxes(0, 1)[:, :, :3, :3], (1, 1, 1, 1), up.result)

    return _rewrite_upsampling(model, write)


def plain_wrap(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace Pad(mode=wrap) by Slice and Concat, for runtimes that lack it."""
    new = Rewriter(model)
    for node in new:
        if node.op_type != "Pad" or attributes(node).get("mode") != b"wrap":
            new.keep(node)
            continue
        _, _, top, left, _, _, bottom, right = new.constants[node.input[1]].tolist()
        rows = _wrapped(new, node.input[0], 2, top, bottom)
        new.node("Identity", [_wrapped(new, rows, 3, left, right)], node.output[0])
    return new.finish()


VARIANTS = {
    "as it is": Variant(lambda model: model),
    "phases": Variant(phases),
    "wide": Variant(wide),
    "phases, rows": Variant(partial(phases, rows=True)),
    "wide, rows": Variant(partial(wide, rows=True)),
    "resize": Variant(resize, same_numbers=False),
}
"""Rewrites by name, for packs with transposed convolutions."""


def variants_of(model: onnx.ModelProto) -> dict[str, Variant]:
    """Return the variants that differ for this model."""
    upsamples = any(node.op_type == "ConvTranspose" for node in model.graph.node)
    return VARIANTS if upsamples else {"as it is": VARIANTS["as it is"]}


def _phase(weights: np.ndarray, py: int, px: int) -> np.ndarray:
    """Return the 2x2 kernel of one phase: (I, O, 4, 4) -> (O, I, 2, 2); see conv_transpose2d in
    docs/numerics.md.
    """
    rows, columns = [3 - py, 1 - py], [3 - px, 1 - px]
    return weights[:, :, rows][:, :, :, columns].swapaxes(0, 1)


def _rewrite_upsampling(
    model: onnx.ModelProto, write: Callable[[Rewriter, _Upsampling], None]
) -> onnx.ModelProto:
    new = Rewriter(model)
    written: set[str] = set()
    for node in new:
        if node.op_type == "ConvTranspose":
            up = _Upsampling(new, node)
            write(new, up)
            written.update(following.output[0] for following in up.rest)
        elif node.output[0] not in written:
            new.keep(node)
    return new.finish()


def _producer(rewriter: Rewriter, name: str) -> onnx.NodeProto:
    node = rewriter.producer(name)
    assert node is not None and node.op_type == "DequantizeLinear", f"{name} is not dequantised"
    return node


def _wrapped(new: Rewriter, x: str, axis: int, before: int, after: int) -> str:
    """Extend `x` by cells of its far end before it and of its near end after it."""

    def cut(start: int, end: int) -> str:
        bounds = [new.constant(np.array([value], np.int64)) for value in (start, end, axis)]
        return new.node("Slice", [x, *bounds])

    parts = [cut(-before, END)] if before else []
    parts += [x, *([cut(0, after)] if after else [])]
    return new.node("Concat", parts, axis=axis) if len(parts) > 1 else x
