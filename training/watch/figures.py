"""Figures of a run's state, on plain arrays. Pictures are uint8 (N, S, S, 4), scores float (N,)."""

import numpy as np
import torch
from torch import Tensor, nn

from ..data.pixels import nearest_pixels

NEAR_COPY = 0.05  # share of pixels in which a near copy may differ


def pair_accuracy(real: Tensor, fake: Tensor) -> float:
    """Return the share of pairs (real, generated) of one kind that the critic orders correctly; 0.5 is
    chance.
    """
    return float((real > fake).float().mean())


def critic_overfitting(train: Tensor, held_out: Tensor, fake: Tensor) -> float:
    """ADA's r_v: 0 if held-out art scores like training art, 1 if it scores like generated pictures.

    Karras et al., "Training generative adversarial networks with limited data" (NeurIPS 2020), equation 1. It
    uses only differences of scores, so it applies to a relativistic critic as well.
    """
    span = float(train.mean() - fake.mean())
    return 0.0 if span <= 0 else float(np.clip(float(train.mean() - held_out.mean()) / span, -1.0, 1.0))


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return float64 (len(a), len(b)): the root mean square difference between the bytes of two pictures, 0
    to 255.
    """
    x, y = _flat(a), _flat(b)
    squares = np.square(x).sum(axis=1)[:, None] + np.square(y).sum(axis=1)[None] - 2.0 * (x @ y.T)
    return np.sqrt(np.maximum(squares, 0.0) / x.shape[1])


def _flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(np.float64)


def spread(pictures: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean distance between different pictures of one kind, or 0 if no kind has two."""
    same_kind = np.triu(labels[:, None] == labels[None], 1)
    return float(distances(pictures, pictures)[same_kind].mean()) if same_kind.any() else 0.0


def energy_distance(generated: np.ndarray, real: np.ndarray) -> float:
    """Return the normalised energy distance: 0 for equal distributions, 1 for disjoint ones.

    (2 E|x - y| - E|x - x'| - E|y - y'|) / 2 E|x - y|: Szekely and Rizzo, "Energy statistics" (2013).
    """
    across = 2.0 * float(distances(generated, real).mean())
    within = _mean_of_pairs(generated) + _mean_of_pairs(real)
    return (across - within) / across if across > 0 else 0.0


def _mean_of_pairs(pictures: np.ndarray) -> float:
    count = len(pictures)
    return float(distances(pictures, pictures).sum()) / max(1, count * (count - 1))


def distinct_share(pictures: np.ndarray) -> float:
    """Return the number of distinct pictures divided by the number of pictures."""
    return len({picture.tobytes() for picture in pictures}) / len(pictures)


def colour_share(generated: np.ndarray, real: np.ndarray) -> float:
    """Return the share of the art's colours that occur in generated pictures."""
    colours = np.unique(np.ascontiguousarray(real).view("<u4"))
    return float(np.isin(colours, np.ascontiguousarray(generated).view("<u4")).mean())


def novelty(generated: np.ndarray, training: np.ndarray, held_out: np.ndarray) -> float:
    """Return the distance to the nearest training picture, relative to that of held-out art.

    About 1 for a network that draws new pictures, 0 for one that copies. Returns 1 if held-out art consists
    of copies.
    """
    usual = float(distances(held_out, training).min(axis=1).mean())
    return float(distances(generated, training).min(axis=1).mean()) / usual if usual > 0 else 1.0


def near_copies(pictures: np.ndarray, training: np.ndarray) -> float:
    """Return the share of pictures that differ from a training picture in at most 5 % of its pixels."""
    return float((nearest_pixels(pictures, training) <= NEAR_COPY).mean())


def all_finite(modules: dict[str, nn.Module]) -> bool:
    """Whether all weights are finite."""
    values = [v for module in modules.values() for v in module.state_dict().values() if v.is_floating_point()]
    return all(bool(torch.isfinite(value).all()) for value in values)
