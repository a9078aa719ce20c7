"""What decides a figure besides the pictures: counts, seeds and the size of the judges."""

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
    """The published protocol is the default; a figure taken by another one cannot be set beside it."""

    seeds: tuple[int, ...] = (0, 1, 2)  # samples, halves, folds and judges are drawn anew for each
    pairs: int = 1000  # real and generated pictures each, where the data allow
    folds: int = 5

    # The judges: every classifier below is this network, trained for so many steps.
    channels: tuple[int, ...] = (16, 32, 64)  # at full size, half, a quarter ...; the last one repeats
    features: int = 32  # of the layer before the last: the space of all distances in features
    batch: int = 64
    c2st_steps: int = 200
    kinds_steps: int = 400
    lr: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.25

    precision_neighbours: int = 3  # Kynkaanniemi et al. (2019)
    coverage_neighbours: int = 5  # Naeem et al. (2020)
    near_copy: float = 0.05  # share of pixels by which a near copy may differ
    few: int = 10  # real pictures per kind, before generated ones are added
    added: int = 100  # generated pictures per kind
    classified: int = (
        2000  # pictures that a classifier learns the kinds from, or as many as there is training art
    )
    training_at_most: int = 20_000  # of a larger set so many are drawn

    def __post_init__(self) -> None:
        """Refuse what cannot be measured with."""
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
        """A dict of plain JSON values."""
        return dataclasses.asdict(self)


QUICK: dict[str, Any] = {
    "channels": (8, 16, 32),
    "batch": 32,
    "lr": 5e-3,
    "c2st_steps": 100,
    "kinds_steps": 150,
    "folds": 3,
}
"""Fields of a protocol that is good enough for a first look."""
