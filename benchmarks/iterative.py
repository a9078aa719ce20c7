"""The benchmark generators G4, a step network with random weights and a sampler, and G5, with every condition.

16x16 and 17 palette entries: an embedding of 64 channels, eight residual blocks of a dilated 3x3 and a 1x1
convolution, and a 1x1 convolution to the logits; 0.33 million weights, evaluated 16 times per picture. The
residual stream has one scale and zero point, so that additions are exact.
"""

import numpy as np

from tilewright_training.export.onnx_builder import Value

from .generators import KINDS, LINEAR, Drawing

SIZE = 16
COLOURS = 17
CHANNELS = 64
DILATIONS = (1, 2, 4, 8, 1, 2, 4, 8)
STEPS = 16
TEMPERATURE = 0.75
WORDS = tuple(f"word{i}" for i in range(40))

STREAM = LINEAR  # the embedding has unit variance, and eight blocks add the same amount
LOGIT = 0.004  # scale of the last layer's weights, chosen so that the largest are near 127


def g4() -> bytes:
    """Masked, 16 steps, temperature 0.75. Returns the same bytes on every call."""
    draw = Drawing(4, latent_size=0)
    rows = draw.weights(len(KINDS), COLOURS + 1, CHANNELS, fan_in=1) / STREAM.scale + STREAM.zero
    table = np.clip(np.rint(rows), 0, 255).astype(np.uint8)
    return _finish(draw, "g4", draw.builder.embed_cells(table, STREAM, SIZE, SIZE))


def g5() -> bytes:
    """G4 with a kind per cell instead of one per picture, and 40 words. Returns the same bytes on every call."""
    draw = Drawing(5, latent_size=0)
    cells, kinds = (
        np.clip(np.rint(draw.weights(rows, CHANNELS, fan_in=1) / STREAM.scale + STREAM.zero), 0, 255)
        for rows in (COLOURS + 1, len(KINDS))
    )
    builder = draw.builder
    x = builder.embed_cells(cells[None].astype(np.uint8), STREAM, SIZE, SIZE)
    terrain = builder.embed_kinds(kinds.astype(np.uint8), STREAM, SIZE, SIZE)
    x = builder.add(x, draw.conv(terrain, CHANNELS, 3, STREAM), STREAM)
    vectors = draw.weights(CHANNELS, len(WORDS), fan_in=4)
    vector = builder.dense(builder.words(len(WORDS)), vectors, np.zeros(CHANNELS), STREAM)
    x = builder.add(x, builder.to_map(vector, 1, 1), STREAM)
    return _finish(draw, "g5", x, kind_map=True, words=WORDS)


def _finish(draw: Drawing, name: str, x: Value, **facts: object) -> bytes:
    """Add the blocks, the logits and the metadata."""
    for dilation in DILATIONS:
        x = _block(draw, x, dilation)
    weights = draw.weights(COLOURS, CHANNELS, 1, 1, fan_in=CHANNELS)
    weights = np.clip(np.rint(weights / LOGIT), -127, 127).astype(np.int8)
    draw.builder.logits(x, weights, np.zeros(COLOURS, np.int32), LOGIT, wrap=False)
    return draw.finish(
        name,
        SIZE,
        palette=["00000000", *(f"{15 * i:02x}60{255 - 15 * i:02x}ff" for i in range(1, COLOURS))],
        palette_size=COLOURS,
        latent_size=0,
        sampler={"method": "masked", "steps": STEPS, "temperature": TEMPERATURE},
        **facts,
    )


def _block(draw: Drawing, x: Value, dilation: int) -> Value:
    """Residual block: x + conv 1x1 of leaky ReLU of conv 3x3 of x."""
    weights = draw.weights(CHANNELS, CHANNELS, 3, 3, fan_in=9 * CHANNELS)
    y = draw.builder.conv2d(
        x, weights, draw.bias(CHANNELS), LINEAR, wrap=False, dilations=(dilation, dilation)
    )
    return draw.builder.add(x, draw.conv(draw.leaky(y), CHANNELS, 1, STREAM, gain=0.4), STREAM)
