"""Author and licence of the art."""

from pathlib import Path

from tilewright.errors import DataError
from tilewright.files import printable_line, read_json
from tilewright.pack import Source

MAX_NAMES = 1024  # limit for the kinds and for the sources of one set or run
LICENCE_STEMS = ("license", "licence", "copying", "unlicense", "credits")
LEVELS_ABOVE = 2


def find_source(folder: Path, root: Path) -> Source:
    """Return the source of the pictures in `folder`, which is `root` or lies beneath it.

    The nearest SOURCE.json (keys: name, licence or license, author) is used, searched from `folder` upwards
    to a few levels above `root`; otherwise the nearest file with a name such as LICENSE.
    """
    above = [root, *list(root.parents)[:LEVELS_ABOVE]]
    chain = [folder, *folder.parents]
    inside = chain[: chain.index(root)] if root in chain else []
    for place in (*inside, *above):
        source = _stated(place / "SOURCE.json")
        if source is not None:
            return source
    # A licence file above the root may belong to another project.
    for place in (*inside, root):
        name = licence_file(place)
        if name is not None:
            return Source(_line(place.name) or "unknown", _line(f"see {name}"), "unknown")
    return Source(_line(root.name) or "unknown", "unknown", "unknown")


def _stated(path: Path) -> Source | None:
    try:
        facts = read_json(path)
    except DataError:
        return None
    if not isinstance(facts, dict):
        return None
    licence = facts.get("licence", facts.get("license"))
    return Source(
        _line(facts.get("name")) or _line(path.parent.name) or "unknown",
        _line(licence) or "unknown",
        _line(facts.get("author")) or "unknown",
    )


def _line(value: object) -> str:
    """Return the part of an untrusted text that the metadata of a pack may hold."""
    return printable_line(value) if isinstance(value, str) else ""


def licence_file(folder: Path) -> str | None:
    """Return the name of the first file that looks like a licence, or None."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return None
    for name in names:
        if name.lower().split(".")[0] in LICENCE_STEMS:
            return name
    return None
