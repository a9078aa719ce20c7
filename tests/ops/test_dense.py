import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("inputs", [1, 3, 7, 13, 17, 64, 127])
@pytest.mark.parametrize("outputs", [1, 3, 16, 33])
def test_dense_is_the_reference(run_op, draw, draw_multiplier, rng, inputs, outputs):
    x = draw(np.uint8, (4, inputs))
    arguments = {
        "weights": draw(np.int8, (outputs, inputs)),
        "bias": rng.integers(-40000, 40000, outputs, dtype=np.int32),
        "multiplier": draw_multiplier(outputs, inputs),
        "zero_out": int(rng.integers(0, 256)),
    }
    assert np.array_equal(run_op("dense", [x], (outputs,), **arguments), reference.dense(x, **arguments))


@pytest.mark.parametrize("zero_out", [0, 3, 128, 255])
def test_halves_go_to_the_even_neighbour(run_op, zero_out):
    x = np.arange(256, dtype=np.uint8)[:, None]
    arguments = {
        "weights": np.array([[1], [-1]], dtype=np.int8),
        "bias": np.zeros(2, dtype=np.int32),
        "multiplier": np.full(2, 0.5, dtype=np.float32),
        "zero_out": zero_out,
    }
    half = x[:, 0].astype(np.int64)
    even = half // 2 + (half % 2) * (half // 2 % 2)  # halfway values round to even
    expected = np.clip(np.stack([even, -even], axis=1) + zero_out, 0, 255)
    assert np.array_equal(run_op("dense", [x], (2,), **arguments), expected)


def test_the_largest_sums_and_multipliers_clamp(run_op):
    x = np.full((1, 65000), 255, dtype=np.uint8)
    arguments = {
        "weights": np.stack([np.full(65000, value, dtype=np.int8) for value in (127, -128, 127, 0)]),
        "bias": np.array([0, 0, 0, 1], dtype=np.int32),
        "multiplier": np.array([3e38, 3e38, 0.0, 1e-45], dtype=np.float32),
        "zero_out": 9,
    }
    result = run_op("dense", [x], (4,), **arguments)
    assert result.tolist() == [[255, 0, 9, 9]]
    with np.errstate(over="ignore"):
        assert np.array_equal(result, reference.dense(x, **arguments))


def test_sums_beyond_float32_round_once(run_op):
    # 2^24 + 1 is not a float32, so the conversion itself must round to even, before the multiplication.
    x = np.array([[1]], dtype=np.uint8)
    arguments = {
        "weights": np.array([[1], [1], [1]], dtype=np.int8),
        "bias": np.array([2**24, 2**24 + 2, -(2**24) - 2], dtype=np.int32),
        "multiplier": np.full(3, 2.0**-18, dtype=np.float32),
        "zero_out": 128,
    }
    assert np.array_equal(run_op("dense", [x], (3,), **arguments), reference.dense(x, **arguments))
