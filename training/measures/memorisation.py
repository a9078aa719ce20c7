"""Memorisation: are generated pictures closer to the training art than other real art is?

In the spirit of Meehan, Chaudhuri and Dasgupta, "A non-parametric test to detect data-copying in generative models"
(AISTATS 2020): the distance to the nearest training picture, against that of held-out real pictures.
"""

from dataclasses import dataclass

import numpy as np

from ..data.pixels import words
from .manifold import distances

CHUNK = 1024  # pictures compared at once


@dataclass(frozen=True)
class Memorisation:
    """Ratios are to held-out real art: 1 is as far from the training art as that, 0 is a copy. Shares in 0 .. 1."""

    pixel_ratio: float
    feature_ratio: float
    exact_copies: float
    near_copies: float  # exact ones among them


def nearest_pixels(images: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Pixels float64 (N,), as a share in 0 .. 1, by which each picture differs from the nearest training picture.

    images uint8 (N, S, S, 4), training (M, S, S, 4); all clear pixels are equal.
    """
    ours = words(images).reshape(len(images), -1)
    best = np.full(len(ours), ours.shape[1], dtype=np.int64)
    for start in range(0, len(training), CHUNK):
        theirs = words(training[start : start + CHUNK]).reshape(-1, ours.shape[1])
        for i, picture in enumerate(ours):
            best[i] = min(best[i], np.count_nonzero(theirs != picture, axis=1).min())
    return best / ours.shape[1]


def nearest_features(features: np.ndarray, training: np.ndarray) -> np.ndarray:
    """The distance float64 (N,) from each of (N, F) to the nearest of (M, F)."""
    parts = [distances(features[i : i + CHUNK], training).min(axis=1) for i in range(0, len(features), CHUNK)]
    return np.concatenate(parts)


def memorisation(
    pixels: np.ndarray,
    features: np.ndarray | None,
    held_out_pixels: np.ndarray,
    held_out_features: np.ndarray | None,
    near_copy: float,
) -> Memorisation:
    """From the distances of candidates and of held-out pictures, as `nearest_pixels` and `nearest_features` give them.

    A ratio is that of the means; NaN where held-out art itself lies on the training art, or without features.
    """
    return Memorisation(
        pixel_ratio=_ratio(pixels, held_out_pixels),
        feature_ratio=float("nan")
        if features is None or held_out_features is None
        else _ratio(features, held_out_features),
        exact_copies=float((pixels == 0).mean()),
        near_copies=float((pixels <= near_copy).mean()),
    )


def _ratio(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(ours.mean() / theirs.mean()) if theirs.mean() > 0 else float("nan")
