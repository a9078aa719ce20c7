"""A small plan with every kind of step, for tests of executors."""

import numpy as np

from tilewright import _core

KINDS = 5
LATENTS = 20
OUTPUTS = {"indices": (16, 16), "palette": (6, 4)}


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
    plan = _core.PlanBuilder(KINDS, table)
    latent = plan.input("latents", (LATENTS,))
    kind = plan.embed(plan.input("kind"), rng.integers(0, 256, (KINDS, 7), dtype=np.uint8))
    features = plan.concat([latent, kind])
    palette = plan.dense(features, (6, 4), int8(24, 27), biases(24), factors(24), 128)
    small = plan.dense(features, (4, 4, 12), int8(192, 27), biases(192), factors(192), 100)
    small = plan.lookup(small, bytes256)
    middle = plan.conv_transpose2d(small, int8(10, 4, 4, 12), biases(4, 10), factors(10), 100, 90, False)
    large = plan.conv_transpose2d(middle, int8(6, 4, 4, 10), biases(4, 6), factors(6), 90, 80, True)
    other = plan.conv2d(large, int8(6, 3, 3, 6), biases(6), factors(6), 80, 128, True, (2, 2))
    other = plan.add(large, other, 0.7, 0.4, 80, 128, 120)
    sums = plan.scores(other, int8(9, 3, 3, 6), biases(9), 120, False)
    plan.output("indices", plan.argmax(sums))
    plan.output("palette", palette)
    return plan
