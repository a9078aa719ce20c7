"""`solve`: fill a map with tiles that fit (wave function collapse), in the compiled core."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.arrays import Int32Array
from tilewright.errors import UsageError
from tilewright.level.constraints import Constraint
from tilewright.level.rules import Rules
from tilewright.seeds import check_seed

MAX_CELLS, MAX_STATES = 2**22, 2**30
Outcome = Literal["decided", "unsatisfiable", "out of steps", "out of time"]
ADJACENCY = "adjacency"
"""The reason for contradictions that come from the rules, not from a constraint."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What `solve` found.

    outcome: "decided"; "unsatisfiable" if it is proved that no map obeys the rules and constraints; "out of
    steps" or "out of time" if a limit ended the search. tiles: int32 (H, W), or None unless decided. steps:
    decisions that were made; conflicts: contradictions that the search met. reasons: names of the constraints
    that contradict each other, "adjacency" for the rules. If the search ended before a decision, they are a
    set of which none can be left out; else all that took part in a contradiction. Empty if decided.
    """

    outcome: Outcome
    tiles: Int32Array | None
    steps: int
    conflicts: int
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        if self.outcome == "decided":
            return f"decided after {self.steps} decisions, {self.conflicts} contradictions"
        because = f": {', '.join(self.reasons)}" if self.reasons else ""
        return f"{self.outcome} after {self.steps} decisions, {self.conflicts} contradictions{because}"


def solve(
    rules: Rules,
    height: int,
    width: int,
    seed: int = 0,
    constraints: Sequence[Constraint] = (),
    *,
    zones: npt.ArrayLike | None = None,
    periodic: bool = False,
    max_steps: int | None = None,
    seconds: float | None = None,
) -> Solution:
    """Fill a map of height x width cells with tiles. The same arguments give the same map on every machine.

    rules: which tiles may be neighbours, and their weights. H * W is at most 2**22, H * W * T at most 2**30.
    seed: 0 .. 2**64 - 1. constraints: applied in order. zones: integers (H, W), the row of the rules' weights
    for each cell; by default the first. periodic: whether opposite edges meet. max_steps: limit on decisions,
    by default 16 for each cell and 10,000. seconds: a time limit, None for none; it never changes a map that is
    returned. The call ends within 0.1 s after it, or after the map is set up (some 0.1 s for 2**22 cells).

    A problem without a solution is an outcome, no error. Raises UsageError for arguments out of range.
    """
    for name, side in (("height", height), ("width", width)):
        if isinstance(side, bool) or not isinstance(side, (int, np.integer)) or side < 1:
            raise UsageError(f"solve(): {name} must be an integer of 1 or more, not {side!r:.60}")
    height, width = int(height), int(width)
    if height * width > MAX_CELLS or height * width * rules.tiles > MAX_STATES:
        raise UsageError(
            f"solve(): height * width must not exceed 2**22, and times the tiles 2**30, "
            f"not {height} x {width} with {rules.tiles} tiles"
        )
    if seconds is not None and not seconds >= 0:
        raise UsageError(f"solve(): seconds must be 0 or more, not {seconds!r:.60}")
    if max_steps is not None and not 0 <= max_steps < 2**62:
        raise UsageError(f"solve(): max_steps must be in 0..2**62, not {max_steps!r:.60}")
    seed = check_seed(seed, "solve()")
    end = None if seconds is None else time.monotonic() + seconds
    rows = None if zones is None else _zones(zones, rules, height, width)
    entries = [(c.name, c.entries(height, width, rules.tiles)) for c in constraints]

    def run(chosen: Sequence[int], steps: int) -> tuple[str, Int32Array | None, int, int, list[str], bool]:
        core = _core.LevelSolver(rules.weights, rules.allowed, height, width, periodic, rows)
        for number in chosen:
            name, calls = entries[number]
            for method, arguments in calls:
                getattr(core, method)(name, *arguments)
        return core.solve(seed, steps, -1.0 if end is None else max(0.0, end - time.monotonic()))

    every = list(range(len(entries)))
    limit = 16 * height * width + 10_000 if max_steps is None else max_steps
    outcome, tiles, steps, conflicts, names, by_adjacency = run(every, limit)
    reasons = tuple(dict.fromkeys([*names, *([ADJACENCY] if by_adjacency else [])]))
    if outcome == "unsatisfiable" and not steps:
        needed = every
        for number in every:  # leave out each that the contradiction does not need
            fewer = [other for other in needed if other != number]
            if run(fewer, 0)[0] == "unsatisfiable":
                needed = fewer
        reasons = tuple(dict.fromkeys(entries[number][0] for number in needed)) or (ADJACENCY,)
    return Solution(outcome, tiles, steps, conflicts, reasons)  # type: ignore[arg-type]


def _zones(zones: npt.ArrayLike, rules: Rules, height: int, width: int) -> npt.NDArray[np.uint8]:
    given = np.asarray(zones)
    most = min(len(rules.weights), 256)
    if given.shape != (height, width) or not np.issubdtype(given.dtype, np.integer):
        raise UsageError(
            f"solve(): zones must be integers ({height}, {width}), not {given.dtype} {given.shape}"
        )
    if given.min() < 0 or given.max() >= most:
        raise UsageError(f"solve(): zones must be in 0..{most - 1}, the rows of the rules' weights")
    return np.ascontiguousarray(given, dtype=np.uint8)
