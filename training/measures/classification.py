"""What generated pictures are worth to a classifier. All figures are percent of pictures classified rightly.

What they add to a small real set is the same score twice: of a few real pictures alone, and together with them.
"""

import numpy as np

from .classifier import classify
from .features import KindsNetwork, fit_kinds
from .pictures import Pictures, draw_like
from .protocol import Protocol


def kind_accuracy(network: KindsNetwork, candidate: Pictures) -> float:
    """How often a network that knows the training art sees the kind that was asked for."""
    return _percent(network.kinds(candidate.images) == candidate.labels)


def classification_accuracy_score(
    candidate: Pictures, real: Pictures, protocol: Protocol, seed: int
) -> float:
    """CAS: learn the kinds from `candidate`, be tested on `real`.

    Ravuri and Vinyals, "Classification accuracy score for conditional generative models" (NeurIPS 2019).
    """
    network = fit_kinds(candidate, protocol, seed)
    return _percent(classify(network, real.images) == real.labels)


def few_of_each(pictures: Pictures, count: int, random: np.random.Generator) -> Pictures:
    """`count` pictures of each kind, or all of it where there are fewer."""
    return draw_like(pictures, np.repeat(np.arange(len(pictures.kinds)), count), random)


def _percent(right: np.ndarray) -> float:
    return 100.0 * float(right.mean())
