"""Invalid iterative packs: every fault of a step network or its sampler is one PackError."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tilewright.compiler import reference
from tilewright.compiler.sampling import Sampling, compile_sampler
from tilewright.errors import PackError
from tilewright.pack import check_pack
from tilewright.plan import Buffer, Step

from ..networks import palette_pack
from ..step_networks import autoregressive_pack, masked_pack

PATH = Path("stranger.onnx")
Change = Callable[[onnx.ModelProto], object]


def refusal(content: bytes) -> str:
    with pytest.raises(PackError) as error:
        check_pack(content, PATH)
    return str(error.value)


def damaged(change: Change, content: bytes | None = None) -> bytes:
    model = onnx.ModelProto.FromString(content or masked_pack())
    change(model)
    return model.SerializeToString()


def with_facts(content: bytes, **facts: object) -> bytes:
    def change(model: onnx.ModelProto) -> None:
        entry = model.metadata_props[0]
        entry.value = json.dumps(json.loads(entry.value) | facts)

    return damaged(change, content)


def with_sampler(**values: object) -> bytes:
    sampler = {"method": "masked", "steps": 6, "temperature": 0.8} | values
    return with_facts(masked_pack(), sampler=sampler)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"steps": 0}, "the sampler's steps must be 1 to 64 (masked, 64 cells), not 0"),
        ({"steps": 65}, "the sampler's steps must be 1 to 64 (masked, 64 cells), not 65"),
        ({"steps": -(10**30)}, "the sampler's steps must be 1 to 64 (masked, 64 cells), not -1000000"),
        ({"steps": 6.5}, "stranger.onnx has damaged metadata: ValueError('not an integer: 6.5')"),
        ({"steps": True}, "stranger.onnx has damaged metadata: ValueError('not an integer: True')"),
        (
            {"method": "autoregressive"},
            "the sampler's steps must be 64 to 64 (autoregressive, 64 cells), not 6",
        ),
        (
            {"method": "diffusion"},
            "stranger.onnx: the sampler's method must be masked or autoregressive, not 'diffusion'",
        ),
        (
            {"method": ["masked"]},
            "stranger.onnx: the sampler's method must be masked or autoregressive, not ['masked']",
        ),
        (
            {"temperature": -0.5},
            "stranger.onnx: the sampler's temperature must be finite, 0 or more, not -0.5",
        ),
        (
            {"temperature": float("nan")},
            "stranger.onnx: the sampler's temperature must be finite, 0 or more, not nan",
        ),
        (
            {"temperature": float("inf")},
            "stranger.onnx: the sampler's temperature must be finite, 0 or more, not inf",
        ),
        ({"temperature": 10**400}, "stranger.onnx has damaged metadata: OverflowError"),
        ({"temperature": "hot"}, "stranger.onnx has damaged metadata: ValueError(\"not a number: 'hot'\")"),
        ({"temperature": None}, "stranger.onnx has damaged metadata: ValueError('not a number: None')"),
    ],
)
def test_bad_samplers(values: dict[str, object], text: str) -> None:
    assert refusal(with_sampler(**values)).startswith(text)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            {"sampler": None},
            "a pack's inputs are latent (int8), and perhaps kind (int64) or kind_map (uint8), and words (uint8)",
        ),
        ({"sampler": []}, "stranger.onnx has damaged metadata: ValueError('not an object: []')"),
        ({"sampler": {}}, "stranger.onnx has damaged metadata: KeyError('method')"),
        ({"kinds": ["floor"]}, "stranger.onnx: the metadata's kinds does not fit the network"),
        ({"latent_size": 8}, "stranger.onnx: the metadata's latent_size does not fit the network"),
        ({"tile_size": 16}, "stranger.onnx: the metadata's tile_size does not fit the network"),
        ({"palette": None}, "stranger.onnx: the metadata's palette does not fit the network"),
        ({"palette_size": 6}, "stranger.onnx: the metadata's palette does not fit the network"),
        (
            {"palette_size": 6, "palette": ["000000ff"] * 6},
            "stranger.onnx: the metadata's palette_size does not fit the network",
        ),
    ],
)
def test_metadata_that_does_not_fit(facts: dict[str, object], text: str) -> None:
    assert refusal(with_facts(masked_pack(), **facts)).startswith(text)


def test_a_sampler_around_a_generator() -> None:
    sampler = {"method": "masked", "steps": 4, "temperature": 1}
    text = refusal(with_facts(palette_pack(), sampler=sampler))
    assert text == (
        "a step network's inputs are cells (uint8), and perhaps kind (int64) or kind_map (uint8), and words (uint8)"
    )


def test_colours_must_leave_a_byte_for_the_unknown() -> None:
    assert refusal(masked_pack(size=4, steps=3, colours=256)) == (
        "the pack's logits must be 1 to 255 maps of 4x4 like its cells, not 256 of 4x4"
    )


def nodes(model: onnx.ModelProto, op: str) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == op]


def constant(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def replace_constant(model: onnx.ModelProto, name: str, array: np.ndarray) -> None:
    constant(model, name).CopyFrom(numpy_helper.from_array(array, name))


def table_lacks_a_row(model: onnx.ModelProto) -> None:
    name = nodes(model, "Gather")[0].input[0]
    replace_constant(model, name, numpy_helper.to_array(constant(model, name))[:-1])


def table_lacks_the_unknown(model: onnx.ModelProto) -> None:
    name = nodes(model, "Gather")[0].input[0]
    replace_constant(model, name, numpy_helper.to_array(constant(model, name))[:15])
    replace_constant(model, nodes(model, "Mul")[0].input[1], np.array(5, np.int64))


def table_is_float(model: onnx.ModelProto) -> None:
    name = nodes(model, "Gather")[0].input[0]
    replace_constant(model, name, np.zeros((18, 10), np.float32))


def no_entries(model: onnx.ModelProto) -> None:
    replace_constant(model, nodes(model, "Mul")[0].input[1], np.array(0, np.int64))


def kind_is_ignored(model: onnx.ModelProto) -> None:
    nodes(model, "Gather")[0].input[1] = nodes(model, "Cast")[0].output[0]
    for op in ("Unsqueeze", "Mul", "Add"):
        model.graph.node.remove(nodes(model, op)[0])


def rows_by_kind_alone(model: onnx.ModelProto) -> None:
    nodes(model, "Add")[0].input[0] = nodes(model, "Mul")[0].output[0]


def other_axes(model: onnx.ModelProto) -> None:
    replace_constant(model, nodes(model, "Unsqueeze")[0].input[1], np.array([0, 1], np.int64))


def not_transposed(model: onnx.ModelProto) -> None:
    nodes(model, "Transpose")[0].attribute[0].CopyFrom(helper.make_attribute("perm", [0, 3, 2, 1]))


def cells_are_floats(model: onnx.ModelProto) -> None:
    next(i for i in model.graph.input if i.name == "cells").type.tensor_type.elem_type = TensorProto.FLOAT


def cells_are_signed(model: onnx.ModelProto) -> None:
    next(i for i in model.graph.input if i.name == "cells").type.tensor_type.elem_type = TensorProto.INT8


def cells_are_a_row(model: onnx.ModelProto) -> None:
    del next(i for i in model.graph.input if i.name == "cells").type.tensor_type.shape.dim[2:]


def cells_without_a_size(model: onnx.ModelProto) -> None:
    next(i for i in model.graph.input if i.name == "cells").type.tensor_type.shape.dim[1].dim_param = "h"


def cells_are_huge(model: onnx.ModelProto) -> None:
    next(i for i in model.graph.input if i.name == "cells").type.tensor_type.shape.dim[1].dim_value = 513


def cells_as_numbers(model: onnx.ModelProto) -> None:
    leaky = nodes(model, "LeakyRelu")[0]
    view = next(node for node in nodes(model, "DequantizeLinear") if node.output[0] == leaky.input[0])
    view.input[0] = "cells"


def logits_are_bytes(model: onnx.ModelProto) -> None:
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.UINT8


def output_has_another_name(model: onnx.ModelProto) -> None:
    nodes(model, "Identity")[0].output[0] = model.graph.output[0].name = "indices"
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.UINT8


def logits_are_quantised(model: onnx.ModelProto) -> None:
    nodes(model, "Identity")[0].input[0] = nodes(model, "QuantizeLinear")[-1].output[0]
    model.graph.node.remove(nodes(model, "Conv")[-1])


def one_more_output(model: onnx.ModelProto) -> None:
    name = nodes(model, "QuantizeLinear")[-1].output[0]
    model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", 10, 8, 8]))


def logits_of_another_size(model: onnx.ModelProto) -> None:
    upsample = nodes(model, "Conv")[-2]
    weights = np.ones((13, 10, 4, 4), np.int8)
    quantised = next(n for n in nodes(model, "DequantizeLinear") if n.output[0] == upsample.input[1])
    replace_constant(model, quantised.input[0], weights)
    replace_constant(model, quantised.input[1], np.ones((), np.float32))
    del quantised.attribute[:]
    upsample.op_type = "ConvTranspose"
    del upsample.input[2:]
    del upsample.attribute[:]
    upsample.attribute.extend(
        [helper.make_attribute("strides", [2, 2]), helper.make_attribute("pads", [1] * 4)]
    )
    add = nodes(model, "Add")[-1]
    add.input[0] = add.input[1]


def biases_of_logits(model: onnx.ModelProto) -> onnx.TensorProto:
    bias = nodes(model, "Conv")[-1].input[2]
    return constant(model, next(n for n in nodes(model, "DequantizeLinear") if n.output[0] == bias).input[0])


def noise_overflows(model: onnx.ModelProto) -> None:
    tensor = biases_of_logits(model)
    tensor.CopyFrom(numpy_helper.from_array(np.full(5, 2**31 - 2**24, np.int32), tensor.name))


def scale_vanishes(model: onnx.ModelProto) -> None:
    conv = nodes(model, "Conv")[-1]
    for name, scale in ((conv.input[1], 1e-44), (conv.input[2], 0)):
        node = next(n for n in nodes(model, "DequantizeLinear") if n.output[0] == name)
        replace_constant(model, node.input[1], np.array(scale, np.float32))


WRONG_ROWS = "a Gather must pick its rows by cells + entries * kind"
CASES: dict[Change, str] = {
    table_lacks_a_row: "a table of 17 rows does not hold 6 rows for each kind",
    table_lacks_the_unknown: "the table of cells must have a row for each of 5 colours and one for a cell",
    table_is_float: "the pack's node Gather must have uint8 or int8 as input 0, not float32",
    no_entries: "a table of 18 rows does not hold 0 rows for each kind",
    kind_is_ignored: "a table of cells must have rows for each kind where there is an input kind",
    rows_by_kind_alone: WRONG_ROWS,
    other_axes: WRONG_ROWS,
    not_transposed: "the pack's node Transpose has perm (0, 3, 2, 1), which tilewright does not run",
    cells_are_floats: "the pack's input 'cells' has an unexpected type or shape",
    cells_are_signed: "the pack's node Cast must have uint8 or int64 as input 0, not int8",
    cells_are_a_row: "a step network's cells must be (n, height, width), at most 512 along an edge",
    cells_without_a_size: "the pack's input 'cells' has an unexpected type or shape",
    cells_are_huge: "a step network's cells must be (n, height, width), at most 512 along an edge",
    cells_as_numbers: "a Conv's weights do not fit its input",
    logits_are_bytes: "a pack's outputs must be uint8, a step network's logits float32",
    output_has_another_name: "a pack's outputs must be uint8, a step network's logits float32",
    logits_are_quantised: "a pack's outputs must be uint8, a step network's logits float32",
    one_more_output: "a step network's one output is logits, straight from a Conv",
    logits_of_another_size: "the pack's logits must be 1 to 255 maps of 8x8 like its cells, not 5 of 16x16",
    noise_overflows: "the pack's logits with the sampler's noise do not fit 32 bits",
    scale_vanishes: "the pack's scales are too far apart",
}


@pytest.mark.parametrize("change", CASES, ids=lambda change: change.__name__)
def test_refuses(change: Change) -> None:
    assert refusal(damaged(change)).startswith(CASES[change])


def test_cells_are_no_numbers() -> None:
    logits = Step("scores", ("y",), "logits", {"weights": np.zeros((2, 1, 1, 3)), "bias": np.zeros(2)})
    buffers = {"cells": Buffer("cells", (4, 4)), "logits": Buffer("logits", (4, 4, 2), "int32")}
    layers = [Step("dense", ("cells",), "y", {}), logits]
    with pytest.raises(PackError, match=r"^the pack's dense reads the cells: only a Gather may$"):
        compile_sampler(Sampling("masked", 4, 1.0), layers, buffers, np.float32(1))


def test_survives_flipped_bytes() -> None:
    """Damaged bytes cause a PackError or a pack that the reference runs."""
    content = autoregressive_pack(size=4)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        broken = bytearray(content)
        for at in rng.integers(0, len(content), rng.integers(1, 4)):
            broken[at] ^= 1 << int(rng.integers(8))
        try:
            plan = check_pack(bytes(broken), PATH).plan
        except PackError:
            refused += 1
        else:
            reference.trace(plan, 1)
    assert refused > 0
