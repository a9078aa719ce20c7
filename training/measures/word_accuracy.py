"""Do generated pictures show their words? A classifier of words, trained on the training art, recognises them."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..families.classifier import Classifier
from .classifier import fit, scores
from .pictures import Pictures
from .protocol import Protocol

MOST_WEIGHT = 30.0  # of the pictures with a word, relative to those without


def fit_words(pictures: Pictures, protocol: Protocol, seed: int) -> Classifier:
    """Train a classifier of the words bool (N, V) of pictures. Rare words weigh as much as common ones."""
    assert pictures.words is not None
    share = pictures.words.mean(axis=0)
    weight = np.minimum((1.0 - share) / np.maximum(share, 1e-6), MOST_WEIGHT).astype(np.float32)
    positive = torch.from_numpy(weight)

    def objective(found: Tensor, has: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(found, has, pos_weight=positive)

    return fit(
        pictures.images,
        pictures.words.astype(np.float32),
        np.ones(len(pictures)),
        pictures.words.shape[1],
        protocol.kinds_steps,
        protocol,
        seed,
        objective,
    )


def word_accuracy(network: Classifier, images: np.ndarray, has: np.ndarray) -> float:
    """Return how often a word is recognised, in percent: the mean over the words of bool (N, V) that occur.

    The words of a picture with n of them are recognised if they are among the n with the highest scores.
    """
    rank = (-scores(network, images)).argsort(axis=1, kind="stable").argsort(axis=1)
    recognised = has & (rank < has.sum(axis=1, keepdims=True))
    pictures = has.sum(axis=0)
    occurring = pictures > 0
    return 100.0 * float((recognised.sum(axis=0)[occurring] / pictures[occurring]).mean())
