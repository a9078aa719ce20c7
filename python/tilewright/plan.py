"""The Plan: the steps that the core executes. Data only; prints as a table.

A plan describes the work for one tile, once, or repeatedly with a sampler. The core decides the memory
layout. Maps are (H, W, C), channels last. Values are uint8, except for the int32 scores that an argmax or a
sampler reads, and the kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from tilewright.arrays import Int32Array
from tilewright.lazy import lazy

MAX_WORK = 1 << 46  # of a tile, in all evaluations (docs/pack_format.md)


@dataclass(frozen=True)
class Buffer:
    """A value of the plan: its shape without the batch, and its dtype ("uint8" or "int32")."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "uint8"

    @property
    def nbytes(self) -> int:
        """Bytes per tile."""
        return prod(self.shape) * (4 if self.dtype == "int32" else 1)


LATENTS, KIND, CELLS, KIND_MAP, WORDS = "latents", "kind", "cells", "kind_map", "words"


@dataclass(frozen=True)
class Input:
    """A buffer that is not computed by a step. `source` determines its values for each tile:

    - LATENTS: uint8, the next of the tile's latents (int8 + 128), given by the caller or drawn from the seed.
    - KIND: int32 (), the kind number of the tile, given by the caller or drawn from the seed.
    - CELLS: uint8 (H, W), the picture of a sampler, in which all cells are unknown initially. Without a sampler, the
      caller must give it.
    - KIND_MAP: uint8 (H, W), the kind of each cell, given by the caller; otherwise the kind of the tile.
    - WORDS: uint8 (V,), 1 for each word that describes the tile, else 0. Zeros unless the caller gives them.
    """

    source: str
    buffer: str


@dataclass(frozen=True)
class Step:
    """One op: names of its inputs and its output, and the arguments that the reference takes by name."""

    op: str
    inputs: tuple[str, ...]
    output: str
    arguments: Mapping[str, Any]
    multiply_adds: int = 0

    @property
    def weight_bytes(self) -> int:
        """Bytes of the arrays among the arguments."""
        return sum(int(getattr(value, "nbytes", 0)) for value in self.arguments.values())


@dataclass(frozen=True, eq=False)
class Sampler:
    """The repeated evaluation of a step network until every cell of the map has a palette index.

    method: "masked" (several cells at a time) or "autoregressive" (one by one, in reading order).
    cells: name of the input uint8 (height, width). A cell is a palette index, or `colours` if it is unknown.
    scores: name of the buffer int32 (height, width, colours) that the steps compute.
    steps: evaluations of the network per tile, without refinement.
    noise: int32 (4096,), ascending, within 2^24. A random number selects the entry that is added to a score.
    scale: float32, the logits are scale times the scores.

    A call may override the options of a masked sampler:
    order: "random", "halton" or "raster", in which cells are fixed.
    refine: rounds of refinement after the last cell.
    begin: share of cells that start as a random entry, in units of 2^-16.

    docs/numerics.md is the specification.
    """

    method: str
    height: int
    width: int
    colours: int
    steps: int
    noise: Int32Array
    cells: str
    scores: str
    scale: float = 1.0
    order: str = "random"
    refine: int = 0
    begin: int = 0

    def __str__(self) -> str:
        """The method, and options that are not the default."""
        options = [self.method]
        if self.order != "random":
            options.append(f"{self.order} order")
        if self.refine > 0:
            options.append(f"{self.refine} rounds of refinement")
        if self.begin > 0:
            options.append(f"{self.begin / 655.36:.4g} % random at first")
        return ", ".join(options)


@dataclass(frozen=True)
class Plan:
    """Inputs, steps in order, the buffers by name, and which buffers are results.

    outputs: result name ("indices", "palette", "rgba", "kind" or "score") -> buffer name. kinds: the number of kinds.
    sampler: evaluates the steps repeatedly; None if they are executed once per tile.
    """

    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    buffers: Mapping[str, Buffer]
    outputs: Mapping[str, str]
    kinds: int
    sampler: Sampler | None = None

    def input_shape(self, source: str) -> tuple[int, ...] | None:
        """Return the shape of the input from `source`, CELLS, KIND_MAP or WORDS, or None if the plan has none."""
        return next((self.buffers[i.buffer].shape for i in self.inputs if i.source == source), None)

    def resized(self, height: int, width: int) -> "Plan":
        """Return the same steps for pictures of another size, or this plan if some of them depend on the size."""
        sampler = self.sampler
        if sampler is None:
            return self
        maps = {
            name: buffer
            for name, buffer in self.buffers.items()
            if len(buffer.shape) > 1 and buffer.shape[:2] != (1, 1)  # others belong to all pixels
        }
        means = any(step.op == "mean" for step in self.steps)  # their multipliers include the number of cells
        if means or any(buffer.shape[:2] != (sampler.height, sampler.width) for buffer in maps.values()):
            return self
        cells = sampler.height * sampler.width
        return replace(
            self,
            buffers={
                **self.buffers,
                **{name: replace(map, shape=(height, width, *map.shape[2:])) for name, map in maps.items()},
            },
            steps=tuple(
                replace(step, multiply_adds=step.multiply_adds * height * width // cells)
                if step.output in maps
                else step
                for step in self.steps
            ),
            sampler=replace(sampler, height=height, width=width),
        )

    @lazy
    def latent_size(self) -> int:
        """Number of latents per tile, over all inputs."""
        return sum(prod(self.buffers[i.buffer].shape) for i in self.inputs if i.source == LATENTS)

    @lazy
    def multiply_adds(self) -> int:
        """Multiply-adds of one execution of the steps for one tile."""
        return sum(step.multiply_adds for step in self.steps)

    @property
    def evaluations(self) -> int:
        """Number of executions of the steps per tile."""
        return 1 if self.sampler is None else self.sampler.steps + self.sampler.refine

    @lazy
    def evaluation_work(self) -> int:
        """The work of one execution for one tile, as limits state it: multiply-adds, and 1 for each element that a step
        writes.
        """
        return self.multiply_adds + sum(prod(self.buffers[step.output].shape) for step in self.steps)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all arrays of the steps."""
        return sum(step.weight_bytes for step in self.steps)

    def __str__(self) -> str:
        """A table with a row per step, and totals."""
        rows = [("op", "input", "output", "weights, bytes", "multiply-adds")]
        for step in self.steps:
            shapes = " + ".join(_shape(self.buffers[name].shape) for name in step.inputs)
            output = self.buffers[step.output]
            rows.append(
                (
                    step.op,
                    shapes,
                    _shape(output.shape) + (" int32" if output.dtype == "int32" else ""),
                    f"{step.weight_bytes:,}",
                    f"{step.multiply_adds:,}",
                )
            )
        rows.append(("", "", "total", f"{self.weight_bytes:,}", f"{self.multiply_adds:,}"))
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        lines = [
            "  ".join(
                cell.ljust(width) if i < 3 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        lines.insert(1, "-" * len(lines[0]))
        words = self.input_shape(WORDS)
        conditions = "" if self.input_shape(KIND_MAP) is None else ", one for each cell"
        conditions += "" if words is None else f"; words: {words[0]}"
        lines.append(f"latent: {self.latent_size}; kinds: {self.kinds}{conditions}")
        if self.sampler is not None:
            most = f"at most {self.evaluations} evaluations a tile, of the cells that change"
            lines.append(f"sampler: {self.sampler}; {most}")
        return "\n".join(lines)


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) if shape else "kind"
