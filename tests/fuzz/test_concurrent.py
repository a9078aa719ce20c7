"""Random networks in several Python threads, each call with several threads, return the same bytes as single
calls.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tilewright import _core
from tilewright.engine import Engine, apply_palette
from tilewright.errors import PackError
from tilewright.pack import check_pack

from .graphs import generate

CALLERS = 3
CALLS = 8
MOST_MULTIPLY_ADDS = 200_000  # limit per tile


def engines(count: int, backend: str) -> list[Engine]:
    """Return engines of step networks and other networks that run fast."""
    made: list[Engine] = []
    for seed in range(1000):
        try:
            plan = check_pack(generate(Random(seed)).SerializeToString(), Path("fuzz.onnx")).plan
        except PackError:  # sums or scales that are too large
            continue
        if plan.multiply_adds * plan.evaluations < MOST_MULTIPLY_ADDS:
            made.append(Engine(plan, backend))
        if len(made) == count:
            break
    return made


@pytest.mark.parametrize("backend", _core.backends())
def test_calls_at_once_make_what_one_call_makes(backend: str) -> None:
    shared = engines(4, backend)
    assert {made.plan.sampler is None for made in shared} == {True, False}
    expected = [made.run(9, seed=5) for made in shared]

    def call(caller: int) -> None:
        for i in range(CALLS):
            number = (caller + i) % len(shared)
            for name, array in shared[number].run(9, seed=5, threads=1 + (caller + i) % 3).items():
                np.testing.assert_array_equal(array, expected[number][name])
            Engine(shared[number].plan, backend)
            apply_palette(np.zeros((2, 4, 4), np.uint8), np.full((1, 1, 4), 255, np.uint8))

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(call, range(CALLERS)))
