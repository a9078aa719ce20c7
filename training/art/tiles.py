"""Sinks for tiles as they are read, and the facts that are kept about each tile."""

import hashlib
from array import array
from typing import Protocol

import numpy as np

from ..size import Size
from .names import family
from .path_words import path_words
from .relatives import find_frames, find_pairs, join, same_number

FEW_VARIANTS = 4  # more pictures with one name are a list if they are a large share of a kind
NEVER_HELD_OUT = 0.2  # share of a kind above which `split` cannot hold out a group: it takes a tenth


class Pixels(Protocol):
    """A sink for pixels, tile by tile: memory or a file (`stored_set`)."""

    def add(self, tile: np.ndarray) -> None:
        """Append one tile uint8 (H,W,4)."""


class PixelsInMemory:
    """Stores tiles in one growing buffer."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.buffer = bytearray()

    def add(self, tile: np.ndarray) -> None:
        """See `Pixels`."""
        self.buffer += tile.tobytes()

    def images(self) -> np.ndarray:
        """Return the tiles, uint8 (N,H,W,4), as a writable view of the buffer. Nothing can be added
        afterwards.
        """
        return np.frombuffer(self.buffer, dtype=np.uint8).reshape(-1, *self.size, 4)


class Tiles:
    """Distinct tiles in reading order. Keeps some hundred bytes per tile in memory, not its pixels."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        # in order of first appearance, which is also the numbering in `kind_of`
        self.kinds: dict[str, int] = {}
        self.kind_of = array("i")
        self.words: list[tuple[str, ...]] = []  # of the path of each tile
        self._families = array("Q")
        self._sheet = array("q")
        self._cell = array("q")
        self._columns = array("q")
        self._last_path, self._last_words = "", path_words("")
        self._known: dict[bytes, int] = {}  # digest of the pixels -> tile number

    def __len__(self) -> int:
        return len(self.kind_of)

    def add(self, tile: np.ndarray, kind: str, relative: str, sheet: int, cell: int, columns: int) -> bool:
        """Add a tile unless an equal one is known. Returns whether it was new.

        The tile is cell number `cell` of a picture with `columns` cells per row, the `sheet`-th one, read
        from the path `relative`. columns = 0 means that the picture is the tile.
        """
        digest = _digest(tile)
        if digest in self._known:
            return False
        self._known[digest] = len(self)
        self.pixels.add(tile)
        self.kind_of.append(self.kinds.setdefault(kind, len(self.kinds)))
        self.words.append(self._words_of(relative))
        self._families.append(family(relative, cell if columns else None))
        self._sheet.append(sheet)
        self._cell.append(cell)
        self._columns.append(columns)
        return True

    def _words_of(self, relative: str) -> tuple[str, ...]:
        """Return `path_words`, as one object for all tiles of a picture."""
        if relative != self._last_path:
            self._last_path, self._last_words = relative, path_words(relative)
        return self._last_words

    def is_known(self, tile: np.ndarray, among: int) -> bool:
        """Whether one of the first `among` tiles has the same pixels."""
        return self._known.get(_digest(tile), among) < among

    def groups(self, images: np.ndarray) -> np.ndarray:
        """Return group numbers int32 (N,). Tiles of one group are similar by name, by pixels or as frames of a
        sheet.
        """
        self._known.clear()
        facts = [np.frombuffer(f, np.int64) for f in (self._sheet, self._cell, self._columns)]
        names = drop_lists(np.frombuffer(self._families, np.uint64), np.frombuffer(self.kind_of, np.int32))
        return join(len(images), same_number(names), find_pairs(images)[0], find_frames(images, *facts))


def drop_lists(families: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Return `families` uint64 (N,) with 0 for families that are numbered lists and imply no relation.

    hero_01.png .. hero_90.png are ninety heroes, not ninety variants of one. A family of more than
    `FEW_VARIANTS` tiles is a list if it makes up more than half of a kind (kinds int32 (N,)), or if the
    families of a kind are so large that none of them could be held out.
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
