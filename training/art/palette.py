"""Extract a palette from a folder of pictures."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError
from tilewright.palette import MAX_COLOURS, count_colours, palette_of
from tilewright.pictures import Budget, UnreadableError

from .gather import list_folder
from .stated import open_picture

MOST_COLOURS = 1 << 20  # of all pictures; photographs have more


@dataclass(frozen=True)
class LearnedPalette:
    """palette: uint8 (K, 4), dark to light, opaque. colours: the number of distinct colours in the pictures."""

    palette: Uint8Array
    pictures: int
    colours: int
    skipped: list[tuple[str, str]]


def learn_palette(folder: Path, count: int) -> LearnedPalette:
    """Select at most `count` (1 .. 256) colours for the pictures beneath a folder.

    Clusters the colours of all opaque pixels in OKLab, with k-means. Previews, mock-ups and fonts are skipped. Raises
    DataError for a folder without readable pictures, or if the pictures have more than a million colours.
    """
    listing = list_folder(folder)
    budget, counts, pictures = Budget(), Counter[tuple[int, ...]](), 0
    skipped = list(listing.skipped)
    for picture in listing.pictures:
        if picture.looks_like_preview():
            continue
        try:
            pixels = open_picture(picture.path, budget).pixels
        except UnreadableError as reason:
            skipped.append((picture.relative, str(reason)))
            continue
        pictures += 1
        colours, numbers = count_colours(pixels)
        counts.update(dict(zip(map(tuple, colours.tolist()), numbers.tolist(), strict=True)))
        if len(counts) > MOST_COLOURS:
            raise DataError(f"palette: the pictures of {folder} have more than {MOST_COLOURS} colours")
    if not counts:
        why = f": {skipped[0][0]}: {skipped[0][1]}" if skipped else ""
        raise DataError(f"palette: no opaque pixel in the pictures of {folder}{why}")
    ordered = sorted(counts)
    made = palette_of(np.array(ordered), np.array([counts[c] for c in ordered]), min(count, MAX_COLOURS))
    return LearnedPalette(made, pictures, len(counts), skipped)
