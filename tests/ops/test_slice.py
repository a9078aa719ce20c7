import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize(("size", "first", "length"), [(1, 0, 1), (9, 2, 7), (640, 513, 64), (70, 69, 1)])
def test_slice_of_features_is_the_reference(run_op, draw, size, first, length):
    x = draw(np.uint8, (3, size))
    result = run_op("slice", [x], (length,), first=first)
    assert np.array_equal(result, reference.slice(x, first, (length,)))
    assert np.array_equal(result, x[:, first : first + length])


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 4, 4), (8, 8, 3), (3, 5, 17), (2, 1, 40)])
@pytest.mark.parametrize("first", [0, 13])
def test_slice_as_a_map_is_the_reference(run_op, draw, shape, first):
    height, width, channels = shape
    x = draw(np.uint8, (9, first + height * width * channels + 5))
    result = run_op("slice", [x], shape, first=first)
    assert np.array_equal(result, reference.slice(x, first, shape))
    for c in range(channels):
        begin = first + c * height * width
        assert np.array_equal(
            result[..., c].reshape(9, -1), x[:, begin : begin + height * width]
        )  # a channel is a contiguous range of features
