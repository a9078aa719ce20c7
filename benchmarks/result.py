"""What a benchmark found out: rows of figures, raw samples and all, ready to be printed and kept."""

from dataclasses import dataclass, field

from .measure import Spread, spread


@dataclass
class Row:
    """One runner of a pack.

    variant: of a rival, the graph that it was given; "" for the core. agreement: the share of pixels that are the
    core's, or of the core the reference's; None for a variant that computes other numbers. difference: of RGBA, the
    mean one of two bytes, likewise. screening: of a rival, tiles a second of each variant that it can run, medians of
    a few calls. tiles_per_second: a sample per round. int8_peak: of the core, multiply-adds a second, a sample per
    round; share_of_peak: what it executed, over that. core_over_this: of tiles a second.
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
        """Of tiles a second."""
        return spread(self.tiles_per_second)


@dataclass
class Result:
    """One pack's rows. core: the name of the fastest backend. notes: what could not be measured, and why."""

    pack: str
    batch: int
    evaluations: int
    core: str
    rows: list[Row]
    notes: list[str]

    def best_rows(self) -> list[Row]:
        """The core's rows, and of each rival the fastest graph of the same numbers and of others."""
        best: dict[tuple[str, bool], Row] = {}
        for row in self.rows:
            key = (row.name, row.agreement is None)
            if key not in best or row.speed.median > best[key].speed.median:
                best[key] = row
        return list(best.values())

    def best_rival(self, precision: str, same_numbers: bool = True) -> Row | None:
        """The fastest rival of a precision by its median; with `same_numbers` only of those that have an agreement."""
        rows = (row for row in self.rows if row.variant and row.precision == precision)
        kept = (row for row in rows if row.agreement is not None or not same_numbers)
        return max(kept, key=lambda row: row.speed.median, default=None)

    @property
    def float_row(self) -> Row | None:
        """One of the float32 network: its agreement is that of the quantised one with it."""
        rows = (row for row in self.rows if row.variant and row.precision == "fp32")
        return next((row for row in rows if row.agreement is not None), None)
