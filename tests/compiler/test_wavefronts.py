"""Dependences between cells, and cells that may be fixed together, compared with the reference."""

import dataclasses

import numpy as np
import pytest

from tilewright.compiler import reference, wavefronts
from tilewright.plan import Plan

from ..core.test_samplers import SIZE, Network, a_map_of_the_kind, one_reader
from ..random_plans import random_plan


def what_matters(plan: Plan, tries: int, seed: int) -> np.ndarray:
    """Measure dependences: bool (cells, cells), row c marks the cells whose change altered the scores of cell
    c.
    """
    sampler, rng = plan.sampler, np.random.default_rng(seed)
    assert sampler is not None
    edges = sampler.height, sampler.width
    number = sampler.height * sampler.width
    matters = np.zeros((number, number), dtype=bool)
    for _ in range(tries):
        kinds = np.full(number + 1, rng.integers(plan.kinds), np.int32)
        cells = np.tile(rng.integers(0, sampler.colours + 1, number, np.uint8), (number + 1, 1))
        one = np.arange(number)
        cells[one, one] = (cells[one, one] + rng.integers(1, sampler.colours + 1, number)) % (
            sampler.colours + 1
        )
        values = reference.trace(plan, number + 1, kinds=kinds, cells=cells.reshape(-1, *edges))
        scores = values[sampler.scores].reshape(number + 1, number, -1)
        matters |= (scores[:-1] != scores[-1]).any(axis=-1).T
    return matters


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_nothing_else_matters(seed: int, causal: bool, wrap: bool) -> None:
    plan = random_plan(seed, "autoregressive", causal, wrap)
    depends = wavefronts.dependences(plan)
    assert depends is not None
    assert not (what_matters(plan, 3, seed) & ~depends).any()


def test_all_that_is_named_matters() -> None:
    """The sets are exact for a network whose values rarely saturate."""
    for plan in (one_reader(), one_reader(taps=5), a_map_of_the_kind()):
        np.testing.assert_array_equal(wavefronts.dependences(plan), what_matters(plan, 40, 1))


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_an_order_that_reading_order_cannot_be_told_from(seed: int, causal: bool, wrap: bool) -> None:
    plan = random_plan(seed, "autoregressive", causal, wrap, size=(3 + seed % 4, 6))
    groups, depends = wavefronts.wavefronts(plan), wavefronts.dependences(plan)
    assert depends is not None
    number = len(depends)
    assert sorted(np.concatenate(groups).tolist()) == list(range(number))
    front = np.zeros(number, dtype=int)
    for i, group in enumerate(groups):
        front[group] = i
    for cell, other in np.argwhere(depends).tolist():
        if other < cell:
            assert front[other] < front[cell]
        else:
            assert front[cell] <= front[other]


def causal_network(*taps: int) -> Plan:
    """3x3 convolutions that use the first `taps` only."""
    network = Network()
    network.embed_cells("0")
    for i, some in enumerate(taps[:-1]):
        network.conv2d(str(i), str(i + 1), zero_in=10, taps=some)
    return network.plan(str(len(taps) - 1), taps=taps[-1])


def test_causal_3x3_kernels_go_two_cells_a_row() -> None:
    for plan in (causal_network(4, 5), causal_network(4), causal_network(4, 5, 5, 5)):
        groups = wavefronts.wavefronts(plan)
        assert [set(group.tolist()) for group in groups] == [
            {cell for cell in range(SIZE * SIZE) if cell % SIZE + 2 * (cell // SIZE) == i}
            for i in range(3 * SIZE - 2)
        ]


def test_kernels_without_the_corner_need_fewer() -> None:
    """The kernel covers the row above up to the cell itself, and the cell to the left; wavefronts are
    diagonals.
    """
    plan = causal_network(4)
    weights = plan.steps[-1].arguments["weights"].copy()
    weights[:, 0, 2] = 0
    last = dataclasses.replace(plan.steps[-1], arguments={**plan.steps[-1].arguments, "weights": weights})
    groups = wavefronts.wavefronts(dataclasses.replace(plan, steps=(*plan.steps[:-1], last)))
    assert [len(group) for group in groups] == [1, 2, 3, 4, 3, 2, 1]


def test_scores_that_nothing_changes_are_one_group() -> None:
    network = Network()
    network.embed_cells()
    network.kind_map("k")
    assert [len(group) for group in wavefronts.wavefronts(network.plan("k"))] == [SIZE * SIZE]


def test_channels_of_the_kind_alone_are_no_dependence() -> None:
    """The kernel sees the cell itself only through a channel that is equal for all palette entries."""
    network = Network()
    network.embed_cells()
    plan = network.plan("x", taps=5)
    assert len(wavefronts.wavefronts(plan)) == 3 * SIZE - 2
    assert wavefronts.dependences(plan)[0, 0]
    weights = plan.steps[-1].arguments["weights"].copy()
    weights[:, 1, 1, 1:] = 0
    table = np.array(plan.steps[0].arguments["table"])
    table[:, :, 0] = table[:, :1, 0]
    first = dataclasses.replace(plan.steps[0], arguments={"table": table})
    last = dataclasses.replace(plan.steps[-1], arguments={**plan.steps[-1].arguments, "weights": weights})
    told = dataclasses.replace(plan, steps=(first, last))
    assert not wavefronts.dependences(told).diagonal().any()


def test_reading_order_where_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = one_reader(taps=5)
    monkeypatch.setattr(wavefronts, "MAX_CELLS", SIZE * SIZE - 1)
    assert [group.tolist() for group in wavefronts.wavefronts(plan)] == [[i] for i in range(SIZE * SIZE)]
    monkeypatch.undo()
    odd = dataclasses.replace(plan.steps[1], op="conv_transpose2d")
    mixed = dataclasses.replace(plan, steps=(plan.steps[0], odd, *plan.steps[2:]))
    assert wavefronts.reads_of(mixed) is None
    assert wavefronts.dependences(mixed) is None
    assert len(wavefronts.wavefronts(mixed)) == SIZE * SIZE
