"""Critics: the core equals the reference and agrees with ONNX Runtime, and other networks are refused."""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from tilewright.compiler import compile_critic, compile_graph, read_onnx, reference
from tilewright.engine import DeviceEngine, Engine, backends
from tilewright.errors import PackError
from tilewright.plan import Plan

from ..cuda.conftest import gpu, simt  # noqa: F401
from ..networks import critic, palette_pack
from .hostile import Change, changed, constant, node, set_attribute

SIZES = ((16, 16), (4, 4), (9, 7), (33, 18))
COLOURS = 6
COUNT = 40


def compiled(content: bytes) -> Plan:
    return compile_critic(read_onnx(content, "critic.onnx").graph())


def pictures(height: int, width: int, count: int = COUNT) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(height * width)
    cells = rng.integers(0, COLOURS, (count, height, width), dtype=np.uint8)
    cells[: count // 4] = cells[: count // 4, :1, :1]  # of one colour
    return {"cells": cells, "kind_maps": rng.integers(0, 16, cells.shape, dtype=np.uint8)}


@pytest.fixture(params=SIZES, ids=str)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return tuple(request.param)


@pytest.mark.parametrize("backend", backends())
def test_the_core_is_the_reference(size: tuple[int, int], backend: str) -> None:
    for wrap in (False, True):
        plan, given = compiled(critic(*size, COLOURS, wrap)), pictures(*size)
        expected = reference.run(plan, COUNT, **given)["score"]
        assert expected.shape == (COUNT, 3) and len(np.unique(expected)) > 10
        made = Engine(plan, backend).run(COUNT, threads=2, **given)  # type: ignore[arg-type]
        assert made.keys() == {"score"}
        np.testing.assert_array_equal(made["score"], expected)


def test_the_stand_in_for_a_gpu_is_the_reference(gpu: object) -> None:  # noqa: F811
    plan, given = compiled(critic(9, 7)), pictures(9, 7, 5)
    engine = DeviceEngine(plan)
    made = engine.run(5, **given)["score"]  # type: ignore[arg-type]
    np.testing.assert_array_equal(made, reference.run(plan, 5, **given)["score"])
    with pytest.raises(ValueError, match=r"DeviceExecutor\.run\(\): cells must be given"):
        engine.run(5)
    assert len(engine.time(3, 1)) == 1


def test_onnxruntime_agrees(size: tuple[int, int]) -> None:
    content, given = critic(*size), pictures(*size)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(["score"], {"cells": given["cells"], "neighbours": given["kind_maps"]})
    ours = Engine(compiled(content)).run(COUNT, **given)["score"]  # type: ignore[arg-type]
    assert ours.shape == theirs.shape
    apart = np.abs(ours.astype(np.int32) - theirs.astype(np.int32))
    assert (apart <= 1).mean() >= 0.95


def test_a_trace_is_of_the_given_cells(size: tuple[int, int]) -> None:
    plan, given = compiled(critic(*size)), pictures(*size, 1)
    values = reference.trace(plan, 1, **given)
    traced = Engine(plan).trace(0, 0, kind_map=given["kind_maps"][0], cells=given["cells"][0])
    for step, written in zip(plan.steps, traced, strict=True):
        assert values[step.output].tobytes() == written.tobytes(), step.op


def test_cells_must_be_given() -> None:
    plan, given = compiled(critic()), pictures(16, 16, 2)
    engine = Engine(plan)
    with pytest.raises(ValueError, match=r"^Executor\.run\(\): cells must be given, because the plan has no"):
        engine.run(2, kind_maps=given["kind_maps"])
    with pytest.raises(ValueError, match="cells must be given"):
        engine.trace(0, 0)
    with pytest.raises(ValueError, match="cells must be given"):
        reference.run(plan, 2, kind_maps=given["kind_maps"])
    with pytest.raises(ValueError, match=r"kind 16 of tile 1, cell \(2, 3\) is not below 16"):
        given["kind_maps"][1, 2, 3] = 16
        engine.run(2, **given)  # type: ignore[arg-type]
    assert engine.time_stages(1)


def test_cells_beyond_the_table_are_those_of_its_last_row() -> None:
    plan, given = compiled(critic(colours=COLOURS)), pictures(16, 16, 3)
    expected = Engine(plan).run(3, **given)["score"]  # type: ignore[arg-type]
    for other in (COLOURS, 200, 255):
        cells = np.where(given["cells"] == COLOURS - 1, np.uint8(other), given["cells"])
        made = Engine(plan).run(3, cells=cells, kind_maps=given["kind_maps"])["score"]
        np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize("colours", [2, 255, 256])
def test_tables_of_any_number_of_colours(colours: int) -> None:
    plan = compiled(critic(4, 4, colours))
    assert [step.arguments["table"].shape[1] for step in plan.steps[:2]] == [256, 16]
    cells = np.arange(256, dtype=np.uint8).reshape(16, 4, 4)
    given = {"cells": cells, "kind_maps": cells % 16}
    expected = reference.run(plan, 16, **given)["score"]
    made = Engine(plan).run(16, **given)["score"]  # type: ignore[arg-type]
    np.testing.assert_array_equal(made, expected)


def table(model: onnx.ModelProto, number: int, *shape: int) -> None:
    """Replace the table of the cells (0) or of the neighbours (1)."""
    name = node(model, "Gather", number).input[0]
    constant(model, name, np.ones(shape, np.uint8))


def other_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("words", TensorProto.UINT8, ["n", 3]))


def one_input(model: onnx.ModelProto) -> None:
    cast = next(n for n in model.graph.node if list(n.input) == ["neighbours"])
    cast.input[0] = "cells"
    del model.graph.input[1]


def wide_neighbours(model: onnx.ModelProto) -> None:
    model.graph.input[1].type.tensor_type.shape.dim[2].dim_value = 17


def long_cells(model: onnx.ModelProto) -> None:
    for value in model.graph.input:
        value.type.tensor_type.shape.dim[1].dim_value = 513


def one_row(model: onnx.ModelProto) -> None:
    table(model, 0, 1, 10)


def many_rows(model: onnx.ModelProto) -> None:
    table(model, 0, 257, 10)


def wide_rows(model: onnx.ModelProto) -> None:
    """257 times as many bytes as the file has."""
    table(model, 0, 2, 1 << 24)


def few_masks(model: onnx.ModelProto) -> None:
    table(model, 1, 15, 10)


def other_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = model.graph.node[-1].output[0] = "logits"


def two_outputs(model: onnx.ModelProto) -> None:
    name = node(model, "MaxPool").output[0]
    model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", 10, 8, 8]))


def score_of_a_mean(model: onnx.ModelProto) -> None:
    model.graph.node[-1].input[0] = node(model, "Concat", 1).output[0]


def several_scores(model: onnx.ModelProto) -> None:
    model.graph.node[-1].input[0] = next(
        n.output[0]
        for n in reversed(model.graph.node)
        if n.op_type == "QuantizeLinear" and n is not last(model)
    )


def last(model: onnx.ModelProto) -> onnx.NodeProto:
    return next(n for n in reversed(model.graph.node) if n.op_type == "QuantizeLinear")


def pooled_indices(model: onnx.ModelProto) -> None:
    node(model, "MaxPool").input[0] = "cells"


def pooled_neighbours(model: onnx.ModelProto) -> None:
    node(model, "MaxPool").input[0] = "neighbours"


def pooled_floats(model: onnx.ModelProto) -> None:
    node(model, "MaxPool").input[0] = node(model, "DequantizeLinear").output[0]


def overlapping(model: onnx.ModelProto) -> None:
    set_attribute(node(model, "MaxPool"), "strides", [1, 1])


def default_strides(model: onnx.ModelProto) -> None:
    del node(model, "MaxPool").attribute[1]


def rounded_up(model: onnx.ModelProto) -> None:
    set_attribute(node(model, "MaxPool"), "ceil_mode", 1)


def with_indices(model: onnx.ModelProto) -> None:
    node(model, "MaxPool").output.append("places")


def mean_of_rows(model: onnx.ModelProto) -> None:
    constant(model, node(model, "ReduceMean").input[1], np.array([2], np.int64))


def mean_that_keeps_axes(model: onnx.ModelProto) -> None:
    set_attribute(node(model, "ReduceMean"), "keepdims", 1)


def mean_of_everything(model: onnx.ModelProto) -> None:
    node(model, "ReduceMean").input.pop()


def scales_far_apart(model: onnx.ModelProto) -> None:
    quantise = next(n for n in model.graph.node if n.input[0] == node(model, "ReduceMean").output[0])
    quantise.input[1] = constant(model, "tiny", np.array(1e-30, np.float32))


CHANGES: dict[Change, str] = {
    other_input: "a critic's inputs are cells (uint8) and neighbours (uint8)",
    one_input: "a critic's inputs are cells (uint8) and neighbours (uint8)",
    wide_neighbours: "a critic's inputs must be (n, height, width) of one size, at most 512 along an edge",
    long_cells: "a critic's inputs must be (n, height, width) of one size, at most 512 along an edge",
    one_row: "a critic's table of cells must have 2 to 256 rows, not 1",
    many_rows: "a critic's table of cells must have 2 to 256 rows, not 257",
    wide_rows: "the pack's embed_cells makes a map of (16, 16, 16777216), which is too large",
    few_masks: "a critic's table of neighbours must have 16 rows, not 15",
    other_output: "a pack's outputs must be uint8, a step network's logits float32",
    two_outputs: "a critic's one output is score, numbers straight from a Gemm",
    score_of_a_mean: "a critic's one output is score, numbers straight from a Gemm",
    pooled_indices: "a MaxPool must read a map of at least two rows and columns",
    pooled_neighbours: "a MaxPool must not read the neighbours: only a Gather may",
    pooled_floats: "the pack's node MaxPool must have uint8 as input 0, not float32",
    overlapping: "the pack's node MaxPool has strides (1, 1), which tilewright does not run; it runs (2, 2)",
    default_strides: "the pack's node MaxPool has strides (1, 1), which tilewright does not run; it runs (2, 2)",
    rounded_up: "the pack's node MaxPool has ceil_mode 1, which tilewright does not run; it runs 0",
    with_indices: "the pack's node MaxPool must have one output",
    mean_of_rows: "a ReduceMean must be over height and width: axes [2, 3]",
    mean_that_keeps_axes: "the pack's node ReduceMean has keepdims 1, which tilewright does not run; it runs 0",
    mean_of_everything: "the pack's node ReduceMean must have 2 inputs, not 1",
    scales_far_apart: "the pack's scales are too far apart: each must be in 2^-60 to 2^40",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_refuses(change: Change) -> None:
    with pytest.raises(PackError) as error:
        compiled(changed(change, critic()))
    assert str(error.value) == CHANGES[change]


@pytest.mark.parametrize("size_of_small", [(1, 4), (3, 2), (2, 9)], ids=str)
def test_maps_too_small_to_pool_are_refused(size_of_small: tuple[int, int]) -> None:
    with pytest.raises(PackError, match=r"^a MaxPool must read a map of at least two rows and columns$"):
        compiled(critic(*size_of_small))


@pytest.mark.parametrize(
    ("compile_it", "content", "text"),
    [
        (compile_graph, critic, "a pack's inputs are latent"),
        (compile_critic, palette_pack, "a critic's inputs are cells"),
    ],
)
def test_a_critic_is_no_generator(
    compile_it: Callable[..., Plan], content: Callable[[], bytes], text: str
) -> None:
    with pytest.raises(PackError) as error:
        compile_it(read_onnx(content(), "critic.onnx").graph())
    assert str(error.value).startswith(text)
