"""Names for files that nobody has named."""

import re
from pathlib import Path


def free_name(path: Path) -> Path:
    """`path`, or the first of NAME-2, NAME-3 ... with its suffix that does not exist: nothing is written over."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def plain_name(path: Path) -> str:
    """The last part of a path as a name that every shell and file system takes: letters, digits, `-`, `_` and `.`."""
    return re.sub(r"[^\w.-]+", "-", path.resolve().name).strip("-.")[:60] or "art"
