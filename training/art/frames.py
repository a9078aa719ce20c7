"""Lists of the sprites in an atlas, as they lie beside it: lines `name x y w h`, and JSON of Aseprite or TexturePacker.

A list comes from a stranger: it is believed where every box of it lies within the picture, and ignored otherwise.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .files import SUFFIXES

MAX_BYTES = 4 * 1024 * 1024
MAX_FRAMES = 65_536
LINE = re.compile(r"\S+((?:\s+\d{1,5}){4,5})")
LIST = re.compile(
    r"(tiles?|frames?|sprites?)[-_ ]list", re.IGNORECASE
)  # it is for the largest picture beside it


@dataclass(frozen=True)
class Frame:
    """A sprite's box; lengths in pixels."""

    x: int
    y: int
    width: int
    height: int


def frames_beside(path: Path, width: int, height: int) -> tuple[Frame, ...]:
    """The boxes that a list beside the picture at `path` states, in its order, each once; none without a sound list."""
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return ()
    for name in names:
        stem, suffix = os.path.splitext(name)
        nameless = LIST.search(name) and suffix.lower() not in (".json", *SUFFIXES)
        if suffix.lower() == ".json" and stem == path.stem:
            frames = _of_json(_text(path.parent / name), path.name)
        elif (suffix.lower() == ".txt" and stem == path.stem) or (nameless and _is_largest(path, names)):
            frames = _of_lines(_text(path.parent / name))
        else:
            continue
        inside = all(f.x + f.width <= width and f.y + f.height <= height for f in frames)
        if 2 <= len(frames) <= MAX_FRAMES and inside and all(min(f.width, f.height) > 0 for f in frames):
            return tuple(dict.fromkeys(frames))
    return ()


def cut_frames(pixels: np.ndarray, frames: tuple[Frame, ...], size: int) -> np.ndarray:
    """Those of at most `size` pixels from a picture uint8 (H, W, 4), centred on a clear ground: (N, size, size, 4)."""
    small = [f for f in frames if f.width <= size and f.height <= size]
    cells = np.zeros((len(small), size, size, 4), np.uint8)
    for cell, f in zip(cells, small, strict=True):
        top, left = (size - f.height) // 2, (size - f.width) // 2
        cell[top : top + f.height, left : left + f.width] = pixels[f.y : f.y + f.height, f.x : f.x + f.width]
    return cells


def _is_largest(path: Path, names: list[str]) -> bool:
    """Whether no other picture of the folder has as many bytes: a list without a name is hardly for a small one."""
    try:
        sizes = {
            name: (path.parent / name).stat().st_size for name in names if name.lower().endswith(SUFFIXES)
        }
    except OSError:
        return False
    return all(size < sizes.get(path.name, 0) for name, size in sizes.items() if name != path.name)


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return ""
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _of_lines(text: str) -> list[Frame]:
    """A fifth number is that of frames side by side. Nothing where one line is something else."""
    frames: list[Frame] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        found = LINE.fullmatch(line)
        if found is None or len(frames) > MAX_FRAMES:
            return []
        x, y, width, height, *count = map(int, found[1].split())
        frames += [
            Frame(x + i * width, y, width, height) for i in range(min(count[0] if count else 1, MAX_FRAMES))
        ]
    return frames


def _of_json(text: str, name: str) -> list[Frame]:
    try:
        table = json.loads(text)
        image = table.get("meta", {}).get("image", name)
        entries = table["frames"]
        entries = entries.values() if isinstance(entries, dict) else entries
        if re.split(r"[/\\]", image)[-1] != name or any(entry.get("rotated") for entry in entries):
            return []
        boxes = [[entry["frame"][key] for key in "xywh"] for entry in entries]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []
    if not all(type(n) is int and 0 <= n < 65_536 for box in boxes for n in box):
        return []
    return [Frame(*box) for box in boxes]
