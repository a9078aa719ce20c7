import numpy as np
import pytest

from tilewright.compiler import reference

GEOMETRIES = [((1, 1), (1, 1)), ((3, 3), (1, 1)), ((3, 3), (2, 2)), ((1, 5), (1, 2)), ((5, 1), (3, 1))]


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 2), (3, 13), (13, 17), (17, 32), (16, 256)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (5, 5), (16, 16)])
def test_scores_is_the_reference(run_op, draw, rng, height, width, inputs, outputs, wrap):
    for kernel, dilations in GEOMETRIES:
        x = draw(np.uint8, (2, height, width, inputs))
        arguments = {
            "weights": draw(np.int8, (outputs, *kernel, inputs)),
            "bias": rng.integers(-(2**30), 2**30, outputs, dtype=np.int32),
            "zero_in": int(rng.integers(0, 256)),
            "wrap": wrap,
            "dilations": dilations,
        }
        result = run_op("scores", [x], (height, width, outputs), **arguments)
        assert np.array_equal(result, reference.scores(x, **arguments))


def test_scores_keep_every_bit_of_a_sum(run_op):
    x = np.full((1, 1, 1, 1), 255, dtype=np.uint8)
    weights = np.array([127, -128], dtype=np.int8).reshape(2, 1, 1, 1)
    bias = np.array([2**31 - 1 - 127 * 255, -(2**31) + 1 + 128 * 255], dtype=np.int32)
    result = run_op("scores", [x], (1, 1, 2), weights=weights, bias=bias, zero_in=0, wrap=False)
    assert result.ravel().tolist() == [2**31 - 1, -(2**31) + 1]
