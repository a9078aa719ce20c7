"""Whole plans on the stand-in equal the reference: packs of every shape, odd counts, both arenas, both
samplers.
"""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import tilewright as tw
from tilewright import _core
from tilewright.compiler import reference
from tilewright.engine import DeviceEngine, _build
from tilewright.pack import check_pack, open_pack
from tilewright.plan import Plan

from .. import step_networks
from ..core.test_samplers import Network
from ..networks import dcgan_pack, drawn_palette_pack, family_pack, palette_pack
from ..test_engine import make_plan
from .conftest import ARENAS

PACKS: dict[str, Callable[[], bytes]] = {
    "palette": palette_pack,
    "wrap": lambda: palette_pack(wrap=True),
    "transparent": lambda: palette_pack(32, transparent=True, colours=31),
    "dcgan": dcgan_pack,
    "dcgan-transparent": lambda: dcgan_pack(transparent=True),
    "nearest": drawn_palette_pack,
    "scores": lambda: drawn_palette_pack(nearest=False, transparent=True),
    "vae": lambda: family_pack("vae", wrap=True),
    "flow": lambda: family_pack("flow", 8),
    **step_networks.PACKS,
}


def plan_of(name: str) -> Plan:
    return check_pack(PACKS[name](), Path("random.onnx")).plan


def check(
    made: DeviceEngine, count: int, seed: int = 3, start: int = 0, kinds: np.ndarray | None = None
) -> None:
    got = made.run(count, seed=seed, start=start, kinds=kinds)
    expected = reference.run(made.plan, count, seed=seed, start=start, kinds=kinds)
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(got[name], array)


@pytest.mark.parametrize("arena", ARENAS)
@pytest.mark.parametrize("name", PACKS)
def test_a_pack_gives_the_bytes_of_the_reference(gpu: ModuleType, name: str, arena: str) -> None:
    gpu.configure(shared_bytes=ARENAS[arena])
    made = DeviceEngine(plan_of(name))
    assert made.in_shared_memory == (arena == "shared")
    check(made, 2, start=2**64 - 1)


@pytest.mark.parametrize(
    ("name", "evaluations"),
    [("autoregressive", 16), ("autoregressive-not-causal", 26), ("masked", 6), ("palette", 1)],
)
def test_evaluations_per_tile(gpu: ModuleType, name: str, evaluations: int) -> None:
    """One evaluation fixes all cells of a wavefront, as on the CPU."""
    plan = plan_of(name)
    assert DeviceEngine(plan).evaluations == evaluations
    assert len(_core.Executor(_build(plan)).groups) in (evaluations, 0)


@pytest.mark.parametrize("name", tw.packs())
def test_the_bundled_packs(gpu: ModuleType, name: str) -> None:
    plan = open_pack(name).plan
    if plan.sampler is not None:
        pytest.skip(
            "hundreds of evaluations of a large network; small ones are held against the reference above"
        )
    check(DeviceEngine(plan), 2, kinds=np.array([1, 0], np.int32))


@pytest.mark.parametrize("arena", ARENAS)
@pytest.mark.parametrize("count", [1, 7])
def test_awkward_counts(gpu: ModuleType, arena: str, count: int) -> None:
    gpu.configure(shared_bytes=ARENAS[arena])
    check(DeviceEngine(make_plan()), count)


def test_no_tiles(gpu: ModuleType) -> None:
    got = DeviceEngine(make_plan()).run(0)
    assert {name: array.shape for name, array in got.items()} == {
        "indices": (0, 4, 4),
        "map": (0, 4, 4, 6),
        "kind": (0,),
    }


def test_a_block_more_or_less(gpu: ModuleType) -> None:
    """One block, one tile more and less, and more blocks than run at once; an odd number of bytes per tile."""
    made = DeviceEngine(plan_of("masked-one-kind"))
    tiles = made.block_tiles
    assert tiles > 2
    for count in (tiles - 1, tiles, tiles + 1, 3 * tiles + 1):
        check(made, count)


def test_chunks_of_a_call(gpu: ModuleType) -> None:
    """More tiles than are copied at once."""
    plan = make_plan()
    made = DeviceEngine(plan)
    kinds = np.arange(4096 + 5, dtype=np.int32) % plan.kinds
    got = made.run(len(kinds), seed=9, start=7, kinds=kinds)
    for first in (0, 4090, 4096):
        expected = reference.run(plan, 5, seed=9, start=7 + first, kinds=kinds[first : first + 5])
        for name, array in expected.items():
            np.testing.assert_array_equal(got[name][first : first + 5], array)


@pytest.mark.parametrize("name", ["palette", "nearest", "masked-wrap"])
def test_a_trace_has_the_bytes_of_every_step(gpu: ModuleType, name: str) -> None:
    plan = plan_of(name)
    values = reference.trace(plan, 1, seed=4, start=9, kinds=np.array([1], np.int32))
    for step, got in zip(plan.steps, DeviceEngine(plan).trace(4, 9, 1), strict=True):
        assert got.tobytes() == values[step.output][0].tobytes(), step.output


def test_a_step_network_with_what_its_scores_do_not_need(gpu: ModuleType) -> None:
    network = Network()
    network.embed_cells()
    network.conv2d("x", "unused", zero_in=7)
    network.conv2d("x", "y", zero_in=9, taps=4)
    network.add("x", "y", "sum")
    check(DeviceEngine(network.plan("sum", "masked", 9)), 3)


def test_given_latents(gpu: ModuleType) -> None:
    plan = make_plan()
    latents = np.random.default_rng(2).integers(-128, 128, (5, plan.latent_size), dtype=np.int8)
    got = DeviceEngine(plan).run(5, latents=latents)
    for name, array in reference.run(plan, 5, latents=latents).items():
        np.testing.assert_array_equal(got[name], array)
