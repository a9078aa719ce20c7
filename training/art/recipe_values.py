"""What all recipes share: TOML from an untrusted source, and checks of its values."""

import re
import tomllib
from pathlib import Path
from typing import Any

from tilewright.errors import DataError
from tilewright.files import read_text

MAX_NUMBER = 4096  # of pixels, rows and columns
KIND_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
MAX_KIND = 60  # characters of a kind
MAX_DOTS = 4  # dots in a line, outside of strings and comments
_LONG_NUMBER = re.compile(r"0[xob][0-9A-Fa-f_]{100}")  # Python reads longer ones, and cannot print them
_TEXTS = re.compile(  # strings of TOML, closed or not, and comments
    r'"{3}(?:[^\\]|\\.|\\\Z)*?(?:"{3}|\Z)|"(?:[^"\\\n]|\\[^\n])*"?'
    r"|'{3}.*?(?:'{3}|\Z)|'[^'\n]*'?|#[^\n]*",
    re.DOTALL,
)


def read_toml(path: Path, caller: str) -> dict[str, Any]:
    """Read a TOML file from an untrusted source. Raises `DataError`. caller: "read_art()"."""
    try:
        text = read_text(path)
    except DataError as error:
        raise DataError(f"{caller}: cannot read {error}; name a TOML file") from error
    try:
        return _parse(text)
    except RecursionError as error:
        raise DataError(f"{caller}: {path.name} is not TOML: nested too deeply") from error
    except ValueError as error:  # also raised for integers of thousands of digits
        raise DataError(f"{caller}: {path.name} is not TOML: {error}") from error


def _parse(text: str) -> dict[str, Any]:
    """Parse TOML. Raises ValueError for keys with many parts: `tomllib` takes quadratic time for them."""
    bare = _TEXTS.sub("", text)
    if max(line.count(".") for line in bare.split("\n")) > MAX_DOTS:
        raise ValueError(f"a key of more than {MAX_DOTS} parts")
    if _LONG_NUMBER.search(bare):
        raise ValueError("a number of more than 100 digits")
    return tomllib.loads(text)


def check_tables(table: dict[str, Any], key: str, missing: str) -> list[dict[str, Any]]:
    """Return the tables of [[key]], at least one. Raises `DataError` with the text `missing`."""
    entries = table.get(key)
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(missing)
    return entries


def check_globs(table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Return the globs of a glob or a list of globs. Raises `DataError`."""
    value = table.get(key)
    globs = [value] if isinstance(value, str) else value
    if not isinstance(globs, list) or not globs or not all(isinstance(glob, str) for glob in globs):
        raise DataError(f"{where}: {key} must be a glob or a list of globs, not {value!r:.60}")
    return tuple(globs)


def numbers_of(value: object, count: int) -> tuple[int, ...] | None:
    """Return the integers of a list of `count` integers of 0 to MAX_NUMBER, or None for anything else."""
    if not isinstance(value, list) or len(value) != count:
        return None
    return tuple(value) if all(type(n) is int and 0 <= n <= MAX_NUMBER for n in value) else None


def places_of(value: object, most: int) -> tuple[tuple[int, int], ...] | None:
    """Return the [column, row] of a list of 1 to `most` of them, or None for anything else."""
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        return None
    places = [numbers_of(place, 2) for place in value]
    return None if None in places else tuple((place[0], place[1]) for place in places if place)


def check_kind(value: object, key: str, where: str, remedy: str = "") -> str:
    """Return the name of a kind. Raises `DataError`."""
    if not isinstance(value, str) or not KIND_NAME.fullmatch(value):
        raise DataError(f"{where}: {key} must be a-z, 0-9, - and _{remedy}; not {value!r:.80}")
    if len(value) > MAX_KIND:
        raise DataError(f"{where}: {key} must have at most {MAX_KIND} characters, not {len(value)}")
    return value


def check_keys(table: dict[str, Any], known: set[str], where: str) -> None:
    """Raise `DataError` for a key that is not among `known`."""
    for key in table:
        if key not in known:
            raise DataError(f"{where} has an unknown key {key!r:.60}; known are {', '.join(sorted(known))}")


def check_number(table: dict[str, Any], key: str, where: str, lowest: int = 0) -> int | None:
    """Return an integer of `lowest` to MAX_NUMBER, or None if the table lacks it. Raises `DataError`."""
    value = table.get(key)
    if value is None:
        return None
    if type(value) is not int or not lowest <= value <= MAX_NUMBER:
        raise DataError(f"{where}: {key} must be {lowest} to {MAX_NUMBER}, not {value!r:.60}")
    return value
