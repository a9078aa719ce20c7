"""The value of generated pictures for training a classifier. All figures are accuracies in percent.

The gain for a small real set is the difference of two scores: a few real pictures with and without generated
ones.
"""

import numpy as np

from .classifier import classify
from .features import KindsNetwork, fit_kinds
from .pictures import Pictures, draw_like
from .protocol import Protocol


def kind_accuracy(network: KindsNetwork, candidate: Pictures) -> float:
    """Return how often a classifier trained on the training art predicts the requested kind."""
    return _percent(network.kinds(candidate.images) == candidate.labels)


def classification_accuracy_score(
    candidate: Pictures, real: Pictures, protocol: Protocol, seed: int
) -> float:
    """CAS: train a classifier of kinds on `candidate` and test it on `real`."""
    network = fit_kinds(candidate, protocol, seed)
    return _percent(classify(network, real.images) == real.labels)


def few_of_each(pictures: Pictures, count: int, random: np.random.Generator) -> Pictures:
    """Return `count` pictures of each kind, or all if there are fewer."""
    return draw_like(pictures, np.repeat(np.arange(len(pictures.kinds)), count), random)


def _percent(right: np.ndarray) -> float:
    return 100.0 * float(right.mean())
