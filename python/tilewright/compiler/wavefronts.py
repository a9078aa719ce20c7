"""Which cells the scores of a cell depend on, and so which cells an autoregressive sampler may fix together.

Everything here is a pure function of a Plan with a sampler. A step makes one cell of its output from the cells of
its inputs at fixed offsets. Only what can differ with the picture counts: taps whose weights are all zero carry
nothing, and neither do channels that every palette entry fills alike, or maps made from the kind alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import BoolArray, Int64Array
from tilewright.plan import Plan, Sampler, Step

MAX_CELLS = 4096  # above it, dependences take 16 MB a map and more: such pictures go in reading order


@dataclass(frozen=True)
class Read:
    """To make cell (y, x) a step reads the cells (y + dy, x + dx) of `source`, for each (dy, dx) of `offsets`.

    wrap: cells beyond the edge are those of the opposite edge; else they do not depend on the picture.
    """

    source: str
    offsets: tuple[tuple[int, int], ...]
    wrap: bool = False

    def sources_of(self, cells: BoolArray) -> BoolArray:
        """The cells of the source that `cells`, bool (..., H, W), are made from: bool (..., H, W)."""
        return _moved(cells, self.offsets, self.wrap)

    def readers_of(self, cells: BoolArray) -> BoolArray:
        """The cells that are made from `cells`, bool (..., H, W), of the source: bool (..., H, W)."""
        return _moved(cells, tuple((-dy, -dx) for dy, dx in self.offsets), self.wrap)


def reads_of(plan: Plan) -> dict[str, tuple[Read, ...]] | None:
    """What each step reads that depends on the picture: name of its output -> reads, in order of the steps.

    Steps that do not depend on the picture are left out. None: a step mixes cells in another way than a convolution
    does, so that every score may depend on every cell.
    """
    sampler = _sampler(plan)
    varying = {
        sampler.cells: np.ones(1, dtype=np.bool_)
    }  # value -> bool (C,): the channels that the picture changes
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
    """The channels of the step's output that vary, and its reads; None for an op that is not one of maps."""
    sources = [name for name in step.inputs if name in varying]
    here = tuple(Read(name, ((0, 0),)) for name in dict.fromkeys(sources))
    if step.op == "embed_cells":
        table = step.arguments["table"]
        return (table != table[:, :1]).any(axis=(0, 1)), here
    if step.op in ("lookup", "add"):
        return np.logical_or.reduce([varying[name] for name in sources]), here
    if step.op in ("conv2d", "scores"):
        used = step.arguments["weights"][..., varying[sources[0]]] != 0  # (O, k, k, channels that vary)
        offsets = offsets_of(step)
        taps = used.any(axis=(0, 3)).reshape(-1)
        kept = tuple(offset for offset, tap in zip(offsets, taps, strict=True) if tap)
        return used.any(axis=(1, 2, 3)), (Read(sources[0], kept, step.arguments["wrap"]),)
    return None


def offsets_of(step: Step) -> tuple[tuple[int, int], ...]:
    """The (dy, dx) of a convolution's taps, row by row of its kernel."""
    kernel = step.arguments["weights"].shape[1]
    dilation = step.arguments.get("dilation", 1)
    places = [(i - kernel // 2) * dilation for i in range(kernel)]
    return tuple((dy, dx) for dy in places for dx in places)


def dependences(plan: Plan) -> BoolArray | None:
    """bool (H * W, H * W): row c holds the cells that the scores of cell c depend on.

    None where `reads_of` is None: every score may depend on every cell.
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
    """The cells of an autoregressive picture in groups, each of which one evaluation can fix.

    Fixing group after group gives what fixing the cells one by one in reading order gives: when a cell's scores are
    evaluated, the earlier cells that they depend on are fixed, and the later ones are not. The groups are as few as
    that allows. Cells are numbers 0 .. H * W - 1 in reading order, ascending in a group. A network of which nothing
    is known, or of more than MAX_CELLS cells, gets a group for each cell.
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
    """The cells at the offsets from `cells`, bool (..., H, W)."""
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
    """What is left of 0 .. size - 1 when each number has moved by `by`."""
    return (slice(max(by, 0), size + min(by, 0)),)


def _sampler(plan: Plan) -> Sampler:
    if plan.sampler is None:
        raise ValueError("the plan has no sampler")
    return plan.sampler
