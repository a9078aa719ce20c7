"""A kind per cell and words as inputs: the core, and the stand-in for a GPU, against the reference."""

from collections.abc import Callable

import numpy as np
import pytest

from tilewright.compiler import fast_reference, reference
from tilewright.compiler.wavefronts import wavefronts
from tilewright.engine import DeviceEngine, Engine
from tilewright.plan import Buffer, Input, Plan, Step

from ..cuda.conftest import gpu, simt  # noqa: F401
from .bad_plans import embed_cells, new_plan, refusal
from .test_inputs import make  # noqa: F401
from .test_samplers import CHANNELS, KINDS, SIZE, Network

Make = Callable[[Plan], Engine | DeviceEngine]
COUNT, WORDS = 5, 9


def step_plan(method: str, added_first: bool) -> Plan:
    """A causal network to which the conditions are added before or after its first layer."""
    network = Network()
    network.embed_cells()
    network.conditions("given", WORDS)
    network.conv2d("given", "around", zero_in=100)
    if added_first:
        network.add("x", "around", "x2")
        network.conv2d("x2", "y", zero_in=200, taps=4)
        return network.plan("y", method)
    network.conv2d("x", "y", zero_in=200, taps=4)
    network.add("around", "y", "sum")
    network.lookup("sum", "z")
    return network.plan("z", method)


def one_pass_plan() -> Plan:
    """A map of latents, to which a kind per cell and a vector of words are added."""
    network = Network()
    network.conditions("given", WORDS)
    network.latent_map("latents", "x")
    network.add("x", "given", "sum")
    network.conv2d("sum", "y", zero_in=20)
    plan = network.plan("y")
    *steps, scores = plan.steps
    buffers = {**plan.buffers, "indices": Buffer("indices", (SIZE, SIZE))}
    inputs = tuple(i for i in plan.inputs if i.source != "cells")
    return Plan(
        inputs,
        (*steps, scores, Step("argmax", ("scores",), "indices", {})),
        buffers,
        {"indices": "indices", "kind": "kind"},
        KINDS,
    )


PLANS: dict[str, Callable[[], Plan]] = {
    "masked": lambda: step_plan("masked", True),
    "masked-after": lambda: step_plan("masked", False),
    "autoregressive": lambda: step_plan("autoregressive", True),
    "autoregressive-after": lambda: step_plan("autoregressive", False),
    "one-pass": one_pass_plan,
}


def random_conditions(shared: bool) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(shared)
    count = () if shared else (COUNT,)
    return {
        "kind_maps": rng.integers(0, KINDS, (*count, SIZE, SIZE), dtype=np.uint8),
        "words": rng.integers(0, 2, (*count, WORDS), dtype=np.uint8),
    }


@pytest.mark.parametrize("name", PLANS)
def test_conditions_are_those_of_the_reference(make: Make, name: str) -> None:  # noqa: F811
    plan = PLANS[name]()
    made = make(plan)
    whole = random_conditions(False)
    for given in (
        whole,
        random_conditions(True),
        {},
        {"kinds": np.array([2, 0, 1, 1, 2], np.int32)},
        {"kind_maps": whole["kind_maps"]},
        {"words": whole["words"]},
    ):
        got = made.run(COUNT, seed=7, start=2**64 - 2, **given)  # type: ignore[arg-type]
        for run in (reference.run, fast_reference.run):
            expected = run(plan, COUNT, seed=7, start=2**64 - 2, **given)
            for key, array in expected.items():
                np.testing.assert_array_equal(got[key], array, err_msg=f"{key} {given.keys()}")
    kind_map, words = whole["kind_maps"][1], whole["words"][1]
    values = reference.trace(plan, 1, seed=3, start=4, kind_maps=kind_map, words=words)
    for step, bytes_ in zip(plan.steps, made.trace(3, 4, None, kind_map, words), strict=True):
        assert bytes_.tobytes() == values[step.output][0].tobytes(), step.output


@pytest.mark.parametrize("name", PLANS)
def test_conditions_matter(name: str) -> None:
    """If no condition changed a picture, the comparison with the reference would show nothing."""
    made = Engine(PLANS[name]())
    given = random_conditions(True)
    pictures = [
        made.run(50, seed=7, **some)["indices"]  # type: ignore[arg-type]
        for some in ({}, {"kind_maps": given["kind_maps"]}, {"words": given["words"]})
    ]
    assert (pictures[0] != pictures[1]).any()
    assert (pictures[0] != pictures[2]).any()


def test_one_kind_per_tile_fills_the_map(make: Make) -> None:  # noqa: F811
    made = make(PLANS["autoregressive"]())
    kinds = np.array([2, 0, 1, 1, 2], np.int32)
    maps = np.broadcast_to(kinds.astype(np.uint8)[:, None, None], (COUNT, SIZE, SIZE)).copy()
    one, other = made.run(COUNT, kinds=kinds), made.run(COUNT, kinds=kinds, kind_maps=maps)
    np.testing.assert_array_equal(one["kind"], kinds)
    np.testing.assert_array_equal(one["indices"], other["indices"])


def test_conditions_do_not_change_the_wavefronts() -> None:
    network = Network()
    network.embed_cells()
    network.conv2d("x", "y", zero_in=200, taps=4)
    plain = network.plan("y")
    conditioned = step_plan("autoregressive", True)
    assert [len(front) for front in wavefronts(conditioned)] == [len(front) for front in wavefronts(plain)]
    for plan in (plain, conditioned):
        executor = Engine(plan)._executor
        assert executor.groups == [front.tolist() for front in wavefronts(plan)]


@pytest.mark.parametrize("shared", [False, True])
def test_a_kind_of_a_cell_that_the_plan_lacks(make: Make, shared: bool) -> None:  # noqa: F811
    made = make(PLANS["masked"]())
    maps = random_conditions(shared)["kind_maps"]
    maps[(..., 2, 1)] = 0
    maps.reshape(-1, SIZE, SIZE)[-1, 2, 1] = KINDS
    tile = 0 if shared else COUNT - 1
    text = rf"Executor\.run\(\): kind 3 of tile {tile}, cell \(2, 1\) is not below 3$"
    with pytest.raises(ValueError, match=text):
        made.run(COUNT, kind_maps=maps)


def test_arrays_of_another_shape_or_type_are_refused(make: Make) -> None:  # noqa: F811
    made = make(PLANS["masked"]())
    for given, text in (
        (
            {"words": np.zeros((COUNT, WORDS + 1), np.uint8)},
            r"words must be a C-contiguous array of uint8 \(5, 9\)",
        ),
        ({"words": np.zeros(WORDS, np.int8)}, r"words must be a C-contiguous array of uint8 \(9\)"),
        ({"kind_maps": np.zeros((SIZE, SIZE + 1), np.uint8)}, r"kind_maps must be .* uint8 \(4, 4\)"),
        ({"kind_maps": np.zeros((2, SIZE, SIZE), np.uint8)}, r"kind_maps must be .* uint8 \(5, 4, 4\)"),
    ):
        with pytest.raises(ValueError, match=text):
            made.run(COUNT, **given)  # type: ignore[arg-type]
    network = Network()
    network.embed_cells()
    plain = make(network.plan("x"))
    with pytest.raises(ValueError, match=r"words: the plan has no input for them$"):
        plain.run(1, words=np.zeros(WORDS, np.uint8))


def test_inputs_that_the_core_refuses() -> None:
    plan = new_plan()
    plan.input("kind_map", (4, 4))
    plan.input("kind_map", (4, 4))
    assert refusal(plan) == "Executor(): input 2 is a second map of kinds"
    plan = new_plan()
    plan.input("words", (4,))
    plan.input("words", (4,))
    assert refusal(plan) == "Executor(): input 2 is a second input of words"
    plan = new_plan()
    plan.input("kind_map", (4,))
    assert refusal(plan) == "Executor(): input 1 must be (height, width), not (4)"
    plan = new_plan(kinds=257)
    plan.input("kind_map", (4, 4))
    assert refusal(plan) == "Executor(): input 1 must not be a map of more than 256 kinds"
    plan = new_plan(kinds=3)
    embed_cells(plan, plan.input("kind_map", (4, 4)), kind=None, kinds=1, entries=2)
    text = "Executor(): step 0 (embed_cells): the number of rows in a table must be 3 to 256, not 2"
    assert refusal(plan) == text
    plan = new_plan()
    with pytest.raises(ValueError, match="source must be 'latents', 'kind', 'cells', 'kind_map' or 'words'"):
        plan.input("map", (4, 4))


def test_a_map_of_one_cell_is_the_second_operand() -> None:
    plan = new_plan((1, 1, 4), (4, 4, 4))
    plan.add(0, 1, 1.0, 1.0, 0, 0, 0)
    assert refusal(plan) == "Executor(): step 0 (add): input 1 must be (1, 1, 4), not (4, 4, 4)"
    plan = new_plan((4, 4, 4), (1, 1, 3))
    plan.add(0, 1, 1.0, 1.0, 0, 0, 0)
    assert refusal(plan) == "Executor(): step 0 (add): input 1 must be (4, 4, 4), not (1, 1, 3)"


@pytest.mark.parametrize("vector_last", [False, True])
def test_a_layer_does_not_fuse_the_addition_of_one_cell(make: Make, vector_last: bool) -> None:  # noqa: F811
    """The layer may compute the map or the cell; both could be the output of a fused stage of one shape."""
    rng = np.random.default_rng(5)
    table = rng.integers(0, 256, (1, KINDS, CHANNELS), dtype=np.uint8)

    def layer(*shape: int) -> dict[str, object]:
        return {
            "weights": rng.integers(-60, 61, shape, dtype=np.int8),
            "bias": np.zeros(shape[0], np.int32),
            "multiplier": np.full(shape[0], 0.01, np.float32),
            "zero_out": 120,
        }

    convolution = Step("conv2d", ("x",), "y", layer(CHANNELS, 3, 3, CHANNELS) | {"zero_in": 3, "wrap": False})
    vector = Step("dense", ("words",), "v", layer(CHANNELS, WORDS))
    scales = {"scale_a": 1.0, "scale_b": 1.0, "zero_a": 120, "zero_b": 120, "zero_out": 120}
    steps = (
        Step("embed_cells", ("kind_map",), "x", {"table": table}),
        *((convolution, vector) if vector_last else (vector, convolution)),
        Step("add", ("y", "v"), "sum", scales),
    )
    shape = (SIZE, SIZE, CHANNELS)
    buffers = {
        "kind": Buffer("kind", (), "int32"),
        "kind_map": Buffer("kind_map", (SIZE, SIZE)),
        "words": Buffer("words", (WORDS,)),
        "v": Buffer("v", (1, 1, CHANNELS)),
        **{name: Buffer(name, shape) for name in ("x", "y", "sum")},
    }
    inputs = tuple(Input(name, name) for name in ("kind", "kind_map", "words"))
    plan = Plan(inputs, steps, buffers, {"sum": "sum", "kind": "kind"}, KINDS)
    given = random_conditions(False)
    got, expected = make(plan).run(COUNT, **given), reference.run(plan, COUNT, **given)
    np.testing.assert_array_equal(got["sum"], expected["sum"])
