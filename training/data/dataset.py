"""Read folders and sheets of pixel art into one array of tiles with kinds: `read_art`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tilewright.errors import UsageError
from tilewright.frame_sheets import FrameSheet
from tilewright.pack import Source

from ..art.gather import gather
from ..art.grid import Margin
from ..art.report import Report
from ..art.tiles import PixelsInMemory
from ..size import Size, as_size, short_text
from .stored_set import digest_of, is_stored_set, open_stored_set
from .vocabulary import Vocabulary, no_words, vocabulary

__all__ = ["Dataset", "Report", "Source", "read_art"]


ONE_FRAME = FrameSheet(1, 1)


@dataclass(frozen=True)
class Dataset:
    """Tiles of one size in canonical form: alpha is 0 or 255, rgb is 0 where alpha is 0, and no two tiles are
    equal.
    """

    # uint8 (N, S, S, 4): an array, or what reads like one (Some, Windows), perhaps from a file: avoid whole copies
    images: Any
    labels: np.ndarray  # int64 (N,), indices into kinds
    kinds: tuple[str, ...]  # kinds that have tiles: sorted, or in the order of the recipe
    sources: tuple[Source, ...]
    digest: str  # sha256 over images, labels and kinds, in hex
    # int32 (N,), 0 .. G-1. Tiles with equal numbers are relatives (near-duplicates, recolours, frames of one
    # drawing, equal names), which `split` keeps together. By default, every tile is its own group.
    groups: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    # uint8 (N, H / cell, W / cell): the kind of each cell of a picture, `cell` pixels along an edge; read it like
    # images. None: all of a picture is of the kind in labels.
    kind_maps: Any = None
    cell: int = 1
    # words of the pictures: of their paths, and measured ones
    vocabulary: Vocabulary = field(default_factory=lambda: no_words(0))
    sheet: FrameSheet = ONE_FRAME  # of animation sheets; pictures may be columns of its frames
    palette: Any = None  # uint8 (K, 4): that of a run on the data; None: that of `images`
    strata: np.ndarray | None = None  # int64 (N,): what `split` keeps the proportions of; None: labels
    symbols: tuple[str, ...] = ()  # of grids of tokens, whose pixels are of tokens.symbol_colours

    def __post_init__(self) -> None:
        """Set default groups and an empty vocabulary."""
        if len(self.groups) != len(self.labels):
            object.__setattr__(self, "groups", np.arange(len(self.labels), dtype=np.int32))
        if len(self.vocabulary.has) != len(self.labels):
            object.__setattr__(self, "vocabulary", no_words(len(self.labels)))

    @property
    def frame(self) -> Size:
        """Height and width of a frame of an animation sheet, otherwise of a picture."""
        (height, width), (rows, columns) = self.images.shape[1:3], self.sheet.lines
        return height // rows, width // columns


def read_art(
    folders: Sequence[Path],
    size: int | Size,
    *,
    kinds: Path | None = None,
    margin: Margin | None = None,
    spacing: int | None = None,
    transparent: bool | None = None,
    shadows: str | None = None,
) -> tuple[Dataset, Report]:
    """Read all tiles of `size`, edges of 4 to 128 pixels, beneath `folders`. The order depends only on the
    names.

    `size` is (height, width), or one number for squares. `kinds` is a recipe (docs/training_data.md). Without
    one, the kind of a tile is the first folder beneath the given one that holds pictures. `margin` (one
    number, or left and top) and `spacing` of sheets, in pixels, are detected unless given; for tiles that are
    not square, they are 0. `transparent`: True also clears the solid ground of opaque pictures, for sprites;
    False keeps only opaque tiles; None keeps pictures as they are. Settings of the recipe take precedence.

    `shadows`: "keep" makes half-transparent shadows opaque in their own dark colour; "drop" (or None) clears
    them.

    A single folder may be a set written by `tilewright data build`, which is memory-mapped as it is.

    A bad picture is skipped and reported. Raises `UsageError` for a number out of range, and `DataError` for
    a missing or empty folder, a folder without usable pictures, an invalid recipe, or a damaged set.
    """
    size = as_size(size)
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
    words = vocabulary(found.tiles.words, images, found.kinds)
    return Dataset(
        images, found.labels, found.kinds, found.sources, digest, groups, vocabulary=words
    ), found.report


def _open(path: Path, size: Size) -> tuple[Dataset, Report]:
    stored = open_stored_set(path)
    own = stored.images.shape[1:3]
    if own != size:
        raise UsageError(
            f"read_art(): {path} holds tiles of {short_text(own)} pixels, not {short_text(size)}: give that --size"
        )
    counts = np.bincount(stored.labels, minlength=len(stored.kinds))
    report = Report(tiles=len(stored.labels))
    report.kinds = {name: int(count) for name, count in zip(stored.kinds, counts, strict=True)}
    data = Dataset(
        stored.images,
        stored.labels,
        stored.kinds,
        stored.sources,
        stored.digest,
        stored.groups,
        vocabulary=stored.vocabulary,
    )
    return data, report
