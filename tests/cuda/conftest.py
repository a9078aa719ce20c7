"""Fixtures that run the CUDA backend without a GPU: tilewright._simt, its sources over the stand-in of
tests/simt.
"""

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tilewright import engine

from ..ops.conftest import draw, draw_multiplier, rng  # noqa: F401

ARENAS = {"shared": 227 << 10, "global": 0}
"""Memory of a block's values -> the size of shared memory that selects it."""


@pytest.fixture
def simt() -> Iterator[ModuleType]:
    """The stand-in, with its initial settings."""
    try:
        from tilewright import _simt
    except ImportError:
        pytest.fail("tilewright was built without TILEWRIGHT_SIMT=ON; `make test` builds it so")
    _simt.configure()
    yield _simt
    _simt.configure()


@pytest.fixture
def gpu(simt: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in, which replaces the core in all of tilewright."""
    monkeypatch.setattr(engine, "_core", simt)
    return simt


@pytest.fixture
def core(simt: ModuleType) -> Any:
    """A module like _core whose executors are the stand-in's and whose backends are the arenas."""

    class Executor:
        def __init__(self, plan: Any, arena: str) -> None:
            simt.configure(shared_bytes=ARENAS[arena])
            self._executor = simt.DeviceExecutor(plan)
            self.trace = self._executor.trace
            assert self._executor.in_shared_memory == (arena == "shared")

        def run(
            self, seed: int, start: int, kinds: Any, latents: Any, count: int, threads: int = 1
        ) -> dict[str, np.ndarray]:
            return self._executor.run(seed, start, kinds, latents, count)

    return SimpleNamespace(PlanBuilder=simt.PlanBuilder, Executor=Executor, backends=lambda: list(ARENAS))
