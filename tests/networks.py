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
