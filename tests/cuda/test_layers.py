"""The random layers of tests/ops/test_layers_on_every_isa.py on the stand-in: both arenas, blocks of every
size.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ..ops import test_layers_on_every_isa as layers

CASES = 10


@pytest.fixture
def network(core: Any, draw: layers.Draw) -> layers.Network:
    return layers.Network(draw, core, counts=(1, 7, 9))


@pytest.mark.parametrize("case", range(CASES))
@pytest.mark.parametrize(
    "test",
    [
        layers.test_dense,
        layers.test_conv2d,
        layers.test_conv2d_of_few_channels,
        layers.test_conv_transpose2d,
        layers.test_a_layer_with_its_lookup_and_its_addition,
        layers.test_a_chain_of_residual_layers,
        layers.test_scores_and_their_argmax,
    ],
    ids=lambda test: test.__name__,
)
def test_random_layers(network: layers.Network, rng: Any, test: Callable[..., None], case: int) -> None:
    test(network, rng, case)


@pytest.mark.parametrize("multiplier", layers.HUGE)
def test_products_beyond_int32_are_clamped(network: layers.Network, rng: Any, multiplier: float) -> None:
    layers.test_products_beyond_int32_are_clamped(network, rng, multiplier, 77)


@pytest.mark.parametrize("bound", [2**31 - 1, 2**30, 2**24 + 1, 2**24 - 1])
def test_sums_as_large_as_int32(network: layers.Network, bound: int) -> None:
    layers.test_sums_as_large_as_int32(network, bound)
