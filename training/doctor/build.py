"""`tilewright data build`: convert art to a stored set in bounded memory."""

from collections.abc import Sequence
from pathlib import Path

from ..art.gather import gather
from ..art.grid import Margin
from ..art.report import Report
from ..data.stored_set import MAX_TILES, SetWriter
from ..data.vocabulary import vocabulary
from ..size import Size, as_size


def build_set(
    folders: Sequence[Path],
    size: int | Size,
    output: Path,
    *,
    kinds: Path | None = None,
    margin: Margin | None = None,
    spacing: int | None = None,
    transparent: bool | None = None,
    shadows: str | None = None,
) -> Report:
    """Read art like `read_art` (arguments and errors there) and write it as a set to `output`.

    Uses some hundred bytes of memory per tile, whatever its size. Raises `DataError` if `output` exists.
    After an error, nothing remains of the set.
    """
    with SetWriter(output, size) as writer:
        found = gather(
            folders,
            as_size(size),
            writer,
            kinds=kinds,
            margin=margin,
            spacing=spacing,
            transparent=transparent,
            shadows=shadows,
            most=MAX_TILES,
        )
        images = writer.images()
        groups = found.tiles.groups(images)
        words = vocabulary(found.tiles.words, images, found.kinds)
        writer.finish(found.labels, groups, found.kinds, found.sources, words)
    return found.report
