"""Untrusted XML files as trees of elements, in limited time and memory.

Document type declarations are refused, so that no entity is expanded and nothing else is opened.
"""

import re
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from tilewright.errors import DataError
from tilewright.files import read_bounded

MAX_BYTES = 32 << 20
MAX_PARTS = 1 << 20  # elements and attributes
MAX_DEPTH = 64
MAX_TAG = 1 << 20  # bytes
_CHUNK = 1 << 16
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_DECIMAL = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,20})?(e[+-]?[0-9]{1,2})?")


def read_xml(path: Path, root: str) -> Element:
    """Read a file whose outermost element is `root`. Raises DataError "PATH: REASON"."""
    content = read_bounded(path, MAX_BYTES)
    builder, depth, parts, seen = TreeBuilder(), 0, 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, parts, seen
        depth, parts, seen = depth + 1, parts + 1 + len(attributes), at
        if parts > MAX_PARTS or depth > MAX_DEPTH:
            raise DataError(
                f"{path}: more than {MAX_PARTS} elements and attributes, or more than {MAX_DEPTH} deep"
            )
        if depth == 1 and name != root:
            raise DataError(f"{path}: not a file of Tiled: it has <{name:.40}> instead of <{root}>")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth, seen
        depth, seen = depth - 1, at
        builder.end(name)

    def data(text: str) -> None:
        nonlocal seen
        seen = at
        builder.data(text)

    def refuse(*what: object) -> None:
        raise DataError(f"{path}: it has a document type declaration, which is refused")

    parser = expat.ParserCreate("utf-8")  # whatever encoding it states: some of Python's have side effects
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    try:
        # Expat reports an element after all of its attributes, so the length of a tag bounds their number.
        for at in range(0, len(content), _CHUNK):
            if at - seen > MAX_TAG:
                raise DataError(f"{path}: a tag or a comment of more than {MAX_TAG} bytes")
            parser.Parse(content[at : at + _CHUNK], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DataError(f"{path}: not XML: {error}") from error
    return builder.close()


def integer(
    element: Element, key: str, path: Path, default: int | None = None, least: int = 0, most: int = 2**31 - 1
) -> int:
    """Return an attribute as an integer in least..most. Raises DataError if it is none, or is missing."""
    text = element.get(key)
    if text is None and default is not None:
        return default
    if text is None or not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise DataError(f"{path}: {key} of <{element.tag:.40}> must be in {least}..{most}, not {text!r:.40}")
    return int(text)


def decimal(element: Element, key: str, path: Path, default: float, most: float = 1e6) -> float:
    """Return an attribute as a number of at most `most` either way. Raises DataError if it is none."""
    text = element.get(key)
    if text is None:
        return default
    if not _DECIMAL.fullmatch(text) or not abs(float(text)) <= most:
        raise DataError(f"{path}: {key} of <{element.tag:.40}> must be at most {most:g}, not {text!r:.40}")
    return float(text)


def line(text: str | None, default: str) -> str:
    """Return an untrusted text as one printable line of at most 200 characters, or the default for none."""
    kept = "".join(c if c.isprintable() else " " for c in text or "").strip()[:200].strip()
    return kept or default


def texts(element: Element) -> dict[str, str]:
    """Return the properties of an element that are texts, as printable lines; at most 64."""
    found: dict[str, str] = {}
    for entry in element.iterfind("properties/property"):
        value = entry.get("value", entry.text or "")
        if entry.get("type", "string") == "string" and len(found) < 64:
            found[line(entry.get("name"), "property")] = "".join(c if c.isprintable() else " " for c in value)
    return found
