"""The network of a pack's critic, and its training."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tilewright.critic import NEIGHBOURS, neighbour_codes

from ..measures.classifier import Classifier, Training, fit_network
from ..measures.pictures import PLANES
from ..size import Size

CHANNELS, FEATURES, DROPOUT = (16, 32, 64), 32, 0.25
TRAINING = Training(steps=400, batch=64, lr=2e-3, weight_decay=0.05)
CHUNK = 512  # pictures per forward pass


class CriticNetwork(Classifier):
    """A small classifier of palette entries, greater for art than for generated pictures.

    It sees the colour of each pixel, and which of four neighbours have the same entry, as the classifiers of the
    measures do; both are tables, which are trained with the rest.
    """

    def __init__(self, size: Size, palette: np.ndarray) -> None:
        """palette: uint8 (K, 4), with which the tables begin."""
        super().__init__(size, 1, CHANNELS, FEATURES, DROPOUT)
        colours = PLANES - len(NEIGHBOURS)
        self.entries = nn.Embedding(len(palette), PLANES)
        self.neighbours = nn.Embedding(1 << len(NEIGHBOURS), PLANES)
        with torch.no_grad():
            self.entries.weight.zero_()
            seen = np.where(palette[:, 3:] > 0, palette, np.uint8(0)).astype(np.float32)
            self.entries.weight[:, :colours] = torch.from_numpy(seen / np.float32(127.5) - np.float32(1.0))
            self.neighbours.weight.zero_()
            codes = torch.arange(1 << len(NEIGHBOURS))
            for bit in range(len(NEIGHBOURS)):
                self.neighbours.weight[:, colours + bit] = 2.0 * (codes >> bit & 1) - 1.0

    def logits(self, cells: np.ndarray) -> Tensor:
        """Map pictures uint8 (N, H, W) of palette entries to logits (N,)."""
        return self(self.planes(cells))[:, 0]  # type: ignore[no-any-return]

    def planes(self, cells: np.ndarray) -> Tensor:
        """Return what the convolutions see, (N, PLANES, H, W)."""
        entries, codes = (torch.from_numpy(part.astype(np.int64)) for part in (cells, neighbour_codes(cells)))
        x = self.entries(entries) + self.neighbours(codes)
        return x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)  # type: ignore[no-any-return]


def fit_critic(
    cells: np.ndarray, is_art: np.ndarray, weights: np.ndarray, palette: np.ndarray
) -> CriticNetwork:
    """Train a network on pictures uint8 (N, H, W) of entries of the palette uint8 (K, 4).

    is_art: bool (N,). weights: relative frequency of each picture, float (N,). See `fit_network`. Deterministic on one
    machine.
    """
    sides = torch.from_numpy(is_art.astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = CriticNetwork(cells.shape[1:], palette).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

        def loss(pictures: np.ndarray, chosen: np.ndarray) -> Tensor:
            return F.binary_cross_entropy_with_logits(
                network.logits(pictures), sides[torch.from_numpy(chosen)]
            )

        fit_network(network, cells, weights, loss, TRAINING, np.random.default_rng(len(cells)))
    return network.eval()  # type: ignore[no-any-return]


@torch.no_grad()
def logits_of(network: CriticNetwork, cells: np.ndarray) -> np.ndarray:
    """Return the logits float32 (N,) of pictures uint8 (N, H, W)."""
    parts = [network.logits(cells[i : i + CHUNK]) for i in range(0, len(cells), CHUNK)]
    return torch.cat(parts).numpy()
