"""The network of a pack's critic, and its training."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tilewright.critic import NEIGHBOURS, neighbour_codes

from ..families.classifier import PLANES, Classifier, Training, fit_network
from ..size import Size

CHANNELS, FEATURES, DROPOUT = (16, 32, 64), 32, 0.25
TRAINING = Training(steps=400, batch=64, lr=2e-3, weight_decay=0.05)
MISMATCHED = 0.25
CHUNK = 512  # pictures per forward pass


class CriticNetwork(Classifier):
    """A small classifier of pictures of palette entries: a logit for each kind, greater for art of that kind.

    It sees the colour of each pixel, and which of four neighbours have the same entry, as the classifiers of the
    measures do; both are tables, which are trained with the rest.
    """

    def __init__(self, size: Size, kinds: int, palette: np.ndarray) -> None:
        """palette: uint8 (K, 4), with which the tables begin."""
        super().__init__(size, kinds, CHANNELS, FEATURES, DROPOUT)
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

    def logits(self, cells: np.ndarray, kinds: np.ndarray) -> Tensor:
        """Map pictures uint8 (N, H, W) of palette entries and their kinds int64 (N,) to logits (N,)."""
        logits: Tensor = self(self.planes(cells)).gather(1, torch.from_numpy(kinds)[:, None])[:, 0]
        return logits

    def planes(self, cells: np.ndarray) -> Tensor:
        """Return what the convolutions see, (N, PLANES, H, W)."""
        entries, codes = (torch.from_numpy(part.astype(np.int64)) for part in (cells, neighbour_codes(cells)))
        x: Tensor = self.entries(entries) + self.neighbours(codes)
        return x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def fit_critic(
    cells: np.ndarray,
    kinds: np.ndarray,
    is_art: np.ndarray,
    weights: np.ndarray,
    palette: np.ndarray,
    mismatched: float = MISMATCHED,
) -> CriticNetwork:
    """Train a network on pictures uint8 (N, H, W) of entries of the palette uint8 (K, 4).

    kinds: int64 (N,). is_art: bool (N,). weights: relative frequency of each picture, float (N,). mismatched: the
    largest share of the art that is shown as of another kind and counts as generated, so that the network judges kinds
    too (Reed et al., "Generative adversarial text to image synthesis", ICML 2016); with 0, kinds do not matter. See
    `fit_network`. Deterministic on one machine.
    """
    random = np.random.default_rng(len(cells))
    share = np.bincount(kinds[is_art]) / is_art.sum()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = CriticNetwork(cells.shape[1:], int(kinds.max()) + 1, palette)
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

        def loss(pictures: np.ndarray, chosen: np.ndarray) -> Tensor:
            shown, matches = kinds[chosen], is_art[chosen]
            others = random.choice(len(share), len(chosen), p=share)
            changed = matches & (others != shown) & (random.random(len(chosen)) < mismatched)
            shown, matches = np.where(changed, others, shown), matches & ~changed
            targets = torch.from_numpy(matches.astype(np.float32))
            if mismatched:
                return F.binary_cross_entropy_with_logits(network.logits(pictures, shown), targets)
            logits = network(network.planes(pictures))
            return F.binary_cross_entropy_with_logits(logits, targets[:, None].expand_as(logits))

        frequency = np.where(is_art, 1.0 + mismatched, 1.0)
        fit_network(network, cells, weights * frequency, loss, TRAINING, random)
    return network.eval()


@torch.no_grad()
def logits_of(network: CriticNetwork, cells: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Return the logits float32 (N,) of pictures uint8 (N, H, W) of kinds int64 (N,)."""
    parts = [network.logits(cells[i : i + CHUNK], kinds[i : i + CHUNK]) for i in range(0, len(cells), CHUNK)]
    return torch.cat(parts).numpy()
