"""Default names of files."""

import re
from pathlib import Path


def free_name(path: Path) -> Path:
    """Return `path`, or the first of NAME-2, NAME-3 ... with its suffix that does not exist."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def plain_name(path: Path) -> str:
    """Return the last part of a path as a portable name: letters, digits, `-`, `_` and `.`."""
    return re.sub(r"[^\w.-]+", "-", path.resolve().name).strip("-.")[:60] or "art"
