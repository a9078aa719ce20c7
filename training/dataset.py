"""Folders and sheets of pixel art -> one array of tiles with kinds: `read_art`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tilewright.errors import DataError, UsageError

from .art.files import list_pictures
from .art.reader import ArtReader, Settings, folder_of_kind
from .art.recipe import Recipe, Rule, kind_name, read_recipe
from .art.report import Report
from .art.sources import Source, find_source

__all__ = ["Dataset", "Report", "Source", "read_art"]

SMALLEST, LARGEST = 4, 128


@dataclass(frozen=True)
class Dataset:
    """Tiles of one size, canonical: alpha is 0 or 255, rgb is 0 where alpha is 0, no two are equal."""

    images: np.ndarray  # uint8 (N, S, S, 4)
    labels: np.ndarray  # int64 (N,), indices into kinds
    kinds: tuple[str, ...]  # those with a tile: sorted, or in the order of the recipe
    sources: tuple[Source, ...]
    digest: str  # sha256 over images, labels and kinds, in hex


def read_art(
    folders: Sequence[Path],
    size: int,
    *,
    kinds: Path | None = None,
    margin: int | None = None,
    spacing: int | None = None,
    transparent: bool | None = None,
) -> tuple[Dataset, Report]:
    """Read every tile of `size` x `size` pixels (4 to 128) beneath `folders`, in an order of names alone.

    `kinds` is a recipe (docs/training_data.md); without one a tile's kind is the first folder beneath
    the given one that holds pictures. `margin` and `spacing` of sheets, in pixels, are detected unless
    given. `transparent`: True also clears the solid ground of opaque pictures, as sprites need; False
    keeps opaque tiles alone; None takes pictures as they are. What the recipe says wins.

    A bad picture among good ones is skipped and reported. Raises `UsageError` for a number out of
    range, `DataError` for a folder that is missing or empty, where nothing is usable, or for a recipe
    that is wrong.
    """
    if not SMALLEST <= size <= LARGEST:
        raise UsageError(f"read_art(): size must be {SMALLEST} to {LARGEST} pixels, not {size}")
    for name, length in (("margin", margin), ("spacing", spacing)):
        if length is not None and length < 0:
            raise UsageError(f"read_art(): {name} must be 0 or more pixels, not {length}")
    if not folders:
        raise UsageError("read_art(): no folder given; name a folder with PNG files")
    recipe = None if kinds is None else read_recipe(Path(kinds))
    if recipe is not None and recipe.size not in (None, size):
        name = Path(str(kinds)).name
        raise UsageError(f"read_art(): size {size}, but {name} is for size {recipe.size}")
    reader = ArtReader(_settings(recipe, Settings(size, margin, spacing, transparent)))
    sources: dict[Source, None] = {}
    for folder in folders:
        sources.update(_read_folder(Path(folder), recipe, reader))
    if not reader.tiles:
        raise DataError(_nothing_usable(folders, size, reader.report))
    names = _present(reader.tiles, recipe)
    images, labels = _arrays(reader.tiles, names, size)
    reader.report.tiles = len(images)
    reader.report.kinds = {name: int((labels == i).sum()) for i, name in enumerate(names)}
    return Dataset(images, labels, names, tuple(sources), _digest(images, labels, names)), reader.report


def _settings(recipe: Recipe | None, given: Settings) -> Settings:
    if recipe is None:
        return given
    return Settings(
        size=given.size,
        margin=given.margin if recipe.margin is None else recipe.margin,
        spacing=given.spacing if recipe.spacing is None else recipe.spacing,
        transparent=given.transparent if recipe.transparent is None else recipe.transparent,
        palette=recipe.palette,
    )


def _read_folder(folder: Path, recipe: Recipe | None, reader: ArtReader) -> dict[Source, None]:
    """Read what lies beneath one folder; return the sources of the tiles it gave, in order."""
    if not folder.exists():
        raise DataError(f"read_art(): there is no folder {folder}; check the path")
    if not folder.is_dir():
        raise DataError(f"read_art(): {folder} is not a folder; name the folder it lies in")
    listing = list_pictures(folder)
    if not listing.pictures:
        raise DataError(f"read_art(): no pictures in {folder}; put PNG, GIF, BMP or WebP files there")
    reader.report.skipped += listing.skipped
    root = folder.resolve()
    with_pictures = {picture.folder for picture in listing.pictures}
    sources_of: dict[str, Source] = {}
    used: dict[Source, None] = {}
    folders_of: dict[str, str] = {}
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
        elif reader.read(picture, rules):
            if picture.folder not in sources_of:
                sources_of[picture.folder] = find_source(root / picture.folder, root)
            used[sources_of[picture.folder]] = None
    return used


def _present(tiles: dict[bytes, str], recipe: Recipe | None) -> tuple[str, ...]:
    present = set(tiles.values())
    return tuple(name for name in (recipe.kinds if recipe else sorted(present)) if name in present)


def _arrays(tiles: dict[bytes, str], names: tuple[str, ...], size: int) -> tuple[np.ndarray, np.ndarray]:
    index = {name: i for i, name in enumerate(names)}
    labels = np.array([index[name] for name in tiles.values()], dtype=np.int64)
    images = np.frombuffer(bytearray().join(tiles), dtype=np.uint8).reshape(len(tiles), size, size, 4)
    return images, labels


def _digest(images: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> str:
    digest = hashlib.sha256(repr((images.shape, names)).encode())
    digest.update(images.tobytes())
    digest.update(labels.astype("<i8").tobytes())
    return digest.hexdigest()


def _nothing_usable(folders: Sequence[Path], size: int, report: Report) -> str:
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
    return f"read_art(): nothing usable in {names} at size {size} ({why}); check the size and the kinds"
