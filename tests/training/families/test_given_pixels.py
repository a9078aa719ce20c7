"""Masked diffusion that learns to paint the borders of terrains between the other pixels."""

import numpy as np
import torch

from tilewright.canvas import near_borders
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches, per_pixel
from tilewright_training.data.dataset import Dataset
from tilewright_training.families.diffusion import BANDS, MaskedDiffusion


def test_three_in_four_pictures_show_all_that_is_not_near_borders() -> None:
    rng = np.random.default_rng(0)
    maps = rng.integers(0, 2, (64, 3, 3))
    images = np.full((64, 24, 24, 4), 255, np.uint8)
    data = Dataset(images, np.zeros(64, np.int64), ("a", "b"), (), "", kind_maps=maps, cell=8)
    config = preset("borders", size=(24, 24), dilations=(1,), steps=1, batch=16)
    palette = np.array([[0, 0, 0, 255], [255, 255, 255, 255]], np.uint8)
    family = MaskedDiffusion(config, palette, 2, per_pixel(maps, 8))
    batch = Batches(data, config, palette).draw(0)
    hidden = family.hide(batch)[1] > 0
    near = torch.from_numpy(near_borders(batch.kinds.numpy(), BANDS[1] - 1))
    free = torch.arange(16) % 4 == 3
    assert not (hidden & ~near)[~free].any() and (hidden & ~near)[free].any()
    assert (hidden & near)[~free].any()
