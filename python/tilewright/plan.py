"""The Plan: what the core executes. Data only; it prints as a table.

A plan works on one tile at a time. Its buffers are byte ranges of one small arena, maps are (H, W, C) with the
channels innermost, and every value is uint8 but for the int32 scores that an argmax reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any


@dataclass(frozen=True)
class Buffer:
    """A value of the plan: its shape without the batch, its dtype ("uint8" or "int32"), its place in the arena."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "uint8"
    offset: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes that one tile needs."""
        return prod(self.shape) * (4 if self.dtype == "int32" else 1)


@dataclass(frozen=True)
class Step:
    """One op: names of its inputs and its output, and the arguments that the reference takes by name.

    The inputs "kind" and "latent" are given: the tile's kind number, and its latent as uint8 (int8 + 128).
    """

    op: str
    inputs: tuple[str, ...]
    output: str
    arguments: Mapping[str, Any]
    multiply_adds: int = 0


@dataclass(frozen=True)
class Plan:
    """Steps in order, the buffers by name, and which buffers are results.

    outputs: result name ("indices", "palette" or "rgba") -> buffer name.
    """

    steps: tuple[Step, ...]
    buffers: Mapping[str, Buffer]
    outputs: Mapping[str, str]
    latent_size: int
    kinds: int
    arena_bytes: int

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds that the core executes for one tile."""
        return sum(step.multiply_adds for step in self.steps)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all the arrays that the steps hold."""
        return sum(_array_bytes(step) for step in self.steps)

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
                    f"{_array_bytes(step):,}",
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
        lines.append(
            f"arena: {self.arena_bytes:,} bytes a tile; latent: {self.latent_size}; kinds: {self.kinds}"
        )
        return "\n".join(lines)

    def _shape_of(self, name: str) -> tuple[int, ...]:
        return () if name == "kind" else self.buffers[name].shape


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) if shape else "kind"


def _array_bytes(step: Step) -> int:
    return sum(int(getattr(value, "nbytes", 0)) for value in step.arguments.values())
