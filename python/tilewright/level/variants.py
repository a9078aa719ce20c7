"""Choose a variant of the tile for each cell of a level."""

from collections.abc import Mapping

import numpy as np

from tilewright.arrays import Int32Array
from tilewright.errors import UsageError
from tilewright.level.levels import Level
from tilewright.seeds import check_seed, draw_words
from tilewright.streams import Stream

_ALTERNATE_EVERY = 12  # average number of cells per cell that deviates from the main variant


def tile_map(level: Level, variants: Mapping[str, int], seed: int | None = None) -> Int32Array:
    """Choose a tile variant for every cell: int32 (H, W), each in 0 .. variants[kind of the cell] - 1.

    variants: the number of tiles of each kind of the level, 1 or more. seed: 0 .. 2**64 - 1, by default the
    level's.

    Each kind has a main variant, 0, for a uniform look. About one cell in twelve deviates from it, and never
    two adjacent ones. Raises UsageError if a kind of the level has no variants.
    """
    seed = check_seed(level.seed if seed is None else seed, "tile_map()")
    counts = np.zeros(len(level.kinds), dtype=np.uint32)
    for index in np.unique(level.cells).tolist():
        count = variants.get(level.kinds[index], 0)
        if count < 1:
            raise UsageError(
                f"tile_map(): variants must give 1 or more tiles of kind {level.kinds[index]!r}, not {count}"
            )
        counts[index] = count
    height, width = level.cells.shape
    words = draw_words(seed, 0, height * width, 1, Stream.TILE_VARIANT).reshape(height, width, 4)
    departs = words[..., 0] % _ALTERNATE_EVERY == 0
    departs[:, 1:] &= ~departs[:, :-1]
    departs[1:, :] &= ~departs[:-1, :]
    alternates = np.maximum(counts[level.cells], 2) - 1
    chosen = 1 + words[..., 1] % alternates
    return np.where(departs & (counts[level.cells] > 1), chosen, 0).astype(np.int32)
