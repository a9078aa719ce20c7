import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("channels", [1, 2, 3, 7, 16, 17, 64, 100])
@pytest.mark.parametrize(("height", "width"), [(2, 2), (2, 5), (3, 2), (5, 7), (16, 16)])
def test_max_pool_is_the_reference(run_op, draw, height, width, channels):
    x = draw(np.uint8, (3, height, width, channels))
    result = run_op("max_pool", [x], (height // 2, width // 2, channels))
    assert np.array_equal(result, reference.max_pool(x))


def test_the_largest_of_four_cells_is_taken(run_op):
    x = np.array([[[[1], [2], [9]], [[254], [255], [9]], [[9], [9], [9]]]], dtype=np.uint8)
    for turn in range(4):
        turned = np.ascontiguousarray(np.rot90(x[:, :2, :2], turn, axes=(1, 2)))
        assert run_op("max_pool", [turned], (1, 1, 1)).item() == 255
    assert run_op("max_pool", [x], (1, 1, 1)).item() == 255


def test_an_odd_last_row_and_column_are_dropped(run_op):
    x = np.full((1, 5, 3, 1), 200, dtype=np.uint8)
    x[:, :4, :2] = 7
    assert run_op("max_pool", [x], (2, 1, 1)).ravel().tolist() == [7, 7]
