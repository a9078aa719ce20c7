"""The stand-in for a GPU: its instructions, and its detection of errors."""

import re
from types import ModuleType

import numpy as np
import pytest

from tilewright.engine import DeviceEngine, Engine
from tilewright.errors import MachineError

from ..test_engine import make_plan

MISTAKES = {
    "read_too_early": "a race: thread .* which another warp has (read|written) since the last barrier",
    "write_too_early": "a race: thread .* which another warp has (read|written) since the last barrier",
    "write_outside": "thread .* writes 1 bytes at .* of an arena of 64",
    "read_askew": "thread .* reads 4 bytes at .*, which is not aligned",
    "leave_early": "32 threads of a block have ended while others wait at __syncthreads",
    "lose_a_lane": "31 lanes of a warp wait at __syncwarp for others that do not come",
    "part_ways": "thread .* is at .* while others of its warp wait at .*",
    "ask_for_some": "__shfl_sync is asked for some lanes only",
}


def test_a_product_of_matrices(simt: ModuleType) -> None:
    """Tests ldmatrix and mma against the layouts of the PTX manual, with extreme values of both types."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        a = rng.choice([0, 1, 7, 128, 254, 255], (16, 32)).astype(np.uint8)
        b = rng.choice([-128, -127, -1, 0, 1, 99, 127], (8, 32)).astype(np.int8)
        np.testing.assert_array_equal(simt.multiply(a, b), a.astype(np.int32) @ b.astype(np.int32).T)


def test_a_sound_kernel_runs(simt: ModuleType) -> None:
    assert simt.run_sample("sound") == ""


@pytest.mark.unsanitized("the mistakes leave stacks that a sanitizer does not follow")
@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_mistake_is_found(simt: ModuleType, mistake: str, seed: int) -> None:
    simt.configure(seed=seed)
    assert re.search(MISTAKES[mistake], simt.run_sample(mistake))


@pytest.mark.parametrize("barrier", [3, 4, 6])
def test_a_missing_barrier_is_found(gpu: ModuleType, barrier: int) -> None:
    """Barriers after the concatenation of features, the dense layer and the addition."""
    made = DeviceEngine(make_plan())
    gpu.configure(skip_barrier=barrier)
    with pytest.raises(MachineError, match="a race: "):
        made.run(3)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_threads_does_not_matter(gpu: ModuleType, seed: int) -> None:
    gpu.configure(seed=seed)
    plan = make_plan()
    made, expected = DeviceEngine(plan).run(9), Engine(plan).run(9)
    for name, array in expected.items():
        np.testing.assert_array_equal(made[name], array)
