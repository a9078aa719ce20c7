"""Batches: which pictures a family sees."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from tilewright.palette import extract_palette
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches, Indexer
from tilewright_training.data.colour_space import to_colour_space
from tilewright_training.data.dataset import Dataset


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


def test_indices_are_the_pictures() -> None:
    data, config = photographs(True), preset("tiny", steps=1, transparent=True)
    palette = extract_palette(data.images, 12, True)
    batch = Batches(data, config, palette).draw(3)
    assert batch.indices is not None and batch.indices.dtype == torch.int64
    points = torch.from_numpy(to_colour_space(palette, True))
    assert torch.equal(points[batch.indices].permute(0, 3, 1, 2), batch.pictures)
    assert bool((batch.indices[:, :4] == 0).all())
    assert Batches(data, config, None).draw(3).indices is None


def test_indexer_takes_the_nearest_entry() -> None:
    palette = np.array([[0, 0, 0, 0], [0, 0, 0, 255], [250, 0, 0, 255]], np.uint8)
    pictures = np.array([[[9, 9, 9, 255], [9, 9, 9, 0], [200, 9, 9, 255]]], np.uint8)
    indexer = Indexer(palette)
    for _ in range(2):  # the second pass uses the cache
        assert indexer(pictures).tolist() == [[1, 0, 2]]


def test_processes_share_a_batch() -> None:
    data, config = photographs(False), preset("tiny", steps=1, batch=6)
    palette = extract_palette(data.images, 8, False)
    whole = Batches(data, config, palette).draw(2, 0.5)
    for rank in range(2):
        part = Batches(data, config, palette, rank, 2).draw(2, 0.5)
        assert whole.indices is not None and part.indices is not None
        assert torch.equal(part.indices, whole.indices[rank::2])
        assert torch.equal(part.pictures, whole.pictures[rank::2])
        assert torch.equal(part.latents, whole.latents[:, rank::2])
        assert torch.equal(part.changes.shift, whole.changes.shift[rank::2])
        for name in ("kinds", "level", "order"):
            assert torch.equal(getattr(part, name), getattr(whole, name)[rank::2])


def test_levels_are_spread_evenly() -> None:
    level = Batches(photographs(False), preset("tiny", steps=1, batch=8), None).draw(0).level
    assert sorted((level * 8).long().tolist()) == list(range(8))


def test_pictures_may_lie_on_disk(tmp_path: Path) -> None:
    data, config = photographs(False), preset("tiny", steps=1)
    np.save(tmp_path / "images.npy", data.images)
    mapped = dataclasses.replace(data, images=np.load(tmp_path / "images.npy", mmap_mode="r"))
    a, b = (Batches(d, config, None).draw(1).pictures for d in (data, mapped))
    assert torch.equal(a, b)
