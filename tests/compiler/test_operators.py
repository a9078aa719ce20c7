"""Operators that tilewright computes differently from ONNX are rejected. Accepted ones agree with ONNX
Runtime.
"""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, defs, helper

from tilewright.compiler.onnx_reader import OPSETS
from tilewright.compiler.operators import OPERATORS
from tilewright.engine import Engine
from tilewright.pack import check_pack
from tilewright.seeds import draw_kinds, draw_latents

from ..networks import drawn_palette_pack, palette_pack, pooled_pack
from ..step_networks import masked_pack
from .hostile import PATH, Change, changed, constant, loads, node, refusal, set_attribute

PACKS: tuple[Callable[[], bytes], ...] = (
    lambda: palette_pack(wrap=True),
    drawn_palette_pack,
    masked_pack,
    pooled_pack,
)


def pack_with(op: str) -> bytes | None:
    """Return a pack that contains the operator, or None."""
    for pack in PACKS:
        if any(n.op_type == op for n in onnx.ModelProto.FromString(pack()).graph.node):
            return pack()
    return None


ATTRIBUTES = sorted(
    (op, name)
    for op in OPERATORS
    for name in defs.get_schema(op, OPSETS[-1]).attributes
    if pack_with(op) is not None
)
WRONG = {
    defs.OpSchema.AttrType.INT: (5, -1),
    defs.OpSchema.AttrType.FLOAT: (0.5, float("nan"), float("inf")),
    defs.OpSchema.AttrType.STRING: ("SAME_UPPER", "reflect", ""),
    defs.OpSchema.AttrType.INTS: ([], [1], [9, 9], [2, 1, 2, 1], [0] * 9),
}
HARMLESS = {
    ("DequantizeLinear", "axis"),
    ("QuantizeLinear", "axis"),
}  # a per-tensor scale ignores them


@pytest.mark.parametrize(("op", "name"), ATTRIBUTES)
def test_every_attribute_of_onnx_is_looked_at(op: str, name: str) -> None:
    """Values with another meaning are rejected. LeakyRelu accepts any finite alpha."""
    content = pack_with(op)
    assert content is not None
    kind = defs.get_schema(op, OPSETS[-1]).attributes[name].type
    for value in WRONG[kind]:
        if (op, name) in HARMLESS or (name == "alpha" and op == "LeakyRelu" and value == 0.5):
            continue
        broken = changed(lambda model, value=value: set_attribute(node(model, op), name, value), content)
        assert not loads(broken), (op, name, value)


@pytest.mark.parametrize("op", OPERATORS)
def test_an_attribute_is_known_from_the_version_that_has_it(op: str) -> None:
    for opset in OPSETS:
        schema = defs.get_schema(op, opset)
        known = {name for name, attribute in OPERATORS[op].attributes.items() if attribute.since <= opset}
        assert known <= set(schema.attributes), opset


def test_an_attribute_of_a_later_version_is_refused() -> None:
    """ONNX Runtime refuses it, too."""
    content = palette_pack(wrap=True)

    def add_output_dtype(model: onnx.ModelProto) -> None:
        set_attribute(node(model, "DequantizeLinear"), "output_dtype", 0)

    def use_opset_23(model: onnx.ModelProto) -> None:
        add_output_dtype(model)
        model.opset_import[0].version = 23

    said = refusal(changed(add_output_dtype, content))
    assert said == (
        "the pack's node DequantizeLinear has the attribute 'output_dtype', which tilewright does not run"
    )
    assert loads(changed(use_opset_23, content))


@pytest.mark.parametrize("op", [op for op in OPERATORS if pack_with(op) is not None])
def test_unknown_attributes_and_other_types_are_refused(op: str) -> None:
    content = pack_with(op)
    said = refusal(changed(lambda model: set_attribute(node(model, op), "blocksize", 2), content))
    assert said == f"the pack's node {op} has the attribute 'blocksize', which tilewright does not run"
    for name, attribute in OPERATORS[op].attributes.items():
        if attribute.since > OPSETS[0]:
            continue
        with_floats = changed(
            lambda model, name=name: set_attribute(node(model, op), name, [0.5, 0.5]), content
        )
        assert f"the attribute {name!r} of a type or length" in refusal(with_floats)


def cast_to_bool(model: onnx.ModelProto) -> None:
    last = next(n for n in model.graph.node if n.output[0] == "indices")
    model.graph.node.insert(
        len(model.graph.node) - 1, helper.make_node("Cast", [last.input[0]], ["b"], to=TensorProto.BOOL)
    )
    last.input[0] = "b"


def dequantised(model: onnx.ModelProto, op: str, number: int) -> onnx.NodeProto:
    """Return the DequantizeLinear before an input."""
    name = node(model, op).input[number]
    return next(n for n in model.graph.node if n.output[0] == name)


def bias_has_a_zero_point(model: onnx.ModelProto) -> None:
    view = dequantised(model, "Conv", 2)
    size = next(t.dims[0] for t in model.graph.initializer if t.name == view.input[0])
    view.input.append(constant(model, "zero", np.full(size, 3000, np.int32)))


def bias_has_too_many_scales(model: onnx.ModelProto) -> None:
    view = dequantised(model, "Conv", 2)
    size = next(t.dims[0] for t in model.graph.initializer if t.name == view.input[0])
    view.input[1] = constant(model, "scales", np.ones(size + 1, np.float32))


def weights_have_a_zero_point(model: onnx.ModelProto) -> None:
    view = dequantised(model, "Conv", 1)
    size = next(t.dims[0] for t in model.graph.initializer if t.name == view.input[0])
    view.input.append(constant(model, "zero", np.full(size, 3, np.int8)))


def zero_point_of_another_type(model: onnx.ModelProto) -> None:
    dequantised(model, "Conv", 0).input[2] = constant(model, "zero", np.array(3, np.int8))


def padded_with_a_value(model: onnx.ModelProto) -> None:
    node(model, "Pad").input.append(constant(model, "padded", np.array(0, np.uint8)))


def batch_of_seven(model: onnx.ModelProto) -> None:
    shape = node(model, "Reshape").input[1]
    array = np.array(onnx.numpy_helper.to_array(next(t for t in model.graph.initializer if t.name == shape)))
    array[0] = 7
    constant(model, shape, array)


def other_kernel_shape(model: onnx.ModelProto) -> None:
    set_attribute(node(model, "Conv"), "kernel_shape", [5, 5])


def kind_is_a_table(model: onnx.ModelProto) -> None:
    model.graph.input[1].type.tensor_type.shape.dim.add().dim_value = 2


def latent_is_a_map(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim.add().dim_value = 1


def newer_format(model: onnx.ModelProto) -> None:
    model.ir_version = 14


def no_format(model: onnx.ModelProto) -> None:
    model.ClearField("ir_version")


def two_opsets(model: onnx.ModelProto) -> None:
    model.opset_import.add(domain="ai.onnx", version=22)


def tensor_twice(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(model.graph.initializer[0])


def attribute_twice(model: onnx.ModelProto) -> None:
    node(model, "Conv").attribute.append(node(model, "Conv").attribute[0])


def bytes_from_another_type(model: onnx.ModelProto) -> None:
    node(model, "Concat").input[1] = node(model, "QuantizeLinear").output[0]


CHANGES: dict[Change, str] = {
    cast_to_bool: "the pack's node Cast has to 9, which tilewright does not run; it runs 2 or 7",
    bias_has_a_zero_point: "the bias of a Conv must have the zero point 0, one for each scale",
    bias_has_too_many_scales: "a bias must have one scale, or one for each output channel",
    weights_have_a_zero_point: "the weights of a Conv must have the zero point 0, one for each scale",
    zero_point_of_another_type: "the pack's node DequantizeLinear must have uint8 as input 2, not int8",
    padded_with_a_value: "the pack's node Pad must have 2 inputs, not 3",
    batch_of_seven: "a Reshape must be to (0, channels, height, width), not to [7,",
    other_kernel_shape: "a convolution's kernel_shape must be that of its weights",
    kind_is_a_table: "a pack's kind must be (n), a number for each picture",
    latent_is_a_map: "a pack's latent must be (n, numbers)",
    newer_format: "the pack's ir_version must be 4 to 13, not 14",
    no_format: "the pack's ir_version must be 4 to 13, not 0",
    two_opsets: "the pack must use the standard ONNX operators alone, version 21 to 28",
    tensor_twice: "the pack makes '",
    attribute_twice: "the pack's node Conv names the attribute",
    bytes_from_another_type: "the pack's node Concat reads",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_refuses(change: Change) -> None:
    assert refusal(changed(change, palette_pack(wrap=True))).startswith(CHANGES[change])


def without_zero_point(model: onnx.ModelProto) -> None:
    """ONNX defines 0 as the default, also for the int8 latent."""
    for n in model.graph.node:
        if n.op_type == "DequantizeLinear" and len(n.input) == 3:
            n.input.pop()
            break


def names_its_kernel(model: onnx.ModelProto) -> None:
    set_attribute(node(model, "Conv"), "kernel_shape", [3, 3])


def with_two_identities(model: onnx.ModelProto) -> None:
    read = node(model, "Conv").input[0]
    model.graph.node.insert(0, helper.make_node("Identity", ["latent"], ["same"]))
    node(model, "Concat").input[0] = "same"
    assert read


def with_a_dead_node(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Mul", ["kind", "kind"], ["unused"]))


def with_a_batch_of_any_size(model: onnx.ModelProto) -> None:
    shape = node(model, "Reshape").input[1]
    array = np.array(onnx.numpy_helper.to_array(next(t for t in model.graph.initializer if t.name == shape)))
    array[0] = -1
    constant(model, shape, array)


@pytest.mark.parametrize(
    "change",
    [without_zero_point, names_its_kernel, with_two_identities, with_a_dead_node, with_a_batch_of_any_size],
)
def test_what_is_accepted_is_what_onnx_runtime_computes(change: Change) -> None:
    content, count = changed(change, palette_pack()), 64
    pack = check_pack(content, PATH)
    latents = draw_latents(3, 0, count, pack.latent_size)
    kinds = draw_kinds(3, 0, count, len(pack.kinds))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(["indices"], {"latent": latents, "kind": kinds.astype(np.int64)})
    ours = Engine(pack.plan).run(count, latents=latents, kinds=kinds)["indices"]
    assert (ours == theirs).mean() >= 0.995


@pytest.mark.parametrize("op", ["Conv", "Concat", "Relu"])
def test_an_input_too_many_is_refused_though_it_is_empty(op: str) -> None:
    """ONNX Runtime refuses it, too; an empty name stands for an optional input only."""
    content = pack_with(op)
    assert content is not None
    empty = [""] * (4 - len(node(onnx.ModelProto.FromString(content), op).input))
    said = refusal(changed(lambda model: node(model, op).input.extend(empty), content))
    assert "inputs, not 4" in said or "reads '' before anything makes it" in said
