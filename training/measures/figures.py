"""The table of figures, and their mean and spread over seeds."""

import math
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A column of every table. better: the better direction, or "as real" if the value of real art is the
    target.
    """

    key: str
    title: str
    better: str  # "higher", "lower" or "as real"
    digits: int


FIGURES = (
    Figure("c2st", "C2ST error, held-out art (%)", "higher", 1),
    Figure("c2st_seen", "C2ST error, training art (%)", "higher", 1),
    Figure("frechet", "Frechet distance", "lower", 3),
    Figure("precision", "precision", "higher", 2),
    Figure("recall", "recall", "higher", 2),
    Figure("density", "density", "higher", 2),
    Figure("coverage", "coverage", "higher", 2),
    Figure("pixel_ratio", "nearest training tile, pixels (ratio)", "as real", 2),
    Figure("feature_ratio", "nearest training tile, features (ratio)", "as real", 2),
    Figure("exact_copies", "exact copies (%)", "lower", 1),
    Figure("near_copies", "near copies (%)", "lower", 1),
    Figure("kind_accuracy", "kind accuracy (%)", "higher", 1),
    Figure("words", "recognised words (%)", "higher", 1),
    Figure("cas", "classification accuracy score (%)", "higher", 1),
    Figure("few", "the same with few real tiles (%)", "as real", 1),
    Figure("gain", "gain from adding generated tiles (points)", "higher", 1),
    Figure("colours", "colours per tile", "as real", 1),
    Figure("orphans", "orphan pixels (%)", "as real", 2),
    Figure("seam_ratio", "seam ratio", "as real", 2),
    Figure("off_palette", "off-palette pixels per tile", "lower", 2),
    Figure("semi_transparent", "semi-transparent pixels per tile", "lower", 2),
)

ROWS = {
    "generated": "the output of the pack",
    "floor": "real art against other real art, both held out",
    "copy": "the training art, evaluated as if generated",
}


@dataclass(frozen=True)
class Value:
    """The values of a figure, one per seed if it could be computed."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean, or NaN without values."""
        return statistics.fmean(self.values) if self.values else math.nan

    @property
    def spread(self) -> float:
        """The standard deviation over seeds; 0 for one seed."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0

    def text(self, digits: int) -> str:
        """Format mean and spread, or a dash."""
        if not self.values:
            return "-"
        if len(self.values) == 1:
            return f"{self.mean:.{digits}f}"
        return f"{self.mean:.{digits}f} ± {self.spread:.{digits}f}"
