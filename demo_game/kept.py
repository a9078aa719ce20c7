"""Small files that last from run to run: JSON with a name and a version, read with checks and written atomically."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import tilewright as tw
from tilewright.files import read_json, write_atomically

_MOST_BYTES = 4 << 20
_DAMAGED = (tw.TilewrightError, ValueError, KeyError, TypeError, IndexError, OSError)
Kept = TypeVar("Kept")


def read_kept(
    path: Path, name: str, version: int, parse: Callable[[dict[str, Any]], Kept]
) -> tuple[Kept | None, str]:
    """Return what a file holds, or None if there is none; and "", or why the file could not be read.

    parse: makes it from the content of the file, and raises ValueError, KeyError or TypeError if that is damaged. A
    file that cannot be read is renamed, so that it is not overwritten.
    """
    if not path.exists():
        return None, ""
    try:
        content = read_json(path, _MOST_BYTES)
        if not isinstance(content, dict) or content.get("tilewright") != name:
            raise ValueError(f"it does not hold {name}")
        if content.get("version") != version:
            raise ValueError(f"it is of version {content.get('version')!r:.20}, not {version}")
        return parse(content), ""
    except _DAMAGED as error:
        reason = " ".join(str(error).removeprefix(f"{path}: ").split())
        return None, f"{path.name} is not read: {reason}"[:120] + _set_aside(path)


def write_kept(path: Path, name: str, version: int, content: dict[str, Any]) -> None:
    """Write a file. Raises MachineError on failure."""
    whole = {"tilewright": name, "version": version} | content
    write_atomically(path, json.dumps(whole, indent=1).encode())


def _set_aside(path: Path) -> str:
    aside = path.with_name(f"{path.stem}.unread{path.suffix}")
    try:
        path.replace(aside)
    except OSError:
        return ""
    return f"; it is now {aside.name}"
