"""The fast reference equals the plain one byte for byte, on random networks and on the packs of other tests."""

from pathlib import Path

import numpy as np
import pytest

from tilewright.compiler import fast_reference, reference, wavefronts
from tilewright.pack import check_pack
from tilewright.seeds import draw_kinds

from ..core.test_samplers import PLANS
from ..networks import palette_pack
from ..random_plans import KINDS, random_plan
from ..step_networks import PACKS

SIZES = ((5, 7), (1, 9), (8, 3), (6, 6), (4, 1))


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("method", ["masked", "autoregressive"])
def test_random_networks(method: str, causal: bool, wrap: bool) -> None:
    for seed in range(12):
        plan = random_plan(seed, method, causal, wrap, SIZES[seed % len(SIZES)])
        count = 1 + seed % 4
        ours = fast_reference.run(plan, count, seed=seed, start=2**64 - 2)["indices"]
        plain = reference.run(plan, count, seed=seed, start=2**64 - 2)["indices"]
        np.testing.assert_array_equal(ours, plain, err_msg=f"network {seed}")


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_every_value_that_is_kept_is_that_of_the_plain_reference(seed: int, wrap: bool) -> None:
    """Holds for any sequence of cell changes and score reads."""
    plan = random_plan(seed, "masked", causal=False, wrap=wrap)
    reads, sampler, rng = wavefronts.reads_of(plan), plan.sampler, np.random.default_rng(seed)
    assert reads is not None and sampler is not None
    kinds = np.array([0, 2, 0, 1], np.int32)
    network = fast_reference.StepNetwork(plan, reads, reference.inputs(plan, len(kinds), kinds=kinds))
    kept = 0
    for size in (1, 4, 35, 2, 1, 9):
        changed = np.stack([rng.permutation(35) < size for _ in kinds]).reshape(network.cells.shape)
        network.fix(changed, rng.integers(0, sampler.colours + 1, changed.sum(), np.uint8))
        asked = np.stack([rng.permutation(35) < 3 for _ in kinds]).reshape(network.cells.shape)
        scores = network.scores(asked)
        values = reference.trace(plan, len(kinds), kinds=kinds, cells=network.cells)
        np.testing.assert_array_equal(scores, values[sampler.scores][asked])
        for name in reads:
            good = ~network.dirty[name]
            np.testing.assert_array_equal(network.values[name][good], values[name][good], err_msg=name)
            kept += int(good.sum())
    assert 0 < kept < 6 * len(reads) * len(kinds) * 35


@pytest.mark.parametrize("name", PACKS)
def test_packs(name: str) -> None:
    plan = check_pack(PACKS[name](), Path(name)).plan
    kinds = np.arange(5, dtype=np.int32) % plan.kinds
    for arguments in ({"seed": 3, "start": 5}, {"seed": 2**64 - 1, "kinds": kinds}):
        ours, plain = (place.run(plan, 5, **arguments) for place in (fast_reference, reference))
        assert ours.keys() == plain.keys()
        np.testing.assert_array_equal(ours["indices"], plain["indices"])
        assert ours["indices"].dtype == np.uint8
    assert fast_reference.run(plan, 0)["indices"].shape == reference.run(plan, 0)["indices"].shape


@pytest.mark.parametrize("name", PLANS)
def test_maps_of_the_kind_and_many_borders(name: str) -> None:
    plan = PLANS[name]()
    ours, plain = (place.run(plan, 9, seed=4)["indices"] for place in (fast_reference, reference))
    np.testing.assert_array_equal(ours, plain)


@pytest.mark.parametrize("wrap", [False, True])
def test_scores_of_partly_known_pictures(wrap: bool) -> None:
    plan = random_plan(3, "masked", causal=False, wrap=wrap)
    assert plan.sampler is not None
    cells = np.random.default_rng(0).integers(0, plan.sampler.colours + 1, (9, 5, 7), np.uint8)
    kinds = draw_kinds(0, 0, 9, KINDS)
    plain = reference.trace(plan, 9, kinds=kinds, cells=cells)[plan.sampler.scores]
    ours = fast_reference.scores(plan, kinds, cells)
    assert ours.dtype == np.int32
    np.testing.assert_array_equal(ours, plain)


def test_tiles_in_parts_are_the_same_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = random_plan(1, "masked")
    whole = fast_reference.run(plan, 7, seed=2)["indices"]
    monkeypatch.setattr(fast_reference, "MAP_BYTES", 2 * sum(b.nbytes for b in plan.buffers.values()))
    monkeypatch.setattr(fast_reference, "ROWS", 11)
    np.testing.assert_array_equal(fast_reference.run(plan, 7, seed=2)["indices"], whole)


def test_a_causal_picture_costs_about_two_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    """One evaluation of the unknown picture, and each cell of each map once."""
    plan = check_pack(PACKS["autoregressive"](), Path("causal")).plan
    made = 0
    run = fast_reference._StepAtCells.run

    def counted(self, values, rows):  # type: ignore[no-untyped-def]
        nonlocal made
        made += len(rows)
        return run(self, values, rows)

    monkeypatch.setattr(fast_reference._StepAtCells, "run", counted)
    fast_reference.run(plan, 1)
    assert made <= 2 * 36 * len(plan.steps)
    assert len(wavefronts.wavefronts(plan)) == 16


def test_plans_without_a_sampler_go_to_the_plain_one() -> None:
    plan = check_pack(palette_pack(), Path("one-step")).plan
    ours, plain = (place.run(plan, 3, seed=1) for place in (fast_reference, reference))
    assert ours.keys() == plain.keys()
    for name, value in plain.items():
        np.testing.assert_array_equal(ours[name], value)
