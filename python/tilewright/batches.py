"""Results of a call: `TileBatch`, `FrameBatch` and `TokenBatch` in host memory, `DeviceBatch` in GPU memory."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from tilewright import engine
from tilewright.arrays import Int32Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.hardware import convert
from tilewright.lazy import lazy
from tilewright.surfaces import indexed_surfaces, rgba_surfaces

if TYPE_CHECKING:
    from tilewright.engine import DeviceArray, DeviceEngine
    from tilewright.surfaces import Surface
    from tilewright.tileset.sprite import Sprite

A = TypeVar("A")


class _Batch(Generic[A]):
    """N tiles in arrays of type A."""

    def __init__(
        self,
        indices: A | None,
        palettes: A | None,
        rgba: A | None,
        kind_names: tuple[str, ...],
    ) -> None:
        self.indices = indices
        self.palettes = palettes
        self._rgba = rgba
        self._kind_names = kind_names

    @lazy
    def rgba(self) -> A:
        """The colours, uint8 (N, H, W, 4); alpha is 0 or 255. Computed on first access.

        Raises UsageError for tokens, which have no colours.
        """
        if self.indices is None or self.palettes is None:
            if self._rgba is None:
                raise UsageError("batch.rgba: the pack generates tokens, which have no colours")
            return self._rgba
        return self._apply_palette(self.indices, self.palettes)

    def _apply_palette(self, indices: A, palettes: A) -> A:
        raise NotImplementedError

    @lazy
    def kinds(self) -> tuple[str, ...]:
        """The name of each tile's kind. Computed from `kind_ids` on first access."""
        return tuple(map(self._kind_names.__getitem__, self._kind_ids("batch.kinds").tolist()))

    def _kind_ids(self, caller: str) -> Int32Array:
        raise NotImplementedError

    def __len__(self) -> int:
        """The number of tiles."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} tiles>"


class TileBatch(_Batch[Uint8Array]):
    """Generated tiles as read-only NumPy arrays.

    indices: uint8 (N, H, W), a palette entry per pixel; None for packs with an RGBA output.
    palettes: uint8 (1, K, 4) if all tiles share a palette, else (N, K, 4); alpha is 0 or 255. None for packs with an
        RGBA output.
    """

    def __init__(
        self,
        indices: Uint8Array | None,
        palettes: Uint8Array | None,
        rgba: Uint8Array | None,
        kinds: Int32Array | Uint8Array,
        kind_names: tuple[str, ...],
    ) -> None:
        """kinds: int32 (N,) of each tile, or uint8 (N, H, W) of each cell."""
        super().__init__(indices, palettes, rgba, kind_names)
        self._kinds = kinds
        for array in (indices, palettes, rgba, kinds):
            if array is not None:
                array.setflags(write=False)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without values that can be computed. The arrays of the copy are read-only too."""
        return TileBatch, (self.indices, self.palettes, self._rgba, self._kinds, self._kind_names)

    @property
    def kind_ids(self) -> Int32Array:
        """The position of each tile's kind in `Pack.kinds`, int32 (N,).

        Raises UsageError if each cell has a kind of its own.
        """
        return self._kind_ids("batch.kind_ids")

    @property
    def kind_maps(self) -> Uint8Array | None:
        """The position of each cell's kind in `Pack.kinds`, uint8 (N, H, W), or None if none were given."""
        return self._kinds.view(np.uint8) if self._kinds.ndim == 3 else None

    def _kind_ids(self, caller: str) -> Int32Array:
        if self._kinds.ndim == 3:
            raise _no_kind(caller)
        return self._kinds.view(np.int32)

    def __len__(self) -> int:
        """The number of tiles."""
        return len(self._kinds)

    def _apply_palette(self, indices: Uint8Array, palettes: Uint8Array) -> Uint8Array:
        rgba = engine.apply_palette(indices, palettes)
        rgba.setflags(write=False)
        return rgba

    def to_hardware(self, hardware: str) -> "TileBatch":
        """Convert the tiles to the colours and rules of an old machine, like `tilewright.to_hardware`.

        hardware: one of `tilewright.hardware_names()`. All tiles of the result share one palette, in which entry 0 is
        transparent. They also share the background colour, so convert tiles that belong together in one batch.
        """
        indices, palette = convert(self.rgba, hardware, "batch.to_hardware()")
        return TileBatch(indices, palette[None], None, self._kinds, self._kind_names)

    def surfaces(self) -> "list[Surface]":
        """Return a pygame surface for each tile. No display is needed.

        If all tiles share a palette (`palettes` is (1, K, 4)), the surfaces have 8 bits and this palette. `set_palette`
        recolours such a surface, and a transparent entry is its colour key. Otherwise the surfaces have 32 bits with
        alpha. Raises MachineError if the module pygame is missing.
        """
        if self.indices is not None and self.palettes is not None and len(self.palettes) == 1:
            return indexed_surfaces(self.indices, self.palettes[0])
        return rgba_surfaces(self.rgba)


class FrameBatch(TileBatch):
    """Generated sheets of frames: a `TileBatch` of whole sheets, which can be cut into frames."""

    def __init__(
        self,
        indices: Uint8Array | None,
        palettes: Uint8Array | None,
        rgba: Uint8Array | None,
        kinds: Int32Array | Uint8Array,
        kind_names: tuple[str, ...],
        sheet: tuple[int, int],
    ) -> None:
        """sheet: rows and columns of frames."""
        super().__init__(indices, palettes, rgba, kinds, kind_names)
        self.sheet = sheet

    def __reduce__(self) -> tuple[object, ...]:
        """Like `TileBatch.__reduce__`."""
        return FrameBatch, (*super().__reduce__()[1], self.sheet)  # type: ignore[misc]

    @property
    def frames(self) -> Uint8Array | None:
        """The indices of each frame, uint8 (N, F, h, w), row by row of the sheet; None with RGBA output."""
        return None if self.indices is None else self._cut(self.indices)

    @property
    def frames_rgba(self) -> Uint8Array:
        """The colours of each frame, uint8 (N, F, h, w, 4)."""
        return self._cut(self.rgba)

    def sprites(
        self,
        name: str = "sprite",
        *,
        milliseconds: int | None = None,
        provenance: Mapping[str, str] | None = None,
    ) -> "tuple[Sprite, ...]":
        """Return each sheet as a sprite whose clips are its rows, such as the directions of a walk (docs/animation.md).

        name: of the sprites; if there are several, NAME-1, NAME-2 and so on. milliseconds: the duration of a frame; by
        default 150, and 400 where a row has two frames. provenance: as in `Sprite`.

        Raises UsageError for values out of range.
        """
        from tilewright.tileset.sprite import Sprite

        rows, columns = self.sheet
        frames = self.frames_rgba if self.frames is None or self.palettes is None else self.frames
        clips = tuple(f"row-{1 + row}" for row in range(rows))
        if len(self._kind_names) == rows * columns > 1:  # a kind for each frame, such as "down-1"
            clips = tuple(kind.rpartition("-")[0] or kind for kind in self._kind_names[::columns])
        if milliseconds is None:
            milliseconds = 400 if columns == 2 else 150
        palettes = (
            None
            if self.palettes is None
            else np.broadcast_to(self.palettes, (len(self), *self.palettes.shape[1:]))
        )
        return tuple(
            Sprite(
                name if len(self) == 1 else f"{name}-{1 + number}",
                frames[number].reshape(rows, columns, *frames.shape[2:]),
                clips,
                None if palettes is None else palettes[number],
                milliseconds,
                provenance or {},
            )
            for number in range(len(self))
        )

    def _cut(self, sheets: Uint8Array) -> Uint8Array:
        rows, columns = self.sheet
        count, height, width, *rest = sheets.shape
        parts = sheets.reshape(count, rows, height // rows, columns, width // columns, *rest)
        frames = parts.swapaxes(2, 3).reshape(count, rows * columns, height // rows, width // columns, *rest)
        frames.setflags(write=False)
        return frames


class TokenBatch(TileBatch):
    """Generated texts, or grids of symbols, without colours.

    indices: uint8 (N, H, W): the number of each symbol. H or W of texts is 1.
    """

    def __init__(
        self,
        indices: Uint8Array | None,
        kinds: Int32Array | Uint8Array,
        kind_names: tuple[str, ...],
        alphabet: tuple[str, ...],
    ) -> None:
        super().__init__(indices, None, None, kinds, kind_names)
        self._alphabet = alphabet

    def __reduce__(self) -> tuple[object, ...]:
        """Like `TileBatch.__reduce__`."""
        return TokenBatch, (self.indices, self._kinds, self._kind_names, self._alphabet)

    @lazy
    def texts(self) -> tuple[str, ...]:
        """The texts: the symbols of each, joined. Computed on first access.

        In a grid of several rows, symbols are separated by spaces and rows by line breaks.
        """
        assert self.indices is not None
        return join_symbols(self.indices, self._alphabet)

    @property
    def text(self) -> tuple[str, ...]:
        """Alias of `texts`."""
        return self.texts


def join_symbols(indices: Uint8Array, alphabet: Sequence[str]) -> tuple[str, ...]:
    """Return the text of each grid of symbols uint8 (N, H, W), as `TokenBatch.texts` describes."""
    symbol = alphabet.__getitem__
    if 1 in indices.shape[1:]:
        rows = indices.reshape(len(indices), indices.shape[1] * indices.shape[2]).tolist()
        return tuple("".join(map(symbol, row)) for row in rows)
    return tuple("\n".join(" ".join(map(symbol, row)) for row in grid) for grid in indices.tolist())


class DeviceBatch(_Batch["DeviceArray"]):
    """Generated tiles in a GPU's memory.

    Arrays support DLPack and `__cuda_array_interface__`, so torch, CuPy and JAX use them without a copy;
    `to_host()` copies one.

    indices: uint8 (N, H, W), a palette entry per pixel; None for packs with an RGBA output.
    palettes: uint8 (1, K, 4) if all tiles share a palette, else (N, K, 4); alpha is 0 or 255. None for packs with an
        RGBA output.
    """

    def __init__(
        self,
        engine: "DeviceEngine",
        indices: "DeviceArray | None",
        palettes: "DeviceArray | None",
        rgba: "DeviceArray | None",
        kinds: "DeviceArray",
        kind_names: tuple[str, ...],
        kind_maps: Uint8Array | None = None,
    ) -> None:
        """kinds: uint8 (N, 4), the bytes of int32 (N,). kind_maps: as in `TileBatch`, in host memory."""
        super().__init__(indices, palettes, rgba, kind_names)
        self._engine = engine
        self._on_device = kinds
        self.kind_maps = kind_maps

    @lazy
    def kind_ids(self) -> Int32Array:
        """The position of each tile's kind in `Pack.kinds`, int32 (N,), copied to the host on first access.

        Raises UsageError if each cell has a kind of its own.
        """
        if self.kind_maps is not None:
            raise _no_kind("batch.kind_ids")
        kind_ids = self._on_device.to_host().view("<i4").reshape(-1).astype(np.int32, copy=False)
        kind_ids.setflags(write=False)
        return kind_ids

    def _kind_ids(self, caller: str) -> Int32Array:
        if self.kind_maps is not None:
            raise _no_kind(caller)
        return self.kind_ids

    def __len__(self) -> int:
        """The number of tiles."""
        return self._on_device.shape[0]

    def _apply_palette(self, indices: "DeviceArray", palettes: "DeviceArray") -> "DeviceArray":
        return self._engine.apply_palette(indices, palettes)


def _no_kind(caller: str) -> UsageError:
    return UsageError(f"{caller}: each cell has a kind of its own, in batch.kind_maps")
