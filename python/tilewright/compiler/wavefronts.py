"""Dependences between cells, and the cells that an autoregressive sampler may fix together (wavefronts).

All functions are pure functions of a Plan with a sampler. A step computes a cell of its output from cells of
its inputs at fixed offsets. Only inputs that vary with the picture count. Taps with zero weights, channels
that are equal for all palette entries, and maps that depend only on the kind cause no dependence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import BoolArray, Int64Array
from tilewright.plan import Plan, Sampler, Step

# limit, because dependences take 16 MB per map of this size; larger pictures are fixed in reading order
MAX_CELLS = 4096


@dataclass(frozen=True)
class Read:
    """The cells (y + dy, x + dx) of `source`, for each (dy, dx) of `offsets`, that a step reads to compute
    cell (y, x).

    wrap: cells beyond the edge are those of the opposite edge; otherwise they do not depend on the picture.
    """

    source: str
    offsets: tuple[tuple[int, int], ...]
    wrap: bool = False

    def sources_of(self, cells: BoolArray) -> BoolArray:
        """Return the cells of the source on which `cells`, bool (..., H, W), depend: bool (..., H, W)."""
        return _moved(cells, self.offsets, self.wrap)

    def readers_of(self, cells: BoolArray) -> BoolArray:
        """Return the cells that depend on `cells`, bool (..., H, W), of the source: bool (..., H, W)."""
        return _moved(cells, tuple((-dy, -dx) for dy, dx in self.offsets), self.wrap)


def reads_of(plan: Plan) -> dict[str, tuple[Read, ...]] | None:
    """Return the picture-dependent inputs of each step: name of its output -> reads, in order of the steps.

    Steps that do not depend on the picture are omitted. Returns None if a step combines cells other than by a
    convolution, so that every score may depend on every cell.
    """
    sampler = _sampler(plan)
    varying = {
        sampler.cells: np.ones(1, dtype=np.bool_)
    }  # value -> bool (C,): channels that vary with the picture
    reads: dict[str, tuple[Read, ...]] = {}
    for step in plan.steps:
        if not any(name in varying for name in step.inputs):
            continue
        found = _reads_of_step(step, varying)
        if found is None:
            return None
        channels, step_reads = found
        if channels.any():
            varying[step.output], reads[step.output] = channels, step_reads
    return reads


def _reads_of_step(step: Step, varying: Mapping[str, BoolArray]) -> tuple[BoolArray, tuple[Read, ...]] | None:
    """Return the varying channels of the step's output, and its reads; None for an op that is not one of
    maps.
    """
    sources = [name for name in step.inputs if name in varying]
    here = tuple(Read(name, ((0, 0),)) for name in dict.fromkeys(sources))
    if step.op == "embed_cells":
        table = step.arguments["table"]
        return (table != table[:, :1]).any(axis=(0, 1)), here
    if step.op in ("lookup", "add"):
        return np.logical_or.reduce([varying[name] for name in sources]), here
    if step.op in ("conv2d", "scores"):
        used = step.arguments["weights"][..., varying[sources[0]]] != 0  # (O, kh, kw, channels that vary)
        offsets = offsets_of(step)
        taps = used.any(axis=(0, 3)).reshape(-1)
        kept = tuple(offset for offset, tap in zip(offsets, taps, strict=True) if tap)
        return used.any(axis=(1, 2, 3)), (Read(sources[0], kept, step.arguments["wrap"]),)
    return None


def offsets_of(step: Step) -> tuple[tuple[int, int], ...]:
    """Return the (dy, dx) of a convolution's taps, row by row of its kernel."""
    edges = step.arguments["weights"].shape[1:3]
    dilations = step.arguments.get("dilations", (1, 1))
    rows, columns = (
        [(i - edge // 2) * dilation for i in range(edge)]
        for edge, dilation in zip(edges, dilations, strict=True)
    )
    return tuple((dy, dx) for dy in rows for dx in columns)


def dependences(plan: Plan) -> BoolArray | None:
    """Return bool (H * W, H * W): row c marks the cells on which the scores of cell c depend.

    Returns None if `reads_of` returns None: every score may depend on every cell.
    """
    sampler, reads = _sampler(plan), reads_of(plan)
    if reads is None:
        return None
    number = sampler.height * sampler.width
    none = np.zeros((number, sampler.height, sampler.width), dtype=np.bool_)
    wanted = {sampler.scores: np.eye(number, dtype=np.bool_).reshape(none.shape)}
    for output in reversed(reads):
        cells = wanted.pop(output, none)
        for read in reads[output]:
            wanted[read.source] = wanted.get(read.source, none) | read.sources_of(cells)
    return wanted.get(sampler.cells, none).reshape(number, number)


def wavefronts(plan: Plan) -> list[Int64Array]:
    """Return the cells of an autoregressive picture in groups that one evaluation can fix.

    Fixing group by group gives the same picture as fixing cells one by one in reading order: when a cell's
    scores are evaluated, the earlier cells on which they depend are fixed, and the later ones are not. The
    number of groups is minimal. Cells are row-major numbers 0 .. H * W - 1, ascending in a group. Unknown
    networks, and those with more than MAX_CELLS cells, get one group per cell.
    """
    sampler = _sampler(plan)
    number = sampler.height * sampler.width
    depends = dependences(plan) if number <= MAX_CELLS else None
    if depends is None:
        return list(np.arange(number).reshape(-1, 1))
    front = np.zeros(number, dtype=np.int64)
    for cell in range(number):
        earlier, later = depends[cell, :cell], depends[cell, cell + 1 :]
        front[cell] = max(front[cell], (front[:cell][earlier] + 1).max(initial=0))
        after = front[cell + 1 :]
        after[later] = np.maximum(after[later], front[cell])
    return [np.flatnonzero(front == number) for number in range(front.max(initial=-1) + 1)]


def _moved(cells: BoolArray, offsets: tuple[tuple[int, int], ...], wrap: bool) -> BoolArray:
    """Shift `cells`, bool (..., H, W), by each offset, and return the union."""
    result = np.zeros_like(cells)
    height, width = cells.shape[-2:]
    for dy, dx in offsets:
        if wrap:
            result |= np.roll(cells, (dy, dx), axis=(-2, -1))
        elif abs(dy) < height and abs(dx) < width:
            to = (..., *_span(dy, height), *_span(dx, width))
            result[to] |= cells[(..., *_span(-dy, height), *_span(-dx, width))]
    return result


def _span(by: int, size: int) -> tuple[slice]:
    """Return the part of 0 .. size - 1 that remains after a shift by `by`."""
    return (slice(max(by, 0), size + min(by, 0)),)


def _sampler(plan: Plan) -> Sampler:
    if plan.sampler is None:
        raise ValueError("the plan has no sampler")
    return plan.sampler
