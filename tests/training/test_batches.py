"""Batches: what a critic is shown as real."""

import numpy as np
import pytest
import torch

from tilewright.palette import extract_palette
from tilewright_training.batches import Batches, shifted, to_colour_space
from tilewright_training.config import preset
from tilewright_training.dataset import Dataset


def photographs(transparent: bool) -> Dataset:
    """Two kinds, one of them rare, in thousands of colours."""
    images = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 4), np.uint8)
    images[..., 3] = 255
    if transparent:
        images[:, :4] = 0
    labels = np.array([0] * 36 + [1] * 4)
    return Dataset(images, labels, ("common", "rare"), (), "")


@pytest.mark.parametrize("transparent", [False, True])
def test_rich_art_is_mapped_to_the_palette(transparent: bool) -> None:
    data = photographs(transparent)
    config = preset("tiny", steps=1, transparent=transparent, max_colours=12)
    palette = extract_palette(data.images, config.max_colours, transparent)
    pictures = Batches(data, config, palette).draw(0).pictures
    points = {tuple(p) for p in to_colour_space(palette, transparent).tolist()}
    shown = {tuple(p) for p in pictures.permute(0, 2, 3, 1).reshape(-1, pictures.shape[1]).tolist()}
    assert shown <= points
    assert len(shown) == len(points)


def test_a_step_has_one_batch() -> None:
    data, config = photographs(False), preset("tiny", steps=1, seed=3)
    palette = extract_palette(data.images, 64, False)
    first, again = (Batches(data, config, palette).draw(5) for _ in range(2))
    assert torch.equal(first.pictures, again.pictures)
    assert torch.equal(first.latents, again.latents)
    assert not torch.equal(first.latents, Batches(data, config, palette).draw(6).latents)


def test_rare_kinds_are_drawn_more_often_than_they_occur() -> None:
    data, config = photographs(False), preset("tiny", steps=1, batch=64)
    batches = Batches(data, config, extract_palette(data.images, 64, False))
    rare = np.mean([float((batches.draw(i).kinds == 1).float().mean()) for i in range(30)])
    assert 0.2 < rare < 0.3  # 1 in 4 by the square root, 1 in 10 by number


@pytest.mark.parametrize("wrap", [False, True])
def test_shift(wrap: bool) -> None:
    pictures = torch.arange(2 * 1 * 4 * 4, dtype=torch.float32).reshape(2, 1, 4, 4)
    moved = shifted(pictures, torch.tensor([[0, 0], [1, -1]]), wrap)
    assert torch.equal(moved[0], pictures[0])
    assert moved[1, 0, 0, 1] == pictures[1, 0, 1, 0]
    assert moved[1, 0, 3, 1] == pictures[1, 0, 0 if wrap else 3, 0]
