"""Heads: the meaning of a network's outputs. Only heads handle palettes, shapes of pictures, and texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from tilewright import palette as palettes
from tilewright.arrays import Uint8Array
from tilewright.compiler.sampling import AUTOREGRESSIVE
from tilewright.frame_sheets import FrameSheet, read_pair
from tilewright.json_fields import as_integer, as_list, as_text, as_truth
from tilewright.palette import MAX_COLOURS
from tilewright.plan import Plan


class _Array(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...
    def reshape(self, shape: Any, /) -> Any: ...


A = TypeVar("A", bound=_Array)


class Memory(Protocol[A]):
    """Operations on colours in host memory (`Host`) or in GPU memory (`DeviceEngine`)."""

    def upload(self, array: Uint8Array) -> A:
        """Copy a host array to this memory."""

    def binarize_alpha(self, colours: A) -> A:
        """Like `palette.binarize_alpha`."""

    def remap(self, colours: A, target: Uint8Array) -> A:
        """Like `palette.remap`."""


class Host:
    """`Memory` for NumPy arrays."""

    def upload(self, array: Uint8Array) -> Uint8Array:
        """Return the array itself."""
        return array

    def binarize_alpha(self, colours: Uint8Array) -> Uint8Array:
        """Like `palette.binarize_alpha`."""
        return palettes.binarize_alpha(colours)

    def remap(self, colours: Uint8Array, target: Uint8Array) -> Uint8Array:
        """Like `palette.remap`."""
        return palettes.remap(colours, target)


@dataclass(frozen=True, eq=False)
class Pixels:
    """Square pictures of height = width pixels, as palette indices or as RGBA.

    height, width: in pixels.
    palette: uint8 (K, 4), read-only. None if the network outputs RGBA, or a palette for each picture.
    palette_size: K; 0 for RGBA.
    transparent: whether index 0 is transparent or, for RGBA, whether there is an alpha channel.
    wrap: whether pictures repeat without a seam, because the network uses circular padding.
    """

    content: ClassVar[str] = "square pictures"
    shape_field: ClassVar[str] = "tile_size"

    height: int
    width: int
    palette: Uint8Array | None
    palette_size: int
    transparent: bool
    wrap: bool

    @classmethod
    def from_metadata(cls, values: Mapping[str, Any]) -> "Pixels":
        """Read the head from a pack's metadata. Raises ValueError, LookupError or TypeError if it is damaged."""
        size = as_integer(values["tile_size"])
        return cls(size, size, *_colours(values))

    @property
    def drawn(self) -> tuple[int, int]:
        """Height and width of what the network draws, in pixels."""
        return self.height, self.width

    def misfit(self, plan: Plan) -> str | None:
        """Return the metadata field that contradicts the network, or None."""
        shapes = {name: plan.buffers[buffer].shape for name, buffer in plan.outputs.items()}
        fits = {
            self.shape_field: shapes.get("indices", shapes.get("rgba", ()))[:2] == self.drawn,
            "palette": self._palette_fits(shapes),
            "palette_size": self._palette_size_fits(plan),
            "transparent": "rgba" not in shapes or shapes["rgba"][2] == (4 if self.transparent else 3),
        }
        return next((field for field, fit in fits.items() if not fit), None)

    def decode(
        self, outputs: Mapping[str, A], count: int, repaint: Uint8Array | None, memory: Memory[A]
    ) -> tuple[A | None, A | None, A | None]:
        """Return indices (N, H, W), palettes, and RGBA (N, H, W, 4) of the network's outputs for N = `count`
        pictures.

        RGBA is None if there are indices, and vice versa. Palettes are (1, K, 4) if all pictures share one,
        else (N, K, 4). repaint: uint8 (K, 4), whose nearest colours replace the pack's.
        """
        if "rgba" in outputs:
            rgba = memory.binarize_alpha(outputs["rgba"])
            return None, None, rgba if repaint is None else memory.remap(rgba, repaint)
        if self.palette is not None:
            shared = self.palette if repaint is None else palettes.remap(self.palette, repaint)
            return outputs["indices"], memory.upload(shared[None]), None
        drawn = outputs["palette"]
        channels = prod(drawn.shape[1:]) // self.palette_size
        own = memory.binarize_alpha(drawn.reshape((count, self.palette_size, channels)))
        return outputs["indices"], own if repaint is None else memory.remap(own, repaint), None

    def __str__(self) -> str:
        colours = f"palette of {self.palette_size} colours" if self.palette_size else "RGBA"
        return f"{self.width}x{self.height}, {colours}{', wraps' if self.wrap else ''}"

    def _palette_fits(self, shapes: Mapping[str, tuple[int, ...]]) -> bool:
        """Whether the pack has exactly one of: a palette of its own, a generated palette, an RGBA output."""
        if "rgba" in shapes:
            return self.palette is None
        if "palette" in shapes:
            colours = self.palette_size
            return self.palette is None and prod(shapes["palette"]) in (3 * colours, 4 * colours)
        return self.palette is not None and len(self.palette) == self.palette_size

    def _palette_size_fits(self, plan: Plan) -> bool:
        return self.palette_size == 0 if "rgba" in plan.outputs else _entries_fit(plan, self.palette_size)


@dataclass(frozen=True, eq=False)
class Frames(Pixels):
    """Sheets of related frames of equal size, such as the frames of an animation.

    height, width: of a whole sheet in pixels. sheet: its rows and columns of frames. Other fields are as in `Pixels`.
    """

    content: ClassVar[str] = "sheets of frames"
    shape_field: ClassVar[str] = "frame_size"

    sheet: FrameSheet

    @classmethod
    def from_metadata(cls, values: Mapping[str, Any]) -> "Frames":
        """Like `Pixels.from_metadata`."""
        height, width = read_pair(values["frame_size"])
        sheet = FrameSheet.from_metadata(values)
        return cls(sheet.rows * height, sheet.columns * width, *_colours(values), sheet)

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width of a frame in pixels."""
        return self.height // self.sheet.rows, self.width // self.sheet.columns

    @property
    def drawn(self) -> tuple[int, int]:
        """Like `Pixels.drawn`."""
        (height, width), (rows, columns) = self.frame, self.sheet.lines
        return rows * height, columns * width

    def misfit(self, plan: Plan) -> str | None:
        """Like `Pixels.misfit`."""
        if self.sheet.column and (plan.sampler is None or plan.sampler.method != AUTOREGRESSIVE):
            return "column"
        return "sheet" if max(self.height, self.width) > MAX_SHEET else super().misfit(plan)

    def __str__(self) -> str:
        if self.sheet.count == 1:
            return super().__str__()
        height, width = self.frame
        return f"{self.sheet.count} frames of {width}x{height}, in {super().__str__()}"


@dataclass(frozen=True, eq=False)
class Tokens:
    """Texts of `length` symbols, such as the letters of names, or grids of several rows of them, such as the voices of
    a tune. An index refers to a symbol of `alphabet`.

    An empty symbol represents no letter, so texts may be shorter.
    """

    content: ClassVar[str] = "tokens"
    palette: ClassVar[None] = None
    palette_size: ClassVar[int] = 0

    length: int
    alphabet: tuple[str, ...]
    rows: int = 1

    @classmethod
    def from_metadata(cls, values: Mapping[str, Any]) -> "Tokens":
        """Like `Pixels.from_metadata`."""
        alphabet = tuple(as_text(symbol) for symbol in as_list(values["alphabet"]))
        if not 1 <= len(alphabet) <= MAX_COLOURS:
            raise ValueError(f"the alphabet must have 1 to {MAX_COLOURS} symbols")
        return cls(as_integer(values["length"]), alphabet, as_integer(values.get("rows", 1)))

    def misfit(self, plan: Plan) -> str | None:
        """Like `Pixels.misfit`."""
        shape = plan.buffers[plan.outputs["indices"]].shape if "indices" in plan.outputs else ()
        upright = [(self.length, 1)] if self.rows == 1 else []
        if "palette" in plan.outputs or shape not in [(self.rows, self.length), *upright]:
            return "length"
        return None if _entries_fit(plan, len(self.alphabet)) else "alphabet"

    def decode(
        self, outputs: Mapping[str, A], count: int, repaint: Uint8Array | None, memory: Memory[A]
    ) -> tuple[A | None, A | None, A | None]:
        """Return the indices (N, H, W), and None for palettes and RGBA. `repaint` is ignored."""
        return outputs["indices"], None, None

    def __str__(self) -> str:
        rows = f"{self.rows} rows of " if self.rows > 1 else ""
        return f"{rows}{self.length} tokens of {len(self.alphabet)}"


MAX_SHEET = 1024  # pixels along an edge
Head = Pixels | Tokens

HEADS: dict[str, type[Pixels] | type[Tokens]] = {"pixels": Pixels, "frames": Frames, "tokens": Tokens}
"""Readers of heads by the name in the metadata. The default is `pixels`."""


def _entries_fit(plan: Plan, entries: int) -> bool:
    """Whether the plan's indices have the given number of entries."""
    if plan.sampler is not None:
        return entries == plan.sampler.colours
    step = next(s for s in plan.steps if s.output == plan.outputs["indices"])
    drawn, channels = plan.buffers[step.inputs[-1]].shape[0], plan.buffers[step.inputs[0]].shape[2]
    return (drawn if step.op == "nearest" else channels) <= entries <= MAX_COLOURS


def _colours(values: Mapping[str, Any]) -> tuple[Uint8Array | None, int, bool, bool]:
    """Return palette, palette_size, transparent and wrap from the metadata of a pack."""
    return (
        _palette(values["palette"]),
        as_integer(values["palette_size"]),
        as_truth(values["transparent"]),
        as_truth(values["wrap"]),
    )


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
