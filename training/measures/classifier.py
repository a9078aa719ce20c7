"""The small convolutional classifier that all measures use, trained with a protocol."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..families.classifier import Classifier, Training, fit_network
from .pictures import to_tensor
from .protocol import Protocol

CHUNK = 512  # pictures per forward pass


def fit(
    images: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    classes: int,
    steps: int,
    protocol: Protocol,
    seed: int,
    objective: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
) -> Classifier:
    """Train a new classifier on images uint8 (N, H, W, 4) with labels int64 (N,), or others that suit `objective`.

    weights: relative frequency of each picture, float (N,). objective: (scores, labels) -> loss. See `fit_network`.
    Deterministic for a seed on one machine.
    """
    random = np.random.default_rng([seed, len(images), classes])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Classifier(
            images.shape[1:3], classes, protocol.channels, protocol.features, protocol.dropout
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

        def loss(pictures: np.ndarray, chosen: np.ndarray) -> Tensor:
            planes = to_tensor(pictures).contiguous(memory_format=torch.channels_last)
            return objective(network(planes), torch.from_numpy(labels[chosen]))

        training = Training(steps, protocol.batch, protocol.lr, protocol.weight_decay)
        fit_network(network, images, weights, loss, training, random)
    return network.eval()


def even(labels: np.ndarray) -> np.ndarray:
    """Return weights float (N,) that draw every class equally often."""
    return 1.0 / np.bincount(labels)[labels]


@torch.no_grad()
def scores(network: Classifier, images: np.ndarray) -> np.ndarray:
    """Return the scores float32 (N, classes) of pictures uint8 (N, H, W, 4)."""
    parts = [network(to_tensor(images[i : i + CHUNK])) for i in range(0, len(images), CHUNK)]
    return torch.cat(parts).numpy()


def classify(network: Classifier, images: np.ndarray) -> np.ndarray:
    """Return the most likely class int64 (N,) of each picture uint8 (N, H, W, 4)."""
    return scores(network, images).argmax(axis=1)


@torch.no_grad()
def extract(network: Classifier, images: np.ndarray) -> np.ndarray:
    """Return the penultimate layer, float64 (N, F), for each picture uint8 (N, H, W, 4)."""
    parts = [network.features(to_tensor(images[i : i + CHUNK])) for i in range(0, len(images), CHUNK)]
    return torch.cat(parts).double().numpy()
