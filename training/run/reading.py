"""What a run is trained on, and who reads it: pictures, their halves, random maps of autotiles, animation sheets or
tokens.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from ..art.grid import as_margin
from ..data import sheets, terrain
from ..data.dataset import Dataset, read_art
from ..data.halving import guided, halved
from ..data.tokens import read_tokens
from ..size import as_size


@dataclasses.dataclass(frozen=True)
class Reading:
    """Arguments of the function that reads the data, stored in data.json so that a run can be resumed."""

    folders: tuple[str, ...]
    size: int | Sequence[int]  # a number for squares, or (height, width)
    kinds: str | None = None
    margin: int | Sequence[int] | None = None  # a list after a round trip through JSON
    spacing: int | None = None
    transparent: bool | None = None
    shadows: str | None = None
    terrain: str | None = None  # a recipe of autotiles
    sheets: str | None = None  # a recipe of animation sheets
    columns: bool | None = None  # the frames of animation sheets as columns
    tokens: bool | None = None  # grids of tokens instead of pictures
    halve: bool | None = None  # pictures of half the size
    upsampler: bool | None = None  # pictures with their halves

    def read(self) -> tuple[Dataset, str]:
        """Return the data, and lines about what was found and what was skipped."""
        return next((read for name, read in READERS.items() if getattr(self, name)), _pictures)(self)


def _terrain(how: Reading) -> tuple[Dataset, str]:
    assert how.terrain is not None
    data = terrain.read_terrain(Path(how.folders[0]), Path(how.terrain), as_size(how.size))
    return data, terrain.describe(data)


def _sheets(how: Reading) -> tuple[Dataset, str]:
    assert how.sheets is not None
    data = sheets.read_sheets(Path(how.folders[0]), Path(how.sheets))
    return sheets.as_columns(data) if how.columns else data, sheets.describe(data)


def _halved(how: Reading) -> tuple[Dataset, str]:
    data, report = _pictures(how)
    return halved(data), report


def _guided(how: Reading) -> tuple[Dataset, str]:
    data, report = _pictures(how)
    return guided(data), report


def _tokens(how: Reading) -> tuple[Dataset, str]:
    return read_tokens([Path(folder) for folder in how.folders], as_size(how.size))


def _pictures(how: Reading) -> tuple[Dataset, str]:
    data, report = read_art(
        [Path(folder) for folder in how.folders],
        as_size(how.size),
        kinds=Path(how.kinds) if how.kinds else None,
        margin=as_margin(how.margin),
        spacing=how.spacing,
        transparent=how.transparent,
        shadows=how.shadows,
    )
    return data, str(report)


# By the field of Reading that selects the reader; without one of them, the data are pictures.
READERS: dict[str, Callable[[Reading], tuple[Dataset, str]]] = {
    "terrain": _terrain,
    "sheets": _sheets,
    "tokens": _tokens,
    "halve": _halved,
    "upsampler": _guided,
}
