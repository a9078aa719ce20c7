"""Samplers that do not fit their plan are rejected, and the text names the reason."""

import pytest

from tilewright import _core

from .bad_plans import (
    CELLS,
    KIND,
    MAP,
    NOISE,
    dense,
    new_plan,
    new_sampler_plan,
    refusal,
    sampler,
    scores,
    step_network,
)


def noise_with(value):
    noise = NOISE.copy()
    noise[17] = value
    return noise


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"steps": 0}, "steps must be 1 to 16, not 0"),
        ({"steps": 17}, "steps must be 1 to 16, not 17"),
        ({"noise": NOISE[:4095]}, "noise must hold 4096 values"),
        ({"noise": noise_with(2**24 + 1)}, "noise must be within 2^24"),
        ({"noise": noise_with(-(2**24) - 1)}, "noise must be within 2^24"),
        ({"colours": 4}, "scores must be the sums (height, width, colours) that a step wrote"),
        ({"scores": 2}, "scores must be the sums (height, width, colours) that a step wrote"),
        ({"scores": 4}, "scores must be the sums (height, width, colours) that a step wrote"),
    ],
)
def test_a_bad_sampler_is_refused(changes, text):
    plan = new_sampler_plan()
    sampler(plan, step_network(plan), **changes)
    assert refusal(plan, CELLS) == f"Executor(): the sampler's {text}"


@pytest.mark.parametrize("colours", [-(2**31), -1, 0, 256, 2**31 - 1])
@pytest.mark.parametrize("entries", [1, 6, 256])
def test_a_sampler_has_fewer_colours_than_a_byte_has_values(colours, entries):
    plan = new_sampler_plan()
    sampler(plan, step_network(plan, entries=entries), colours=colours)
    assert refusal(plan, CELLS) == f"Executor(): the sampler's colours must be 1 to 255, not {colours}"


def test_a_sampler_needs_a_row_for_each_colour_and_for_what_is_not_yet_known():
    plan = new_sampler_plan()
    sampler(plan, step_network(plan, entries=5))
    text = "Executor(): step 0 (embed_cells): the number of rows in a table must be 6 to 256, not 5"
    assert refusal(plan, CELLS) == text


def test_a_sampler_fixes_the_cells_of_an_input():
    plan = new_sampler_plan()
    sampler(plan, step_network(plan), cells=KIND)
    assert refusal(plan, CELLS) == "Executor(): input 0 has cells that no sampler fixes"
    plan = new_plan()
    sampler(plan, scores(plan), cells=MAP)
    assert refusal(plan, MAP) == "Executor(): the sampler's cells are no input"
    plan = new_sampler_plan((4, 0))
    sampler(plan, CELLS)
    assert refusal(plan, CELLS) == "Executor(): input 0 (4, 0) has an axis shorter than 1"
    plan = new_sampler_plan((16,))
    sampler(plan, CELLS)
    assert refusal(plan, CELLS) == "Executor(): input 0 must be (height, width), not (16)"


def test_the_cells_of_a_sampler_are_indices_for_all():
    plan = new_sampler_plan()
    dense(plan, inputs=16)
    sampler(plan, step_network(plan))
    assert refusal(plan, CELLS) == "Executor(): step 0 (dense): the input must hold features, not indices"


def test_a_sampler_has_no_result_but_its_cells_and_the_kind():
    plan = new_sampler_plan()
    sampler(plan, step_network(plan))
    assert refusal(plan, 2) == "Executor(): the sampler's results are its cells and the kind, not 'result'"


@pytest.mark.parametrize("sign", [-1, 1])
def test_scores_leave_room_for_noise(sign):
    """The weights are 4 ones, so the largest sum is 1020 above the bias and the smallest is the bias."""
    most = 2**31 - 1 - 2**24
    bias = most - 1020 if sign > 0 else -most
    plan = new_sampler_plan()
    sampler(plan, step_network(plan, bias=bias))
    plan.output("result", CELLS)
    _core.Executor(plan)
    plan = new_sampler_plan()
    sampler(plan, step_network(plan, bias=bias + sign))
    assert refusal(plan, CELLS) == "Executor(): the sampler's scores and noise could leave int32 together"
