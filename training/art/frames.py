"""Read the files beside a picture that describe its sprites: lists of boxes and Tiled tilesets.

Boxes are given as lines `name x y w h` or as JSON of Aseprite or TexturePacker. The files are untrusted. A
file is used only if all of it is valid and fits the picture; otherwise the report names it and the picture is
read without it.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..size import Size
from .files import Picture
from .grid import Cells
from .tiled import MAX_BYTES, UnsoundError, as_cells, read_tsx

MAX_FRAMES = 65_536
LINE = re.compile(r"\S+((?:\s+\d{1,5}){4,5})")


@dataclass(frozen=True)
class Frame:
    """The box of a sprite; lengths in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Stated:
    """The contents of a file beside a picture. At most one of the fields is set."""

    frames: tuple[Frame, ...] = ()  # in the order of the list, without duplicates
    cells: Cells | None = None
    doubt: str = ""  # why a file that refers to the picture is not used


def stated_beside(picture: Picture, width: int, height: int) -> Stated:
    """Return the contents of the first valid file beside a picture of `width` x `height` pixels."""
    doubt = ""
    for name in picture.beside:
        path = picture.path.parent / name
        try:
            found = _read(path, picture.path, (width, height))
        except UnsoundError as reason:
            doubt = doubt or f"{name} beside it is not used: {reason}"
        else:
            if found.frames or found.cells:
                return found
    return Stated(doubt=doubt)


def boxes_of_cells(cells: Cells, width: int, height: int) -> tuple[Frame, ...]:
    """Return non-square cells as boxes, in reading order, for a picture of `width` x `height` pixels."""
    tops = range(cells.margin, height - cells.height + 1, cells.height + cells.spacing)
    lefts = range(cells.margin, width - cells.width + 1, cells.width + cells.spacing)
    if len(tops) * len(lefts) > MAX_FRAMES:
        return ()
    return tuple(Frame(x, y, cells.width, cells.height) for y in tops for x in lefts)


def cut_frames(pixels: np.ndarray, frames: tuple[Frame, ...], size: Size) -> np.ndarray:
    """Cut boxes from a picture uint8 (H, W, 4) and centre each on a transparent cell of `size`: (N, h, w, 4).

    The boxes fit the cell.
    """
    cells = np.zeros((len(frames), *size, 4), np.uint8)
    for cell, f in zip(cells, frames, strict=True):
        top, left = (size[0] - f.height) // 2, (size[1] - f.width) // 2
        cell[top : top + f.height, left : left + f.width] = pixels[f.y : f.y + f.height, f.x : f.x + f.width]
    return cells


def corners_of(pixels: np.ndarray, frames: tuple[Frame, ...]) -> np.ndarray:
    """Return the corner pixels of the boxes, uint8 (N, 2, 2, 4)."""
    tops, bottoms = (np.array([f.y + n * (f.height - 1) for f in frames]) for n in (0, 1))
    lefts, rights = (np.array([f.x + n * (f.width - 1) for f in frames]) for n in (0, 1))
    corners: np.ndarray = pixels[[[tops, tops], [bottoms, bottoms]], [[lefts, rights], [lefts, rights]]]
    return corners.transpose(2, 0, 1, 3)


def _read(path: Path, picture: Path, size: tuple[int, int]) -> Stated:
    """Parse one file. Returns an empty `Stated` if it is no list, or describes another picture. Raises
    `UnsoundError`.
    """
    suffix = path.suffix.lower()
    own = path.stem == picture.stem
    if suffix == ".tsx":
        return Stated(cells=read_tsx(path, picture.name, size, own))
    text = _text(path)
    if suffix in (".json", ".tsj"):
        table = _table(text)
        if "frames" not in table:
            return Stated(cells=as_cells(table, picture.name, size))
        frames = _of_table(table, picture.name)
    else:
        frames = _of_lines(text)
    for i, f in enumerate(frames):
        if min(f.width, f.height) < 1 or f.x + f.width > size[0] or f.y + f.height > size[1]:
            raise UnsoundError(
                f"box {i + 1} ({f.x}, {f.y}, {f.width}x{f.height}) is not within {size[0]}x{size[1]} pixels"
            )
    return Stated(frames=tuple(dict.fromkeys(frames)) if len(frames) > 1 else ())


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        if path.stat().st_size > MAX_BYTES:
            raise UnsoundError(f"it has more than {MAX_BYTES} bytes")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _of_lines(text: str) -> list[Frame]:
    """Parse lines of `name x y w h [n]`, where n counts frames side by side.

    Returns an empty list if most lines have another form, as in a licence.
    """
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    found = [LINE.fullmatch(line) for line in lines]
    if 2 * sum(match is not None for match in found) <= len(lines):
        return []
    frames: list[Frame] = []
    for line, match in zip(lines, found, strict=True):
        if match is None:
            raise UnsoundError(f"{line!r:.40} is no line `name x y width height`")
        x, y, width, height, *count = map(int, match[1].split())
        times = count[0] if count else 1
        if len(frames) + times > MAX_FRAMES:
            raise UnsoundError(f"it has more than {MAX_FRAMES} boxes")
        frames += [Frame(x + i * width, y, width, height) for i in range(times)]
    return frames


def _table(text: str) -> dict[str, object]:
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _of_table(table: dict[str, object], name: str) -> list[Frame]:
    """Return the boxes of an Aseprite or TexturePacker table, or none if it describes another picture."""
    meta, entries = table.get("meta"), table["frames"]
    image = meta.get("image", name) if isinstance(meta, dict) else name
    entries = list(entries.values()) if isinstance(entries, dict) else entries
    if not isinstance(image, str) or not isinstance(entries, list) or len(entries) > MAX_FRAMES:
        raise UnsoundError("its frames are no list of boxes")
    if re.split(r"[/\\]", image)[-1] != name:
        return []
    frames = []
    for i, entry in enumerate(entries):
        box = entry.get("frame") if isinstance(entry, dict) else None
        numbers: list[Any] = [box.get(key) for key in "xywh"] if isinstance(box, dict) else []
        if len(numbers) != 4 or not all(type(n) is int and 0 <= n < MAX_FRAMES for n in numbers):
            raise UnsoundError(f"frame {i + 1} is no box of whole numbers")
        if entry.get("rotated"):
            raise UnsoundError(f"frame {i + 1} is rotated; pack without rotation")
        frames.append(Frame(*numbers))
    return frames
