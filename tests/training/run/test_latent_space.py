"""Variations, interpolation and transfer with a small VAE trained on drawn art."""

import numpy as np
import pytest
import torch

from tilewright.errors import UsageError
from tilewright.palette import extract_palette
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset
from tilewright_training.families.vae import Vae
from tilewright_training.run.latent_space import LatentSpace

from ..drawn import SIZE, TILE_KINDS, draw_set

IMAGES = np.stack(draw_set(TILE_KINDS, 12))


@pytest.fixture(scope="module")
def space() -> LatentSpace:
    torch.manual_seed(0)
    config = preset("tiny", model="vae", steps=80, batch=24, wrap=True, latent_size=32, bfloat16=False)
    palette = extract_palette(IMAGES, config.max_colours, False)
    vae = Vae(config, palette, len(TILE_KINDS))
    data = Dataset(IMAGES, np.repeat(np.arange(3), 12), TILE_KINDS, (), "")
    batches = Batches(data, config, palette)
    for step in range(config.steps):
        vae.train_step(batches.draw(step), step, step / config.steps)
    return LatentSpace(vae, TILE_KINDS)


def same(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of equal pixels."""
    return float((a == b).all(axis=-1).mean())


def test_no_variation_is_the_picture_itself(space: LatentSpace) -> None:
    walls = IMAGES[12:24]
    again = np.concatenate([space.variations(wall, "wall", 1, strength=0.0) for wall in walls])
    assert same(again, walls) > 0.6


def test_stronger_variations_are_further_away(space: LatentSpace) -> None:
    wall = IMAGES[12]
    known = space.variations(wall, "wall", 1, strength=0.0)[0]
    near, far = (space.variations(wall, "wall", 24, strength=s, seed=3) for s in (0.2, 1.0))
    assert near.shape == (24, SIZE, SIZE, 4)
    assert same(near, known) > same(far, known)
    np.testing.assert_array_equal(near, space.variations(wall, "wall", 24, strength=0.2, seed=3))


def test_the_way_between_two_pictures(space: LatentSpace) -> None:
    first, last = IMAGES[12], IMAGES[17]
    way = space.between(first, last, "wall", 5)
    np.testing.assert_array_equal(way[0], space.variations(first, "wall", 1, strength=0.0)[0])
    np.testing.assert_array_equal(way[-1], space.variations(last, "wall", 1, strength=0.0)[0])


def test_transfer_takes_the_colours_of_the_other_kind(space: LatentSpace) -> None:
    floors, water = IMAGES[:12], IMAGES[24:]
    moved = np.stack([space.transfer(tile, "floor", "water") for tile in floors])
    means = [pictures[..., :3].mean(axis=(0, 1, 2)) for pictures in (moved, water, floors)]
    assert np.abs(means[0] - means[1]).sum() < np.abs(means[0] - means[2]).sum()


def test_wrong_use(space: LatentSpace) -> None:
    tile = IMAGES[0]
    with pytest.raises(UsageError, match=r"^transfer\(\): no kind 'lava'; there are floor, wall, water$"):
        space.transfer(tile, "floor", "lava")
    with pytest.raises(UsageError, match=r"^variations\(\): strength must be in 0..1, not 2$"):
        space.variations(tile, "floor", 1, strength=2)
    with pytest.raises(UsageError, match=r"^variations\(\): count must be 1 or more, not 0$"):
        space.variations(tile, "floor", 0)
    with pytest.raises(UsageError, match=r"^between\(\): count must be 2 or more, not 1$"):
        space.between(tile, tile, "floor", 1)
    with pytest.raises(UsageError, match=r"a picture must be uint8 \(16, 16, 4\), not uint8 \(8, 16, 4\)"):
        space.variations(tile[:8], "floor", 1)
