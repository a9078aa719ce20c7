"""Packs of any shape: not square, no powers of two, one row or column, and 512 x 512."""

import json
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.compiler import fast_reference, reference
from tilewright.engine import Engine, backends
from tilewright.generator import Pack
from tilewright.pack import FORMAT_VERSION, METADATA_KEY, check_pack
from tilewright.seeds import LATENT_SCALE
from tilewright_training.export.onnx_builder import OnnxBuilder, Scale

from .networks import metadata, palette_pack
from .step_networks import frames_pack, tokens_pack

BYTE = Scale(1 / 32, 120)
SHAPES = [(18, 18), (32, 24), (1, 16), (16, 1), (23, 41), (2, 130)]  # height, width
IDS = [f"{width}x{height}" for height, width in SHAPES]


def opened(content: bytes) -> Pack:
    return Pack(check_pack(content, Path("odd.onnx")))


def one_pass_pack(start: tuple[int, int], doublings: int, channels: int = 5) -> bytes:
    """A Gemm to a start map, transposed convolutions, and a score for each of 6 colours."""
    rng = np.random.default_rng([*start, doublings])

    def random(*shape: int) -> np.ndarray:
        return rng.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)

    builder = OnnxBuilder(9, LATENT_SCALE)
    features = channels * start[0] * start[1]
    x = builder.to_map(builder.dense(builder.latent, 3 * random(features, 9), random(features), BYTE), *start)
    for _ in range(doublings):
        weights = 2 * random(channels, channels, 4, 4)
        x = builder.conv_transpose2d(x, weights, np.zeros(channels, np.float32), BYTE, False)
    weights = rng.integers(-127, 128, (6, channels, 3, 3), dtype=np.int8)
    builder.argmax_of(x, weights, np.zeros(6, np.int32), 0.01, False, "indices")
    size = start[0] << doublings, start[1] << doublings
    facts = metadata(1, [f"{40 * i:02x}3060ff" for i in range(6)], 9, False, False)
    facts |= {"kinds": ["all"], "head": "frames", "frame_size": size, "sheet": [1, 1]}
    text = json.dumps({"format": FORMAT_VERSION, **facts})
    return bytes(builder.finish("odd", {METADATA_KEY: text}).SerializeToString(deterministic=True))


@pytest.mark.parametrize("shape", SHAPES, ids=IDS)
def test_one_pass(shape: tuple[int, int]) -> None:
    doublings = 1 if shape[0] % 2 == shape[1] % 2 == 0 else 0
    pack = opened(one_pass_pack((shape[0] >> doublings, shape[1] >> doublings), doublings))
    assert pack.shape == shape
    for count in (1, 3, 9):
        expected = reference.run(pack.plan, count, seed=5)["indices"]
        assert len(np.unique(expected)) > 2
        for backend in backends():
            made = Engine(pack.plan, backend).run(count, seed=5, threads=2)["indices"]
            np.testing.assert_array_equal(made, expected, err_msg=f"{backend}, {count} tiles")
    assert pack.generate(2, seed=5).rgba.shape == (2, *shape, 4)
    assert pack.generate(0).rgba.shape == (0, *shape, 4)


@pytest.mark.parametrize("shape", SHAPES, ids=IDS)
@pytest.mark.parametrize("wrap", [False, True])
def test_step_networks(shape: tuple[int, int], wrap: bool) -> None:
    pack = opened(frames_pack(shape, (1, 1), wrap=wrap))
    expected = fast_reference.run(pack.plan, 3, seed=5)["indices"]
    for backend in backends():
        made = Engine(pack.plan, backend)
        np.testing.assert_array_equal(made.run(3, seed=5, threads=2)["indices"], expected, err_msg=backend)
        np.testing.assert_array_equal(made.run(1, seed=5, start=2)["indices"], expected[2:], err_msg=backend)


@pytest.mark.parametrize("upright", [False, True])
def test_long_texts_are_drawn_like_short_ones(upright: bool) -> None:
    """A row of 150 symbols takes as few evaluations as a column: one for each symbol, of few cells each."""
    pack = opened(tokens_pack(150, upright=upright))
    expected = fast_reference.run(pack.plan, 2, seed=3)["indices"]
    for backend in backends():
        np.testing.assert_array_equal(
            Engine(pack.plan, backend).run(2, seed=3)["indices"], expected, err_msg=backend
        )


def test_the_largest_map() -> None:
    pack = opened(one_pass_pack((4, 8), 6, channels=3))
    assert pack.shape == (256, 512)
    large = opened(one_pass_pack((4, 4), 7, channels=3))
    assert large.shape == (512, 512)
    for some in (pack, large):
        expected = reference.run(some.plan, 1, seed=7)["indices"]
        for backend in backends():
            made = Engine(some.plan, backend).run(1, seed=7)["indices"]
            np.testing.assert_array_equal(made, expected, err_msg=backend)
    with pytest.raises(tw.PackError) as error:
        opened(one_pass_pack((4, 5), 7, channels=3))
    assert "makes a map of (512, 640" in str(error.value)


@pytest.mark.parametrize("size", [18, 24])
def test_tiles_of_any_size_draw_levels(size: int) -> None:
    pack = opened(palette_pack(size))
    level = tw.make_level(12, 9, seed=3)
    drawn = tw.draw_level(level, pack, seed=3)
    assert drawn.shape == (9 * size, 12 * size, 4)
    assert len(np.unique(drawn.reshape(-1, 4), axis=0)) > 3
