"""The Plan: what the core executes. Data only; it prints as a table.

A plan works on one tile at a time, once, or with a sampler again and again. Where its values lie in memory is up to
the core. Maps are (H, W, C) with the channels innermost, and every value is uint8 but for the int32 scores that an
argmax or a sampler reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from tilewright.arrays import Int32Array
from tilewright.lazy import lazy


@dataclass(frozen=True)
class Buffer:
    """A value of the plan: its shape without the batch, and its dtype ("uint8" or "int32")."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "uint8"

    @property
    def nbytes(self) -> int:
        """Bytes that one tile needs."""
        return prod(self.shape) * (4 if self.dtype == "int32" else 1)


@dataclass(frozen=True)
class Step:
    """One op: names of its inputs and its output, and the arguments that the reference takes by name.

    The inputs "kind" and "latent" are given: the tile's kind number, and its latent as uint8 (int8 + 128). So is
    "cells" where there is a sampler.
    """

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
    """How a step network is evaluated until every cell of the map has a palette index.

    method: "masked" (several cells at a time, in a random order) or "autoregressive" (one by one, in reading order).
    cells: the buffer uint8 (height, width) that the steps read, palette indices or `colours`: not yet known.
    scores: the buffer int32 (height, width, colours) that they write. steps: evaluations of the network for a tile.
    noise: int32 (4096,), ascending, what a random number adds to a score, within 2^24. docs/numerics.md is the law.
    """

    method: str
    height: int
    width: int
    colours: int
    steps: int
    noise: Int32Array
    cells: str
    scores: str


@dataclass(frozen=True)
class Plan:
    """Steps in order, the buffers by name, and which buffers are results.

    outputs: result name ("indices", "palette" or "rgba") -> buffer name. sampler: what evaluates the steps again and
    again; None where they are executed once.
    """

    steps: tuple[Step, ...]
    buffers: Mapping[str, Buffer]
    outputs: Mapping[str, str]
    latent_size: int
    kinds: int
    sampler: Sampler | None = None

    @lazy
    def multiply_adds(self) -> int:
        """Multiply-adds of the steps, executed once for one tile."""
        return sum(step.multiply_adds for step in self.steps)

    @property
    def evaluations(self) -> int:
        """How often the steps are executed for one tile."""
        return 1 if self.sampler is None else self.sampler.steps

    @property
    def weight_bytes(self) -> int:
        """Bytes of all the arrays that the steps hold."""
        return sum(step.weight_bytes for step in self.steps)

    def __str__(self) -> str:
        """A table: a row per step, totals below."""
        rows = [("op", "input", "output", "weights, bytes", "multiply-adds")]
        for step in self.steps:
            shapes = " + ".join(_shape(self._shape_of(name)) for name in step.inputs)
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
        lines.append(f"latent: {self.latent_size}; kinds: {self.kinds}")
        if self.sampler is not None:
            lines.append(f"sampler: {self.sampler.method}; evaluations: {self.evaluations} a tile")
        return "\n".join(lines)

    def _shape_of(self, name: str) -> tuple[int, ...]:
        return () if name == "kind" else self.buffers[name].shape


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) if shape else "kind"
