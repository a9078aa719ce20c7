"""A small convolutional classifier of pictures, of the measures and of the critics that packs carry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..size import Size

PLANES = 8  # of its input: four of colours, and four of neighbours with the same colour
SHIFT = 2  # pixels


class Classifier(nn.Module):
    """Maps pictures to class scores: a convolution per halving of the size, down to about 4x4, then two layers.

    The layers see the spatial mean of every stage, from texture to shape, and no positions. With a few
    hundred pictures, a classifier that sees positions overfits to individual drawings.
    """

    def __init__(self, size: Size, classes: int, channels: Sequence[int], features: int, dropout: float):
        super().__init__()
        halvings = max(1, (min(size) // 4).bit_length() - 1)
        widths = [channels[min(i, len(channels) - 1)] for i in range(halvings + 1)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in zip([PLANES, *widths], widths, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(sum(widths), features)
        self.score = nn.Linear(features, classes)

    def features(self, x: Tensor) -> Tensor:
        """Map (N, PLANES, H, W) in [-1, 1] to features (N, F), 0 or more."""
        means = []
        for i, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            x = F.relu(norm(convolution(F.max_pool2d(x, 2) if i else x)))
            means.append(x.mean((2, 3)))
        return F.relu(self.dense(self.dropout(torch.cat(means, dim=1))))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, PLANES, H, W) in [-1, 1] to scores (N, classes)."""
        return self.score(self.features(x))


@dataclass(frozen=True)
class Training:
    """How `fit_network` trains: steps, pictures per step, learning rate and decoupled weight decay."""

    steps: int
    batch: int
    lr: float
    weight_decay: float


def fit_network(
    network: nn.Module,
    images: np.ndarray,
    weights: np.ndarray,
    loss: Callable[[np.ndarray, np.ndarray], Tensor],
    training: Training,
    random: np.random.Generator,
) -> None:
    """Train a network on images (N, H, W, ...), drawn with the frequencies `weights`, float (N,).

    loss: of a batch of augmented images and their numbers, int64 (batch,). Half of the images are mirrored, and each is
    shifted cyclically by up to two pixels. AdamW (Loshchilov and Hutter, 2019) with a cosine schedule to 0.
    """
    limits = np.cumsum(weights / weights.sum())
    optimizer = torch.optim.AdamW(network.parameters(), training.lr, weight_decay=training.weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, training.steps)
    for _ in range(training.steps):
        chosen = np.searchsorted(limits, random.random(training.batch), side="right")
        chosen = np.minimum(chosen, len(images) - 1)  # rounding may leave the last limit slightly below 1
        optimizer.zero_grad(set_to_none=True)
        loss(_augmented(images[chosen], random), chosen).backward()
        optimizer.step()
        schedule.step()


def _augmented(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Mirror and shift images (N, H, W, ...)."""
    n, *edges = images.shape[:3]
    rows, columns = ((np.arange(edge) + random.integers(-SHIFT, SHIFT + 1, (n, 1))) % edge for edge in edges)
    columns = np.where(random.random((n, 1)) < 0.5, columns[:, ::-1], columns)
    return images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
