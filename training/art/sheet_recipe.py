"""Recipes of animation sheets: TOML files that say where a character's frames are in a picture."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tilewright.errors import DataError
from tilewright.files import is_printable_line

from ..size import Size
from .recipe_values import (
    check_globs,
    check_keys,
    check_kind,
    check_number,
    check_tables,
    numbers_of,
    places_of,
    read_toml,
)

MOST_DIRECTIONS, MOST_FRAMES = 8, 16
MOST_ENTRIES, MOST_BLOCKS = 256, 256
TOP_KEYS = {"frame", "frames", "directions", "mirrored", "sheets"}
KEYS = {"files", "skip", "across", "down", "order", "at", "ends"}


@dataclass(frozen=True)
class SheetEntry:
    """One [[sheets]] of a recipe: pictures with the same arrangement of frames.

    files, skip: globs of paths. directions: those of the lines of frames, in the order of the picture. across: whether
    the directions lie side by side, so that frames follow each other downwards. order: the place of each frame on its
    line. at: (column, row) of the top left frame of each character, in frames. ends: if the frames are in several
    pictures, whose names differ in their ends, these ends: `files` match the first picture, and each line continues in
    the others. Else empty.
    """

    files: tuple[str, ...]
    skip: tuple[str, ...]
    directions: tuple[str, ...]
    across: bool
    order: tuple[int, ...]
    at: tuple[tuple[int, int], ...]
    ends: tuple[str, ...] = ()

    def matches(self, relative: str) -> bool:
        """Whether a picture has this arrangement. relative: its path, with `/` as separator."""
        return (
            relative.endswith(self.ends[:1] or "")
            and any(fnmatchcase(relative, glob) for glob in self.files)
            and not any(fnmatchcase(relative, glob) for glob in self.skip)
        )

    def parts(self, first: Path) -> list[Path]:
        """Return the pictures that hold the frames of a character, of which `first` is the first."""
        stem = first.name.removesuffix(self.ends[0]) if self.ends else ""
        return [first, *(first.with_name(stem + end) for end in self.ends[1:])]


@dataclass(frozen=True)
class SheetRecipe:
    """frame: height and width of a frame. directions: rows of a grid, from top to bottom, of `frames` columns.

    mirrored: pairs of directions that are each other's mirror image; other directions are their own.
    """

    frame: Size
    frames: int
    directions: tuple[str, ...]
    mirrored: tuple[tuple[str, str], ...]
    entries: tuple[SheetEntry, ...]

    @property
    def size(self) -> Size:
        """Height and width of a grid."""
        return len(self.directions) * self.frame[0], self.frames * self.frame[1]


def read_sheet_recipe(path: Path) -> SheetRecipe:
    """Read and check a recipe of sheets. Raises DataError, which names the entry and the remedy."""
    table, where = read_toml(path, "read_sheets()"), f"read_sheets(): {path.name}"
    check_keys(table, TOP_KEYS, where)
    directions = _directions(table.get("directions"), where, "directions")
    frames = check_number(table, "frames", where, lowest=1)
    if frames is None or frames > MOST_FRAMES:
        raise DataError(f"{where}: frames must be 1 to {MOST_FRAMES}, not {frames!r}")
    entries = check_tables(
        table, "sheets", f"{where} has no sheets; add a [[sheets]] with files, and across or down"
    )
    if len(entries) > MOST_ENTRIES:
        raise DataError(f"{where} must have 1 to {MOST_ENTRIES} [[sheets]], not {len(entries)}")
    return SheetRecipe(
        frame=_frame(table.get("frame"), where),
        frames=frames,
        directions=directions,
        mirrored=_mirrored(table.get("mirrored", []), directions, where),
        entries=tuple(
            _entry(entry, directions, frames, f"{where}: sheets {i + 1}") for i, entry in enumerate(entries)
        ),
    )


def _entry(table: dict[str, Any], directions: tuple[str, ...], frames: int, where: str) -> SheetEntry:
    check_keys(table, KEYS, where)
    if ("across" in table) == ("down" in table):
        raise DataError(
            f"{where} needs either across or down: the directions from left to right, or from top to bottom"
        )
    across = "across" in table
    key = "across" if across else "down"
    own = _directions(table[key], where, key)
    if set(own) != set(directions):
        raise DataError(
            f"{where}: {key} must name each of {', '.join(directions):.200} once, not {', '.join(own):.200}"
        )
    order = numbers_of(table.get("order", list(range(frames))), frames)
    if order is None or max(order) >= MOST_FRAMES:
        raise DataError(
            f"{where}: order must be {frames} numbers of frames, counted from 0, not {table['order']!r:.60}"
        )
    at = places_of(table.get("at", [[0, 0]]), MOST_BLOCKS)
    if at is None:
        raise DataError(
            f"{where}: at must be a list of [column, row], one for each character, not {table['at']!r:.60}"
        )
    return SheetEntry(
        files=check_globs(table, "files", where),
        skip=check_globs(table, "skip", where) if "skip" in table else (),
        directions=own,
        across=across,
        order=order,
        at=at,
        ends=_ends(table, where) if "ends" in table else (),
    )


def _directions(value: object, where: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_DIRECTIONS:
        raise DataError(
            f"{where}: {key} must be a list of 1 to {MOST_DIRECTIONS} directions, not {value!r:.60}"
        )
    names = tuple(check_kind(name, key, where) for name in value)
    if len(set(names)) < len(names):
        raise DataError(f"{where}: {key} names a direction twice: {', '.join(names):.200}")
    return names


def _frame(value: object, where: str) -> Size:
    """Return (height, width) of `frame = [width, height]`, or of one number for squares."""
    edges = numbers_of([value, value] if type(value) is int else value, 2)
    if edges is None or not all(4 <= n <= 64 for n in edges):
        raise DataError(f"{where}: frame must be [width, height], 4 to 64 pixels each, not {value!r:.60}")
    return edges[1], edges[0]


def _mirrored(value: object, directions: tuple[str, ...], where: str) -> tuple[tuple[str, str], ...]:
    pairs = (
        [tuple(pair) if isinstance(pair, list) else () for pair in value] if isinstance(value, list) else [()]
    )
    names = [name for pair in pairs for name in pair]
    if (
        any(len(pair) != 2 for pair in pairs)
        or any(name not in directions for name in names)
        or len(set(names)) < len(names)
    ):
        raise DataError(
            f'{where}: mirrored must be pairs of directions such as ["left", "right"], not {value!r:.60}'
        )
    return tuple((first, second) for first, second in pairs)


def _ends(table: dict[str, Any], where: str) -> tuple[str, ...]:
    ends = check_globs(table, "ends", where)
    if not 2 <= len(set(ends)) == len(ends) <= MOST_FRAMES or not all(map(_is_end, ends)):
        raise DataError(
            f'{where}: ends must be 2 to {MOST_FRAMES} ends of names such as ["_0.png", "_1.png"], not {ends!r:.60}'
        )
    return ends


def _is_end(text: str) -> bool:
    """Whether a name of a file may end so."""
    return is_printable_line(text) and bool(text.strip(".")) and not set(text) & {"/", "\\"}
