"""Frechet distance between two sets of features, modelled as normal distributions.

Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium" (NeurIPS
2017). The paper uses Inception features; this module uses a small network trained on the kinds of the same
art (features.py). The distance grows as the number of pictures falls, so compare equal numbers only.
"""

import numpy as np


def frechet_distance(real: np.ndarray, candidate: np.ndarray) -> float:
    """Return |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) for features float (N, F) and (M, F), N and M at least
    2.
    """
    mean1, mean2 = real.mean(axis=0), candidate.mean(axis=0)
    cov1, cov2 = np.cov(real, rowvar=False), np.cov(candidate, rowvar=False)
    # tr (C1 C2)^1/2 = tr (C1^1/2 C2 C1^1/2)^1/2, and the latter matrix is symmetric.
    root = _root(cov1)
    middle = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov2 @ root), 0.0, None)).sum()
    distance = np.square(mean1 - mean2).sum() + np.trace(cov1) + np.trace(cov2) - 2.0 * middle
    return float(max(0.0, distance))


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
