"""Recipes: TOML files that assign kinds to pictures."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tilewright.errors import DataError
from tilewright.files import is_printable_line
from tilewright.palette_files import hex_colour

from ..size import Size
from .grid import Margin
from .recipe_values import (
    MAX_KIND,
    check_globs,
    check_keys,
    check_kind,
    check_number,
    check_tables,
    read_toml,
)

MAX_RULES = 1024
MAX_SPANS = 256
SHADOWS = ("keep", "drop")
SPAN = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")
TOP_KEYS = {"palette", "size", "margin", "spacing", "transparent", "shadows", "licence", "rule"}
RULE_KEYS = {
    "match",
    "kind",
    "skip",
    "tile",
    "margin",
    "spacing",
    "rows",
    "columns",
    "transparent",
    "licence",
    "palette",
}


@dataclass(frozen=True)
class Rule:
    """Settings for the pictures whose path matches one of the globs. None means: as given by the caller, or
    detected.

    `rows` and `columns` restrict the rule to some cells of a sheet: bit n is set if row n belongs to it.
    """

    match: tuple[str, ...]
    kind: str
    skip: bool = False
    tile: Size | None = None
    margin: Margin | None = None
    spacing: int | None = None
    rows: int | None = None
    columns: int | None = None
    transparent: bool | None = None
    licence: str = ""  # of these pictures, if it is not that of their source
    palette: tuple[tuple[int, int, int], ...] = ()  # of the recipe's colours, those of these pictures

    def skips_whole_pictures(self) -> bool:
        return self.skip and self.rows is None and self.columns is None

    def covers(self, row: int, column: int) -> bool:
        """Whether the rule applies to a cell of a sheet."""
        return (self.rows is None or bool(self.rows >> row & 1)) and (
            self.columns is None or bool(self.columns >> column & 1)
        )


@dataclass(frozen=True)
class Recipe:
    """Ordered rules. The first rule that matches a cell decides its kind.

    Paths are relative to the root folder, with `/` as separator.
    """

    rules: tuple[Rule, ...]
    size: Size | None = None
    margin: Margin | None = None
    spacing: int | None = None
    transparent: bool | None = None
    palette: tuple[tuple[int, int, int], ...] = ()
    shadows: str | None = None  # one of SHADOWS

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds without duplicates, in the order of the rules."""
        return tuple(dict.fromkeys(rule.kind for rule in self.rules if not rule.skip))

    def rules_for(self, relative: str) -> tuple[Rule, ...]:
        """Return the rules whose globs match a path, in order."""
        return tuple(rule for rule in self.rules if any(fnmatchcase(relative, glob) for glob in rule.match))


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe. Raises `DataError`, which names the rule and the remedy."""
    table = read_toml(path, "read_art()")
    where = f"read_art(): {path.name}"
    check_keys(table, TOP_KEYS, where)
    rules = check_tables(table, "rule", f"{where} has no rules; add a [[rule]] with match and kind")
    licence, palette = _licence(table, where), _palette(table, where)
    if len(rules) > MAX_RULES:
        raise DataError(f"{where} must have 1 to {MAX_RULES} rules, not {len(rules)}")
    return Recipe(
        rules=tuple(_rule(rule, f"{where}: rule {i + 1}", licence, palette) for i, rule in enumerate(rules)),
        size=_size(table, "size", where),
        margin=_margin(table, where),
        spacing=check_number(table, "spacing", where),
        transparent=_flag(table, "transparent", where),
        palette=palette,
        shadows=_shadows(table, where),
    )


def kind_name(text: str) -> str:
    """Turn a folder name into a kind: lower case, `-` for other characters than letters, digits, - and _.

    The result has at most MAX_KIND characters.
    """
    return re.sub(r"[^\w-]+", "-", text.lower()).strip("-_")[:MAX_KIND] or "art"


def _rule(table: dict[str, Any], where: str, licence: str, colours: tuple[tuple[int, int, int], ...]) -> Rule:
    """Return a rule. licence, colours: those above the rules."""
    check_keys(table, RULE_KEYS, where)
    match = check_globs(table, "match", where)
    skip = bool(_flag(table, "skip", where))
    palette = _palette(table, where)
    others = [f"#{bytes(colour).hex()}" for colour in palette if colour not in colours]
    if "palette" in table and not palette:
        raise DataError(f"{where}: palette must name colours, or be left out")
    if others:
        raise DataError(f"{where}: {others[0]} is not in the palette above the rules: add it there")
    kind = "" if skip else check_kind(table.get("kind", ""), "kind", where, ", or say skip = true")
    return Rule(
        match=match,
        kind=kind,
        skip=skip,
        tile=_size(table, "tile", where),
        margin=_margin(table, where),
        spacing=check_number(table, "spacing", where),
        rows=_numbers(table, "rows", where),
        columns=_numbers(table, "columns", where),
        transparent=_flag(table, "transparent", where),
        licence=_licence(table, where) or licence,
        palette=palette,
    )


def _licence(table: dict[str, Any], where: str) -> str:
    value = table.get("licence", "")
    if not is_printable_line(value) or ("licence" in table and not value):
        raise DataError(
            f"{where}: licence must be a printable text of at most 200 characters, not {value!r:.60}"
        )
    return str(value)


def _margin(table: dict[str, Any], where: str) -> Margin | None:
    """Return one margin for both axes, or `[left, top]`."""
    value = table.get("margin")
    if isinstance(value, list) and len(value) == 2:
        left, top = (check_number({"margin": one}, "margin", where) for one in value)
        if left is not None and top is not None:
            return left, top
    return check_number(table, "margin", where)


def _size(table: dict[str, Any], key: str, where: str) -> Size | None:
    """Return the size of square tiles, or of `[width, height]`."""
    value = table.get(key)
    if isinstance(value, list) and len(value) == 2:
        width, height = (check_number({key: one}, key, where, lowest=1) for one in value)
        if width is not None and height is not None:
            return height, width
    edge = check_number(table, key, where, lowest=1)
    return None if edge is None else (edge, edge)


def _flag(table: dict[str, Any], key: str, where: str) -> bool | None:
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise DataError(f"{where}: {key} must be true or false, not {value!r:.60}")
    return value


def _shadows(table: dict[str, Any], where: str) -> str | None:
    value = table.get("shadows")
    if value is not None and value not in SHADOWS:
        raise DataError(f'{where}: shadows must be "keep" or "drop", not {value!r:.60}')
    return value


def _numbers(table: dict[str, Any], key: str, where: str) -> int | None:
    """Parse row or column numbers, counted from 0: "3", "0-11" or "1, 4-7". Bit n of the result is set for each n."""
    value = table.get(key)
    if value is None:
        return None
    parts = value.split(",") if isinstance(value, str) else [""]
    spans = [SPAN.fullmatch(part.strip()) for part in parts] if len(parts) <= MAX_SPANS else [None]
    numbers = 0
    for span in spans:
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
        if first > last:
            raise DataError(f'{where}: {key} must look like "0-11" or "1, 4-7", not {value!r:.60}')
        numbers |= (1 << last + 1) - (1 << first)
    return numbers


def _palette(table: dict[str, Any], where: str) -> tuple[tuple[int, int, int], ...]:
    colours = table.get("palette", [])
    if not isinstance(colours, list) or len(colours) > 256:
        raise DataError(f'{where}: palette must be a list of at most 256 colours such as "#30346d"')
    found = [hex_colour(colour) if isinstance(colour, str) else None for colour in colours]
    for colour, value in zip(colours, found, strict=True):
        if value is None or value[3] != 255:
            raise DataError(f'{where}: a palette colour looks like "#30346d", not {colour!r:.60}')
    return tuple(value[:3] for value in found if value is not None)
