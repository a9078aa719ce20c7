"""The pictures on which a pack was trained: hashes of them, and the bounds of what they show.

A generated picture that repeats one, or is outside of the bounds, is drawn again (runner.py).
"""

import base64
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tilewright import engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array, Uint16Array, Uint64Array
from tilewright.json_fields import as_bytes, as_object

MAX_PICTURES = 1 << 15  # of a larger set, only the bounds are kept
FEWEST = 16  # pictures of a kind; the bounds of a smaller kind are those of all pictures
OUTSIDE, EMPTY, COPY = 253, 254, 255  # worse than any fault that a critic finds (critic.py)

_STATISTICS = 3  # opaque pixels, colours, orphans; each has a lower and an upper bound
_MOST_ORPHANS = 5  # the column of their upper bound
_PER_BIT = 32  # pixels for each bit in which the codes of copies may differ


@dataclass(frozen=True, eq=False)
class TrainingPictures:
    """palette: uint8 (K, 4), whose first entry may be transparent.

    codes: uint64 (M, forms, words), of each picture as it is and, with a transparent entry, moved to the corner
    (csrc/core/picture_codes.h).
    bounds: uint16 (kinds, 6 + K): the least and the most opaque pixels, colours and orphans, and the most pixels of
    each entry.
    """

    palette: Uint8Array
    codes: Uint64Array
    bounds: AnyArray

    @classmethod
    def of(cls, indices: AnyArray, kinds: AnyArray, number: int, palette: Uint8Array) -> "TrainingPictures":
        """Return the hashes and bounds of pictures.

        indices: (M, H, W), entries of the palette. kinds: (M,), that of each picture, of `number` kinds.
        """
        pictures, holes = np.ascontiguousarray(indices, np.uint8), _has_holes(palette)
        figures = engine.picture_figures(pictures, len(palette), holes)
        rows = [_row(figures, pictures[0].size)] * number
        for kind in range(number):
            own = figures[kinds == kind]
            if len(own) >= FEWEST:
                rows[kind] = _row(own, pictures[0].size)
        kept = pictures if len(pictures) <= MAX_PICTURES else pictures[:0]
        codes = engine.picture_codes(kept, _hashes(palette), holes)[:, :-1]
        return cls(palette, np.ascontiguousarray(codes), np.stack(rows))

    @classmethod
    def from_metadata(
        cls, value: object, kinds: int, palette: Uint8Array | None, pixels: int
    ) -> "TrainingPictures":
        """Read the field of a pack's metadata. Raises ValueError, LookupError or TypeError if it is damaged."""
        fields = as_object(value)
        if palette is None:
            raise ValueError("training_pictures need a palette")
        forms, words = 1 + int(_has_holes(palette)), -(-pixels // 128)
        codes = _read(fields["codes"], "<u8", MAX_PICTURES * forms * words)
        if len(codes) % (forms * words):
            raise ValueError("a code is not whole")
        bounds = _read(fields["bounds"], "<u2", kinds * (2 * _STATISTICS + len(palette)))
        if len(bounds) != kinds * (2 * _STATISTICS + len(palette)):
            raise ValueError("there must be bounds for each kind and palette entry")
        return cls(
            palette,
            codes.astype(np.uint64).reshape(-1, forms, words),
            bounds.astype(np.uint16).reshape(kinds, -1),
        )

    def to_metadata(self) -> dict[str, str]:
        """Return the field of a pack's metadata."""
        return {"codes": _text(self.codes, "<u8"), "bounds": _text(self.bounds, "<u2")}

    def with_most_orphans(self, most: AnyArray) -> "TrainingPictures":
        """Return the same with at most so many orphans in the pictures of each kind: integers (kinds,)."""
        bounds = self.bounds.copy()
        bounds[:, _MOST_ORPHANS] = np.minimum(bounds[:, _MOST_ORPHANS], most)
        return replace(self, bounds=bounds)

    def faults(self, indices: Uint8Array, kinds: Int32Array) -> Uint8Array:
        """Return the fault of each picture (N, H, W), uint8 (N,): COPY, or OUTSIDE of the bounds of its kind, or 0.

        A picture outside that has no opaque pixel is EMPTY, so that any other one replaces it.
        """
        bounds, size = self.bounds[kinds], 2 * _STATISTICS
        figures = engine.picture_figures(indices, len(self.palette), self.holes)
        most = np.concatenate([bounds[:, 1:size:2], bounds[:, size:]], axis=1)
        outside = (figures > most).any(axis=1)
        outside |= (figures[:, :_STATISTICS] < bounds[:, :size:2]).any(axis=1)
        limit = indices.shape[1] * indices.shape[2] // _PER_BIT
        copies = engine.copied_pictures(indices, self.hashes, self.holes, self.codes, limit)
        empty = outside & self.holes & ~indices.any(axis=(1, 2))
        faults: Uint8Array = np.select([copies, empty, outside], [COPY, EMPTY, OUTSIDE], 0).astype(np.uint8)
        return faults

    @property
    def holes(self) -> bool:
        """Whether the first entry is transparent."""
        return _has_holes(self.palette)

    @cached_property
    def hashes(self) -> Uint16Array:
        """A hash of the colour of each entry, uint16 (256,)."""
        return _hashes(self.palette)


def _has_holes(palette: Uint8Array) -> bool:
    return bool(palette[0, 3] == 0)


def _hashes(palette: Uint8Array) -> Uint16Array:
    packed = np.zeros(256, np.uint64)
    packed[: len(palette)] = np.ascontiguousarray(palette).view("<u4")[:, 0]
    packed[: int(_has_holes(palette))] = 0
    mixed = (packed + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes: Uint16Array = (mixed >> np.uint64(48)).astype(np.uint16)
    return hashes


def _row(figures: Int32Array, pixels: int) -> AnyArray:
    """Return the bounds of the pictures with these figures: uint16 (6 + K,).

    The margin is a quarter, and more for fewer than 64 pictures, of which other art differs more.
    """
    least, most = figures.min(axis=0), figures.max(axis=0)
    part = min(len(figures), 64)
    low = np.maximum(least - -(-16 * least // part), 0)[:_STATISTICS]
    high = (most + -(-16 * most // part))[:_STATISTICS]
    entries = (most + 4 * -(-16 * most // part))[_STATISTICS:] + pixels // 16
    both = np.stack([low, high], axis=1).ravel()
    bounds: AnyArray = np.concatenate([both, entries]).clip(max=2**16 - 1).astype(np.uint16)
    return bounds


def _text(array: AnyArray, dtype: str) -> str:
    return base64.b64encode(array.astype(dtype).tobytes()).decode()


def _read(value: object, dtype: str, most: int) -> AnyArray:
    """Return the numbers of a text of base64, at most `most`."""
    return np.frombuffer(as_bytes(value, most * np.dtype(dtype).itemsize), dtype)
