import numpy as np
import pytest

from tilewright.compiler import reference


def by_definition(x, weights, bias, multiplier, zero_in, zero_out, wrap):
    """The sum of the contract, cell by cell and tap by tap."""
    count, height, width, _ = x.shape
    outputs = len(weights)
    result = np.empty((count, 2 * height, 2 * width, outputs), dtype=np.uint8)
    outside = np.full(x.shape[3], zero_in)
    for n, oy, ox in np.ndindex(result.shape[:3]):
        total = bias[2 * (oy % 2) + ox % 2].astype(np.int64)
        for ky, kx in np.ndindex(4, 4):
            if (oy + 1 - ky) % 2 or (ox + 1 - kx) % 2:
                continue
            iy, ix = (oy + 1 - ky) // 2, (ox + 1 - kx) // 2
            inside = 0 <= iy < height and 0 <= ix < width
            cell = x[n, iy % height, ix % width] if wrap or inside else outside
            total = total + weights[:, ky, kx].astype(np.int64) @ cell.astype(np.int64)
        result[n, oy, ox] = reference.requantise(total.astype(np.int32), multiplier, zero_out)
    return result


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 13), (7, 3), (13, 17), (17, 7), (32, 16)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (5, 5), (16, 16), (3, 7)])
def test_conv_transpose2d_is_the_reference(
    run_op, draw, draw_multiplier, rng, height, width, inputs, outputs, wrap
):
    x = draw(np.uint8, (2, height, width, inputs))
    arguments = {
        "weights": draw(np.int8, (outputs, 4, 4, inputs)),
        "bias": rng.integers(-40000, 40000, (4, outputs), dtype=np.int32),
        "multiplier": draw_multiplier(outputs, 4 * inputs),
        "zero_in": int(rng.integers(0, 256)),
        "zero_out": int(rng.integers(0, 256)),
        "wrap": wrap,
    }
    result = run_op("conv_transpose2d", [x], (2 * height, 2 * width, outputs), **arguments)
    assert np.array_equal(result, reference.conv_transpose2d(x, **arguments))
    if height * width * outputs < 200:
        assert np.array_equal(result, by_definition(x, **arguments))
