"""Fuzz targets. A target makes a file from a seed and checks any file, including saved findings."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import onnx

from . import files, packs, recipes, tiled, wang
from .critics import check_critic, make_critic
from .frames import check_frames, make_frames
from .graphs import generate
from .mutations import mutate
from .pictures import make_picture
from .texts import make_coarse, make_palette
from .tunes import check_tunes, make_tunes
from .values import damage_bytes

VARIANTS = 8  # damaged packs per network, because generating the network takes longest


@dataclass(frozen=True)
class Target:
    """make: seed -> file. check: counts events for a file, or raises. suffix: of saved findings.

    share: relative number of cases in a long run.
    """

    make: Callable[[int], bytes]
    check: Callable[[bytes], Counter[str]]
    suffix: str
    share: float = 1.0


@lru_cache(maxsize=2)
def make_network(seed: int) -> bytes:
    """Make a pack that follows docs/pack_format.md."""
    return bytes(generate(Random(seed)).SerializeToString(deterministic=True))


def make_damaged(seed: int) -> bytes:
    """Make a pack with changes that may leave it valid or not."""
    content, rng = make_network(seed // VARIANTS), Random(seed)
    if seed % VARIANTS == 0:
        return damage_bytes(rng, content)
    model = onnx.ModelProto.FromString(content)
    mutate(rng, model)
    return bytes(model.SerializeToString(deterministic=True))


TARGETS = {
    "network": Target(make_network, packs.check_everywhere, ".onnx", 0.06),
    "damaged": Target(make_damaged, packs.check, ".onnx"),
    "tunes": Target(make_tunes, check_tunes, ".onnx", 0.06),
    "frames": Target(make_frames, check_frames, ".onnx", 0.06),
    "critic": Target(make_critic, check_critic, ".onnx", 0.06),
    "picture": Target(make_picture, files.check_picture, ".png", 0.06),
    "map": Target(tiled.make_map, tiled.check_map, ".tmx", 0.06),
    "tileset": Target(tiled.make_tileset, tiled.check_tileset, ".tsx", 0.03),
    "palette": Target(make_palette, files.check_palette, ".pal", 0.06),
    "recipe": Target(recipes.make_kinds, recipes.check_kinds, ".toml", 0.03),
    "terrain": Target(recipes.make_terrain, recipes.check_terrain, ".toml", 0.03),
    "wang": Target(wang.make_wang, wang.check_wang, ".tsx", 0.03),
    "sheets": Target(recipes.make_sheets, recipes.check_sheets, ".toml", 0.03),
    "coarse": Target(make_coarse, files.check_coarse, ".txt", 0.03),
    "config": Target(files.make_config, files.check_config, ".json", 0.03),
    "data": Target(files.make_data, files.check_data, ".json", 0.03),
    "set": Target(files.make_set, files.check_set, ".json", 0.03),
    "losses": Target(files.make_losses, files.check_losses, ".jsonl", 0.01),
    "checkpoint": Target(files.make_checkpoint, files.check_checkpoint, ".safetensors", 0.02),
    "base": Target(files.make_base, files.check_base, ".safetensors", 0.02),
}
