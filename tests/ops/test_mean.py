import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("channels", [1, 2, 3, 7, 16, 17, 64, 65, 100, 200])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 2), (2, 2), (5, 3), (16, 16)])
def test_mean_is_the_reference(run_op, draw, height, width, channels):
    x = draw(np.uint8, (3, height, width, channels))
    for zero_in, zero_out, scale in ((0, 0, 1.0), (128, 3, 0.7), (255, 255, 2.0)):
        arguments = {
            "multiplier": np.float32(scale / (height * width)),
            "zero_in": zero_in,
            "zero_out": zero_out,
        }
        result = run_op("mean", [x], (channels,), **arguments)
        assert np.array_equal(result, reference.mean(x, **arguments))


@pytest.mark.parametrize("multiplier", [1e30, -1e30, 3e38, 1e-45, -0.0])
def test_extreme_multipliers_are_clamped(run_op, draw, multiplier):
    x = draw(np.uint8, (2, 4, 4, 5))
    arguments = {"multiplier": np.float32(multiplier), "zero_in": 100, "zero_out": 9}
    assert np.array_equal(run_op("mean", [x], (5,), **arguments), reference.mean(x, **arguments))


def test_halves_are_rounded_to_even(run_op):
    x = np.array([[[[1, 3, 5, 7]], [[0, 0, 0, 0]]]], dtype=np.uint8)
    result = run_op("mean", [x], (4,), multiplier=np.float32(0.5), zero_in=0, zero_out=0)
    assert result.ravel().tolist() == [0, 2, 2, 4]


@pytest.mark.parametrize(
    ("byte", "zero_in", "expected"), [(255, 0, 128 + 9), (0, 255, 0), (254, 253, 9), (250, 253, 7)]
)
def test_sums_of_large_maps_are_exact(run_op, byte, zero_in, expected):
    """Half of the mean is exactly halfway between integers."""
    x = np.full((1, 128, 256, 4), byte, dtype=np.uint8)
    arguments = {"multiplier": np.float32(0.5 / 32768), "zero_in": zero_in, "zero_out": 9}
    assert (reference.mean(x, **arguments) == expected).all()
    assert (run_op("mean", [x], (4,), **arguments) == expected).all()
