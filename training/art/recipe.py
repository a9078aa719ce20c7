"""The small TOML file that says which pictures are of which kind."""

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tilewright.errors import DataError

KIND_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
MAX_KIND = 60  # characters of a kind
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
SPAN = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")
TOP_KEYS = {"palette", "size", "margin", "spacing", "transparent", "rule"}
RULE_KEYS = {"match", "kind", "skip", "tile", "margin", "spacing", "rows", "columns", "transparent"}


@dataclass(frozen=True)
class Rule:
    """What holds for the pictures whose path matches one of the globs; None: as given, or detected.

    `rows` and `columns` narrow it to some cells of a sheet.
    """

    match: tuple[str, ...]
    kind: str
    skip: bool = False
    tile: int | None = None
    margin: int | None = None
    spacing: int | None = None
    rows: frozenset[int] | None = None
    columns: frozenset[int] | None = None
    transparent: bool | None = None

    def skips_whole_pictures(self) -> bool:
        return self.skip and self.rows is None and self.columns is None

    def covers(self, row: int, column: int) -> bool:
        return (self.rows is None or row in self.rows) and (self.columns is None or column in self.columns)


@dataclass(frozen=True)
class Recipe:
    """Ordered rules; the first that matches a cell decides its kind.

    Paths are relative to the folder that is read, with `/` between names.
    """

    rules: tuple[Rule, ...]
    size: int | None = None
    margin: int | None = None
    spacing: int | None = None
    transparent: bool | None = None
    palette: tuple[tuple[int, int, int], ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind once, in the order of the rules."""
        return tuple(dict.fromkeys(rule.kind for rule in self.rules if not rule.skip))

    def rules_for(self, relative: str) -> tuple[Rule, ...]:
        """The rules whose globs match a path, in order."""
        return tuple(rule for rule in self.rules if any(fnmatchcase(relative, glob) for glob in rule.match))


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe. Raises `DataError` naming the rule and the cure."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"read_art(): cannot read {path}; name a TOML file") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"read_art(): {path.name} is not TOML: {error}") from error
    where = f"read_art(): {path.name}"
    _known_keys(table, TOP_KEYS, where)
    rules = table.get("rule")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise DataError(f"{where} has no rules; add a [[rule]] with match and kind")
    return Recipe(
        rules=tuple(_rule(rule, f"{where}: rule {i + 1}") for i, rule in enumerate(rules)),
        size=_number(table, "size", where, lowest=1),
        margin=_number(table, "margin", where),
        spacing=_number(table, "spacing", where),
        transparent=_flag(table, "transparent", where),
        palette=_palette(table, where),
    )


def kind_name(text: str) -> str:
    """A folder's name as a kind: lower case, `-` for all but letters, digits, - and _, at most MAX_KIND of them."""
    return re.sub(r"[^\w-]+", "-", text.lower()).strip("-_")[:MAX_KIND] or "art"


def _rule(table: dict[str, Any], where: str) -> Rule:
    _known_keys(table, RULE_KEYS, where)
    match = table.get("match")
    globs = [match] if isinstance(match, str) else match
    if not isinstance(globs, list) or not globs or not all(isinstance(glob, str) for glob in globs):
        raise DataError(f"{where}: match must be a glob or a list of globs, not {match!r}")
    skip = bool(_flag(table, "skip", where))
    kind = table.get("kind", "")
    if not skip and not (isinstance(kind, str) and KIND_NAME.fullmatch(kind)):
        raise DataError(f"{where}: kind must be a-z, 0-9, - and _, or say skip = true; not {kind!r}")
    return Rule(
        match=tuple(globs),
        kind=str(kind),
        skip=skip,
        tile=_number(table, "tile", where, lowest=1),
        margin=_number(table, "margin", where),
        spacing=_number(table, "spacing", where),
        rows=_numbers(table, "rows", where),
        columns=_numbers(table, "columns", where),
        transparent=_flag(table, "transparent", where),
    )


def _known_keys(table: dict[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise DataError(f"{where} has an unknown key {key!r}; known are {', '.join(sorted(known))}")


def _number(table: dict[str, Any], key: str, where: str, lowest: int = 0) -> int | None:
    value = table.get(key)
    if value is None:
        return None
    if type(value) is not int or not lowest <= value <= 4096:
        raise DataError(f"{where}: {key} must be {lowest} to 4096, not {value!r}")
    return value


def _flag(table: dict[str, Any], key: str, where: str) -> bool | None:
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise DataError(f"{where}: {key} must be true or false, not {value!r}")
    return value


def _numbers(table: dict[str, Any], key: str, where: str) -> frozenset[int] | None:
    """Which rows or columns: "3", "0-11" or "1, 4-7", counted from 0."""
    value = table.get(key)
    if value is None:
        return None
    spans = [SPAN.fullmatch(part.strip()) for part in value.split(",")] if isinstance(value, str) else [None]
    numbers: set[int] = set()
    for span in spans:
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
        if first > last:
            raise DataError(f'{where}: {key} must look like "0-11" or "1, 4-7", not {value!r}')
        numbers.update(range(first, last + 1))
    return frozenset(numbers)


def _palette(table: dict[str, Any], where: str) -> tuple[tuple[int, int, int], ...]:
    colours = table.get("palette", [])
    if not isinstance(colours, list) or len(colours) > 256:
        raise DataError(f'{where}: palette must be a list of at most 256 colours such as "#30346d"')
    for colour in colours:
        if not isinstance(colour, str) or not COLOUR.fullmatch(colour):
            raise DataError(f'{where}: a palette colour looks like "#30346d", not {colour!r}')
    return tuple((int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) for c in colours)
