"""The settings of an evaluation: counts, seeds, and the size of the classifiers."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from tilewright.errors import UsageError
from tilewright.seeds import check_seed

_COUNTS = (
    *("features", "batch", "c2st_steps", "kinds_steps", "precision_neighbours", "coverage_neighbours"),
    *("few", "added", "classified", "training_at_most"),
)


@dataclass(frozen=True)
class Protocol:
    """The defaults are the published protocol. Figures of different protocols are not comparable."""

    seeds: tuple[int, ...] = (0, 1, 2)  # samples, halves, folds and classifiers are drawn anew for each
    pairs: int = 1000  # number of real and of generated pictures, if available
    folds: int = 5

    # Architecture and training steps of all classifiers below.
    channels: tuple[int, ...] = (16, 32, 64)  # at full size, half, a quarter ...; the last entry repeats
    features: int = 32  # of the penultimate layer, the space of the feature distances
    batch: int = 64
    c2st_steps: int = 200
    kinds_steps: int = 400
    lr: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.25

    precision_neighbours: int = 3  # Kynkaanniemi et al. (2019)
    coverage_neighbours: int = 5  # Naeem et al. (2020)
    near_copy: float = 0.05  # share of pixels in which a near copy may differ
    few: int = 10  # real pictures per kind, before generated ones are added
    added: int = 100  # generated pictures per kind
    classified: int = 2000  # pictures that train a classifier of kinds, or the whole training art if smaller
    training_at_most: int = 20_000  # larger training sets are subsampled to this size

    def __post_init__(self) -> None:
        """Reject invalid values."""
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise UsageError("evaluate: give at least one seed, and none twice")
        for seed in self.seeds:
            check_seed(seed, "evaluate")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise UsageError(f"evaluate: {name} must be 1 or more, not {getattr(self, name)}")
        if self.pairs < 10:
            raise UsageError(f"evaluate: pairs must be 10 or more, not {self.pairs}")
        if not 2 <= self.folds <= self.pairs:
            raise UsageError(f"evaluate: folds must be in 2..{self.pairs}, not {self.folds}")

    def to_json(self) -> dict[str, Any]:
        """Convert to plain JSON values."""
        return dataclasses.asdict(self)


QUICK: dict[str, Any] = {
    "channels": (8, 16, 32),
    "batch": 32,
    "lr": 5e-3,
    "c2st_steps": 100,
    "kinds_steps": 150,
    "folds": 3,
}
"""Fields of a faster, less precise protocol."""
