"""Folders and sheets of pixel art -> one array of tiles with kinds: `read_art`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tilewright.errors import UsageError
from tilewright.pack import Source

from ..art.gather import gather
from ..art.grid import Margin
from ..art.report import Report
from ..art.tiles import PixelsInMemory
from .stored_set import digest_of, is_stored_set, open_stored_set

__all__ = ["Dataset", "Report", "Source", "read_art"]


@dataclass(frozen=True)
class Dataset:
    """Tiles of one size, canonical: alpha is 0 or 255, rgb is 0 where alpha is 0, no two are equal."""

    images: (
        np.ndarray
    )  # uint8 (N, S, S, 4); perhaps a file mapped into memory: take batches, never copy it whole
    labels: np.ndarray  # int64 (N,), indices into kinds
    kinds: tuple[str, ...]  # those with a tile: sorted, or in the order of the recipe
    sources: tuple[Source, ...]
    digest: str  # sha256 over images, labels and kinds, in hex
    # int32 (N,), 0 .. G-1: tiles with one number are relatives (near-duplicates, recolours, frames of one drawing,
    # one name), which `split` keeps together. Not given: every tile is alone.
    groups: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))

    def __post_init__(self) -> None:
        """Fill in groups that were not given."""
        if len(self.groups) != len(self.labels):
            object.__setattr__(self, "groups", np.arange(len(self.labels), dtype=np.int32))


def read_art(
    folders: Sequence[Path],
    size: int,
    *,
    kinds: Path | None = None,
    margin: Margin | None = None,
    spacing: int | None = None,
    transparent: bool | None = None,
    shadows: str | None = None,
) -> tuple[Dataset, Report]:
    """Read every tile of `size` x `size` pixels (4 to 128) beneath `folders`, in an order of names alone.

    `kinds` is a recipe (docs/training_data.md); without one a tile's kind is the first folder beneath
    the given one that holds pictures. `margin` (one number, or left and top) and `spacing` of sheets, in
    pixels, are found unless given. `transparent`: True also clears the solid ground of opaque pictures,
    as sprites need; False keeps opaque tiles alone; None takes pictures as they are. What the recipe
    says wins.

    `shadows`: "keep" makes half-transparent shadows opaque in their own dark colour, "drop" (None) clears them.

    One folder may be a set that `tilewright data build` wrote: it is mapped into memory as it was built.

    A bad picture among good ones is skipped and reported. Raises `UsageError` for a number out of
    range, `DataError` for a folder that is missing or empty, where nothing is usable, for a recipe
    that is wrong, or for a set that is damaged.
    """
    stored = [folder for folder in map(Path, folders) if is_stored_set(folder)]
    if stored:
        if len(folders) > 1 or any(
            option is not None for option in (kinds, margin, spacing, transparent, shadows)
        ):
            raise UsageError(
                f"read_art(): {stored[0]} is a set that was built: give it alone, without options for reading art"
            )
        return _open(stored[0], size)
    pixels = PixelsInMemory(size)
    found = gather(
        folders,
        size,
        pixels,
        kinds=kinds,
        margin=margin,
        spacing=spacing,
        transparent=transparent,
        shadows=shadows,
    )
    images = pixels.images()
    digest = digest_of(images, found.labels, found.kinds)
    groups = found.tiles.groups(images)
    return Dataset(images, found.labels, found.kinds, found.sources, digest, groups), found.report


def _open(path: Path, size: int) -> tuple[Dataset, Report]:
    stored = open_stored_set(path)
    if stored.images.shape[1] != size:
        raise UsageError(
            f"read_art(): {path} holds tiles of {stored.images.shape[1]} pixels, not {size}: give that --size"
        )
    counts = np.bincount(stored.labels, minlength=len(stored.kinds))
    report = Report(tiles=len(stored.labels))
    report.kinds = {name: int(count) for name, count in zip(stored.kinds, counts, strict=True)}
    data = Dataset(stored.images, stored.labels, stored.kinds, stored.sources, stored.digest, stored.groups)
    return data, report
