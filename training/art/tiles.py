"""Where tiles go as they are read, and what is remembered of each beside its pixels."""

import hashlib
from array import array
from typing import Protocol

import numpy as np

from .names import family
from .relatives import find_frames, find_pairs, join, same_number

FEW_VARIANTS = 4  # of one drawing, whatever their share of a kind
NEVER_HELD_OUT = 0.2  # the share of a kind from which `split` cannot hold a group out: it takes a tenth


class Pixels(Protocol):
    """Where the pixels go, tile after tile: into memory, or into a file (`stored_set`)."""

    def add(self, tile: np.ndarray) -> None:
        """Append one tile uint8 (S,S,4)."""


class PixelsInMemory:
    """Tiles as one growing buffer."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.buffer = bytearray()

    def add(self, tile: np.ndarray) -> None:
        """See `Pixels`."""
        self.buffer += tile.tobytes()

    def images(self) -> np.ndarray:
        """uint8 (N,S,S,4), writeable, on the same memory: nothing can be added afterwards."""
        return np.frombuffer(self.buffer, dtype=np.uint8).reshape(-1, self.size, self.size, 4)


class Tiles:
    """Distinct tiles in the order in which they came; some hundred bytes of each stay in memory, not its pixels."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.kinds: dict[str, int] = {}  # by first appearance; `kind_of` counts in this order
        self.kind_of = array("i")
        self._families = array("Q")
        self._sheet = array("q")
        self._cell = array("q")
        self._columns = array("q")
        self._known: dict[bytes, int] = {}  # digest of the pixels -> the tile's number

    def __len__(self) -> int:
        return len(self.kind_of)

    def add(self, tile: np.ndarray, kind: str, relative: str, sheet: int, cell: int, columns: int) -> bool:
        """Take a tile unless its pixels are known; say whether it was new.

        It was cell number `cell` of a picture with `columns` in a row, the `sheet`-th that was read from the path
        `relative`; columns 0: the picture is the tile.
        """
        digest = _digest(tile)
        if digest in self._known:
            return False
        self._known[digest] = len(self)
        self.pixels.add(tile)
        self.kind_of.append(self.kinds.setdefault(kind, len(self.kinds)))
        self._families.append(family(relative, cell if columns else None))
        self._sheet.append(sheet)
        self._cell.append(cell)
        self._columns.append(columns)
        return True

    def is_known(self, tile: np.ndarray, among: int) -> bool:
        """Whether one of the first `among` tiles has these pixels."""
        return self._known.get(_digest(tile), among) < among

    def groups(self, images: np.ndarray) -> np.ndarray:
        """int32 (N,): tiles with one number are relatives, by their names, pixels or places in a sheet."""
        self._known.clear()
        facts = [np.frombuffer(f, np.int64) for f in (self._sheet, self._cell, self._columns)]
        names = drop_lists(np.frombuffer(self._families, np.uint64), np.frombuffer(self.kind_of, np.int32))
        return join(len(images), same_number(names), find_pairs(images)[0], find_frames(images, *facts))


def drop_lists(families: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """`families` uint64 (N,), 0 wherever a family is a numbered list and says nothing of relatives.

    hero_01.png .. hero_90.png are ninety heroes, not ninety variants of one. A family of more than `FEW_VARIANTS` is a
    list where it is more than half of a kind (kinds int32 (N,)), or where the families of a kind are so large that
    nothing of it could be held out.
    """
    names, member = np.unique(families, return_inverse=True)
    lists = np.zeros(len(names), dtype=bool)
    for kind in np.unique(kinds):
        sizes = np.bincount(member[kinds == kind], minlength=len(names))
        sizes[names == 0] = 0
        total = np.count_nonzero(kinds == kind)
        large = (sizes > FEW_VARIANTS) & (sizes > NEVER_HELD_OUT * total)
        swallowed = sizes[large].sum() == total
        lists |= large if swallowed else large & (sizes > total / 2)
    return np.where(lists[member], np.uint64(0), families)


def _digest(tile: np.ndarray) -> bytes:
    return hashlib.blake2b(tile.tobytes(), digest_size=16).digest()
