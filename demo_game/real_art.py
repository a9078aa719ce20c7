"""Real or generated? Pairs of pictures, one of a folder of real art and one of a pack, and what a player says of them.

An error rate of 50 % means that nobody can tell them apart; in a test of 2016, 21.3 % of
the answers were wrong.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import tilewright as tw
from tilewright.pictures import UnreadableError, read_picture

from .kept import write_kept
from .rules.dice import Dice, mix

VERSION = 1
RATE_OF_2016 = 21.3  # percent
_SUFFIXES = (".png", ".gif", ".bmp", ".webp")
_MOST_FILES = 20_000
_TRIES = 200  # files that are looked at for one pair
_LEAST_DRAWN = 10  # percent of a picture
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Pair:
    """A question. real, generated: uint8 (H, W, 4). file: below the folder. cell: (row, column) in it. number: of the
    pair, from 0; the generated picture is tile `number` of the seed and the kind.
    """

    number: int
    file: str
    file_sha256: str
    cell: tuple[int, int]
    kind: str
    real: Picture
    generated: Picture
    real_is_left: bool


@dataclass
class RealOrGenerated:
    """A test of one player. folder: with real art. Pairs depend on the seed, the pack and the files only.

    Raises DataError if the folder holds no picture that can be shown.
    """

    pack: tw.Pack
    folder: Path
    seed: int
    answers: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find the files."""
        self.dice = Dice(mix(self.seed))
        self._files = _files(self.folder)
        if not self._files:
            raise tw.DataError(
                f"{self.folder} holds no PNG, GIF, BMP or WebP picture: --real takes a folder of real art"
            )
        first: Any = self.pack.generate(1, seed=self.seed)
        self._palette: Picture = first.palettes[0]
        self._size: tuple[int, int] = first.rgba.shape[1:3]
        self._clear = bool((self._palette[:, 3] == 0).any())

    def pair(self) -> Pair:
        """Return the next pair. Raises DataError if no usable picture is found."""
        number = len(self.answers)
        for _ in range(_TRIES):
            path = self._files[self.dice.below(len(self._files))]
            try:
                found = self._cell(read_picture(path))
            except UnreadableError:
                continue
            if found is None:
                continue
            cell, real = found
            name = path.relative_to(self.folder)
            kinds = self.pack.kinds
            kind = (
                next((kind for kind in kinds if kind in name.parts), None)
                or kinds[self.dice.below(len(kinds))]
            )
            made: Any = self.pack.generate(1, kind=kind, seed=self.seed, start=number)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            left = bool(self.dice.below(2))
            return Pair(number, name.as_posix(), digest, cell, kind, real, made.rgba[0], left)
        height, width = self._size
        form = "with transparent ground" if self._clear else "without transparent pixels"
        raise tw.DataError(
            f"{self.folder} holds no picture to show: {self.pack.name} needs pictures, or sheets of cells, of "
            f"{width}x{height} pixels {form}"
        )

    def answer(self, pair: Pair, left: bool, milliseconds: int) -> bool:
        """Record that the player took the left or the right picture for the real one. Returns whether that is right."""
        right = left == pair.real_is_left
        self.answers.append(
            {
                "number": pair.number,
                "file": pair.file,
                "file_sha256": pair.file_sha256,
                "cell": list(pair.cell),
                "kind": pair.kind,
                "real": "left" if pair.real_is_left else "right",
                "picked": "left" if left else "right",
                "right": right,
                "milliseconds": milliseconds,
            }
        )
        return right

    @property
    def wrong(self) -> int:
        """The number of wrong answers."""
        return sum(not answer["right"] for answer in self.answers)

    @property
    def error_rate(self) -> float:
        """The share of wrong answers in percent, 0 without answers."""
        return 100 * self.wrong / max(1, len(self.answers))

    def save(self, path: Path) -> None:
        """Write all that is needed to check the answers. Raises MachineError on failure."""
        content = {
            "pack": self.pack.name,
            "pack_sha256": self.pack.sha256,
            "tilewright_version": tw.__version__,
            "seed": self.seed,
            "size": list(self._size),
            "folder": self.folder.resolve().name,
            "files": len(self._files),
            "wrong": self.wrong,
            "error_percent": round(self.error_rate, 2),
            "answers": self.answers,
        }
        write_kept(path, "real-or-generated", VERSION, content)

    def _cell(self, picture: Picture) -> tuple[tuple[int, int], Picture] | None:
        """Return a cell of a sheet with the pack's size and form, and its picture in the pack's colours."""
        height, width = self._size
        rows, columns = picture.shape[0] // height, picture.shape[1] // width
        if 0 in (rows, columns) or picture.shape[:2] != (rows * height, columns * width):
            return None
        for _ in range(min(_TRIES, 4 * rows * columns)):
            row, column = divmod(self.dice.below(rows * columns), columns)
            cell = picture[row * height :, column * width :][:height, :width].copy()
            cell[..., 3] = np.where(cell[..., 3] >= 128, 255, 0)
            drawn = 100 * int((cell[..., 3] > 0).sum()) // (height * width)
            if drawn < _LEAST_DRAWN or (drawn == 100) == self._clear or (self._clear and _is_cut(cell)):
                continue
            cell[cell[..., 3] == 0] = 0
            shown = tw.repaint(cell, self._palette)
            if len(np.unique(shown.reshape(-1, 4), axis=0)) > 2:
                return (row, column), shown
        return None


def _is_cut(sprite: Picture) -> bool:
    """Whether most of the border is opaque, as in a piece of a larger picture."""
    opaque = sprite[..., 3] > 0
    border = np.concatenate([opaque[0], opaque[-1], opaque[1:-1, 0], opaque[1:-1, -1]])
    return bool(2 * border.sum() > border.size)


def _files(folder: Path) -> list[Path]:
    """Return the pictures of a folder and those below, sorted. Raises DataError if it is no folder."""
    if not folder.is_dir():
        raise tw.DataError(f"{folder} is not a folder: --real takes a folder of real art")
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        folders.sort()
        found += [Path(here) / name for name in sorted(names) if name.lower().endswith(_SUFFIXES)]
        if len(found) >= _MOST_FILES:
            break
    return found[:_MOST_FILES]
