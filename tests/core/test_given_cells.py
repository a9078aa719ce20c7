"""Given cells, allowed palette entries and numbers of tiles: the core, and the stand-in for a GPU, against the
reference, and the reference against plain Python.
"""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tilewright import seeds
from tilewright.compiler import fast_reference, reference
from tilewright.engine import DeviceEngine, Engine
from tilewright.plan import Plan

from ..compiler.test_sampling import sample
from ..cuda.conftest import gpu, simt  # noqa: F401
from ..test_engine import make_plan
from .test_conditions import step_plan
from .test_inputs import make, with_latents  # noqa: F401
from .test_samplers import COLOURS, SIZE, Network

Make = Callable[[Plan], Engine | DeviceEngine]
COUNT = 5
FIRST = 2**64 - 2


def plain_plan(method: str, taps: int = 4) -> Plan:
    network = Network()
    network.embed_cells()
    network.conv2d("x", "y", zero_in=200, taps=taps)
    return network.plan("y", method, taps)


PLANS: dict[str, Callable[[], Plan]] = {
    "masked": lambda: plain_plan("masked", 9),
    "masked-with-conditions": lambda: step_plan("masked", True),
    "masked-with-latents": lambda: with_latents("masked"),
    "autoregressive": lambda: plain_plan("autoregressive"),
    "autoregressive-not-causal": lambda: plain_plan("autoregressive", 9),
    "autoregressive-with-conditions": lambda: step_plan("autoregressive", False),
}
UNKNOWN = COLOURS


def random_given(rng: np.random.Generator, count: int = COUNT) -> dict[str, Any]:
    """Pictures in which all, no or some cells are known, and sets of entries from one to all."""
    cells = rng.integers(0, COLOURS, (count, SIZE, SIZE), dtype=np.uint8)
    shares = np.resize([0, 1, 0.1, 0.5, 0.9], count)[:, None, None]
    cells[rng.random(cells.shape) < shares] = UNKNOWN
    allowed = rng.random((count, COLOURS)) < 0.5
    allowed[np.arange(count), rng.integers(0, COLOURS, count)] = True
    numbers = rng.integers(0, 2**64, count, dtype=np.uint64)
    return {"cells": cells, "allowed": allowed, "tile_numbers": numbers}


GIVEN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "all": lambda given: given,
    "cells": lambda given: {"cells": given["cells"]},
    "cells-of-all": lambda given: {"cells": given["cells"][-1]},
    "allowed": lambda given: {"allowed": given["allowed"]},
    "allowed-in-all": lambda given: {"allowed": given["allowed"][0]},
    "numbers": lambda given: {"tile_numbers": given["tile_numbers"]},
}


@pytest.mark.parametrize("name", PLANS)
def test_the_reference_is_the_law_in_plain_python(name: str) -> None:
    plan = PLANS[name]()
    sampler = plan.sampler
    assert sampler is not None
    given = random_given(np.random.default_rng(4))
    expected = []
    for number, cells, allowed in zip(
        *(given[key] for key in ("tile_numbers", "cells", "allowed")), strict=True
    ):

        def evaluate(cells: np.ndarray, number: np.ndarray = number[None]) -> np.ndarray:
            values = reference.trace(plan, 1, seed=9, start=number, cells=cells)
            return values[sampler.scores].reshape(cells.size, -1)

        expected.append(sample(evaluate, sampler, 9, int(number), cells, np.flatnonzero(allowed).tolist()))
    for run in (reference.run, fast_reference.run):
        np.testing.assert_array_equal(run(plan, COUNT, seed=9, **given)["indices"], np.stack(expected))


@pytest.mark.parametrize("which", GIVEN)
@pytest.mark.parametrize("name", PLANS)
def test_the_core_gives_the_bytes_of_the_reference(make: Make, name: str, which: str) -> None:  # noqa: F811
    plan = PLANS[name]()
    made = make(plan)
    for count in (COUNT, 2):
        given = GIVEN[which](random_given(np.random.default_rng(count), count))
        got = made.run(count, seed=7, start=FIRST, **given)
        expected = reference.run(plan, count, seed=7, start=FIRST, **given)
        for key, array in expected.items():
            np.testing.assert_array_equal(got[key], array, err_msg=key)


@pytest.mark.parametrize("name", PLANS)
def test_given_cells_stay_and_only_allowed_entries_are_drawn(name: str) -> None:
    given = random_given(np.random.default_rng(6))
    pictures = Engine(PLANS[name]()).run(COUNT, seed=1, **given)["indices"]
    known = given["cells"] != UNKNOWN
    np.testing.assert_array_equal(pictures[known], given["cells"][known])
    drawn = [set(picture[~some].tolist()) for picture, some in zip(pictures, known, strict=True)]
    for entries, allowed in zip(drawn, given["allowed"], strict=True):
        assert entries <= set(np.flatnonzero(allowed).tolist())
    assert sum(len(entries) for entries in drawn) > 4


@pytest.mark.parametrize("name", PLANS)
def test_what_gives_nothing_changes_nothing(make: Make, name: str) -> None:  # noqa: F811
    made = make(PLANS[name]())
    plain = made.run(COUNT, seed=7, start=FIRST)
    got = made.run(
        COUNT,
        seed=7,
        start=99,
        cells=np.full((SIZE, SIZE), UNKNOWN, np.uint8),
        allowed=np.ones(COLOURS, np.bool_),
        tile_numbers=seeds.tile_numbers(FIRST, COUNT),
    )
    for key, array in plain.items():
        np.testing.assert_array_equal(got[key], array, err_msg=key)


def test_numbers_of_tiles_without_a_sampler(make: Make) -> None:  # noqa: F811
    """They choose the latents and the kinds."""
    plan = make_plan()
    numbers = np.array([3, 2**64 - 1, 3, 0], np.uint64)
    got = make(plan).run(4, seed=2, tile_numbers=numbers)
    for i, number in enumerate(numbers.tolist()):
        for key, array in reference.run(plan, 1, seed=2, start=number).items():
            np.testing.assert_array_equal(got[key][i], array[0], err_msg=key)


def test_given_arrays_longer_than_a_block(make: Make) -> None:  # noqa: F811
    """Each tile has its own arrays, also in later blocks."""
    made = make(PLANS["masked"]())
    rng = np.random.default_rng(2)
    cells = rng.integers(0, COLOURS + 1, (70, SIZE, SIZE), dtype=np.uint8)
    allowed = np.eye(COLOURS, dtype=np.bool_)[rng.integers(0, COLOURS, 70)]
    got = made.run(70, seed=3, cells=cells, allowed=allowed)["indices"]
    expected = np.where(cells == UNKNOWN, allowed.argmax(axis=1)[:, None, None], cells)
    np.testing.assert_array_equal(got, expected)


def refused(name: str, shape: str, kind: str = "uint8") -> str:
    return rf"Executor\.run\(\): {name} must be a C-contiguous array of {kind} {shape}, not"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"cells": np.zeros((SIZE, SIZE + 1), np.uint8)}, refused("cells", r"\(4, 4\)")),
        ({"cells": np.zeros((2, SIZE, SIZE), np.uint8)}, refused("cells", r"\(5, 4, 4\)")),
        ({"cells": np.zeros((SIZE, SIZE), np.int8)}, refused("cells", r"\(4, 4\)")),
        (
            {"cells": np.full((SIZE, SIZE), UNKNOWN + 1, np.uint8)},
            r"Executor\.run\(\): cells: value 6 of tile 0, cell \(0, 0\) is not below 6$",
        ),
        ({"allowed": np.ones(COLOURS + 1, np.bool_)}, refused("allowed", r"\(5\)", "bool")),
        ({"allowed": np.ones((2, COLOURS), np.bool_)}, refused("allowed", r"\(5, 5\)", "bool")),
        ({"allowed": np.ones(COLOURS, np.uint8)}, refused("allowed", r"\(5\)", "bool")),
        (
            {"allowed": np.zeros(COLOURS, np.bool_)},
            r"Executor\.run\(\): allowed has no palette entry for any tile$",
        ),
        (
            {"allowed": np.arange(COUNT * COLOURS).reshape(COUNT, COLOURS) < 15},
            r"Executor\.run\(\): allowed has no palette entry for tile 3$",
        ),
        ({"tile_numbers": np.zeros(COUNT, np.int64)}, refused("tile_numbers", r"\(5\)", "uint64")),
        ({"tile_numbers": np.zeros(4, np.uint64)}, refused("tile_numbers", r"\(5\)", "uint64")),
    ],
)
def test_unsuitable_arrays_are_refused(make: Make, given: dict[str, Any], text: str) -> None:  # noqa: F811
    made = make(PLANS["masked"]())
    with pytest.raises(ValueError, match=text) as caught:
        made.run(COUNT, **given)
    assert "\n" not in str(caught.value)


def test_a_plan_without_a_sampler_refuses_cells(make: Make) -> None:  # noqa: F811
    made = make(make_plan())
    for name, array in (("cells", np.zeros((4, 4), np.uint8)), ("allowed", np.ones(5, np.bool_))):
        with pytest.raises(ValueError, match=rf"Executor\.run\(\): {name}: the plan has no sampler$"):
            made.run(1, **{name: array})  # type: ignore[arg-type]


def test_the_core_refuses_an_argument_that_it_does_not_know() -> None:
    executor = Engine(PLANS["masked"]())._executor
    with pytest.raises(TypeError, match="unknown argument 'cell'"):
        executor.run(0, 0, None, None, 1, cell=None)  # type: ignore[call-arg]


def test_arrays_may_change_during_a_call(make: Make) -> None:  # noqa: F811
    """Results are unspecified but in range."""
    made = make(PLANS["masked"]())
    count = 300
    cells = np.full((count, SIZE, SIZE), UNKNOWN, np.uint8)
    allowed = np.ones((count, COLOURS), np.bool_)
    ended = threading.Event()

    def change() -> None:
        while not ended.is_set():
            cells[:], allowed[:] = 255, False
            cells[:], allowed[:] = UNKNOWN, True

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(5):
            try:
                indices = made.run(count, cells=cells, allowed=allowed)["indices"]
            except ValueError:
                continue
            assert int(indices.max()) < UNKNOWN
    finally:
        ended.set()
        thread.join()
