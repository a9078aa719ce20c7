"""Read autotiles as art: pictures of random terrain maps, with the terrain of each cell."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tilewright.errors import DataError, UsageError
from tilewright.pack import Source

from ..art.sources import find_source
from ..size import Size, short_text
from ..terrain.maps import random_map
from ..terrain.recipe import TerrainRecipe, read_terrain_recipe
from ..terrain.terrain_set import TerrainSet, read_terrain_sets
from .dataset import Dataset
from .stored_set import digest_of
from .windows import Windows

MAPS = 512
WINDOWS = 4  # along an edge of a map
USUAL_CELLS = 3  # along an edge of a picture
MOST_KINDS = 256
SEED = 0x7E44A1


def read_terrain(folder: Path, recipe: Path, size: Size, maps: int = MAPS) -> Dataset:
    """Return pictures of random maps, drawn with the autotiles of a terrain recipe (docs/training.md).

    size: of the pictures, in pixels: whole cells. maps: number of maps; every window of whole
    cells is a picture. A picture counts as the rarest of its kinds, and the windows of a map are relatives. Sets that
    the recipe holds out are not used. Raises UsageError for a size that is not of whole cells, and DataError for a
    recipe or a sheet that cannot be used.
    """
    read = read_terrain_recipe(recipe)
    sets = tuple(s for s in read_terrain_sets(folder, read) if s.name not in read.held_out)
    cells = _cells(size, read.tile)
    kinds = tuple(sorted({terrain.name for one in sets for terrain in one.terrains}))
    if len(kinds) > MOST_KINDS:
        raise DataError(
            f"read_terrain(): {recipe.name} names {len(kinds)} terrains; the most is {MOST_KINDS}"
        )
    pictures, numbers, _ = draw_maps(sets, kinds, maps, (WINDOWS * cells[0], WINDOWS * cells[1]))
    shown = Windows(numbers, cells, 1)
    labels = _rarest(numbers, shown, len(kinds))
    return Dataset(
        images=Windows(pictures, (cells[0] * read.tile, cells[1] * read.tile), read.tile),
        labels=labels,
        kinds=kinds,
        sources=_sources(folder, read),
        digest=digest_of(pictures, numbers.ravel(), kinds),
        groups=np.arange(maps, dtype=np.int32).repeat(len(labels) // maps),
        kind_maps=shown,
        cell=read.tile,
    )


def usual_size(recipe: Path) -> Size:
    """Return the size of a picture if none is given."""
    edge = USUAL_CELLS * read_terrain_recipe(recipe).tile
    return edge, edge


def draw_maps(
    sets: Sequence[TerrainSet], kinds: Sequence[str], count: int, size: tuple[int, int], seed: int = SEED
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw random maps of `size` cells. Returns the pictures, uint8 (count, H * T, W * T, 4), the kinds of their
    cells, uint8 (count, H, W), and the number of the set of each, int64 (count,).

    Each set gets a share of the maps that grows with its number of terrains.
    """
    rng = np.random.Generator(np.random.Philox(key=seed))
    weights = np.array([len(one.terrains) for one in sets], dtype=np.float64)
    tile = sets[0].tile
    pictures = np.empty((count, size[0] * tile, size[1] * tile, 4), dtype=np.uint8)
    numbers = np.empty((count, *size), dtype=np.uint8)
    chosen = rng.choice(len(sets), count, p=weights / weights.sum())
    for i, which in enumerate(chosen):
        one = sets[which]
        drawn = random_map(one, rng, *size)
        pictures[i] = drawn.draw(one, rng)
        numbers[i] = np.array([kinds.index(terrain.name) for terrain in one.terrains])[drawn.cells]
    return pictures, numbers, chosen


def describe(data: Dataset) -> str:
    """Return the line that a command prints about the art that it has read."""
    assert data.kind_maps is not None
    maps = len(np.unique(data.groups))
    return f"{len(data.labels)} pictures of {maps} random maps, {len(data.kinds)} terrains: {', '.join(data.kinds)}"


def _cells(size: Size, tile: int) -> tuple[int, int]:
    if any(edge % tile or edge < 2 * tile for edge in size):
        raise UsageError(
            f"read_terrain(): pictures of terrain are whole cells of {tile} pixels, at least two: --size {3 * tile} or "
            f"{4 * tile}, not {short_text(size)}"
        )
    return size[0] // tile, size[1] // tile


def _rarest(numbers: np.ndarray, shown: Windows, kinds: int) -> np.ndarray:
    """Return, for each window, the kind among its own with the fewest cells of all maps: int64 (N,)."""
    order = np.argsort(np.bincount(numbers.ravel(), minlength=kinds), kind="stable")
    rank = np.argsort(order)
    labels: np.ndarray = order[rank[shown[:]].min(axis=(1, 2))]
    return labels


def _sources(folder: Path, recipe: TerrainRecipe) -> tuple[Source, ...]:
    used = [entry.sheet for entry in recipe.entries if entry.set not in recipe.held_out]
    used += [entry.sheet or entry.file for entry in recipe.tilesets if entry.set not in recipe.held_out]
    return tuple(dict.fromkeys(find_source((folder / sheet).parent, folder) for sheet in used))
