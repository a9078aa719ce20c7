"""Iterative packs in the core equal the reference on every backend."""

from pathlib import Path

import numpy as np
import pytest

from tilewright.compiler import fast_reference, reference
from tilewright.engine import Engine, backends
from tilewright.generator import Pack
from tilewright.pack import PackFile, check_pack

from ..step_networks import PACKS, masked_pack


@pytest.fixture(params=PACKS)
def pack(request: pytest.FixtureRequest) -> PackFile:
    return check_pack(PACKS[request.param](), Path(f"{request.param}.onnx"))


@pytest.fixture(params=backends())
def engine(request: pytest.FixtureRequest, pack: PackFile) -> Engine:
    return Engine(pack.plan, request.param)


@pytest.mark.parametrize(("seed", "start"), [(0, 0), (2**64 - 5, 2**32 - 3), (7, 2**64 - 4)])
def test_core_is_the_reference(engine: Engine, seed: int, start: int) -> None:
    ours = engine.run(9, seed=seed, start=start)
    assert ours.keys() == {"indices", "kind"}
    np.testing.assert_array_equal(
        ours["indices"], fast_reference.run(engine.plan, 9, seed=seed, start=start)["indices"]
    )


def test_same_bytes_whatever_the_batch_start_and_threads(engine: Engine) -> None:
    whole = fast_reference.run(engine.plan, 21, seed=7)["indices"]
    singles = [engine.run(1, seed=7, start=i)["indices"] for i in range(21)]
    np.testing.assert_array_equal(np.concatenate(singles), whole)
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(engine.run(21, seed=7, threads=threads)["indices"], whole)
    assert engine.run(0)["indices"].shape == (0, *whole.shape[1:])


def test_kinds_replace_what_is_drawn(engine: Engine) -> None:
    kinds = np.arange(6, dtype=np.int32) % engine.plan.kinds
    ours = engine.run(6, seed=3, start=5, kinds=kinds)
    expected = fast_reference.run(engine.plan, 6, seed=3, start=5, kinds=kinds)
    np.testing.assert_array_equal(ours["indices"], expected["indices"])


def test_first_evaluation_is_the_reference_after_every_step(engine: Engine) -> None:
    values = reference.trace(engine.plan, 1, seed=5, start=2)
    for step, got in zip(engine.plan.steps, engine.trace(5, 2), strict=True):
        assert got.tobytes() == np.ascontiguousarray(values[step.output][0]).tobytes(), step.output


def test_a_pack_generates() -> None:
    pack = Pack(check_pack(masked_pack(), Path("masked.onnx")))
    batch = pack.generate(12, kind="wall", seed=7, start=3, threads=1)
    kinds = np.ones(12, np.int32)
    expected = fast_reference.run(pack.plan, 12, seed=7, start=3, kinds=kinds)["indices"]
    np.testing.assert_array_equal(batch.indices, expected)
    assert batch.rgba.shape == (12, 8, 8, 4)
    assert len(np.unique(batch.indices)) > 3
