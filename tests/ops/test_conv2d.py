import numpy as np
import pytest

from tilewright.compiler import reference

SIZES = [(1, 1), (2, 2), (5, 5), (16, 16), (3, 7)]
GEOMETRIES = [
    ((1, 1), (1, 1)),
    ((3, 3), (1, 1)),
    ((3, 3), (2, 2)),
    ((5, 5), (1, 1)),
    ((3, 3), (7, 7)),
    ((1, 3), (1, 1)),
    ((3, 1), (1, 1)),
    ((1, 9), (1, 3)),
    ((7, 1), (2, 1)),
    ((3, 5), (1, 1)),
    ((3, 3), (1, 4)),
]
"""(height, width) of the kernel, and dilations of rows and columns."""
CHANNELS = [(1, 1), (3, 13), (7, 3), (13, 17), (17, 7), (32, 16)]


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("inputs", "outputs"), CHANNELS)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_conv2d_is_the_reference(run_op, draw, draw_multiplier, rng, height, width, inputs, outputs, wrap):
    for kernel, dilations in GEOMETRIES:
        x = draw(np.uint8, (2, height, width, inputs))
        arguments = {
            "weights": draw(np.int8, (outputs, *kernel, inputs)),
            "bias": rng.integers(-40000, 40000, outputs, dtype=np.int32),
            "multiplier": draw_multiplier(outputs, kernel[0] * kernel[1] * inputs),
            "zero_in": int(rng.integers(0, 256)),
            "zero_out": int(rng.integers(0, 256)),
            "wrap": wrap,
            "dilations": dilations,
        }
        assert np.array_equal(
            run_op("conv2d", [x], (height, width, outputs), **arguments), reference.conv2d(x, **arguments)
        )


@pytest.mark.parametrize("zero_in", [0, 255])
def test_padding_reads_the_zero_point(run_op, zero_in):
    x = np.full((1, 3, 3, 1), zero_in, dtype=np.uint8)
    arguments = {
        "weights": np.ones((1, 3, 3, 1), dtype=np.int8),
        "bias": np.array([-9 * zero_in], dtype=np.int32),
        "multiplier": np.ones(1, dtype=np.float32),
        "zero_in": zero_in,
        "zero_out": 77,
        "wrap": False,
    }
    assert (run_op("conv2d", [x], (3, 3, 1), **arguments) == 77).all()


def test_a_wrapped_map_shifts_with_its_input(run_op, draw, draw_multiplier):
    x = draw(np.uint8, (1, 5, 5, 3))
    arguments = {
        "weights": draw(np.int8, (7, 3, 3, 3)),
        "bias": np.zeros(7, dtype=np.int32),
        "multiplier": draw_multiplier(7, 27),
        "zero_in": 11,
        "zero_out": 128,
        "wrap": True,
    }
    here = run_op("conv2d", [x], (5, 5, 7), **arguments)
    there = run_op("conv2d", [np.roll(x, (2, -1), axis=(1, 2))], (5, 5, 7), **arguments)
    assert np.array_equal(np.roll(here, (2, -1), axis=(1, 2)), there)
