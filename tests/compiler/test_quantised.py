"""Tables of pointwise functions."""

import math

import numpy as np
import pytest

from tilewright.compiler.quantised import Quantisation, leaky_relu, pointwise_table, relu, sigmoid, tanh


@pytest.mark.parametrize(
    ("function", "real"),
    [
        (tanh, math.tanh),
        (sigmoid, lambda x: 1 / (1 + math.exp(-x))),
        (relu, lambda x: max(x, 0.0)),
        (leaky_relu(0.2), lambda x: x if x >= 0 else 0.2 * x),
    ],
)
def test_table_is_the_function(function, real) -> None:  # type: ignore[no-untyped-def]
    source, target = Quantisation(np.float32(0.043), 131), Quantisation(np.float32(1 / 127.5), 120)
    table = pointwise_table(function, source, target)
    for q in range(256):
        value = real(float(source.scale) * (q - source.zero)) / float(target.scale) + target.zero
        assert abs(int(table[q]) - min(max(value, 0), 255)) <= 0.51


def test_rounding_is_half_to_even() -> None:
    unit = Quantisation(np.float32(1), 0)
    table = pointwise_table(relu, Quantisation(np.float32(0.5), 0), unit)
    assert table[:8].tolist() == [0, 0, 1, 2, 2, 2, 3, 4]  # 0 .5 1 1.5 2 2.5 3 3.5


def test_tanh_saturates() -> None:
    assert tanh(np.float32(1e30)) == 1
    assert tanh(np.float32(-1e30)) == -1
    assert sigmoid(np.float32(-1e30)) >= 0
