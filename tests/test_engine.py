"""Engine: a plan with every kind of step, its properties, and its errors."""

import numpy as np
import pytest

from tilewright import engine
from tilewright.compiler import reference
from tilewright.engine import Engine
from tilewright.errors import PackError, UsageError
from tilewright.plan import Buffer, Input, Plan, Step

KINDS = 3


def make_plan(wrap: bool = False, weight: int = 5) -> Plan:
    """Latent and kind, concatenated, -> 4x4x6 -> a residual convolution -> indices. The features are also an
    output.
    """
    rng = np.random.default_rng(11)

    def layer(outputs: int, *inputs: int) -> dict[str, object]:
        return {
            "weights": rng.integers(-weight, weight + 1, (outputs, *inputs), dtype=np.int8),
            "bias": rng.integers(-900, 900, outputs, dtype=np.int32),
        }

    requantised = {"multiplier": np.full(6, 0.03, dtype=np.float32), "zero_out": 100}
    padding = {"zero_in": 100, "wrap": wrap}
    sides = {"scale_a": 1.0, "scale_b": 0.7, "zero_a": 100, "zero_b": 90, "zero_out": 110}
    dense = layer(96, 11) | {"multiplier": np.full(96, 0.05, dtype=np.float32), "zero_out": 100}
    conv = layer(6, 3, 3, 6) | requantised | padding
    scores = layer(7, 1, 1, 6) | padding
    table = np.sort(rng.integers(0, 256, 256, dtype=np.uint8))
    steps = (
        Step("embed", ("kind",), "kinds", {"table": rng.integers(0, 256, (KINDS, 3), dtype=np.uint8)}),
        Step("concat", ("latent", "kinds"), "features", {}),
        Step("dense", ("features",), "map", dense, 96 * 11),
        Step("conv2d", ("map",), "branch", conv, 16 * 9 * 36),
        Step("lookup", ("branch",), "curved", {"table": table}),
        Step("add", ("map", "curved"), "sum", sides),
        Step("scores", ("sum",), "scores", scores, 16 * 6 * 7),
        Step("argmax", ("scores",), "picture", {}),
    )
    buffers = [
        Buffer("latent", (8,)),
        Buffer("kind", (), "int32"),
        Buffer("kinds", (3,)),
        Buffer("features", (11,)),
        *(Buffer(name, (4, 4, 6)) for name in ("map", "branch", "curved", "sum")),
        Buffer("scores", (4, 4, 7), "int32"),
        Buffer("picture", (4, 4)),
    ]
    outputs = {"indices": "picture", "map": "map", "kind": "kind"}
    inputs = Input("latents", "latent"), Input("kind", "kind")
    return Plan(inputs, steps, {buffer.name: buffer for buffer in buffers}, outputs, KINDS)


@pytest.mark.parametrize("backend", engine.backends())
def test_an_engine_gives_what_the_reference_gives(backend: str) -> None:
    plan = make_plan()
    made = Engine(plan, backend).run(21, seed=4, start=2**64 - 5, threads=2)
    expected = reference.run(plan, 21, seed=4, start=2**64 - 5)
    assert {name: value.shape for name, value in made.items()} == {
        "indices": (21, 4, 4),
        "map": (21, 4, 4, 6),
        "kind": (21,),
    }
    for name, value in expected.items():
        np.testing.assert_array_equal(made[name], value)
    assert len(np.unique(made["indices"])) > 3


@pytest.mark.parametrize("backend", engine.backends())
def test_a_trace_has_the_bytes_of_every_step(backend: str) -> None:
    plan = make_plan()
    values = reference.trace(plan, 1, seed=4, start=9, kinds=np.array([2], np.int32))
    for step, got in zip(plan.steps, Engine(plan, backend).trace(4, 9, 2), strict=True):
        assert got.tobytes() == values[step.output][0].tobytes(), step.output


def test_the_backend_is_the_asked_or_the_environments_or_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TILEWRIGHT_BACKEND", raising=False)
    assert engine.backends()[-1] == "scalar"
    assert Engine(make_plan()).backend == engine.backends()[0]
    assert Engine(make_plan(), "scalar").backend == "scalar"
    monkeypatch.setenv("TILEWRIGHT_BACKEND", "scalar")
    assert Engine(make_plan()).backend == "scalar"
    assert Engine(make_plan(), engine.backends()[0]).backend == engine.backends()[0]


def test_an_unknown_backend_is_the_callers_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"unknown backend 'steam'; this machine has {', '.join(engine.backends())}"
    with pytest.raises(UsageError) as caught:
        Engine(make_plan(), "steam")
    assert str(caught.value) == text
    monkeypatch.setenv("TILEWRIGHT_BACKEND", "steam")
    with pytest.raises(UsageError) as caught:
        Engine(make_plan())
    assert str(caught.value) == text


def test_what_the_core_refuses_is_a_bad_pack() -> None:
    plan = make_plan()
    plan.steps[3].arguments["multiplier"][2] = np.inf
    with pytest.raises(PackError) as caught:
        Engine(plan)
    text = "the core refuses the pack: step 3 (conv2d): multiplier must be finite"
    assert str(caught.value) == text


@pytest.mark.parametrize("backend", engine.backends())
def test_products_with_a_border_are_not_executed(backend: str) -> None:
    plan = make_plan(wrap=True)
    assert Engine(plan, backend).executed_multiply_adds == plan.multiply_adds
    # Of 4 x 4 cells times 3 x 3 taps, 10 x 10 lie inside the map.
    skipped = (144 - 100) * 36
    assert Engine(make_plan(), backend).executed_multiply_adds == plan.multiply_adds - skipped


@pytest.mark.parametrize("backend", engine.backends())
def test_stages_are_timed_in_the_order_of_the_plan(backend: str) -> None:
    made = Engine(make_plan(), backend)
    stages = made.time_stages(2)
    names = ["embed", "concat", "dense", "conv2d + lookup + add", "scores + argmax"]
    assert [ops for ops, _, _ in stages] == names
    assert sum(multiply_adds for _, _, multiply_adds in stages) == made.executed_multiply_adds


@pytest.mark.parametrize("backend", engine.backends())
def test_a_workspace_holds_at_least_the_largest_values(backend: str) -> None:
    assert 4 * 4 * 6 * 2 < Engine(make_plan(), backend).workspace_bytes < 2**20
