"""Small files that last from run to run: JSON with a name and a version, read with checks and written atomically."""

import json
from pathlib import Path
from typing import Any

import tilewright as tw
from tilewright.files import read_json, write_atomically

_MOST_BYTES = 4 << 20


def read_kept(path: Path, name: str, version: int) -> dict[str, Any] | None:
    """Return the content of a file, or None if there is none. Raises DataError for another name or version."""
    if not path.exists():
        return None
    content = read_json(path, _MOST_BYTES)
    if not isinstance(content, dict) or content.get("tilewright") != name:
        raise tw.DataError(f"{path} does not hold the {name} of the game")
    if content.get("version") != version:
        raise tw.DataError(f"{path} is of version {content.get('version')!r:.20}, this game reads {version}")
    return content


def write_kept(path: Path, name: str, version: int, content: dict[str, Any]) -> None:
    """Write a file. Raises MachineError on failure."""
    whole = {"tilewright": name, "version": version} | content
    write_atomically(path, json.dumps(whole, indent=1).encode())
