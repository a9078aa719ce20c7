"""Small packs with random weights, written with the project's own exporter: what tests run instead of art."""

from functools import cache

import numpy as np

from tilewright.seeds import LATENT_SCALE
from tilewright_training.export_onnx import export_generator

KINDS = ("floor", "wall", "water")


@cache
def palette_pack(size: int = 16, wrap: bool = False, transparent: bool = False, colours: int = 7) -> bytes:
    """A palette-native pack of a few channels."""
    import torch

    from tilewright_training.networks import Generator

    torch.manual_seed(size + wrap)
    points = torch.rand(colours, 4 if transparent else 3) * 2 - 1
    if transparent:
        points[:, 3] = 1
        points[0] = torch.tensor([0.0, 0.0, 0.0, -1.0])
    generator = Generator(points, len(KINDS), size, 20, 5, (13, 9, 6), wrap)
    with torch.no_grad():
        generator.colour.weight.mul_(3)
        generator.embedding.weight.mul_(1.5)
    clear = ["00000000"] if transparent else []
    palette = clear + [f"{8 * i:02x}30{255 - 8 * i:02x}ff" for i in range(len(clear), colours)]
    return export_generator(generator.eval(), 20, metadata(size, palette, 20, transparent, wrap))


@cache
def dcgan_pack(size: int = 16, transparent: bool = False) -> bytes:
    """A DCGAN with an RGB or RGBA head; its batch norms have seen some latents."""
    import torch

    from tilewright_training.dcgan import DCGANGenerator

    torch.manual_seed(size)
    generator = DCGANGenerator(4 if transparent else 3, len(KINDS), size, 24, 6)
    with torch.no_grad():
        for _ in range(20):
            generator(torch.randn(32, 24), torch.randint(0, len(KINDS), (32,)))
    return export_generator(generator.eval(), 24, metadata(size, None, 24, transparent, False))


def metadata(
    size: int, palette: list[str] | None, latent_size: int, transparent: bool, wrap: bool
) -> dict[str, object]:
    """What a pack says of itself, for a network with random weights."""
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
    """int8 latents as the float32 numbers that a network was trained with."""
    return latents.astype(np.float32) * np.float32(LATENT_SCALE)
