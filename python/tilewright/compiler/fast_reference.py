"""A faster reference implementation of samplers in plain NumPy, with the same results as reference.py.

`reference.run` evaluates the whole network each time it fixes cells, which defines the specification. This
module recomputes only values that depend on a changed cell and on which a requested score depends. The cells
of an autoregressive picture are fixed wavefront by wavefront. tests/compiler/test_fast_reference.py compares
both.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.arrays import BoolArray, Int8Array, Int32Array, Int64Array, Uint8Array, Uint64Array
from tilewright.compiler import reference
from tilewright.compiler.draws import Draws
from tilewright.compiler.reference import Values, numbers_of
from tilewright.compiler.sampling import MASKED
from tilewright.compiler.sampling_options import SamplingOptions
from tilewright.compiler.wavefronts import Read, offsets_of, reads_of, wavefronts
from tilewright.plan import Plan, Step

MAP_BYTES = 1 << 27  # of all values of the tiles that are evaluated together
ROWS = 2048  # cells per convolution, so that its input stays in the caches


def run(
    plan: Plan,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    tile_numbers: Uint64Array | None = None,
    allowed: BoolArray | None = None,
    sampling: SamplingOptions | None = None,
    **conditions: Any,
) -> dict[str, npt.NDArray[Any]]:
    """Return what `reference.run` returns for the same arguments. Falls back to it where there is no faster
    path.
    """
    sampler, reads = plan.sampler, None if plan.sampler is None else reads_of(plan)
    numbers = numbers_of(start, count, tile_numbers)
    if sampler is None or reads is None or plan.latent_size > 0:
        return reference.run(
            plan, count, seed=seed, tile_numbers=numbers, allowed=allowed, sampling=sampling, **conditions
        )
    given = reference.inputs(plan, count, seed=seed, start=numbers, **conditions)
    draws = Draws(sampler, seed, numbers, allowed, sampling)
    unknown = given[sampler.cells] == sampler.colours
    given[sampler.cells] = draws.begin(_uint8(given[sampler.cells]))
    fronts = [] if sampler.method == MASKED else wavefronts(plan)
    pictures = np.empty((count, sampler.height, sampler.width), dtype=np.uint8)
    for some in _parts(plan, count):
        network = StepNetwork(plan, reads, {name: value[some] for name, value in given.items()})
        pictures[some] = _sample(network, draws.part(some), unknown[some], fronts)
    given[sampler.cells] = pictures
    return {name: given[buffer] for name, buffer in plan.outputs.items()}


def scores(plan: Plan, kinds: Int32Array, cells: Uint8Array, **conditions: Any) -> Int32Array:
    """Return the scores int32 (N, H, W, colours) of `reference.trace`: kinds int32 (N,), cells uint8 (N, H, W),
    and conditions as in `reference.inputs`.
    """
    conditions["kinds"] = kinds
    sampler, reads = plan.sampler, reads_of(plan)
    assert sampler is not None
    if reads is None or plan.latent_size > 0:
        return _int32(reference.trace(plan, len(cells), cells=cells, **conditions)[sampler.scores])
    given = reference.inputs(plan, len(cells), **conditions)
    result = np.empty((*cells.shape, sampler.colours), dtype=np.int32)
    for some in _parts(plan, len(cells)):
        network = StepNetwork(plan, reads, {name: value[some] for name, value in given.items()})
        everywhere = np.ones(cells[some].shape, dtype=np.bool_)
        network.fix(everywhere, cells[some].reshape(-1))
        result[some] = network.scores(everywhere).reshape(result[some].shape)
    return result


def _parts(plan: Plan, count: int) -> list[slice]:
    """Divide the tiles 0 .. count - 1 into parts whose values fit MAP_BYTES."""
    at_once = max(1, MAP_BYTES // sum(buffer.nbytes for buffer in plan.buffers.values()))
    return [slice(first, min(first + at_once, count)) for first in range(0, count, at_once)]


def _sample(
    network: "StepNetwork", draws: Draws, unknown: BoolArray, fronts: Sequence[Int64Array]
) -> Uint8Array:
    """Return palette indices uint8 (N, H, W). unknown: the cells to draw, bool (N, H, W). fronts: the wavefronts of an
    autoregressive sampler.
    """
    noise = draws.noise()
    for turn in draws.turns(unknown.reshape(len(unknown), -1), fronts):
        mask = turn.fixed.reshape(unknown.shape)
        if turn.refinement:
            network.fix(mask, np.full(mask.sum(), draws.sampler.colours, dtype=np.uint8))
            noise = draws.noise(turn.refinement)
        network.fix(mask, draws.choose(turn.fixed, network.scores(mask) + noise[turn.fixed]))
    return network.cells


class StepNetwork:
    """A step network on N pictures. Caches the outputs of the steps.

    cells: the pictures, uint8 (N, H, W). values: the output of each step by name, batch first. dirty: for
    values that depend on the pictures, bool (N, H, W), set where the cached value is out of date. Arguments
    mark n cells of the pictures in bool (N, H, W).
    """

    def __init__(self, plan: Plan, reads: Mapping[str, tuple[Read, ...]], given: Values) -> None:
        """reads: result of `reads_of`, not None. given: the inputs of N tiles."""
        assert plan.sampler is not None
        self._sampler, self._reads = plan.sampler, reads
        self._steps = {
            step.output: _StepAtCells(step, self._sampler.height * self._sampler.width)
            for step in plan.steps
            if step.output in reads
        }
        distinct, same = _distinct_tiles(given)  # in most calls all cells are unknown
        edges = self._sampler.height, self._sampler.width
        values = {name: value[distinct] for name, value in given.items()}
        for step in plan.steps:
            shape = (len(distinct), *plan.buffers[step.output].shape)
            if step.output in reads:
                everywhere = np.arange(values[self._sampler.cells].size)
                values[step.output] = self._steps[step.output].run(values, everywhere).reshape(shape)
            else:
                values[step.output] = reference.run_step(step, values).reshape(shape)
        self.values = {name: value[same] for name, value in values.items()}
        self.dirty = {name: np.zeros((len(same), *edges), dtype=np.bool_) for name in reads}
        self.cells = _uint8(self.values[self._sampler.cells])

    def scores(self, cells: BoolArray) -> Int32Array:
        """Return the scores int32 (n, colours) of `cells`."""
        name = self._sampler.scores
        due = {output: np.zeros_like(dirty) for output, dirty in self.dirty.items()}
        if name in due:
            due[name] = cells.copy()
        for output in reversed(due):
            due[output] &= self.dirty[output]
            for read in self._reads[output] if due[output].any() else ():
                if read.source in due:
                    due[read.source] |= read.sources_of(due[output])
        for output, requested in due.items():
            rows = np.flatnonzero(requested)
            if len(rows):
                _rows(self.values[output])[rows] = self._steps[output].run(self.values, rows)
                self.dirty[output] &= ~requested
        return _int32(_rows(self.values[name])[np.flatnonzero(cells)])

    def fix(self, cells: BoolArray, indices: Uint8Array) -> None:
        """Set `cells` to the palette indices uint8 (n,)."""
        self.cells[cells] = indices
        changed = {self._sampler.cells: cells}
        for output, reads in self._reads.items():
            changed[output] = np.logical_or.reduce([read.readers_of(changed[read.source]) for read in reads])
            self.dirty[output] |= changed[output]


class _StepAtCells:
    """Evaluates a step of maps at selected cells with the functions of reference.py."""

    def __init__(self, step: Step, cells: int) -> None:
        """cells: of a picture."""
        self._step, self._cells = step, cells
        if "weights" in step.arguments:
            weights: Int8Array = step.arguments["weights"]
            offsets = np.array(offsets_of(step), dtype=np.int64)
            taps = weights.any(axis=(0, 3)).reshape(-1)
            self._offsets = offsets[taps]
            outputs, inputs = weights.shape[0], weights.shape[3]
            self._weights = weights.reshape(outputs, -1, inputs)[:, taps].reshape(outputs, -1)

    def run(self, values: Values, rows: Int64Array) -> npt.NDArray[np.generic]:
        """Return the step's output (n, C) at the cells `rows`, int64 (n,), numbered over all pictures."""
        step = self._step
        if "weights" not in step.arguments:
            some = {name: self._at(values[name], rows) for name in step.inputs}
            return reference.run_step(step, some).reshape(len(rows), -1)
        source = _uint8(values[step.inputs[0]])
        parts = [self._convolve(source, rows[i : i + ROWS]) for i in range(0, len(rows), ROWS)]
        return np.concatenate(parts)

    def _at(self, value: npt.NDArray[np.generic], rows: Int64Array) -> npt.NDArray[np.generic]:
        """Return a value at the cells `rows`, as maps of one cell; or its pictures, if it has one number or cell."""
        picture = rows // self._cells
        if value.ndim == 1 or value.shape[1:3] == (1, 1):
            return value[picture]
        return value.reshape(-1, 1, 1, *value.shape[3:])[rows]

    def _convolve(self, source: Uint8Array, rows: Int64Array) -> npt.NDArray[np.generic]:
        """Evaluate a convolution at a cell as a dense layer on the window around it."""
        arguments = self._step.arguments
        height, width = source.shape[1:3]
        picture, cell = np.divmod(rows, height * width)
        y, x = np.stack(np.divmod(cell, width))[:, :, None] + self._offsets.T[:, None, :]
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        windows = source[picture[:, None], y % height, x % width]
        if not arguments["wrap"]:
            windows[~inside] = arguments["zero_in"]
        windows = windows.reshape(len(rows), -1)
        if self._step.op == "scores":
            bias: Int32Array = arguments["bias"]
            return reference.sums(windows, self._weights) + bias
        kept = {name: arguments[name] for name in ("bias", "multiplier", "zero_out")}
        return reference.dense(windows, self._weights, **kept)


def _distinct_tiles(given: Values) -> tuple[Int64Array, Int64Array]:
    """Return the numbers of the tiles whose inputs are distinct, int64 (M,), and which of them each tile equals,
    int64 (N,).
    """
    rows = [np.ascontiguousarray(value).view(np.uint8).reshape(len(value), -1) for value in given.values()]
    _, first, same = np.unique(np.concatenate(rows, axis=1), axis=0, return_index=True, return_inverse=True)
    return first, same.reshape(-1)


def _rows(value: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Return a view of a map (N, H, W, C) as (N * H * W, C)."""
    return value.reshape(-1, value.shape[-1])


def _int32(value: npt.NDArray[np.generic]) -> Int32Array:
    return value.astype(np.int32, copy=False)


def _uint8(value: npt.NDArray[np.generic]) -> Uint8Array:
    return value.astype(np.uint8, copy=False)
