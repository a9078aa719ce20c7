"""Who made the art, and under which licence."""

import json
from pathlib import Path

from tilewright.pack import Source

MAX_BYTES = 1024 * 1024
LICENCE_STEMS = ("license", "licence", "copying", "unlicense", "credits")
LEVELS_ABOVE = 2


def find_source(folder: Path, root: Path) -> Source:
    """The source of the pictures in `folder`, which is `root` or lies beneath it.

    The nearest SOURCE.json (keys name, licence or license, author) counts, looked for from `folder`
    upwards until a little above `root`; failing that, the nearest file called LICENSE or the like.
    """
    above = [root, *list(root.parents)[:LEVELS_ABOVE]]
    chain = [folder, *folder.parents]
    inside = chain[: chain.index(root)] if root in chain else []
    for place in (*inside, *above):
        source = _stated(place / "SOURCE.json")
        if source is not None:
            return source
    # A licence file above the root is as likely to be another project's.
    for place in (*inside, root):
        name = licence_file(place)
        if name is not None:
            return Source(place.name, f"see {name}", "unknown")
    return Source(root.name, "unknown", "unknown")


def _stated(path: Path) -> Source | None:
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(facts, dict):
        return None
    licence = facts.get("licence", facts.get("license"))
    return Source(
        _line(facts.get("name")) or path.parent.name,
        _line(licence) or "unknown",
        _line(facts.get("author")) or "unknown",
    )


def _line(value: object) -> str:
    """One printable line of a stranger's text, at most 200 characters."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value).strip()[:200]


def licence_file(folder: Path) -> str | None:
    """The name of the first file that looks like a licence, or None."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return None
    for name in names:
        if name.lower().split(".")[0] in LICENCE_STEMS:
            return name
    return None
