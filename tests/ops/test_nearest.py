import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("colours", [1, 2, 7, 17, 256])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (5, 5), (16, 16)])
def test_nearest_is_the_reference(run_op, draw, height, width, channels, colours):
    x = draw(np.uint8, (2, height, width, channels))
    palette = draw(np.uint8, (2, colours, channels))
    result = run_op("nearest", [x, palette], (height, width))
    assert np.array_equal(result, reference.nearest(x, palette))


def test_the_lowest_of_equally_near_colours_wins(run_op):
    x = np.array([[[[10, 10, 10, 255]]]], dtype=np.uint8)
    palette = np.array(
        [[[0, 0, 0, 0], [20, 10, 10, 255], [0, 10, 10, 255], [10, 20, 10, 255]]], dtype=np.uint8
    )
    assert run_op("nearest", [x, palette], (1, 1)).item() == 1
