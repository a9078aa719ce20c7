"""Random terrain maps, and their pictures in the tiles of a set."""

from collections.abc import Callable

import numpy as np

from tilewright.arrays import BoolArray, Int64Array, Uint8Array

from .autotile import OPAQUE, Autotile
from .layouts import ALL, EVERYWHERE, MASKS, NEIGHBOURS
from .terrain_set import TerrainSet

CHILDREN = 3  # at most so many terrains stand on another one
SHARES = (0.15, 0.6)  # share of the available cells that a terrain covers
PATHS = 0.25  # probability that a terrain is a path instead of a blob
ROOMS = 4  # the most in one map
DOORS = 0.7  # probability that a room has a door
LINES = 5  # the most in one map
TRIES = 12  # to add a line to a map
RINGS = 0.3  # probability that a line is a ring
JUNCTIONS = 0.5  # probability that a way ends at the first line that it meets
BENDS = 0.2  # probability that a way bends at a cell
THROUGH = (np.arange(MASKS)[:, None] >> np.arange(0, 8, 2) & 1).sum(axis=1) > 1  # masks of more than one side


class TerrainMap:
    """A map of terrains. cells: int64 (H, W), the number of the topmost terrain of each cell.

    layers: for each terrain that occurs, the cells on which it or a terrain above it stands: bool (H, W).
    """

    def __init__(self, cells: Int64Array, layers: dict[int, BoolArray]) -> None:
        self.cells, self.layers = cells, layers

    def draw(self, terrains: TerrainSet, rng: np.random.Generator) -> Uint8Array:
        """Return the picture uint8 (H * T, W * T, 4). Fills are chosen at random. The map continues beyond its
        edges.
        """
        size = terrains.tile
        height, width = self.cells.shape
        picture = np.zeros((height, width, size, size, 4), dtype=np.uint8)
        for number, layer in self.layers.items():
            terrain, masks = terrains.terrains[number], neighbour_masks(layer)
            if terrain.between_cells:
                _draw_between(picture, terrain, layer, rng)
                continue
            area = layer if terrains.has_overlays else self.cells == number
            tiles = terrain.tiles[masks[area]]
            inside = masks[area] == ALL
            tiles[inside] = terrain.fills[rng.integers(0, len(terrain.fills), int(inside.sum()))]
            picture[area] = np.where(tiles[..., 3:] >= OPAQUE, tiles, picture[area])
        return picture.swapaxes(1, 2).reshape(height * size, width * size, 4)


def random_map(terrains: TerrainSet, rng: np.random.Generator, height: int, width: int) -> TerrainMap:
    """Return a random map. Terrains stand in their outside, with at least one cell between them and its end."""
    grounds = terrains.grounds()
    weights = np.array([terrains.weight(number) for number in grounds], dtype=np.float64)
    ground = int(rng.choice(grounds, p=weights / weights.sum()))
    cells = np.full((height, width), ground, dtype=np.int64)
    layers = {ground: np.ones((height, width), dtype=bool)}
    _cover(terrains, rng, ground, cells, layers)
    return TerrainMap(cells, layers)


def neighbour_masks(layer: BoolArray) -> Int64Array:
    """Return the mask of each cell, int64 (H, W): which neighbours are in the layer (layouts.py)."""
    around = np.pad(layer, 1, mode="edge")
    height, width = layer.shape
    masks = np.zeros((height, width), dtype=np.int64)
    for bit, (dy, dx) in enumerate(NEIGHBOURS):
        masks |= around[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width].astype(np.int64) << bit
    return masks


def _cover(
    terrains: TerrainSet,
    rng: np.random.Generator,
    ground: int,
    cells: Int64Array,
    layers: dict[int, BoolArray],
) -> None:
    """Put some of the terrains that can stand on `ground` on it, and others on those."""
    possible = [number for number in terrains.on(ground) if number not in layers]
    for number in rng.permutation(possible)[: rng.integers(1, CHILDREN + 1)]:
        free = cells == ground
        if terrains.terrains[ground].outside is not None:
            free &= neighbour_masks(layers[ground]) == ALL
        if terrains.terrains[number].covers_cells or any(
            terrains.terrains[n].covers_cells for n in layers if n != ground
        ):
            free &= neighbour_masks(free) == ALL
        chosen = free & _shape(terrains.terrains[number].shape, rng, free)
        drawn = terrains.terrains[number].drawn
        if drawn is not None:
            chosen = _with_tiles(chosen, drawn)
        if chosen.any():
            cells[chosen] = number
            layers[int(number)] = chosen
            _cover(terrains, rng, int(number), cells, layers)


def _with_tiles(cells: BoolArray, drawn: BoolArray) -> BoolArray:
    """Remove cells until the neighbours of each are a mask in `drawn`, bool (256,)."""
    while True:
        kept = cells & drawn[neighbour_masks(cells)]
        if (kept == cells).all():
            return cells
        cells = kept


def _draw_between(picture: Uint8Array, terrain: Autotile, layer: BoolArray, rng: np.random.Generator) -> None:
    """Draw tiles that lie between four cells over a picture (H, W, T, T, 4), of which they are a half tile away."""
    height, width, tile = picture.shape[:3]
    around = np.pad(layer, 1, mode="edge").astype(np.int64)
    codes = around[:-1, :-1] | around[:-1, 1:] << 1 | around[1:, :-1] << 2 | around[1:, 1:] << 3
    drawn = terrain.tiles[codes]
    inside = codes == EVERYWHERE
    drawn[inside] = terrain.fills[rng.integers(0, len(terrain.fills), int(inside.sum()))]
    whole = drawn.swapaxes(1, 2).reshape((height + 1) * tile, (width + 1) * tile, 4)
    part = whole[tile // 2 : -tile // 2, tile // 2 : -tile // 2]
    cells = part.reshape(height, tile, width, tile, 4).swapaxes(1, 2)
    np.copyto(picture, cells, where=cells[..., 3:] >= OPAQUE)


def _shape(name: str | None, rng: np.random.Generator, free: BoolArray) -> BoolArray:
    """Return random cells of a shape of the recipe."""
    if name == "rooms":
        return _rooms(rng, free.shape)
    if name == "lines":
        return _lines(rng, free.shape)
    path = rng.random() < PATHS if name is None else name == "path"
    return _path(rng, free.shape) if path else _blob(rng, free)


def _rooms(rng: np.random.Generator, shape: tuple[int, ...]) -> BoolArray:
    """Return the walls of rooms, one cell thick, some of which have doors."""
    walls = np.zeros(shape, dtype=bool)
    for _ in range(int(rng.integers(1, ROOMS + 1))):
        joined = walls | _room(rng, shape, DOORS)
        walls = walls if _is_thick(joined) else joined
    return walls


def _lines(rng: np.random.Generator, shape: tuple[int, ...]) -> BoolArray:
    """Return rings, and ways across the map or to another line, one cell thick, that have no ends within the map."""
    lines, left = np.zeros(shape, dtype=bool), int(rng.integers(1, LINES + 1))
    for _ in range(TRIES):
        if rng.random() < RINGS:
            line = _room(rng, shape, 0)
        else:
            line = _way(rng, lines if rng.random() < JUNCTIONS else np.zeros_like(lines))
        joined = lines | line
        if left and not _is_thick(np.pad(joined, 1, mode="edge")):
            lines, left = joined, left - 1
    return _with_tiles(lines, THROUGH)


def _way(rng: np.random.Generator, until: BoolArray) -> BoolArray:
    """Return the cells of a way, one cell thick, from an edge of the map to the opposite one or to `until`."""
    turn = slice(None, None, -1 if rng.random() < 0.5 else 1)
    return _walk(
        rng,
        until.shape,
        1,
        lambda: int(rng.integers(-2, 3)) if rng.random() < BENDS else 0,
        until[turn, turn],
    )[turn, turn]


def _room(rng: np.random.Generator, shape: tuple[int, ...], doors: float) -> BoolArray:
    """Return the walls of a room, parts of which may be beyond the map. doors: probability of a door."""
    height, width = shape
    rows, columns = (int(n) for n in rng.integers(3, 7, 2))
    top, left = int(rng.integers(-2, height - 2)), int(rng.integers(-2, width - 2))
    room = np.zeros((height + 16, width + 16), dtype=bool)
    room[top + 8 : top + 9 + rows, left + 8 : left + 9 + columns] = True
    room[top + 9 : top + 8 + rows, left + 9 : left + 8 + columns] = False
    if rng.random() < doors:
        row, column = int(rng.integers(1, rows)), int(rng.integers(1, columns))
        door = ((0, column), (rows, column), (row, 0), (row, columns))[int(rng.integers(4))]
        room[top + 8 + door[0], left + 8 + door[1]] = False
    return room[8:-8, 8:-8]


def _is_thick(cells: BoolArray) -> bool:
    """Whether some 2 x 2 cells are all set."""
    return bool((cells[:-1, :-1] & cells[1:, :-1] & cells[:-1, 1:] & cells[1:, 1:]).any())


def _blob(rng: np.random.Generator, free: BoolArray) -> BoolArray:
    """Return the cells of smooth noise above a random threshold."""
    height, width = free.shape
    noise = np.zeros((height, width))
    for scale in (2, 4, 8):
        coarse = rng.normal(size=(height // scale + 3, width // scale + 3))
        rows = (np.arange(height) + rng.integers(0, scale)) / scale
        columns = (np.arange(width) + rng.integers(0, scale)) / scale
        noise += scale**0.5 * _interpolate(coarse, rows, columns)
    share = rng.uniform(*SHARES)
    available = noise[free]
    return noise > np.quantile(available, 1 - share) if len(available) else np.zeros_like(free)


def _interpolate(coarse: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Interpolate linearly between the numbers of a coarse grid."""
    y, x = rows.astype(int), columns.astype(int)
    v, u = (rows - y)[:, None], (columns - x)[None]
    top = coarse[np.ix_(y, x)] * (1 - u) + coarse[np.ix_(y, x + 1)] * u
    bottom = coarse[np.ix_(y + 1, x)] * (1 - u) + coarse[np.ix_(y + 1, x + 1)] * u
    return np.asarray(top * (1 - v) + bottom * v)


def _path(rng: np.random.Generator, shape: tuple[int, ...]) -> BoolArray:
    """Return the cells of a random walk across the map, one or two cells wide."""
    return _walk(rng, shape, int(rng.integers(1, 3)), lambda: int(rng.integers(-1, 2)))


def _walk(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    thick: int,
    step: Callable[[], int],
    until: BoolArray | None = None,
) -> BoolArray:
    """Return the cells of a walk across the map, `thick` cells wide. step: returns by how many cells it moves aside.
    until: cells at which it ends.
    """
    height, width = shape
    cells = np.zeros((height, width), dtype=bool)
    across = rng.random() < 0.5
    length, breadth = (width, height) if across else (height, width)
    place = int(rng.integers(0, breadth))
    for along in range(length):
        moved = int(np.clip(place + step(), 0, breadth - 1))
        low, high = min(place, moved), max(place, moved) + thick
        if across:
            cells[low:high, along] = True
        else:
            cells[along, low:high] = True
        if until is not None and (cells & until).any():
            break
        place = moved
    return cells
