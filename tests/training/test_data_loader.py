"""A pack in a DataLoader worker, as in training on generated tiles."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

import tilewright as tw
from tilewright.pack import check_pack

from ..networks import palette_pack


class Tiles(Dataset[torch.Tensor]):
    """Eight batches of three tiles. Batch i begins at tile 3 i."""

    def __init__(self, pack: tw.Pack) -> None:
        self.pack = pack

    def __len__(self) -> int:
        return 8

    def __getitem__(self, i: int) -> torch.Tensor:
        if i >= len(self):
            raise IndexError(i)
        return torch.from_numpy(self.pack.generate(3, seed=9, start=3 * i).rgba.copy())


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on a machine with one processor
@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_make_the_tiles_of_the_parent(start: str) -> None:
    pack = tw.generator.Pack(check_pack(palette_pack(), Path("random.onnx")))
    expected = pack.generate(24, seed=9, threads=2).rgba  # the parent uses the thread pool before the fork
    loader = DataLoader(Tiles(pack), batch_size=None, num_workers=2, multiprocessing_context=start)
    np.testing.assert_array_equal(torch.cat(list(loader)).numpy(), expected)
