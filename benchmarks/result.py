"""The results of a benchmark: rows of figures with raw samples."""

from dataclasses import dataclass, field

from .measure import Spread, spread


@dataclass
class Row:
    """The figures of one runner for a pack.

    variant: the graph given to a baseline; "" for the core. agreement: share of pixels equal to the core's,
    or of the core's equal to the reference's; None for a variant that computes other numbers. difference:
    mean difference of the RGBA bytes, likewise. screening: of a baseline, tiles per second of each supported
    variant, medians of a few calls. tiles_per_second: one sample per round. int8_peak: of the core,
    multiply-adds per second, one sample per round. share_of_peak: executed multiply-adds over int8_peak.
    core_over_this: ratio of tiles per second.
    """

    name: str
    precision: str
    variant: str = ""
    agreement: float | None = 1.0
    difference: float | None = None
    kernels: str = ""
    screening: dict[str, float] = field(default_factory=dict)
    executed_multiply_adds: int = 0
    tiles_per_second: list[float] = field(default_factory=list)
    int8_peak: list[float] = field(default_factory=list)
    share_of_peak: Spread | None = None
    core_over_this: Spread | None = None

    @property
    def speed(self) -> Spread:
        """Summary of the tiles per second."""
        return spread(self.tiles_per_second)


@dataclass
class Result:
    """The rows of one pack. core: name of the fastest backend. notes: what could not be measured, and why."""

    pack: str
    batch: int
    evaluations: int
    core: str
    rows: list[Row]
    notes: list[str]

    def best_rows(self) -> list[Row]:
        """Return the core's rows, and of each baseline the fastest graph of the same numbers and of other
        numbers.
        """
        best: dict[tuple[str, bool], Row] = {}
        for row in self.rows:
            key = (row.name, row.agreement is None)
            if key not in best or row.speed.median > best[key].speed.median:
                best[key] = row
        return list(best.values())

    def best_baseline(self, precision: str, same_numbers: bool = True) -> Row | None:
        """Return the fastest baseline of a precision by its median; with `same_numbers` only rows with an
        agreement.
        """
        rows = (row for row in self.rows if row.variant and row.precision == precision)
        kept = (row for row in rows if row.agreement is not None or not same_numbers)
        return max(kept, key=lambda row: row.speed.median, default=None)

    @property
    def float_row(self) -> Row | None:
        """Return a row of the float32 network. Its agreement compares it with the quantised network."""
        rows = (row for row in self.rows if row.variant and row.precision == "fp32")
        return next((row for row in rows if row.agreement is not None), None)
