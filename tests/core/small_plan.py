"""A small plan with every kind of step, for tests of what surrounds the ops."""

import numpy as np

from tilewright import _core

KINDS = 5
LATENTS = 20
OUTPUTS = {"indices": 256, "palette": 24}


def build_plan() -> _core.PlanBuilder:
    """Latent and kind -> 4x4 map -> 8x8 -> 16x16 indices, with a palette from a second head."""
    rng = np.random.default_rng(1)

    def int8(*shape: int) -> np.ndarray:
        return rng.integers(-128, 127, shape, dtype=np.int8, endpoint=True)

    def biases(*shape: int) -> np.ndarray:
        return rng.integers(-3000, 3000, shape, dtype=np.int32)

    def factors(size: int) -> np.ndarray:
        return rng.uniform(0.001, 0.01, size).astype(np.float32)

    table = rng.integers(-128, 127, 256, dtype=np.int8, endpoint=True)
    bytes256 = rng.integers(0, 256, 256, dtype=np.uint8)
    latent, kind, features = (0, (LATENTS,)), (64, (7,)), (128, (LATENTS + 7,))
    small, middle, large = (1024, (4, 4, 12)), (2048, (8, 8, 10)), (4096, (16, 16, 6))
    other, sums, indices = (8192, (16, 16, 6)), (12288, (16, 16, 9)), (192, (16, 16))
    palette = (512, (6, 4))
    plan = _core.PlanBuilder(24576, LATENTS, 0, KINDS, table)
    plan.embed(kind, rng.integers(0, 256, (KINDS, 7), dtype=np.uint8))
    plan.concat([latent, kind], features)
    plan.dense(features, palette, int8(24, 27), biases(24), factors(24), 128)
    plan.dense(features, small, int8(192, 27), biases(192), factors(192), 100)
    plan.lookup(small, small, bytes256)
    plan.conv_transpose2d(small, middle, int8(10, 4, 4, 12), biases(4, 10), factors(10), 100, 90, False)
    plan.conv_transpose2d(middle, large, int8(6, 4, 4, 10), biases(4, 6), factors(6), 90, 80, True)
    plan.conv2d(large, other, int8(6, 3, 3, 6), biases(6), factors(6), 80, 128, True, 2)
    plan.add(large, other, other, 0.7, 0.4, 80, 128, 120)
    plan.scores(other, sums, int8(9, 3, 3, 6), biases(9), 120, False)
    plan.argmax(sums, indices, "int32")
    plan.output("indices", 192, 256)
    plan.output("palette", 512, 24)
    return plan
