"""Tilesets of the Tiled editor, `.tsx` or JSON, which state the tile size, margin and spacing of a sheet."""

import re
from collections.abc import Mapping
from pathlib import Path
from xml.parsers import expat

from .grid import Cells

MAX_BYTES = 4 * 1024 * 1024
MAX_HEAD = 256 * 1024  # bytes of a .tsx that are read; the relevant elements come first
LARGEST_CELL = 1024
NUMBER = re.compile(r"\d{1,5}")


class UnsoundError(Exception):
    """A file beside a picture that cannot be used. The text is the reason, in one line."""


def read_tsx(path: Path, picture: str, size: tuple[int, int], own: bool) -> Cells | None:
    """Return the cells that a `.tsx` states for a picture of this file name and (width, height).

    Returns None if it refers to another picture, which is decided by the last component of the image path.
    Files that the tileset names are not opened. Raises `UnsoundError` for an invalid file, and for an
    unreadable one only if `own` is set.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(MAX_HEAD)
    except OSError:
        return None
    try:
        found = _elements(head)
    except (expat.ExpatError, UnsoundError, ValueError) as reason:
        if not own:
            return None
        raise UnsoundError(str(reason) if isinstance(reason, UnsoundError) else "it is no XML") from reason
    if "image" not in found or "tileset" not in found:
        return None
    image = found["image"]
    table = {
        **found["tileset"],
        "image": image.get("source"),
        "imagewidth": image.get("width"),
        "imageheight": image.get("height"),
    }
    return as_cells(table, picture, size)


def as_cells(table: Mapping[str, object], picture: str, size: tuple[int, int]) -> Cells | None:
    """Return the cells that the fields of a tileset state. Arguments and errors as for `read_tsx`."""
    image = table.get("image")
    if not isinstance(image, str) or re.split(r"[/\\]", image)[-1] != picture or "tilewidth" not in table:
        return None
    width, height = _number(table, "tilewidth"), _number(table, "tileheight")
    margin, spacing = _number(table, "margin", 0), _number(table, "spacing", 0)
    stated = _number(table, "imagewidth", size[0]), _number(table, "imageheight", size[1])
    if stated != size:
        raise UnsoundError(f"it is for {stated[0]}x{stated[1]} pixels, not {size[0]}x{size[1]}")
    if not 1 <= min(width, height) <= max(width, height) <= LARGEST_CELL:
        raise UnsoundError(f"its tiles have {width}x{height} pixels, not 1 to {LARGEST_CELL}")
    if margin + width > size[0] or margin + height > size[1]:
        raise UnsoundError(
            f"no tile of {width}x{height} with margin {margin} is within {size[0]}x{size[1]} pixels"
        )
    return Cells(width, height, margin, spacing)


def _elements(head: bytes) -> dict[str, dict[str, str]]:
    """Return the attributes of the tileset and of its image.

    Entity declarations are rejected, so nothing is expanded or fetched.
    """
    found: dict[str, dict[str, str]] = {}
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if depth == 0 and name == "tileset":
            found[name] = attributes
        elif depth == 1 and name == "image":
            found.setdefault(name, attributes)
        depth += 1

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*what: object) -> None:
        raise UnsoundError("it has a document type declaration")

    parser = expat.ParserCreate("utf-8")  # ignore the declared encoding: Python has codecs with side effects
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(head, len(head) < MAX_HEAD)
    return found


def _number(table: Mapping[str, object], key: str, otherwise: int | None = None) -> int:
    value = table.get(key)
    if value is None and otherwise is not None:
        return otherwise
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return int(value)
    if type(value) is int and 0 <= value < 100_000:
        return value
    raise UnsoundError(f"its {key} is {value!r:.20}")
