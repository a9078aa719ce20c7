"""The network of a GPU baseline: a pack's float graph, with latents and kinds drawn by the baseline.

It differs from the float graph of the CPU benchmark in three points, which favour the baseline or neither
side. Latents are real numbers from the start, as normal generators produce them. Features that become a map
are produced channels-last, which GPUs prefer. A step network returns the most likely entries, which the next
evaluation reads.
"""

from functools import cached_property

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tilewright.generator import Pack

from ..float_graph import float_graph
from ..rewriter import Rewriter
from ..subject import SEED, Subject, open_subject
from ..variants import VARIANTS

COMPARED_TILES = 64
"""Tiles on which outputs are compared; COMPARED_STEPS for step networks, whose reference is slow."""
COMPARED_STEPS = 8
POINTWISE = ("Relu", "LeakyRelu", "Tanh", "Sigmoid", "Identity")


class _OnCpu(Subject):
    """A subject whose tiles are generated on the CPU."""

    @cached_property
    def made(self) -> np.ndarray:
        return Pack(self.file).generate(self.batch, seed=SEED, device="cpu", threads=1, gate=False).rgba


class RepeatedSubject(Subject):
    """A subject whose inputs and expected pictures are those of a few tiles, repeated up to the batch size."""

    @cached_property
    def _few(self) -> Subject:
        return _OnCpu(self.file, min(self.batch, COMPARED_TILES if self.evaluations == 1 else COMPARED_STEPS))

    @cached_property
    def feed(self) -> dict[str, np.ndarray]:
        """The inputs of the few tiles, repeated."""
        return {name: self._repeated(array) for name, array in self._few.feed.items()}

    @cached_property
    def expected(self) -> np.ndarray:
        """The pictures of the few tiles, repeated."""
        return self._repeated(self._few.expected)

    def _repeated(self, array: np.ndarray) -> np.ndarray:
        return np.resize(array, (self.batch, *array.shape[1:]))


class Network:
    """A variant of a pack's network in floats, for one batch size.

    model: the graph. inputs, outputs: its names. kinds, latent_size: what to draw. evaluations: number of
    evaluations per batch, each on the cells that the previous one chose. map_shape, unknown: of a step
    network, (height, width) of its cells and the initial entry.
    """

    def __init__(self, subject: Subject, variant: str) -> None:
        self.subject, plan = subject, subject.file.plan
        self.batch, self.evaluations = subject.batch, subject.evaluations
        self.kinds, self.latent_size = plan.kinds, plan.latent_size
        self.unknown = plan.sampler.colours if plan.sampler else 0
        self.map_shape = (plan.sampler.height, plan.sampler.width) if plan.sampler else ()
        model = float_graph(VARIANTS[variant].rewrite(subject.model))
        model, self._scales = _with_real_latents(model)
        model = _with_neighbouring_channels(model)
        self.model = _with_likeliest_entries(model) if plan.sampler else model
        self.inputs = [value.name for value in self.model.graph.input]
        self.outputs = [value.name for value in self.model.graph.output]

    @property
    def feed(self) -> dict[str, np.ndarray]:
        """The subject's inputs, with latents as float32."""
        feed = dict(self.subject.feed)
        for name, (scale, zero) in self._scales.items():
            feed[name] = (feed[name].astype(np.float32) - zero) * scale
        return feed

    def pictures(self, outputs: dict[str, np.ndarray]) -> np.ndarray:
        """Return uint8 (N, H, W, 4), or (N, H, W, 1) for a step network, for comparison with
        `subject.expected`.
        """
        if self.map_shape:
            return outputs["indices"][..., None]
        return self.subject.pictures(outputs)


def open_repeated(name: str, batch: int) -> RepeatedSubject:
    """Like `open_subject`."""
    return RepeatedSubject(open_subject(name, batch).file, batch)


def _with_real_latents(model: onnx.ModelProto) -> tuple[onnx.ModelProto, dict[str, tuple[np.ndarray, float]]]:
    """Convert latents to unscaled floats. Also returns the original scale and zero point of each input."""
    real = onnx.ModelProto()
    real.CopyFrom(model)
    inputs = {value.name: value for value in real.graph.input}
    new = Rewriter(real)
    scales: dict[str, tuple[np.ndarray, float]] = {}
    for node in new:
        if node.op_type == "DequantizeLinear" and node.input[0] in inputs:
            scale, zero = (new.constants[name] for name in node.input[1:])
            scales[node.input[0]] = (scale, float(zero))
            new.node("Identity", node.input[:1], node.output[0])
        else:
            new.keep(node)
    made = new.finish()
    for value in made.graph.input:
        if value.name in scales:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    return made, scales


def _with_neighbouring_channels(model: onnx.ModelProto) -> onnx.ModelProto:
    """Reorder the features (C, H, W) of a Gemm to (H, W, C) by permuting its rows, so that the map is a view.

    Slices of the latent that become maps are transposed.
    """
    new = Rewriter(model)
    shapes: dict[str, tuple[int, ...]] = {}  # output of a Gemm -> (C, H, W)
    reshapes = set()
    for node in new:
        if node.op_type == "Reshape" and len(shape := new.constants[node.input[1]].tolist()) == 4:
            above = new.producer(node.input[0])
            while above is not None and above.op_type in POINTWISE and _read_once(new, above):
                above = new.producer(above.input[0])
            if above is not None and above.op_type == "Gemm" and _read_once(new, above):
                shapes[above.output[0]] = tuple(shape[1:])
                reshapes.add(node.output[0])
    for node in new:
        if node.output[0] in shapes:
            channels, height, width = shapes[node.output[0]]
            order = np.arange(channels * height * width).reshape(channels, -1).T.ravel()
            constants = [new.constant(new.constants[name][order]) for name in node.input[1:]]
            new.copy(node, [node.input[0], *constants], node.output[0])
        elif node.output[0] in reshapes:
            _, channels, height, width = new.constants[node.input[1]].tolist()
            rows = new.constant(np.array([0, height, width, channels], np.int64))
            rows = new.node("Reshape", [node.input[0], rows])
            new.node("Transpose", [rows], node.output[0], perm=[0, 3, 1, 2])
        elif node.op_type == "Reshape" and _is_slice(new.producer(node.input[0])):
            rows = new.node("Transpose", [new.copy(node, node.input)], perm=[0, 2, 3, 1])
            new.node("Transpose", [rows], node.output[0], perm=[0, 3, 1, 2])
        else:
            new.keep(node)
    return new.finish()


def _is_slice(node: onnx.NodeProto | None) -> bool:
    return node is not None and node.op_type == "Slice"


def _read_once(rewriter: Rewriter, node: onnx.NodeProto) -> bool:
    return len(rewriter.consumers(node.output[0])) == 1


def _with_likeliest_entries(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace `logits` by `indices` uint8 (n, H, W), the most likely entry of each cell."""
    (logits,) = model.graph.output
    _, _, height, width = (dim.dim_value or dim.dim_param for dim in logits.type.tensor_type.shape.dim)
    model.graph.node.append(helper.make_node("ArgMax", [logits.name], ["likeliest"], axis=1, keepdims=0))
    model.graph.node.append(helper.make_node("Cast", ["likeliest"], ["indices"], to=TensorProto.UINT8))
    del model.graph.output[:]
    model.graph.output.append(
        helper.make_tensor_value_info("indices", TensorProto.UINT8, ["n", height, width])
    )
    return model


def constants_of(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Return the constants by name."""
    return {constant.name: numpy_helper.to_array(constant) for constant in model.graph.initializer}
