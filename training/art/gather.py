"""Collect distinct tiles, kinds and sources from folders of art. Pixels go to a `Pixels` sink."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tilewright.errors import DataError, UsageError
from tilewright.pack import Source
from tilewright.pictures import Budget

from ..size import Size, short_text
from .files import Listing, Picture, list_pictures
from .grid import Margin, split_margin
from .kinds import too_small
from .reader import ArtReader, Settings, folder_of_kind
from .recipe import SHADOWS, Recipe, Rule, kind_name, read_recipe
from .report import Report
from .sources import MAX_NAMES, find_source
from .tiles import Pixels, Tiles

SMALLEST, LARGEST = 4, 128


@dataclass(frozen=True)
class Gathered:
    """The result of `gather`, without the pixels."""

    tiles: Tiles
    labels: np.ndarray  # int64 (N,), indices into kinds
    kinds: tuple[str, ...]  # kinds that have tiles: sorted, or in the order of the recipe
    sources: tuple[Source, ...]
    report: Report


def gather(
    folders: Sequence[Path],
    size: Size,
    pixels: Pixels,
    *,
    kinds: Path | None = None,
    margin: Margin | None = None,
    spacing: int | None = None,
    transparent: bool | None = None,
    shadows: str | None = None,
    most: int | None = None,
) -> Gathered:
    """Like `read_art` (arguments and errors there), but sends the pixels to `pixels`. Keeps at most `most`
    tiles.
    """
    if not all(SMALLEST <= edge <= LARGEST for edge in size):
        raise UsageError(f"read_art(): size must be {SMALLEST} to {LARGEST} pixels, not {short_text(size)}")
    for name, lengths in (
        ("margin", () if margin is None else split_margin(margin)),
        ("spacing", (spacing or 0,)),
    ):
        if min(lengths, default=0) < 0:
            raise UsageError(f"read_art(): {name} must be 0 or more pixels, not {min(lengths)}")
    if shadows not in (None, *SHADOWS):
        raise UsageError(f"read_art(): shadows must be keep or drop, not {shadows!r:.60}")
    if not folders:
        raise UsageError("read_art(): no folder given; name a folder with PNG files")
    recipe = None if kinds is None else read_recipe(Path(kinds))
    if recipe is not None and recipe.size is not None and recipe.size != size:
        name = Path(str(kinds)).name
        raise UsageError(
            f"read_art(): size {short_text(size)}, but {name} is for size {short_text(recipe.size)}"
        )
    given = Settings(size, margin, spacing, transparent, keep_shadows=shadows == "keep")
    reader = ArtReader(_settings(recipe, given), pixels, most)
    reader.report.shadows_kept = reader.settings.keep_shadows
    sources: dict[Source, None] = {}
    for folder in folders:
        sources.update(_read_folder(Path(folder), recipe, reader))
    tiles = reader.tiles
    if not len(tiles):
        raise DataError(_nothing_usable(folders, size, reader.report))
    if max(len(sources), len(tiles.kinds)) > MAX_NAMES:
        raise DataError(
            f"read_art(): {len(tiles.kinds)} kinds of {len(sources)} sources, more than {MAX_NAMES}; "
            "merge some in a recipe (--kinds), or in one SOURCE.json"
        )
    numbers = np.bincount(np.array(tiles.kind_of), minlength=len(tiles.kinds)).tolist()
    found = dict(zip(tiles.kinds, numbers, strict=True))
    joined = too_small(found) if recipe is None else {}
    reader.report.joined = {kind: (found[kind], other) for kind, other in joined.items()}
    ordered = recipe.kinds if recipe else sorted(found)
    names = tuple(kind for kind in ordered if kind in found and kind not in joined)
    labels = np.array([names.index(joined.get(kind, kind)) for kind in found], np.int64)[
        np.array(tiles.kind_of)
    ]
    counts = np.bincount(labels, minlength=len(names))
    reader.report.tiles = len(tiles)
    reader.report.kinds = {name: int(count) for name, count in zip(names, counts, strict=True)}
    return Gathered(tiles, labels, names, tuple(sources), reader.report)


def _settings(recipe: Recipe | None, given: Settings) -> Settings:
    if recipe is None:
        return given
    return Settings(
        size=given.size,
        margin=given.margin if recipe.margin is None else recipe.margin,
        spacing=given.spacing if recipe.spacing is None else recipe.spacing,
        transparent=given.transparent if recipe.transparent is None else recipe.transparent,
        palette=recipe.palette,
        keep_shadows=given.keep_shadows if recipe.shadows is None else recipe.shadows == "keep",
    )


def list_folder(folder: Path) -> Listing:
    """Call `list_pictures`. Raises `DataError` if the folder is missing or holds no pictures."""
    if not folder.exists():
        raise DataError(f"read_art(): there is no folder {folder}; check the path")
    if not folder.is_dir():
        raise DataError(f"read_art(): {folder} is not a folder; name the folder that contains it")
    listing = list_pictures(folder)
    if not listing.pictures:
        raise DataError(f"read_art(): no pictures in {folder}; add PNG, GIF, BMP or WebP files")
    return listing


def _read_folder(folder: Path, recipe: Recipe | None, reader: ArtReader) -> dict[Source, None]:
    """Read one folder. Returns the sources of the tiles that it contributed, in order."""
    listing = list_folder(folder)
    reader.report.skipped += listing.skipped
    root = folder.resolve()
    budget = Budget()
    with_pictures = {picture.folder for picture in listing.pictures}
    sources_of: dict[str, Source] = {}
    used: dict[Source, None] = {}
    folders_of: dict[str, str] = {}
    later: list[tuple[Picture, tuple[Rule, ...]]] = []
    for picture in listing.pictures:
        if recipe is None:
            name = folder_of_kind(picture, root, with_pictures)
            other = folders_of.setdefault(kind_name(name), name)
            if other.lower() != name.lower():
                raise DataError(f"read_art(): the folders {other!r} and {name!r} give one kind; rename one")
            rules: tuple[Rule, ...] = (Rule(match=("*",), kind=kind_name(name)),)
        else:
            rules = recipe.rules_for(picture.relative)
        if not rules or rules[0].skips_whole_pictures():
            reader.report.unclaimed += 1
            continue
        later.append((picture, rules))
    for last in (False, True):
        waiting, later = later, []
        for picture, rules in waiting:
            count = reader.read(picture, rules, budget, last)
            if count is None:
                later.append((picture, rules))
            elif count:
                if picture.folder not in sources_of:
                    sources_of[picture.folder] = find_source(root / picture.folder, root)
                source = sources_of[picture.folder]
                used[replace(source, licence=rules[0].licence) if rules[0].licence else source] = None
        reader.originals = len(reader.tiles)
    return used


def _nothing_usable(folders: Sequence[Path], size: Size, report: Report) -> str:
    if report.skipped:
        path, reason = report.skipped[0]
        why = f"{path}: {reason}"
    elif report.see_through:
        why = "every tile has transparent pixels and opaque ones were asked for"
    elif report.files == len(report.previews) == 0:
        why = "no rule of the recipe matches a picture"
    else:
        why = "only blank tiles and previews"
    names = ", ".join(str(folder) for folder in folders)
    return f"read_art(): nothing usable in {names} at size {short_text(size)} ({why}); check the size and the kinds"
