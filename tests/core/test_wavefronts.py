"""Which cells the core fixes together, against `compiler.wavefronts`; and what it draws in that order."""

import numpy as np
import pytest

from tilewright import _core
from tilewright.compiler import fast_reference, reference, wavefronts
from tilewright.engine import Engine, _build, backends
from tilewright.plan import Plan

from ..random_plans import random_plan
from .test_samplers import PLANS


def groups_of_core(plan: Plan) -> list[list[int]]:
    return _core.Executor(_build(plan)).groups


def groups_in_python(plan: Plan) -> list[list[int]]:
    return [group.tolist() for group in wavefronts.wavefronts(plan)]


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_the_core_groups_cells_as_python_does(seed: int, causal: bool, wrap: bool) -> None:
    plan = random_plan(seed, "autoregressive", causal, wrap, size=(3 + seed % 4, 6))
    assert groups_of_core(plan) == groups_in_python(plan)


@pytest.mark.parametrize("name", [name for name in PLANS if "masked" not in name])
def test_networks_with_borders_and_kind_maps(name: str) -> None:
    plan = PLANS[name]()
    assert groups_of_core(plan) == groups_in_python(plan)


def test_a_masked_sampler_has_no_groups() -> None:
    assert groups_of_core(random_plan(0, "masked")) == []


@pytest.mark.parametrize("size", [(2, 65), (1, 128), (3, 129), (200, 1)])
@pytest.mark.parametrize("wrap", [False, True])
def test_rows_of_several_words(size: tuple[int, int], wrap: bool) -> None:
    for seed in range(3):
        plan = random_plan(seed, "autoregressive", not wrap, wrap, size)
        assert groups_of_core(plan) == groups_in_python(plan)


def test_one_cell_at_a_time_in_a_map_too_large_to_follow() -> None:
    plan = random_plan(0, "autoregressive", size=(1, 513))
    assert groups_of_core(plan) == [[cell] for cell in range(513)]
    assert len(wavefronts.wavefronts(plan)) < 513


def test_columns_of_frames_of_24x32_are_followed() -> None:
    plan = random_plan(0, "autoregressive", size=(384, 24))
    groups = groups_of_core(plan)
    assert len(groups) < 384 * 24 and sorted(cell for group in groups for cell in group) == list(
        range(384 * 24)
    )


def test_what_takes_too_long_to_follow_is_drawn_one_cell_at_a_time() -> None:
    assert len(groups_of_core(random_plan(0, "autoregressive", size=(512, 512)))) == 512 * 512


SIZES = {"5x7": (5, 7), "4x4": (4, 4), "17x3": (17, 3), "3x64": (3, 64), "3x67": (3, 67), "1x130": (1, 130)}


@pytest.mark.parametrize("backend", backends())
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_random_networks_are_drawn_as_the_reference_draws(
    backend: str, size: str, wrap: bool, causal: bool
) -> None:
    for seed in range(3):
        plan = random_plan(seed, "autoregressive", causal, wrap, SIZES[size])
        count = 1 + 5 * (seed % 3)
        made = Engine(plan, backend).run(count, seed=seed, start=seed)["indices"]
        expected = fast_reference.run(plan, count, seed=seed, start=seed)["indices"]
        np.testing.assert_array_equal(made, expected, err_msg=f"seed {seed}, {count} tiles")


@pytest.mark.parametrize("backend", backends())
@pytest.mark.parametrize("method", ["masked", "autoregressive"])
@pytest.mark.parametrize("size", [(5, 7), (2, 3), (1, 4)])
def test_networks_whose_scores_depend_on_the_mean_of_all_cells(
    backend: str, method: str, size: tuple[int, int]
) -> None:
    for seed in range(3):
        plan = random_plan(seed, method, size=size, pooled=True)
        expected = reference.run(plan, 3, seed=seed)["indices"]
        np.testing.assert_array_equal(Engine(plan, backend).run(3, seed=seed)["indices"], expected)
        np.testing.assert_array_equal(fast_reference.run(plan, 3, seed=seed)["indices"], expected)
        if method == "autoregressive":
            assert groups_of_core(plan) == groups_in_python(plan) == [[cell] for cell in range(np.prod(size))]


def test_a_network_with_a_mean_has_one_size() -> None:
    """The multiplier of the mean includes the number of cells."""
    plan = random_plan(0, "masked", size=(1, 4), pooled=True)
    assert plan.resized(2, 8) is plan
    assert random_plan(0, "masked", size=(1, 4)).resized(2, 8).buffers["cells"].shape == (2, 8)
