import numpy as np
import pytest

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
