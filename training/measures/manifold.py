"""Precision, recall, density and coverage of generated pictures in feature space.

Each picture is a ball that reaches to its k-th nearest neighbour in its own set.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Manifold:
    """Shares in 0 .. 1, except density, which may exceed 1."""

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(
    real: np.ndarray, candidate: np.ndarray, precision_neighbours: int, coverage_neighbours: int
) -> Manifold:
    """Compute the measures from features float (N, F) and (M, F).

    Kynkaanniemi et al., "Improved precision and recall metric for assessing generative models" (NeurIPS
    2019): precision is the share of candidates inside a real ball, recall the share of real pictures inside a
    candidate's ball. Naeem et al., "Reliable fidelity and diversity metrics for generative models" (ICML
    2020): density is the mean number of real balls that contain a candidate, over k; coverage is the share of
    real balls that contain a candidate.
    """
    between = distances(candidate, real)
    near, far = reach(real, precision_neighbours), reach(candidate, precision_neighbours)
    wide = reach(real, coverage_neighbours)
    inside = between <= wide[None, :]
    return Manifold(
        precision=float((between <= near[None, :]).any(axis=1).mean()),
        recall=float((between <= far[:, None]).any(axis=0).mean()),
        density=float(inside.sum(axis=1).mean() / min(coverage_neighbours, len(real) - 1)),
        coverage=float(inside.any(axis=0).mean()),
    )


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances float (N, M) between (N, F) and (M, F)."""
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None, :] - 2.0 * (a @ b.T)
    return np.sqrt(np.clip(squares, 0.0, None))


def reach(points: np.ndarray, k: int) -> np.ndarray:
    """Return float (N,): the distance from each point to its k-th nearest neighbour, or to the farthest if
    there are fewer.
    """
    own = distances(points, points)
    # rounding may leave a positive distance, which would make a point its own neighbour
    np.fill_diagonal(own, 0.0)
    k = min(k, len(points) - 1)
    return np.partition(own, k, axis=1)[:, k]
