import numpy as np
import pytest

from tilewright import _core
from tilewright.compiler import reference


@pytest.mark.parametrize("size", [1, 7, 13, 256, 1000])
def test_lookup_is_the_reference(run_op, draw, size):
    table = draw(np.uint8, (256,))
    x = draw(np.uint8, (3, size))
    assert np.array_equal(run_op("lookup", [x], (size,), table=table), reference.lookup(x, table))


def test_every_byte_is_looked_up(run_op):
    table = np.arange(255, -1, -1, dtype=np.uint8)
    x = np.arange(256, dtype=np.uint8).reshape(1, 256)
    assert np.array_equal(run_op("lookup", [x], (256,), table=table)[0], table)


def test_lookup_may_work_in_place(draw):
    table = draw(np.uint8, (256,))
    latents = draw(np.int8, (1, 33))
    plan = _core.PlanBuilder(64, 33, 0, 1, np.zeros(256, dtype=np.int8))
    plan.lookup((0, (33,)), (0, (33,)), table)
    plan.output("y", 0, 33)
    result = _core.Executor(plan).run(0, 0, None, latents, 1)["y"]
    assert np.array_equal(result, table[latents.view(np.uint8) ^ 0x80])
