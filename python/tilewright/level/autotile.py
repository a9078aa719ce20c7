"""`autotile`: a map of terrains becomes a map of tiles, by the codes of a tileset."""

import numpy as np

from tilewright.arrays import AnyArray, Int16Array, Int32Array, Int64Array
from tilewright.checks import check_range
from tilewright.errors import UsageError
from tilewright.level.map import EMPTY, MAX_CELLS, Layer, Map
from tilewright.level.walls import STEPS, Walls, around
from tilewright.seeds import check_seed, philox
from tilewright.streams import Stream
from tilewright.tileset.tileset import CORNERS, EDGES, NO_TERRAIN, Tileset
from tilewright.tileset.wang import wang_type

MAX_PLACE = 2**40  # cells from the origin of a world, in each direction


def autotile(terrain: AnyArray, tileset: Tileset, *, seed: int = 0, origin: tuple[int, int] = (0, 0)) -> Map:
    """Draw a map of terrains with the tiles of a complete set, such as `make_tileset` returns.

    terrain: integers (rows, columns), numbers of the tileset's terrains, or -1 for nothing. Tiles of cells (with codes
    at edges) give a map of that shape; beyond its edges, each cell continues. Tiles of corners lie between the cells,
    so the map has a row and a column less.

    A set with tiles that have a terrain at some positions and nothing at others is drawn in a layer for each terrain,
    in the order of the tileset's terrains; each continues below its neighbours of later ones. Other sets take one
    layer. In a set with a terrain behind walls (`Terrain`), walls become that terrain where they have no other around
    them.

    seed: selects among tiles of equal codes, by their probabilities. origin: (row, column) of the first cell in
    a world: parts of a world have equal tiles where both have the same terrain two cells around.

    Raises UsageError for invalid arguments, and for terrains that no tile joins.
    """
    caller = "autotile()"
    if not isinstance(tileset, Tileset):
        raise UsageError(f"{caller}: tileset must be a Tileset, not {tileset!r:.60}")
    kind = wang_type(tileset)
    if kind is None:
        raise UsageError(f"{caller}: {tileset.name} has no terrain codes")
    row, column = (check_range(place, "origin", -MAX_PLACE, MAX_PLACE, caller) for place in origin)
    walls = Walls(tileset)
    terrain = walls.thinned(_checked(terrain, tileset, 2 if kind == "corner" else 1, caller))
    draw = _Drawer(tileset, kind, walls, check_seed(seed, caller), (row, column), caller)
    if not draw.overlays:
        layers = [Layer("ground", draw.tiles(terrain, 0))]
    else:
        layers = [
            Layer(tileset.terrains[number].name, draw.tiles(_covered(terrain, number), number + 1))
            for number in np.unique(terrain[terrain != NO_TERRAIN]).tolist()
        ]
    if not layers:
        layers = [Layer("ground", draw.tiles(terrain, 0))]
    return Map(tileset.name, tileset, tuple(layers), terrain=terrain, seed=seed)


def _checked(terrain: AnyArray, tileset: Tileset, least: int, caller: str) -> Int16Array:
    if not isinstance(terrain, np.ndarray) or terrain.dtype.kind not in "iu" or terrain.ndim != 2:
        raise UsageError(f"{caller}: terrain must be an integer array (rows, columns), not {terrain!r:.60}")
    if min(terrain.shape) < least or terrain.size > MAX_CELLS:
        raise UsageError(
            f"{caller}: terrain must have {least} x {least} to {MAX_CELLS} cells, not {terrain.shape}"
        )
    last = len(tileset.terrains) - 1
    if terrain.min() < NO_TERRAIN or terrain.max() > last:
        raise UsageError(
            f"{caller}: terrain must be -1..{last}, the tileset's terrains, not {terrain.min()}..{terrain.max()}"
        )
    return terrain.astype(np.int16)


def _covered(terrain: Int16Array, number: int) -> Int16Array:
    """Return the cells of a layer: those of a terrain, and those beside it of later ones; -1 elsewhere."""
    here = terrain == number
    height, width = here.shape
    padded = np.pad(here, 1)
    beside = np.zeros_like(here)
    for down, right in STEPS:
        beside |= padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]
    return np.where(here | (beside & (terrain > number)), np.int16(number), np.int16(NO_TERRAIN))


class _Drawer:
    """Finds tiles by their codes. Tiles of equal codes and centres are a range of `order`."""

    def __init__(
        self, tileset: Tileset, kind: str, walls: Walls, seed: int, origin: tuple[int, int], caller: str
    ) -> None:
        self.tileset, self.kind, self.walls, self.caller = tileset, kind, walls, caller
        self.seed, self.origin = seed, origin
        self.used = np.zeros(8, bool)
        self.used[{"corner": CORNERS, "edge": EDGES, "mixed": slice(None)}[kind]] = True
        codes = tileset.codes[:, self.used]
        some = (codes != NO_TERRAIN).any(axis=1) | (tileset.centres != NO_TERRAIN)
        self.overlays = bool(((codes == NO_TERRAIN).any(axis=1) & some).any())
        self.codes = np.where(self.used, tileset.codes, NO_TERRAIN)
        self.centres = np.full(len(tileset), NO_TERRAIN) if kind == "corner" else tileset.centres

    def tiles(self, shown: Int16Array, layer: int) -> Int32Array:
        """Return the tiles of a layer, int32 (H, W). shown: int16 (rows, columns), its terrains. layer: its number."""
        codes, centres = self._corners(shown) if self.kind == "corner" else self._cells(shown)
        count, cells = len(self.codes), centres.size
        # Equal codes get equal numbers: eight bytes are compared as one word.
        words = np.concatenate([self.codes, codes.reshape(cells, 8)]) + 1
        _, numbers = np.unique(words.astype(np.uint8).view(np.uint64)[:, 0], return_inverse=True)
        keys = numbers * 256 + np.concatenate([self.centres, centres.ravel()]) + 1
        order = np.argsort(keys[:count], kind="stable")
        first, last = (np.searchsorted(keys[order], keys[count:], side) for side in ("left", "right"))
        empty = (centres.ravel() == NO_TERRAIN) & (codes == NO_TERRAIN).reshape(cells, 8).all(axis=1)
        missing = np.flatnonzero((first == last) & ~empty)
        if len(missing):
            self._refuse(codes.reshape(cells, 8)[missing[0]], divmod(int(missing[0]), centres.shape[1]))
        shares = np.concatenate([[0.0], np.cumsum(self.tileset.probabilities[order])])
        place = shares[first] + (shares[last] - shares[first]) * self._draws(centres.shape, layer)
        chosen = np.clip(np.searchsorted(shares, place, "right") - 1, first, np.maximum(last - 1, first))
        found = np.where(empty, EMPTY, order[np.minimum(chosen, count - 1)])
        return found.reshape(centres.shape).astype(np.int32)

    def _draws(self, shape: tuple[int, ...], layer: int) -> AnyArray:
        """Return a random number in 0 .. 1 for each tile of a layer, (H * W,)."""
        rows, columns = np.indices(shape) + np.array(self.origin)[:, None, None]
        counter = np.empty((*shape, 4), dtype=np.uint32)
        counter[..., 0], counter[..., 1] = columns & 0xFFFFFFFF, rows & 0xFFFFFFFF
        counter[..., 2], counter[..., 3] = layer + 1, Stream.TILE_VARIANT
        key = np.array([self.seed & 0xFFFFFFFF, self.seed >> 32], dtype=np.uint32)
        return philox(counter, key)[..., 0].ravel() / 2**32

    def _corners(self, shown: Int16Array) -> tuple[Int16Array, Int16Array]:
        """Return the codes and the centres of the tiles between cells."""
        codes = np.full((shown.shape[0] - 1, shown.shape[1] - 1, 8), NO_TERRAIN, np.int16)
        for position in range(1, 8, 2):
            down, right = ((step + 1) // 2 for step in STEPS[position])
            codes[..., position] = shown[down : len(shown) - 1 + down, right : shown.shape[1] - 1 + right]
        return codes, np.full(codes.shape[:2], NO_TERRAIN, np.int16)

    def _cells(self, shown: Int16Array) -> tuple[Int16Array, Int16Array]:
        """Return the codes and the centres of the tiles of cells."""
        same = around(shown) == shown[..., None]
        if self.walls.void is not None:
            walls = np.isin(shown, self.walls.numbers)
            same[walls] = True
            same[walls, EDGES] = self.walls.joined(shown)[walls]
        # A corner counts if both sides beside it do.
        same[..., 1::2] &= same[..., ::2] & np.roll(same[..., ::2], -1, axis=-1)
        beyond = np.array(
            [*(self._beyond(number) for number in range(len(self.tileset.terrains))), NO_TERRAIN]
        )
        codes = np.where(same, shown[..., None], beyond[shown][..., None])
        only_inside = (beyond == np.arange(len(beyond)))[shown]
        codes = np.where(only_inside[..., None], shown[..., None], codes)
        return np.where(self.used, codes, NO_TERRAIN).astype(np.int16), shown

    def _beyond(self, number: int) -> int:
        """Return what lies beyond the borders of a terrain: another, or nothing; itself if it has no borders."""
        codes = self.tileset.codes[self.tileset.centres == number][:, self.used]
        others: Int64Array = np.unique(codes[codes != number])
        return int(others[0]) if len(others) else number

    def _refuse(self, code: Int16Array, place: tuple[int, int]) -> None:
        names = [self.tileset.terrains[number].name for number in np.unique(code[code != NO_TERRAIN])]
        raise UsageError(
            f"{self.caller}: {self.tileset.name} has no tile that joins {', '.join(names)} as at row {place[0]}, "
            f"column {place[1]}; transparent sets of the layout dual-grid join all"
        )
