"""What is kept of all runs: the best of them, and a gallery of what was generated for them."""

import base64
import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from .kept import read_kept, write_kept

VERSION = 1
BEST = 10  # runs that are kept
MOST_SEEN = 240  # entries of the gallery
_LARGEST, _LONGEST = 256, 60  # pixels of a side, characters of a text
_MOST = 1 << 40


@dataclass(frozen=True)
class Score:
    """A run that ended. steps: how long it took."""

    depth: int
    level: int
    kills: int
    steps: int
    seed: int
    hero: str
    killer: str

    @property
    def rank(self) -> tuple[int, ...]:
        """Better runs have larger ranks."""
        return self.depth, self.level, self.kills, -self.steps


@dataclass(frozen=True)
class Seen:
    """Something generated that the player met. what: its kind. picture: a PNG in Base64."""

    name: str
    what: str
    seed: int
    depth: int
    picture: str

    @property
    def pixels(self) -> npt.NDArray[np.uint8]:
        """The picture, uint8 (H, W, 4). Raises ValueError if it is none."""
        try:
            with Image.open(io.BytesIO(base64.b64decode(self.picture)), formats=("PNG",)) as picture:
                if max(picture.size) > _LARGEST:
                    raise ValueError(f"a picture of {picture.size} pixels")
                return np.array(picture.convert("RGBA"), dtype=np.uint8)
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError("a damaged picture") from error


@dataclass
class Records:
    """folder: of both files. best: runs, the best first. seen: the oldest first. notes: on files that were not read."""

    folder: Path
    best: list[Score] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_run(self, score: Score) -> int:
        """Keep a run that ended, if it is good enough, and write both files. Returns its place, 0 the best, or BEST.

        Raises MachineError on failure.
        """
        self.best = sorted([*self.best, score], key=lambda one: one.rank, reverse=True)
        place = next(place for place, one in enumerate(self.best) if one is score)
        del self.best[BEST:]
        self.save()
        return place

    def see(self, name: str, what: str, seed: int, depth: int, picture: npt.NDArray[np.uint8]) -> None:
        """Add something to the gallery, unless it is there. picture: uint8 (H, W, 4)."""
        if any((one.name, one.what, one.seed) == (name, what, seed) for one in self.seen):
            return
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, format="PNG", optimize=True)
        self.seen.append(Seen(name, what, seed, depth, base64.b64encode(buffer.getvalue()).decode()))
        del self.seen[:-MOST_SEEN]

    def save(self) -> None:
        """Write both files. Raises MachineError on failure."""
        write_kept(_scores(self.folder), "scores", VERSION, {"best": [asdict(score) for score in self.best]})
        write_kept(_gallery(self.folder), "gallery", VERSION, {"seen": [asdict(one) for one in self.seen]})


def load_records(folder: Path) -> Records:
    """Read both files. A file that cannot be read is set aside, and a note says so."""
    best, said = read_kept(_scores(folder), "scores", VERSION, _read_scores)
    seen, also = read_kept(_gallery(folder), "gallery", VERSION, _read_gallery)
    return Records(folder, best or [], seen or [], [note for note in (said, also) if note])


def _scores(folder: Path) -> Path:
    return folder / "tilewright-scores.json"


def _gallery(folder: Path) -> Path:
    return folder / "tilewright-gallery.json"


def _read_scores(content: dict[str, Any]) -> list[Score]:
    best = [Score(**one) for one in content["best"][:BEST]]
    for score in best:
        _check_numbers(*score.rank[:3], score.steps)
        _check(score.seed, score.hero, score.killer)
    return sorted(best, key=lambda one: one.rank, reverse=True)


def _read_gallery(content: dict[str, Any]) -> list[Seen]:
    seen = [Seen(**one) for one in content["seen"][-MOST_SEEN:]]
    for one in seen:
        _check_numbers(one.depth)
        _check(one.seed, one.name, one.what)
        _ = one.pixels
    return seen


def _check(seed: int, *texts: str) -> None:
    if type(seed) is not int or not 0 <= seed < 1 << 64:
        raise ValueError(f"a seed is {seed!r:.30}")
    for text in texts:
        if type(text) is not str or len(text) > _LONGEST or not text.isprintable():
            raise ValueError(f"a text is {text!r:.30}")


def _check_numbers(*numbers: int) -> None:
    for number in numbers:
        if type(number) is not int or not 0 <= number < _MOST:
            raise ValueError(f"a number is {number!r:.30}")
