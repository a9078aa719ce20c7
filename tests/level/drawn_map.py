"""Small maps whose tiles are all different, for tests: several layers, offsets, animations, terrains of all kinds."""

import numpy as np

import tilewright as tw
from tilewright.tileset.tileset import CORNERS, EDGES

FACTS = {"generator": "tilewright test", "pack": "drawn & <quoted>", "seed": "7", "licences": "CC0-1.0"}
TERRAINS = ("water", "sand", "grass", "wall")
MAP_FACTS = {"generator": "tilewright test", "style": "drawn"}


def pictures(count: int, size: tuple[int, int] = (16, 16), colours: int = 12, seed: int = 0) -> np.ndarray:
    """Random palette entries uint8 (count, H, W), 0 .. colours - 1; even tiles are opaque, the others have holes."""
    numbers = np.random.default_rng(seed)
    drawn = numbers.integers(1, colours, (count, *size), np.uint8)
    drawn[1::2] *= numbers.integers(0, 2, (count // 2, *size), np.uint8)
    return drawn


def palette(colours: int = 12, seed: int = 0) -> np.ndarray:
    """Random colours uint8 (colours, 4), all different; the first is transparent."""
    numbers = np.random.default_rng(seed)
    values = numbers.choice(1 << 24, colours, replace=False)
    table = np.stack([values >> 16, values >> 8 & 255, values & 255, np.full(colours, 255)], axis=1)
    table[0] = 0
    return table.astype(np.uint8)


def corner_codes(terrains: int) -> np.ndarray:
    """The codes of all tiles of a corner set, int16 (terrains ** 4, 8)."""
    codes = np.full((terrains**4, 8), -1, np.int16)
    codes[:, CORNERS] = np.stack(np.unravel_index(np.arange(terrains**4), (terrains,) * 4), axis=1)
    return codes


def edge_codes(terrains: int) -> np.ndarray:
    """The codes of all tiles of an edge set, int16 (terrains ** 4, 8)."""
    codes = np.full((terrains**4, 8), -1, np.int16)
    codes[:, EDGES] = corner_codes(terrains)[:, CORNERS]
    return codes


def blob_codes() -> np.ndarray:
    """The codes of the 47 tiles of terrain 0 among -1, int16 (47, 8): a corner counts if both its edges do."""
    found = []
    for bits in range(256):
        inside = [bool(bits >> position & 1) for position in range(8)]
        if all(inside[i - 1] and inside[(i + 1) % 8] for i in range(1, 8, 2) if inside[i]):
            found.append([0 if here else -1 for here in inside])
    return np.array(found, np.int16)


def corner_map(
    seed: int = 3, shape: tuple[int, int] = (6, 9), indexed: bool = True, opaque: bool = True
) -> tw.Map:
    """A map of a corner set of two terrains, whose tiles fit the terrain of its corners."""
    codes = corner_codes(2)
    terrain = np.random.default_rng(seed).integers(0, 2, (shape[0] + 1, shape[1] + 1)).astype(np.int16)
    corners = (terrain[:-1, 1:], terrain[1:, 1:], terrain[1:, :-1], terrain[:-1, :-1])  # as in POSITIONS
    tiles = np.ravel_multi_index(corners, (2,) * 4).astype(np.int32)
    art, colours = pictures(len(codes)), palette()
    if opaque:
        art = np.maximum(art, 1)
    tileset = tw.Tileset(
        name="shore",
        pictures=art if indexed else colours[art],
        palette=colours if indexed else None,
        terrains=(tw.Terrain("water", (40, 80, 200)), tw.Terrain("sand", (220, 200, 120))),
        codes=codes,
        probabilities=np.linspace(0.25, 1, len(codes)),
        solid=np.arange(len(codes)) == 0,
        provenance=FACTS,
    )
    return tw.Map(
        "shore-3", tileset, (tw.Layer("ground", tiles),), terrain=terrain, seed=seed, provenance=MAP_FACTS
    )


def layered_map(size: tuple[int, int] = (16, 16), indexed: bool = True) -> tw.Map:
    """A map of three layers with empty cells, moved layers, animations and objects."""
    numbers = np.random.default_rng(5)
    shape, count = (5, 7), 21
    layers = [
        tw.Layer("ground", numbers.integers(0, count, shape).astype(np.int32)),
        tw.Layer("over & under", numbers.integers(-1, count, shape).astype(np.int32), (-8, -3)),
        tw.Layer("top", np.where(numbers.random(shape) < 0.7, -1, 4).astype(np.int32), (5, 0)),
    ]
    tileset = tw.Tileset(
        name="things",
        pictures=pictures(count, size) if indexed else palette()[pictures(count, size)],
        palette=palette() if indexed else None,
        terrains=(tw.Terrain("floor"), tw.Terrain("wall", (1, 2, 3))),
        centres=(np.arange(count) % 3 - 1).astype(np.int16),
        solid=np.arange(count) % 5 == 0,
        animations=(tw.Animation(4, (4, 5, 6, 5), (100, 200, 100, 200)), tw.Animation(7, (8, 7), (300, 300))),
        provenance=FACTS,
    )
    things = (tw.MapObject("start", "start", 16, 32, 16, 16), tw.MapObject("exit <1>", "door", 48, 0))
    return tw.Map("a & b", tileset, tuple(layers), things, seed=2**64 - 1, provenance=MAP_FACTS)


def blob_map(outside: int = 1, seed: int = 4, shape: tuple[int, int] = (8, 11)) -> tw.Map:
    """A map of a blob set of terrain 0, whose tiles fit the terrain of its cells.

    outside: the terrain around it, 1 with a plain tile, or -1, where the map is empty.
    """
    terrain = np.where(np.random.default_rng(seed).random(shape) < 0.6, 0, outside).astype(np.int16)
    codes = np.where(blob_codes() == 0, 0, outside).astype(np.int16)
    numbers = {tuple(code): tile for tile, code in enumerate(codes.tolist())}
    padded = np.pad(terrain, 1)  # the outside of the map continues each cell
    steps = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
    tiles = np.full(shape, 47 if outside >= 0 else -1, np.int32)
    for row, column in np.argwhere(terrain == 0).tolist():
        around = [int(padded[row + 1 + down, column + 1 + right]) for down, right in steps]
        for i in range(1, 8, 2):
            if around[i - 1] != 0 or around[(i + 1) % 8] != 0:
                around[i] = outside
        tiles[row, column] = numbers[tuple(around)]
    terrains = (tw.Terrain("grass", (90, 160, 60)), tw.Terrain("dirt", (140, 100, 60)))
    centres = np.zeros(48, np.int16)
    centres[47] = outside
    tileset = tw.Tileset(
        "meadow",
        np.maximum(pictures(48), 1),
        palette(),
        terrains,
        np.concatenate([codes, np.full((1, 8), outside, np.int16)]),
        centres,
    )
    return tw.Map("meadow", tileset, (tw.Layer("ground", tiles),), terrain=terrain)


def overlay_set(cells: bool, variants: int = 2) -> tw.Tileset:
    """Transparent sets of four terrains: dual-grid tiles, or the 47 of cells. A terrain's tiles have one colour."""
    one = blob_codes() if cells else np.where(corner_codes(2)[:-1] == 0, 0, -1).astype(np.int16)
    codes = np.concatenate([np.where(one == 0, np.int16(n), one) for n in range(4)]).repeat(variants, axis=0)
    own = np.repeat(np.arange(4), len(one) * variants)
    inside = np.zeros((len(codes), 8, 8), bool)
    quarters = ((0, 0, 7), (0, 1, 1), (1, 0, 5), (1, 1, 3))
    for row, column, position in quarters:
        part = inside[:, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        part |= (codes[:, position] != -1)[:, None, None] | cells
    return tw.Tileset(
        "set",
        np.where(inside, own[:, None, None] + 1, 0).astype(np.uint8),
        palette(),
        tuple(tw.Terrain(name) for name in TERRAINS),
        codes,
        np.where(cells, own, -1).astype(np.int16),
    )
