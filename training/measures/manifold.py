"""Precision, recall, density and coverage: is what is made real, and is all that is real made?

Each picture is a ball in feature space that reaches to its k-th nearest neighbour among its own.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Manifold:
    """Shares in 0 .. 1, but density, which may exceed 1."""

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(
    real: np.ndarray, candidate: np.ndarray, precision_neighbours: int, coverage_neighbours: int
) -> Manifold:
    """From features float (N, F) and (M, F).

    Kynkaanniemi et al., "Improved precision and recall metric for assessing generative models" (NeurIPS 2019):
    precision, the share of candidates inside a real ball; recall, the share of real ones inside a candidate's ball.
    Naeem et al., "Reliable fidelity and diversity metrics for generative models" (ICML 2020): density, how many
    real balls a candidate lies in, over k; coverage, the share of real balls that hold a candidate.
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
    """Euclidean distances float (N, M) between (N, F) and (M, F)."""
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None, :] - 2.0 * (a @ b.T)
    return np.sqrt(np.clip(squares, 0.0, None))


def reach(points: np.ndarray, k: int) -> np.ndarray:
    """The distance float (N,) from each point to the k-th nearest of the others; to the farthest if they are fewer."""
    own = distances(points, points)
    np.fill_diagonal(own, 0.0)  # rounding leaves a little more, and then a point would be its own neighbour
    k = min(k, len(points) - 1)
    return np.partition(own, k, axis=1)[:, k]
