"""Sizes: texts, maps, and what each family accepts."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from tilewright.compiler import fast_reference
from tilewright.engine import Engine, backends
from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_training.config import config_from_json, preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset
from tilewright_training.data.stored_set import digest_of
from tilewright_training.export.export import head_of
from tilewright_training.export.export_onnx import export_generator, export_step_network
from tilewright_training.families.family import build_family
from tilewright_training.families.iterative import Iterative
from tilewright_training.models import MODELS
from tilewright_training.size import LARGE, is_doubled, is_trainable, maps, parse_size

ENLARGING = [model for model, traits in MODELS.items() if traits.enlarges]


@pytest.mark.parametrize(
    ("text", "size"), [("18", (18, 18)), ("24x32", (32, 24)), ("8x64", (64, 8)), ("0", (0, 0)), ("7", (7, 7))]
)
def test_a_text_is_width_by_height(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text, "train") == size


@pytest.mark.parametrize(
    "text", ["", "18x", "x18", "18x18x18", "-8", "1e3", "18 x 18", "16.0", "12345", "١٨"]
)
def test_a_text_that_is_no_size(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_size(text, "train")
    assert str(error.value) == f"train: --size must be a number such as 16, or WIDTHxHEIGHT, not {text!r:.40}"


def test_maps_double_from_the_smallest_start() -> None:
    assert [maps((edge, edge))[0] for edge in (8, 16, 32, 64, 128)] == [(4, 4)] * 5
    assert maps((18, 18)) == [(9, 9), (18, 18)]
    assert maps((32, 24)) == [(4, 3), (8, 6), (16, 12), (32, 24)]
    assert maps((18, 16)) == [(9, 8), (18, 16)]
    assert maps((17, 16)) == [(17, 16)]
    for height in range(8, 65):
        for width in range(8, 65):
            found = maps((height, width))
            assert found[-1] == (height, width)
            assert all((2 * a[0], 2 * a[1]) == b for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0x0"),
        (7, "7x7"),
        (65, "65x65"),
        ((16, 65), "65x16"),
        ((128, 64), "64x128"),
        ((), "()"),
        ((16, 16, 16), "(16, 16, 16)"),
    ],
)
def test_sizes_that_no_network_makes(size: object, text: str) -> None:
    with pytest.raises(UsageError) as error:
        preset("ar", size=size)
    assert str(error.value) == f"train: edges must be 8 to 64 pixels, or both 128, not {text}"


def test_what_each_family_accepts() -> None:
    for size in ((17, 17), (13, 16), (34, 34), (9, 64)):
        assert is_trainable(size) and not is_doubled(size)
        for model in MODELS:
            if model not in ENLARGING:
                assert preset("tiny", model=model, size=size).size == size
                continue
            with pytest.raises(UsageError) as error:
                preset("tiny", model=model, size=size)
            assert str(error.value) == (
                f"train: {model} enlarges a small map, to sizes such as 16, 18, 24 or 24x32 (docs/models.md), "
                f"not to {size[1]}x{size[0]}: use --model ar or diffusion"
            )
    for size in ((18, 18), (24, 24), (20, 18), (32, 24), (8, 64), (10, 8), LARGE):
        assert is_trainable(size) and is_doubled(size)


def test_one_number_is_a_square_in_old_runs_too() -> None:
    config = preset("tiny", size=32)
    assert (config.size, config.cells) == ((32, 32), 1024)
    stored = json.loads(json.dumps(config.to_json()))
    assert config_from_json(stored) == config
    assert config_from_json({**stored, "size": 32}) == config
    with pytest.raises(UsageError, match=r"train: size must be of the type list of int, not True"):
        preset("tiny", size=True)


PALETTE = np.array([[200, 40, 40, 255], [40, 60, 200, 255], [240, 220, 90, 255]], np.uint8)


def art_of(size: tuple[int, int]) -> Dataset:
    """Blobs of two colours, which are the kinds."""
    rng = np.random.default_rng(3)
    rows, columns = np.indices(size)
    images = np.empty((24, *size, 4), np.uint8)
    for i, image in enumerate(images):
        middle = rng.uniform(0.3, 0.7, 2) * size
        inside = np.hypot(rows - middle[0], columns - middle[1]) < min(size) / 3
        image[:] = PALETTE[np.where(inside, i % 2, 2)]
    labels = np.arange(24, dtype=np.int64) % 2
    kinds = ("red", "blue")
    return Dataset(images, labels, kinds, (), digest_of(images, labels, kinds))


@pytest.mark.parametrize("size", [(18, 18), (16, 12), (11, 17)], ids=["18", "12x16", "17x11"])
@pytest.mark.parametrize("model", MODELS)
def test_every_family_learns_and_is_exported(model: str, size: tuple[int, int]) -> None:
    if model in ENLARGING and not is_doubled(size):
        return
    data = art_of(size)
    config = preset("tiny", model=model, size=size, steps=2, batch=4, bfloat16=False, evaluations=3)
    palette = PALETTE if config.traits.uses_palette else None
    family = build_family(config, np.zeros((0, 4), np.uint8) if palette is None else palette, 2)
    batches = Batches(data, config, palette)
    for step in range(2):
        assert all(np.isfinite(list(family.train_step(batches.draw(step, 0.5), step, step / 2).values())))
    assert family.sample(torch.arange(2), 0).shape == (2, *size, 4)
    network = family.modules["ema"].eval()
    facts = {**metadata(palette, config.latents), **head_of(size)}
    if isinstance(family, Iterative):
        facts |= {"sampler": family.sampler, "latent_size": 0}
        cells, _, _, kinds, _ = family.partly_known(8, 1)
        content, _ = export_step_network(family.ema, cells, kinds, facts)
    else:
        content = export_generator(network, config.latents, facts)
    pack = Pack(check_pack(content, Path("odd.onnx")))
    assert pack.shape == size and pack.generate(3, seed=5).rgba.shape == (3, *size, 4)
    expected = fast_reference.run(pack.plan, 2, seed=5)
    for backend in backends():
        made = Engine(pack.plan, backend).run(2, seed=5)
        for name, values in expected.items():
            np.testing.assert_array_equal(made[name], values, err_msg=f"{backend}, {name}")
    if size == (18, 18):
        assert pack.tile_size == 18


def metadata(palette: np.ndarray | None, latents: int) -> dict[str, object]:
    colours = None if palette is None else [bytes(colour).hex() for colour in palette]
    return {
        "name": "odd",
        "kinds": ["red", "blue"],
        "palette": colours,
        "palette_size": len(colours or ()),
        "latent_size": latents,
        "sampler": None,
        "transparent": False,
        "wrap": False,
        "sources": [],
        "data": {},
        "training": {},
    }
