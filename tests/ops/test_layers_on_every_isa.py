"""Random layers with fused ops equal the reference on every backend, for blocks of every size."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tilewright import _core
from tilewright.compiler import reference

Array = npt.NDArray[Any]
Draw = Callable[..., Array]

COUNTS = (1, 2, 3, 4, 7, 8, 9)  # numbers of tiles: full blocks, and all remainders
MOST_MULTIPLY_ADDS = 300_000  # limit per layer and tile
HUGE = (1e4, -1e4, 1e30, -1e30, 3.4e38, 0.0, -0.0, 1e-45)
SMALL_MAP = (3, 3, 5)


class Network:
    """A plan for the core, with the reference's value of every step, for nine tiles."""

    def __init__(self, draw: Draw, core: Any = _core, counts: tuple[int, ...] = COUNTS) -> None:
        """core: _core or a similar module. counts: the numbers of tiles per call."""
        self.draw, self.core, self.counts = draw, core, counts
        self.plan = core.PlanBuilder(1, np.zeros(256, dtype=np.int8))
        self.values: list[Array] = []
        self.given_values = 0

    def given(self, *shape: int) -> int:
        self.values.append(self.draw(np.uint8, (max(self.counts), *shape)))
        self.given_values += 1
        return self.plan.input("latents", shape)

    def step(self, op: str, *inputs: int, shape: tuple[int, ...] | None = None, **arguments: Any) -> int:
        """Add a step. `shape`: the shape of a dense layer's output."""
        with np.errstate(over="ignore"):
            value = reference.OPS[op](*self.inputs_of(op, inputs), **arguments)
        self.values.append(value.reshape(-1, *(shape or value.shape[1:])))
        operands = inputs if shape is None else (*inputs, shape)
        return getattr(self.plan, op)(*operands, **arguments)

    def inputs_of(self, op: str, inputs: tuple[int, ...]) -> list[Array]:
        values = [self.values[i] for i in inputs]
        return [value.reshape(len(value), -1) for value in values] if op == "dense" else values

    def check(self, *results: int) -> None:
        for result in results:
            self.plan.output(str(result), result)
        count = max(self.counts)
        given = np.concatenate([v.reshape(count, -1) for v in self.values[: self.given_values]], axis=1)
        latents = (given ^ 0x80).view(np.int8)
        for backend in self.core.backends():
            executor = self.core.Executor(self.plan, backend)
            for tiles in self.counts:
                made = executor.run(0, 0, None, np.ascontiguousarray(latents[:tiles]), tiles)
                for result in results:
                    expected = self.values[result][:tiles]
                    wrong = np.argwhere(made[str(result)] != expected)
                    assert not len(wrong), (
                        f"{backend}, {tiles} tiles, value {result} {self.values[result].shape[1:]}: "
                        f"{len(wrong)} bytes differ, the first at {wrong[0]}"
                    )


@pytest.fixture
def network(draw: Draw) -> Network:
    return Network(draw)


def byte(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 256))


def draw_multiplier(rng: np.random.Generator, outputs: int, taps: int) -> npt.NDArray[np.float32]:
    """Return factors that scale sums to about a byte, with powers of two and occasional extreme values."""
    factors = np.exp2(rng.uniform(-1, 1, outputs)) / (64 * np.sqrt(taps))
    factors = np.where(rng.random(outputs) < 0.3, np.exp2(np.rint(np.log2(factors))), factors)
    if rng.random() < 0.3:  # otherwise no layer would use the int32 path for products
        factors = np.where(rng.random(outputs) < 0.3, rng.choice(HUGE, outputs), factors)
    return factors.astype(np.float32)


def draw_map(rng: np.random.Generator, taps: int, inputs: int, outputs: int) -> tuple[int, int]:
    """Return a height and a width, 1 to 17, of a layer of limited cost."""
    height, width = (int(size) for size in rng.integers(1, 18, 2))
    while height * width > 1 and height * width * taps * inputs * outputs > MOST_MULTIPLY_ADDS:
        height, width = (height + 1) // 2, (width + 1) // 2
        height, width = (height, width) if rng.random() < 0.5 else (width, max(1, height - 1))
    return height, width


def draw_channels(rng: np.random.Generator, most: int) -> int:
    """Return a number of channels: small and large with equal probability, often a multiple of a register."""
    channels = int(np.exp2(rng.uniform(0, np.log2(most))))
    return min(most, (channels + 15) // 16 * 16) if rng.random() < 0.3 else channels


def draw_dilations(rng: np.random.Generator, most: int) -> tuple[int, int]:
    """Return the dilations of rows and columns, often 1 and often equal."""
    rows, columns = (int(dilation) for dilation in rng.integers(1, most + 1, 2))
    return [(1, 1), (1, 1), (rows, rows), (rows, columns)][int(rng.integers(4))]


def convolution(rng: np.random.Generator, draw: Draw, inputs: int, outputs: int) -> dict[str, Any]:
    """Return the arguments common to scores and conv2d."""
    kernel = [int(rng.choice([1, 3, 3, 3, 3, 5, 9]))] * 2
    if rng.random() < 0.3:
        kernel[int(rng.integers(2))] = int(rng.choice([1, 1, 3, 5, 15]))
    return {
        "weights": draw(np.int8, (outputs, *kernel, inputs)),
        "bias": rng.integers(-40000, 40000, outputs, dtype=np.int32),
        "zero_in": byte(rng),
        "wrap": bool(rng.integers(2)),
        "dilations": draw_dilations(rng, 8),
    }


def add_conv2d(network: Network, rng: np.random.Generator, x: int, outputs: int) -> int:
    arguments = convolution(rng, network.draw, network.values[x].shape[-1], outputs)
    arguments["multiplier"] = draw_multiplier(rng, outputs, arguments["weights"][0].size)
    return network.step("conv2d", x, zero_out=byte(rng), **arguments)


def add_conv_transpose2d(network: Network, rng: np.random.Generator, x: int, outputs: int) -> int:
    inputs = network.values[x].shape[-1]
    return network.step(
        "conv_transpose2d",
        x,
        weights=network.draw(np.int8, (outputs, 4, 4, inputs)),
        bias=rng.integers(-40000, 40000, (4, outputs), dtype=np.int32),
        multiplier=draw_multiplier(rng, outputs, 4 * inputs),
        zero_in=byte(rng),
        zero_out=byte(rng),
        wrap=bool(rng.integers(2)),
    )


def add_dense(network: Network, rng: np.random.Generator, x: int, shape: tuple[int, ...]) -> int:
    inputs, outputs = network.values[x][0].size, int(np.prod(shape))
    return network.step(
        "dense",
        x,
        shape=shape,
        weights=network.draw(np.int8, (outputs, inputs)),
        bias=rng.integers(-40000, 40000, outputs, dtype=np.int32),
        multiplier=draw_multiplier(rng, outputs, inputs),
        zero_out=byte(rng),
    )


def add_lookup(network: Network, x: int) -> int:
    return network.step("lookup", x, table=network.draw(np.uint8, (256,)))


def add_sum(network: Network, rng: np.random.Generator, own: int, other: int) -> int:
    """Add both orders, unit and non-unit scales, equal and different zero points."""
    scales = (
        (1.0, 1.0) if rng.random() < 0.6 else tuple(float(s) for s in rng.choice([1.0, 0.5, 0.3, 1.7], 2))
    )
    zeros = np.where(rng.random(3) < 0.5, byte(rng), rng.integers(0, 256, 3)).tolist()
    a, b = (own, other) if rng.random() < 0.5 else (other, own)
    return network.step(
        "add",
        a,
        b,
        scale_a=float(np.float32(scales[0])),
        scale_b=float(np.float32(scales[1])),
        zero_a=zeros[0],
        zero_b=zeros[1],
        zero_out=zeros[2],
    )


@pytest.mark.parametrize("case", range(40))
def test_dense(network, rng, case):
    inputs = [(draw_channels(rng, 300),), (*rng.integers(1, 5, 2).tolist(), draw_channels(rng, 20))]
    x = network.given(*inputs[int(rng.integers(2))])
    outputs = [(draw_channels(rng, 130),), (*rng.integers(1, 5, 2).tolist(), draw_channels(rng, 40))]
    network.check(add_dense(network, rng, x, outputs[int(rng.integers(2))]))


@pytest.mark.parametrize("case", range(100))
def test_conv2d(network, rng, case):
    inputs, outputs = draw_channels(rng, 70), draw_channels(rng, 130)
    x = network.given(*draw_map(rng, 9, inputs, outputs), inputs)
    network.check(add_conv2d(network, rng, x, outputs))


@pytest.mark.parametrize("case", range(40))
def test_conv2d_of_few_channels(network, rng, case):
    height, width = rng.integers(1, 10, 2) * 2 - (rng.random(2) < 0.2)
    x = network.given(int(height), int(width), draw_channels(rng, 70))
    few = add_conv2d(network, rng, x, int(rng.integers(1, 6)))
    network.check(add_lookup(network, few) if rng.random() < 0.5 else few)


@pytest.mark.parametrize("case", range(60))
def test_conv_transpose2d(network, rng, case):
    inputs = draw_channels(rng, 70)
    outputs = int(rng.integers(1, 6)) if rng.random() < 0.4 else draw_channels(rng, 130)
    x = network.given(*draw_map(rng, 16, inputs, outputs), inputs)
    made = add_conv_transpose2d(network, rng, x, outputs)
    network.check(add_lookup(network, made) if rng.random() < 0.3 else made)


@pytest.mark.parametrize("case", range(100))
def test_a_layer_with_its_lookup_and_its_addition(network, rng, case):
    """The other operand is given or another layer's output. A following convolution may need a halo around
    the sum.
    """
    inputs, outputs = draw_channels(rng, 70), draw_channels(rng, 130)
    height, width = draw_map(rng, 9, inputs, outputs)
    x = network.given(height, width, inputs)
    layer = str(rng.choice(["conv2d", "conv2d", "conv_transpose2d", "dense"]))
    size = (2 * height, 2 * width) if layer == "conv_transpose2d" else (height, width)
    if layer == "dense":
        size = (min(height, 3), min(width, 3))
    other = network.given(*size, outputs)
    if rng.random() < 0.3:
        other = network.step("lookup", other, table=network.draw(np.uint8, (256,)))
    if layer == "conv2d":
        own = add_conv2d(network, rng, x, outputs)
    elif layer == "conv_transpose2d":
        own = add_conv_transpose2d(network, rng, x, outputs)
    else:
        own = add_dense(network, rng, x, (*size, outputs))
    if rng.random() < 0.7:
        own = add_lookup(network, own)
    total = add_sum(network, rng, own, other)
    results = [total]
    if rng.random() < 0.4:
        results.append(add_conv2d(network, rng, total, draw_channels(rng, 16)))
    if rng.random() < 0.2:
        results.append(own)  # a value that is read prevents the fusion
    network.check(*results)


@pytest.mark.parametrize("case", range(20))
def test_a_chain_of_residual_layers(network, rng, case):
    channels = draw_channels(rng, 40)
    x = network.given(*draw_map(rng, 9, channels, channels), channels)
    for _ in range(3):
        own = add_lookup(network, add_conv2d(network, rng, x, channels))
        x = add_sum(network, rng, add_conv2d(network, rng, own, channels), x)
    network.check(x)


@pytest.mark.parametrize("case", range(60))
def test_scores_and_their_argmax(network, rng, case):
    inputs, colours = draw_channels(rng, 70), int(rng.integers(2, 71))
    x = network.given(*draw_map(rng, 9, inputs, colours), inputs)
    arguments = convolution(rng, network.draw, inputs, colours)
    if rng.random() < 0.5:  # duplicate scores: ties
        half = colours // 2
        for name in ("weights", "bias"):
            arguments[name][half : 2 * half] = arguments[name][:half]
    if rng.random() < 0.3:  # sums without low bits for a rank
        arguments["bias"] += np.int32(rng.choice([-1, 1]) * (2**23 - 30000))
    network.check(network.step("argmax", network.step("scores", x, **arguments)))


@pytest.mark.parametrize("size", [(1, 16), (3, 16), (16, 32), (5, 48)])
@pytest.mark.parametrize("colours", [1, 2, 4, 11, 12, 13, 16, 17, 20, 29, 33, 64])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (5, 5), (1, 7), (5, 1)])
def test_indices_of_whole_runs_of_pixels(network, rng, size, colours, kernel):
    """Widths in multiples of sixteen pixels, ties among the scores, and odd channel counts."""
    inputs = int(rng.integers(1, 100))
    x = network.given(*size, inputs)
    weights = network.draw(np.int8, (colours, *kernel, inputs))
    bias = rng.integers(-40000, 40000, colours, dtype=np.int32)
    weights[-1], bias[-1] = weights[0], bias[0]
    around = {"zero_in": byte(rng), "wrap": bool(rng.integers(2)), "dilations": draw_dilations(rng, 6)}
    scores = network.step("scores", x, weights=weights, bias=bias, **around)
    network.check(network.step("argmax", scores))


@pytest.mark.parametrize("shape", [(2, 16, 300), (2, 512, 200)])
def test_indices_of_rows_too_large_to_be_held(network, rng, shape):
    x = network.given(*shape)
    weights = network.draw(np.int8, (17, 3, 3, shape[2]))
    bias = rng.integers(-40000, 40000, 17, dtype=np.int32)
    scores = network.step("scores", x, weights=weights, bias=bias, zero_in=3, wrap=False)
    network.check(network.step("argmax", scores))


@pytest.mark.parametrize("shape", [(1, 1, 16), (7, 7, 4), (40, 40, 16), (64, 64, 33), (100, 100, 64)])
def test_blocks_shrink_where_values_are_large(network, rng, shape):
    """From blocks of eight tiles, which fit the cache, to single tiles, which do not."""
    x = network.given(*shape)
    weights = network.draw(np.int8, (3, 1, 1, shape[2]))
    arguments = {"weights": weights, "bias": np.zeros(3, dtype=np.int32), "zero_in": 0, "wrap": False}
    network.check(network.step("argmax", network.step("scores", x, **arguments)))


@pytest.mark.parametrize("multiplier", HUGE)
@pytest.mark.parametrize("zero_out", [0, 77, 255])
def test_products_beyond_int32_are_clamped(network, rng, multiplier, zero_out):
    x = network.given(*SMALL_MAP)
    common = {"multiplier": np.full(40, multiplier, dtype=np.float32), "zero_out": zero_out}
    bias = rng.integers(-3, 4, 40, dtype=np.int32)  # many sums of a zero map are 0, 1 or -1
    weights = network.draw(np.int8, (40, 1, 1, 5))
    weights[::2] = 0
    conv = network.step("conv2d", x, weights=weights, bias=bias, zero_in=0, wrap=False, **common)
    dense = network.step(
        "dense", x, shape=(40,), weights=network.draw(np.int8, (40, 45)), bias=bias, **common
    )
    network.check(conv, dense)


@pytest.mark.parametrize("bound", [2**31 - 1, 2**30, 2**24 + 1, 2**24 - 1])
def test_sums_as_large_as_int32(network, bound):
    """The largest allowed sums of both signs, beyond the exact integers of float32."""
    x = network.given(4, 4, 3)
    weights = network.draw(np.int8, (36, 1, 1, 3))
    wide = weights.astype(np.int64).reshape(36, 3)
    high = bound - 255 * wide.clip(min=0).sum(axis=1)
    low = -bound - 255 * wide.clip(max=0).sum(axis=1)
    bias = np.where(np.arange(36) % 2, high, low).astype(np.int32)
    common = {"weights": weights, "bias": bias, "zero_in": 0, "wrap": False}
    results = [
        network.step("conv2d", x, multiplier=np.full(36, factor, np.float32), zero_out=128, **common)
        for factor in (2.0**-24, 2.0**-30, 1.0, 127 / bound)
    ]
    results.append(network.step("argmax", network.step("scores", x, **common)))
    network.check(*results)


@pytest.mark.parametrize("size", [(2, 2), (4, 6), (8, 8), (10, 2), (2, 16), (16, 12)])
@pytest.mark.parametrize("channels", [(16, 8), (17, 16), (24, 40), (48, 33), (16, 70)])
def test_even_maps_of_many_channels(network, rng, size, channels):
    """Layers that are suitable for Winograd's algorithm, with extreme weights and inputs."""
    inputs, outputs = channels
    x, other = network.given(*size, inputs), network.given(*size, outputs)
    network.values[x][1:3] = 255 * rng.integers(0, 2, (2, *size, inputs), dtype=np.uint8)
    results = []
    for op, shape in (("conv2d", (outputs, 3, 3, inputs)), ("conv_transpose2d", (outputs, 4, 4, inputs))):
        weights = network.draw(np.int8, shape)
        weights[: outputs // 2] = np.where(rng.random((outputs // 2, *shape[1:])) < 0.5, 127, -128)
        bias = rng.integers(
            -40000, 40000, (4, outputs) if op == "conv_transpose2d" else outputs, dtype=np.int32
        )
        for wrap in (False, True):
            factors = draw_multiplier(rng, outputs, 9 * inputs)
            given = {"weights": weights, "bias": bias, "multiplier": factors, "wrap": wrap}
            results.append(network.step(op, x, zero_in=byte(rng), zero_out=byte(rng), **given))
    results[0] = add_sum(network, rng, add_lookup(network, results[0]), other)
    network.check(*results)


@pytest.mark.parametrize(
    ("size", "bias"),
    [
        (4, 2**29 - 10**7),
        (4, 2**29 + 10**7),
        (4, 2**31 - 10**7),
        (8, 2**25 - 10**7),
        (8, 2**25 - 10**6),
        (8, 2**25 + 10**7),
    ],
)
def test_sums_with_and_without_room_for_their_scale(network, rng, size, bias):
    """Winograd's algorithm with 2x2 outputs sums to 4 times the result, with 4x4 outputs to 64 times."""
    x = network.given(size, size, 16)
    signs = np.where(np.arange(16) % 2, 1, -1)
    weights = network.draw(np.int8, (16, 3, 3, 16))
    factors = np.full(16, 100 / bias, np.float32)
    biases = (signs * bias).astype(np.int32)
    network.check(
        network.step(
            "conv2d", x, weights=weights, bias=biases, multiplier=factors, zero_in=3, zero_out=128, wrap=True
        )
    )
