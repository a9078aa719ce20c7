"""Small packs with random weights, written with the project's exporter, for tests that need no art."""

import json
from functools import cache

import numpy as np

from tilewright.pack import FORMAT_VERSION, METADATA_KEY
from tilewright.seeds import LATENT_SCALE
from tilewright_training.export.export_onnx import export_generator
from tilewright_training.export.onnx_builder import OnnxBuilder, Scale

KINDS = ("floor", "wall", "water")


@cache
def palette_pack(size: int = 16, wrap: bool = False, transparent: bool = False, colours: int = 7) -> bytes:
    """A palette-native pack with few channels and without noise maps."""
    import torch

    from tilewright_training.config import preset
    from tilewright_training.families.vae import VaeNetwork

    torch.manual_seed(size + wrap)
    config = preset(
        "tiny",
        size=size,
        wrap=wrap,
        steps=1,
        latent_size=20,
        embedding=5,
        channels=(13, 9, 6),
        map_latents=(),
    )
    network = VaeNetwork(config, colours, len(KINDS))
    with torch.no_grad():
        network.decoder.logits.weight.mul_(3)
        network.decoder.embedding.weight.mul_(1.5)
    clear = ["00000000"] if transparent else []
    palette = clear + [f"{8 * i:02x}30{255 - 8 * i:02x}ff" for i in range(len(clear), colours)]
    return export_generator(network.eval(), 20, metadata(size, palette, 20, transparent, wrap))


@cache
def dcgan_pack(size: int = 16, transparent: bool = False) -> bytes:
    """A DCGAN with an RGB or RGBA head and non-trivial batch norm statistics."""
    import torch

    from tilewright_training.families.dcgan import DCGANGenerator

    torch.manual_seed(size)
    generator = DCGANGenerator(4 if transparent else 3, len(KINDS), (size, size), 24, 6)
    with torch.no_grad():
        for _ in range(20):
            generator(torch.randn(32, 24), torch.randint(0, len(KINDS), (32,)))
    return export_generator(generator.eval(), 24, metadata(size, None, 24, transparent, False))


@cache
def family_pack(model: str, size: int = 16, wrap: bool = False) -> bytes:
    """A pack of the family `model`, "vae" or "flow", which splits its latent."""
    import torch

    from tilewright_training.config import preset
    from tilewright_training.families.family import build_family

    config = preset("tiny", model=model, size=size, wrap=wrap, steps=1, latent_size=20, evaluations=2)
    colours = np.random.default_rng(3).integers(0, 256, (7, 4), dtype=np.uint8) | [0, 0, 0, 255]
    network = build_family(config, colours.astype(np.uint8), len(KINDS)).modules["ema"]
    with torch.no_grad():
        for parameter in network.parameters():  # zero-initialised layers would generate nothing
            parameter.add_(0.2 * parameter.numel() ** -0.25 * torch.randn_like(parameter))
    palette = [bytes(colour).hex() for colour in colours.astype(np.uint8).tolist()]
    facts = metadata(size, palette, config.latents, False, wrap)
    return export_generator(network.eval(), config.latents, facts)


@cache
def drawn_palette_pack(transparent: bool = False, nearest: bool = True, colours: int = 5) -> bytes:
    """A pack whose network generates a palette per picture.

    nearest: each pixel is a colour and takes the nearest entry; otherwise, each pixel has a score per entry.
    """
    rng = np.random.default_rng(colours)
    channels = 4 if transparent else 3
    byte, unit = Scale(1.0, 128), Scale(1 / 32, 120)
    builder = OnnxBuilder(20, LATENT_SCALE)

    def random(*shape: int) -> np.ndarray:
        return rng.normal(0, shape[1] ** -0.5, shape).astype(np.float32)

    table = rng.integers(-128, 128, (len(KINDS), 4), dtype=np.int8)
    start = builder.concat(builder.latent, builder.kind(table))
    hidden = builder.dense(start, random(7 * 16, 24), random(7 * 16, 1)[:, 0], unit)
    palette = builder.dense(
        hidden, 60 * random(channels * colours, 7 * 16), np.zeros(channels * colours), byte
    )
    x = builder.dense(start, random(7 * 16, 24), random(7 * 16, 1)[:, 0], unit)
    x = builder.pointwise(builder.to_map(x, 4, 4), "Sigmoid", Scale(1 / 255, 0))
    x = builder.conv_transpose2d(x, random(7, 6, 4, 4), np.zeros(6), unit, wrap=False)
    x = builder.pointwise(x, "Relu", Scale(1 / 40, 3))
    if nearest:
        x = builder.conv2d(x, 300 * random(channels, 6, 3, 3), np.zeros(channels), byte, wrap=True)
        builder.nearest_of(x, palette, colours, "indices")
    else:
        weights = rng.integers(-128, 128, (colours, 6, 1, 1), dtype=np.int8)
        builder.argmax_of(x, weights, np.zeros(colours, np.int32), 1.0, False, "indices")
    builder.output(palette, "palette", 2)
    facts = metadata(8, None, 20, transparent, False) | {"palette_size": colours}
    text = json.dumps({"format": FORMAT_VERSION, **facts})
    return bytes(builder.finish("random", {METADATA_KEY: text}).SerializeToString(deterministic=True))


@cache
def pooled_pack(size: int = 8, colours: int = 7) -> bytes:
    """A pack that draws a small map, pools it, and draws a picture from the means of the map before and after."""
    rng = np.random.default_rng(size)
    unit = Scale(1 / 32, 120)

    def random(*shape: int) -> np.ndarray:
        return rng.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)

    builder = OnnxBuilder(20, LATENT_SCALE)
    table = rng.integers(-128, 128, (len(KINDS), 4), dtype=np.int8)
    start = builder.concat(builder.latent, builder.kind(table))
    drawn = builder.to_map(builder.dense(start, 3 * random(9 * 35, 24), np.zeros(9 * 35), unit), 5, 7)
    pooled = builder.max_pool(builder.conv2d(drawn, random(11, 9, 3, 3), np.zeros(11), unit, wrap=True))
    means = builder.concat(builder.mean(drawn, Scale(1 / 64, 100)), builder.mean(pooled, Scale(1 / 64, 100)))
    x = builder.dense(means, 3 * random(6 * size * size, 20), np.zeros(6 * size * size), unit)
    weights = rng.integers(-128, 128, (colours, 6, 1, 1), dtype=np.int8)
    head = np.zeros(colours, np.int32), 1.0, False, "indices"
    builder.argmax_of(builder.to_map(x, size, size), weights, *head)
    palette = [f"{8 * i:02x}30{255 - 8 * i:02x}ff" for i in range(colours)]
    text = json.dumps({"format": FORMAT_VERSION, **metadata(size, palette, 20, False, False)})
    return bytes(builder.finish("random", {METADATA_KEY: text}).SerializeToString(deterministic=True))


@cache
def critic(
    height: int = 16, width: int = 16, colours: int = 6, wrap: bool = False, kinds: int = len(KINDS)
) -> bytes:
    """A network that judges pictures: cells and neighbours to a score for each kind."""
    rng = np.random.default_rng([height, width, colours])
    stream, hidden, mean = Scale(1 / 32, 121), Scale(1 / 32, 0), Scale(1 / 64, 0)

    def random(*shape: int) -> np.ndarray:
        return rng.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape).astype(np.float32)

    builder = OnnxBuilder()
    tables = (rng.integers(28, 228, (rows, 10), dtype=np.uint8) for rows in (colours, 16))
    cells = builder.embed_cells(next(tables)[None], stream, height, width)
    x = builder.add(cells, builder.embed_neighbours(next(tables), stream, height, width), stream)
    features = []
    for number, (inputs, outputs) in enumerate(((10, 13), (13, 17), (17, 5))):
        x = builder.max_pool(x) if number else x
        x = builder.conv2d(x, random(outputs, inputs, 3, 3), rng.normal(0, 0.1, outputs), hidden, wrap)
        features.append(builder.mean(x, mean))
    joined = builder.concat(builder.concat(features[0], features[1]), features[2])
    y = builder.dense(joined, random(12, 35), rng.normal(0, 0.1, 12), Scale(1 / 32, 0))
    weights = np.abs(random(kinds, 12)) * (-1) ** np.arange(12)  # so that many scores are neither 0 nor 255
    score = builder.dense(y, weights.astype(np.float32), np.zeros(kinds), Scale(1 / 24, 128))
    builder.output(score, "score", 2)
    return bytes(builder.finish("critic", {}).SerializeToString(deterministic=True))


def metadata(
    size: int, palette: list[str] | None, latent_size: int, transparent: bool, wrap: bool
) -> dict[str, object]:
    """Return the metadata for a network with random weights."""
    return {
        "name": "random",
        "kinds": list(KINDS),
        "tile_size": size,
        "palette": palette,
        "palette_size": len(palette or ()),
        "latent_size": latent_size,
        "transparent": transparent,
        "wrap": wrap,
        "sources": [{"name": "nobody's art", "licence": "CC0-1.0", "author": "nobody"}],
        "data": {},
        "training": {},
    }


def latents_as_floats(latents: np.ndarray) -> np.ndarray:
    """Convert int8 latents to the float32 values used in training."""
    return latents.astype(np.float32) * np.float32(LATENT_SCALE)
