"""Python and C++ apply the same limit for sums."""

import numpy as np
import pytest

from tilewright import _core
from tilewright.compiler.sum_bounds import MOST_SUM, sums_fit

from .bad_plans import conv2d, conv_transpose2d, dense, new_plan, new_sampler_plan, scores, step_network
from .bad_plans import sampler as add_sampler

MOST_NOISE = 1 << 24


def accepts(plan: _core.PlanBuilder, output: int) -> bool:
    """Whether the core accepts a plan that has no other faults."""
    plan.output("result", output)
    try:
        _core.Executor(plan)
    except ValueError as error:
        assert "could leave int32" in str(error)
        return False
    return True


def edge_bias(weights: np.ndarray, beyond: int) -> tuple[int, int]:
    """Return the smallest and largest bias whose sums stay `beyond` inside (negative) or outside of int32."""
    rows = weights.reshape(len(weights), -1).astype(np.int64)
    least, most = 255 * np.minimum(rows, 0).sum(axis=1).min(), 255 * np.maximum(rows, 0).sum(axis=1).max()
    return -MOST_SUM - beyond - int(least), MOST_SUM + beyond - int(most)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(("beyond", "fits"), [(-1, True), (0, True), (1, False)])
def test_the_ends_are_the_same(beyond: int, fits: bool, side: int) -> None:
    rng = np.random.default_rng(1)
    for add_step, shape in ((dense, (3, 64)), (conv2d, (4, 3, 3, 4)), (scores, (5, 1, 1, 4))):
        weights = rng.integers(-128, 128, shape, dtype=np.int8)
        weights[1:] = 0
        bias = np.zeros(shape[0], dtype=np.int64)
        bias[0] = edge_bias(weights[:1], beyond)[side]
        assert sums_fit(weights, bias) == fits
        plan = new_plan()
        result = add_step(plan, weights=weights, bias=bias.astype(np.int32))
        assert accepts(plan, plan.argmax(result) if add_step is scores else result) == fits


def test_the_least_int32_is_no_bias() -> None:
    bias = np.array([-(2**31), 0, 0], dtype=np.int32)
    assert not sums_fit(np.zeros((3, 64), dtype=np.int8), bias)
    plan = new_plan()
    assert not accepts(plan, dense(plan, weights=np.zeros((3, 64), dtype=np.int8), bias=bias))


@pytest.mark.parametrize(("beyond", "fits"), [(0, True), (1, False)])
@pytest.mark.parametrize("phase", range(4))
def test_phases_are_looked_at_one_by_one(phase: int, beyond: int, fits: bool) -> None:
    """One phase is at its limit. The other phases have weights that would exceed it."""
    weights = np.full((4, 4, 4, 4), 100, dtype=np.int8)
    y, x = divmod(phase, 2)
    own = weights[:, [3 - y, 1 - y]][:, :, [3 - x, 1 - x]]
    own_bias = np.full(4, edge_bias(own, beyond)[1], dtype=np.int64)
    assert sums_fit(own, own_bias) == fits
    assert not sums_fit(weights, own_bias)
    bias = np.zeros((4, 4), dtype=np.int32)
    bias[phase] = own_bias
    plan = new_plan()
    assert accepts(plan, conv_transpose2d(plan, weights=weights, bias=bias)) == fits


@pytest.mark.parametrize("phase", range(4))
def test_a_phase_has_the_taps_of_the_contract(phase: int) -> None:
    """Weights of another phase have no effect; those of the own phase do."""
    y, x = divmod(phase, 2)
    for row in range(4):
        for column in range(4):
            weights = np.zeros((4, 4, 4, 4), dtype=np.int8)
            weights[:, row, column] = 1
            bias = np.zeros((4, 4), dtype=np.int32)
            bias[phase] = MOST_SUM - 4 * 255 + 1
            own = row in (3 - y, 1 - y) and column in (3 - x, 1 - x)
            plan = new_plan()
            assert accepts(plan, conv_transpose2d(plan, weights=weights, bias=bias)) != own


@pytest.mark.parametrize(("beyond", "fits"), [(0, True), (1, False)])
@pytest.mark.parametrize("side", [0, 1])
def test_scores_leave_room_for_the_noise(side: int, beyond: int, fits: bool) -> None:
    weights = np.ones((5, 1, 1, 4), dtype=np.int8)
    bias = edge_bias(weights, beyond)[side] + (MOST_NOISE if side == 0 else -MOST_NOISE)
    assert sums_fit(weights, np.full(5, bias), MOST_NOISE) == fits
    plan = new_sampler_plan()
    sums = step_network(plan, bias=bias)
    add_sampler(plan, sums)
    plan.output("result", 0)
    if fits:
        _core.Executor(plan)
    else:
        with pytest.raises(ValueError, match="scores and noise could leave int32 together"):
            _core.Executor(plan)
