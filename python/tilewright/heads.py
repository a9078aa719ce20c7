"""Heads: what the outputs of a pack's network mean. Only a head knows palettes and the shapes of pictures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol, TypeVar

import numpy as np

from tilewright import palette as palettes
from tilewright.arrays import Uint8Array
from tilewright.json_fields import as_integer, as_list, as_truth
from tilewright.palette import MAX_COLOURS
from tilewright.plan import Plan


class _Array(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...
    def reshape(self, shape: Any, /) -> Any: ...


A = TypeVar("A", bound=_Array)


class Memory(Protocol[A]):
    """Operations on colours in the memory that holds them: `Host`, or a `DeviceEngine` for those on its GPU."""

    def upload(self, array: Uint8Array) -> A:
        """An array of the host in this memory."""

    def opaque_or_clear(self, colours: A) -> A:
        """As `palette.opaque_or_clear`."""

    def remap(self, colours: A, target: Uint8Array) -> A:
        """As `palette.remap`."""


class Host:
    """`Memory` for arrays of NumPy."""

    def upload(self, array: Uint8Array) -> Uint8Array:
        """The array itself."""
        return array

    def opaque_or_clear(self, colours: Uint8Array) -> Uint8Array:
        """As `palette.opaque_or_clear`."""
        return palettes.opaque_or_clear(colours)

    def remap(self, colours: Uint8Array, target: Uint8Array) -> Uint8Array:
        """As `palette.remap`."""
        return palettes.remap(colours, target)


@dataclass(frozen=True, eq=False)
class Pixels:
    """Square pictures of `size` pixels, as palette indices or as RGBA.

    palette: uint8 (K, 4), read-only, or None where the network draws a palette for each picture or makes RGBA.
    palette_size: K, 0 for RGBA. transparent: index 0 is transparent or, with RGBA, there is an alpha channel.
    wrap: pictures were generated on a torus and repeat without a seam.
    """

    size: int
    palette: Uint8Array | None
    palette_size: int
    transparent: bool
    wrap: bool

    @classmethod
    def from_metadata(cls, values: Mapping[str, Any]) -> "Pixels":
        """What a pack's metadata says of its head; ValueError, LookupError or TypeError where it is damaged."""
        return cls(
            as_integer(values["tile_size"]),
            _palette(values["palette"]),
            as_integer(values["palette_size"]),
            as_truth(values["transparent"]),
            as_truth(values["wrap"]),
        )

    def misfit(self, plan: Plan) -> str | None:
        """The field of the metadata that contradicts the network, or None."""
        shapes = {name: plan.buffers[buffer].shape for name, buffer in plan.outputs.items()}
        fits = {
            "tile_size": shapes.get("indices", shapes.get("rgba", ()))[:2] == (self.size, self.size),
            "palette": self._palette_fits(shapes),
            "palette_size": self._palette_size_fits(plan),
            "transparent": "rgba" not in shapes or shapes["rgba"][2] == (4 if self.transparent else 3),
        }
        return next((field for field, fit in fits.items() if not fit), None)

    def decode(
        self, outputs: Mapping[str, A], count: int, repaint: Uint8Array | None, memory: Memory[A]
    ) -> tuple[A | None, A | None, A | None]:
        """Indices (N, S, S), palettes and RGBA (N, S, S, 4) of the network's outputs for N = `count` pictures.

        RGBA is None where there are indices, and the other way round. Palettes are (1, K, 4) where the pack has one
        for all, else (N, K, 4). repaint: uint8 (K, 4), whose nearest colours replace the pack's.
        """
        if "rgba" in outputs:
            rgba = memory.opaque_or_clear(outputs["rgba"])
            return None, None, rgba if repaint is None else memory.remap(rgba, repaint)
        if self.palette is not None:
            shared = self.palette if repaint is None else palettes.remap(self.palette, repaint)
            return outputs["indices"], memory.upload(shared[None]), None
        drawn = outputs["palette"]
        channels = prod(drawn.shape[1:]) // self.palette_size
        own = memory.opaque_or_clear(drawn.reshape((count, self.palette_size, channels)))
        return outputs["indices"], own if repaint is None else memory.remap(own, repaint), None

    def __str__(self) -> str:
        colours = f"palette of {self.palette_size} colours" if self.palette_size else "RGBA"
        return f"{self.size}x{self.size}, {colours}{', wraps' if self.wrap else ''}"

    def _palette_fits(self, shapes: Mapping[str, tuple[int, ...]]) -> bool:
        """A pack has a palette of its own, draws one, or makes RGBA: one of the three."""
        if "rgba" in shapes:
            return self.palette is None
        if "palette" in shapes:
            colours = self.palette_size
            return self.palette is None and prod(shapes["palette"]) in (3 * colours, 4 * colours)
        return self.palette is not None and len(self.palette) == self.palette_size

    def _palette_size_fits(self, plan: Plan) -> bool:
        colours = self.palette_size
        if "rgba" in plan.outputs:
            return colours == 0
        if plan.sampler is not None:
            return colours == plan.sampler.colours
        step = next(s for s in plan.steps if s.output == plan.outputs["indices"])
        entries, channels = plan.buffers[step.inputs[-1]].shape[0], plan.buffers[step.inputs[0]].shape[2]
        return (entries if step.op == "nearest" else channels) <= colours <= MAX_COLOURS


HEADS = {"pixels": Pixels}
"""The head that a pack's metadata names -> what reads it. Packs that name none have `pixels`."""


def _palette(value: object) -> Uint8Array | None:
    if value is None:
        return None
    colours = as_list(value)
    if not 1 <= len(colours) <= MAX_COLOURS or not all(re.fullmatch("[0-9a-fA-F]{8}", c) for c in colours):
        raise ValueError(f"the palette must be 1 to {MAX_COLOURS} colours as rrggbbaa")
    palette = np.array([list(bytes.fromhex(c)) for c in colours], dtype=np.uint8)
    if not np.isin(palette[:, 3], (0, 255)).all():
        raise ValueError("a palette's alpha is 00 or ff")
    palette.flags.writeable = False
    return palette
