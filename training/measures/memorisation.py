"""Memorisation: are generated pictures closer to the training art than held-out art is?

Similar to Meehan, Chaudhuri and Dasgupta, "A non-parametric test to detect data-copying in generative models"
(AISTATS 2020): compares the distance to the nearest training picture with that of held-out real pictures.
"""

from dataclasses import dataclass

import numpy as np

from .manifold import distances

CHUNK = 1024  # pictures per chunk


@dataclass(frozen=True)
class Memorisation:
    """Ratios to held-out real art: 1 is the same distance from the training art, 0 is a copy. Shares in 0 ..
    1.
    """

    pixel_ratio: float
    feature_ratio: float
    exact_copies: float
    near_copies: float  # includes exact copies


def nearest_features(features: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Return the distance float64 (N,) from each of (N, F) to the nearest of (M, F)."""
    parts = [distances(features[i : i + CHUNK], training).min(axis=1) for i in range(0, len(features), CHUNK)]
    return np.concatenate(parts)


def memorisation(
    pixels: np.ndarray,
    features: np.ndarray | None,
    held_out_pixels: np.ndarray,
    held_out_features: np.ndarray | None,
    near_copy: float,
) -> Memorisation:
    """Compute the measures from distances of candidates and held-out pictures, by `nearest_pixels` and
    `nearest_features`.

    A ratio is the ratio of the means. It is NaN without features, or if the held-out art consists of copies
    of the training art.
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
