"""Recommend how to read a folder: tile size and recipe."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tilewright.pictures import UnreadableError

from ..art.files import Listing
from ..art.reader import folder_of_kind
from ..art.recipe import kind_name
from ..art.stated import GROUND, OPAQUE, open_picture
from ..size import LARGE, LEAST, MOST
from .survey import ATLAS, OFF_GRID, PREVIEW, SHEET, TILE, TRIMMED, UNREADABLE, Look, Survey

COMMON = (8, 16, 24, 32, 48, 64)
HELD = 0.8  # share of the trimmed sprites that must fit a size
MOST_KINDS = 24
EMPTY_RIMS = 0.95  # share of the tiles that must have an empty rim; the others lose a pixel
GENERIC = {
    "tiles",
    "tile",
    "tilemap",
    "tilesheet",
    "sheet",
    "sheets",
    "spritesheet",
    "sprites",
    "png",
    "images",
}
RIMMED = (8, 16, 32, 64)  # sizes of tiles that are often stored with an empty rim of one pixel


@dataclass(frozen=True)
class Advice:
    """How to read the folder."""

    size: int  # tile size in pixels
    transparent: bool  # clear the ground of all opaque pictures
    recipe: str  # TOML
    needs_recipe: bool  # without the recipe, reading would cut or label something wrongly


def advise(folder: Path, listing: Listing, survey: Survey, joined: Mapping[str, str] | None = None) -> Advice:
    """Derive advice from a survey. joined: kinds that are merged into others."""
    other = joined or {}
    found = survey.size or _size_that_holds(survey)
    rim = found - 2 in RIMMED and _rims_are_empty(listing, survey, found)
    size = found - 2 if rim else trained_size(found)
    used = [look for look in survey.looks if _is_used(look, found)]
    grounds = [look for look in used if look.convention == GROUND]
    transparent = bool(grounds) and not any(look.convention == OPAQUE for look in used)
    kinds = _kinds(folder, used)
    plans: dict[str, tuple[str, ...]] = {
        look.relative: ("skip = true",)
        for look in survey.looks
        if look.role not in (PREVIEW, UNREADABLE) and not _is_used(look, found)
    }
    special = False
    for look in used:
        settings = _settings(look, size, rim and look.tile == found, transparent)
        special |= bool(settings)
        kind = kinds[look.relative]
        plans[look.relative] = (f'kind = "{other.get(kind, kind)}"', *settings)
    head = [f"size = {size}", *(["transparent = true"] if transparent else []), ""]
    needs = special or ("skip = true",) in plans.values() or kinds != _plain_kinds(folder, listing, used)
    return Advice(size, transparent, "\n".join([*head, *_rules(plans)]), needs)


def trained_size(size: int) -> int:
    """Return the smallest trainable edge that holds tiles of `size` pixels, or `size` if there is none."""
    return max(size, LEAST) if size <= MOST else max(size, LARGE[0])


def _rims_are_empty(listing: Listing, survey: Survey, size: int) -> bool:
    """Whether single tiles of this size are smaller tiles with an empty rim of one pixel."""
    paths = {picture.relative: picture.path for picture in listing.pictures}
    tiles = [look for look in survey.looks if look.role == TILE and look.tile == size]
    if not tiles or any(look.role == SHEET and look.tile == size for look in survey.looks):
        return False
    empty = 0
    for look in tiles:
        try:
            alpha = open_picture(paths[look.relative]).pixels[..., 3].copy()
        except UnreadableError:
            return False
        alpha[1:-1, 1:-1] = 0
        empty += not alpha.any()
    return empty >= EMPTY_RIMS * len(tiles)


def _is_used(look: Look, size: int) -> bool:
    if look.role in (TILE, SHEET):
        return 0 < look.tile <= size
    if look.role == ATLAS:
        return look.sprites[0] <= size
    return look.role == TRIMMED


def _size_that_holds(survey: Survey) -> int:
    """Return the smallest common size that holds most of the trimmed sprites."""
    lengths = sorted(
        length
        for look in survey.looks
        if look.role in (TRIMMED, OFF_GRID, TILE, ATLAS) and look.width
        for length in (look.sprites or (max(look.width, look.height),))
    )
    if not lengths:
        return 16
    wanted = lengths[min(len(lengths) - 1, int(HELD * len(lengths)))]
    return next((size for size in COMMON if size >= wanted), COMMON[-1])


def _settings(look: Look, size: int, rim: bool, transparent: bool) -> tuple[str, ...]:
    """Return the settings that a rule needs for a picture besides the kind."""
    lines = []
    if rim:
        lines += [f"tile = {size}", "margin = 1", "spacing = 0"]
    elif look.grid is not None and look.tile != size:
        margin = look.grid.margin if isinstance(look.grid.margin, int) else list(look.grid.margin)
        lines += [f"tile = {look.tile}", f"margin = {margin}", f"spacing = {look.grid.spacing}"]
    if look.role in (SHEET, ATLAS) and look.convention == GROUND and not (rim or transparent):
        lines.append("transparent = true")
    return tuple(lines)


def _kinds(folder: Path, used: list[Look]) -> dict[str, str]:
    """Map each picture to a kind: its nearest descriptive folder, or one further up if those are too many."""
    kinds: dict[str, str] = {}
    for depth in (None, 2, 1):
        for look in used:
            parts = look.relative.split("/")[:-1][:depth]
            telling = [part for part in parts if part.lower() not in GENERIC]
            parts = telling or parts[1:2] or parts
            kinds[look.relative] = _ascii(
                "-".join(parts[-1 if depth is None else 0 :]) or folder.resolve().name
            )
        if len(set(kinds.values())) <= MOST_KINDS:
            break
    return kinds


def _plain_kinds(folder: Path, listing: Listing, used: list[Look]) -> dict[str, str]:
    """Map each picture to the kind that `read_art` assigns without a recipe."""
    root = folder.resolve()
    pictures = {picture.relative: picture for picture in listing.pictures}
    holders = {picture.folder for picture in listing.pictures}
    return {look.relative: kind_name(folder_of_kind(pictures[look.relative], root, holders)) for look in used}


def _rules(plans: dict[str, tuple[str, ...]]) -> list[str]:
    """Return TOML rules for the pictures, merged per folder where possible."""
    inside: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for relative, plan in plans.items():
        for prefix in _prefixes(relative):
            inside[prefix].add(plan)
    globs: dict[tuple[str, ...], dict[str, None]] = {}
    for relative, plan in plans.items():
        whole = next((prefix + "*" for prefix in _prefixes(relative) if len(inside[prefix]) == 1), None)
        globs.setdefault(plan, {})[_escaped(whole[:-1]) + "*" if whole else _escaped(relative)] = None
    lines = []
    for plan, matches in globs.items():
        quoted = [json.dumps(match, ensure_ascii=False) for match in matches]
        several = "[\n" + "".join(f"  {match},\n" for match in quoted) + "]"
        lines += ["[[rule]]", f"match = {quoted[0] if len(quoted) == 1 else several}", *plan, ""]
    return lines


def _prefixes(relative: str) -> list[str]:
    """Return "" and every folder of the path with a trailing slash, from the top."""
    return ["", *(relative[: i + 1] for i, c in enumerate(relative) if c == "/")]


def _ascii(name: str) -> str:
    """Return a name that a recipe accepts as a kind: a-z, 0-9, - and _."""
    return re.sub(r"[^a-z0-9_-]+", "-", kind_name(name)).strip("-_") or "art"


def _escaped(relative: str) -> str:
    """Return a glob that matches a path. Characters that TOML cannot express become `?`."""
    text = re.sub(r"([*?\[])", r"[\1]", relative)
    return "".join(c if c.isprintable() else "?" for c in text)
