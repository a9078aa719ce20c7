"""A network whose scales are powers of two. float32 is exact for it, so all runtimes must return the same
bytes.
"""

import json

import numpy as np

from tilewright.pack import FORMAT_VERSION, METADATA_KEY
from tilewright_training.export.onnx_builder import OnnxBuilder, Scale

from ..networks import metadata

LATENTS = 6
UNIT = Scale(2.0**-3, 121)
RECTIFIED = Scale(2.0**-2, 0)


def exact_pack(wrap: bool = False) -> bytes:
    """8x8 RGBA: dense, transposed convolution, ReLU, leaky ReLU, transposed convolution, convolution."""
    rng = np.random.default_rng(3)
    builder = OnnxBuilder(LATENTS, 2.0**-5)

    def weights(*shape: int, output_axis: int = 0) -> np.ndarray:
        """Multiples of 2^-7 with a maximum of 127 * 2^-7 per output, which makes the scale 2^-7."""
        integers = rng.integers(-127, 128, shape)
        index: list[object] = [0] * len(shape)
        index[output_axis] = slice(None)
        integers[tuple(index)] = 127  # type: ignore[index]
        return (integers * 2.0**-7).astype(np.float32)

    def bias(outputs: int) -> np.ndarray:
        return (rng.integers(-40, 40, outputs) * 2.0**-6).astype(np.float32)

    x = builder.to_map(builder.dense(builder.latent, weights(7 * 4, LATENTS), bias(28), UNIT), 2, 2)
    x = builder.conv_transpose2d(x, weights(7, 5, 4, 4, output_axis=1), bias(5), RECTIFIED, wrap)
    x = builder.pointwise(x, "LeakyRelu", UNIT, alpha=0.25)
    x = builder.conv_transpose2d(x, weights(5, 6, 4, 4, output_axis=1), bias(6), UNIT, wrap)
    builder.output(builder.conv2d(x, weights(3, 6, 3, 3), bias(3), UNIT, wrap), "rgba", 4)
    facts = metadata(8, None, LATENTS, False, wrap) | {"kinds": ["any"]}
    text = json.dumps({"format": FORMAT_VERSION, **facts})
    return bytes(builder.finish("exact", {METADATA_KEY: text}).SerializeToString(deterministic=True))
