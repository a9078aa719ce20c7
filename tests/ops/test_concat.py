import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("sizes", [(1,), (1, 1), (7, 64, 3), (13, 17, 1, 128), tuple(range(1, 17))])
def test_concat_is_the_reference(run_op, draw, sizes):
    features = [draw(np.uint8, (3, size)) for size in sizes]
    result = run_op("concat", features, (sum(sizes),), joined=True)
    assert np.array_equal(result, reference.concat(*features))


def test_concat_joins_maps_as_bytes(run_op, draw):
    small, large = draw(np.uint8, (2, 2, 2, 3)), draw(np.uint8, (2, 3, 3, 1))
    result = run_op("concat", [small, large], (21,), joined=True)
    assert np.array_equal(result, np.concatenate([small.reshape(2, -1), large.reshape(2, -1)], axis=1))
