import numpy as np
import pytest

from tilewright import _core
from tilewright.compiler import reference


@pytest.mark.parametrize("channels", [1, 2, 3, 7, 13, 17, 256])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (5, 5), (16, 16)])
def test_argmax_of_bytes_is_the_reference(run_op, rng, height, width, channels):
    x = rng.integers(0, 4, (3, height, width, channels), dtype=np.uint8)  # many ties
    assert np.array_equal(run_op("argmax", [x], (height, width)), reference.argmax(x))


@pytest.mark.parametrize("channels", [1, 3, 17, 32, 256])
@pytest.mark.parametrize("backend", _core.backends())
def test_argmax_of_scores_is_the_reference(draw, rng, backend, channels):
    x = draw(np.uint8, (1, 4, 4, 5))
    weights = draw(np.int8, (channels, 1, 1, 5))
    weights[channels // 2 :] = weights[: channels - channels // 2]  # duplicate scores: ties
    bias = np.zeros(channels, dtype=np.int32)
    arguments = {"weights": weights, "bias": bias, "zero_in": 0, "wrap": True}
    plan = _core.PlanBuilder(1, np.zeros(256, dtype=np.int8))
    sums = plan.scores(plan.input("latents", (4, 4, 5)), **arguments)
    plan.output("indices", plan.argmax(sums))
    latents = (x.reshape(1, 80) ^ 0x80).view(np.int8)
    indices = _core.Executor(plan, backend).run(0, 0, None, latents, 1)["indices"]
    expected = reference.argmax(reference.scores(x, **arguments))
    assert np.array_equal(indices.reshape(1, 4, 4), expected)


def test_the_lowest_index_wins_a_tie(run_op):
    x = np.array([[[[5, 9, 9, 9, 1]]], [[[0, 0, 0, 0, 0]]], [[[1, 2, 3, 255, 255]]]], dtype=np.uint8)
    assert run_op("argmax", [x], (1, 1)).ravel().tolist() == [1, 0, 3]
