import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("size", [1, 7, 13, 17, 1000])
def test_add_is_the_reference(run_op, draw, rng, size):
    for _ in range(10):
        a, b = draw(np.uint8, (2, size)), draw(np.uint8, (2, size))
        arguments = {
            "scale_a": float(np.float32(np.exp2(rng.uniform(-3, 1)))),
            "scale_b": float(np.float32(np.exp2(rng.uniform(-3, 1)))),
            "zero_a": int(rng.integers(0, 256)),
            "zero_b": int(rng.integers(0, 256)),
            "zero_out": int(rng.integers(0, 256)),
        }
        assert np.array_equal(run_op("add", [a, b], (size,), **arguments), reference.add(a, b, **arguments))


@pytest.mark.parametrize(("height", "width", "channels"), [(1, 1, 5), (2, 3, 1), (5, 4, 13), (16, 16, 64)])
def test_add_of_a_map_and_a_map_of_one_cell(run_op, draw, height, width, channels):
    a, b = draw(np.uint8, (3, height, width, channels)), draw(np.uint8, (3, 1, 1, channels))
    arguments = {"scale_a": 0.6, "scale_b": 0.7, "zero_a": 110, "zero_b": 120, "zero_out": 130}
    result = run_op("add", [a, b], (height, width, channels), **arguments)
    assert np.array_equal(result, reference.add(a, b, **arguments))
    everywhere = np.broadcast_to(b, a.shape).copy()
    assert np.array_equal(result, reference.add(a, everywhere, **arguments))


@pytest.mark.parametrize("scales", [(0.5, 0.5), (0.25, 0.75), (0.1, 0.3), (1 / 3, 2 / 3), (3e35, 1e-40)])
def test_add_of_every_pair_of_bytes(run_op, scales):
    a, b = (pair.astype(np.uint8).reshape(1, -1) for pair in np.meshgrid(np.arange(256), np.arange(256)))
    arguments = {
        "scale_a": float(np.float32(scales[0])),
        "scale_b": float(np.float32(scales[1])),
        "zero_a": 128,
        "zero_b": 3,
        "zero_out": 100,
    }
    assert np.array_equal(run_op("add", [a, b], (65536,), **arguments), reference.add(a, b, **arguments))


def test_each_operation_rounds_by_itself(run_op):
    # A fused multiply-add would keep the low bits of one product and round halfway cases differently.
    a, b = (pair.astype(np.uint8).reshape(1, -1) for pair in np.meshgrid(np.arange(256), np.arange(256)))
    scale_a, scale_b = np.float32(0.7), np.float32(0.3)
    left = a.astype(np.float64) * scale_a
    fused = np.rint((left + (b * scale_b).astype(np.float32)).astype(np.float32))
    separate = np.rint(left.astype(np.float32) + (b * scale_b).astype(np.float32))
    assert (fused != separate).any(), "the case no longer tells the two apart"
    arguments = {"scale_a": 0.7, "scale_b": 0.3, "zero_a": 0, "zero_b": 0, "zero_out": 0}
    assert np.array_equal(run_op("add", [a, b], (65536,), **arguments), np.clip(separate, 0, 255))
