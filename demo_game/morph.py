"""Tiles of a depth that flow: each cell walks through latent space, a little behind the cells nearer to where it began.

The level's pixels are looked up in tables of generated tiles, so a frame costs one look-up per pixel, and the pictures
are generated meanwhile on a thread of their own.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import tilewright as tw

from .assets import Assets, Scene, recolour
from .background import Background
from .rules.dice import Dice, mix
from .rules.grid import Cell

_LEG = 48  # steps between two pictures that are known to repeat well
_CHOICE = 10  # candidates for these
_RING = 256  # steps that are kept
_MOST_COLOURS = 256  # of a palette
_LAG, _SCATTER = (
    2,
    4,
)  # steps by which a cell is behind one nearer to the origin; and by which equally near ones differ
ORIGINAL = 0xFF00FF  # the pixel of a cell that shows its own tile, in the format of `Morph.pixels`
Picture = npt.NDArray[np.uint8]
Pixels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class _Batch:
    rgba: Picture


@dataclass(frozen=True)
class _Probe:
    """Passes for a pack whose tiles tell the kind and the position of each pixel, or are white."""

    kinds: tuple[str, ...]
    size: int
    white: bool
    name: str = "probe"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"
    sources: tuple[tw.Source, ...] = ()

    def generate(self, count: int, *, kind: str, seed: int) -> _Batch:
        tile = np.full((self.size, self.size, 4), 255, np.uint8)
        if not self.white:
            rows, columns = np.indices((self.size, self.size))
            tile[..., 0], tile[..., 1] = rows * _step(self.size), columns * _step(self.size)
            tile[..., 2] = self.kinds.index(kind) * (255 // len(self.kinds))
        return _Batch(np.repeat(tile[None], count, axis=0))


class Morph:
    """The flowing tiles of a depth, from its creation until `over`. origin: the cell at which the flow begins.

    Raises UsageError if the tiles have no latents.
    """

    def __init__(self, assets: Assets, scene: Scene, style: str | None, origin: Cell) -> None:
        if not isinstance(assets.tiles, tw.Pack):
            raise tw.UsageError("a tileset has no latents in which tiles could flow")
        if assets.tiles.tile_size != scene.tile_size:
            raise tw.UsageError(
                f"tiles of {assets.tiles.tile_size} pixels cannot flow in a depth with tiles of {scene.tile_size}"
            )
        self._pack, self._assets, self._scene, self._style = assets.tiles, assets, scene, style
        self._dice = Dice(mix(scene.seed ^ scene.depth))
        self._matched = tw.match_kinds(
            scene.level.kinds, self._pack.name, self._pack.kinds, assets.kinds
        ).kinds
        self._used = [
            kind for number, kind in enumerate(scene.level.kinds) if (scene.level.cells == number).any()
        ]
        rows, columns = np.indices(scene.level.cells.shape)
        far = np.hypot(rows - origin[0], columns - origin[1])
        scatter = (rows * 7 + columns * 5 + rows * columns) % _SCATTER
        self._lag = (_LAG * far).astype(np.int64) + 3 * scatter
        self._lag = np.minimum(self._lag, _RING - 2 * _LEG)
        self._made, self._clock = 0, 0
        self._end: int | None = None
        self.pictures, self.shown, self._spent = 0, 0, 0.0
        self._thread = Background("morph")
        self._future: Future[Pixels] | None = None

    @property
    def begun(self) -> bool:
        """Whether there are pixels to draw."""
        return self._made > 0

    @property
    def over(self) -> bool:
        """Whether all cells show their own tiles again."""
        return self._end is not None and self._clock - int(self._lag.max()) >= self._end

    @property
    def rate(self) -> int:
        """Pictures a second, as they were generated."""
        return round(self.pictures / self._spent) if self._spent else 0

    def stop(self) -> None:
        """Return to the depth's own tiles, from the origin outwards."""
        if self._end is None:
            self._end = self._clock

    def close(self) -> None:
        """End the thread."""
        self._thread.close()

    def step(self) -> bool:
        """Advance by a thirtieth of a second. Returns False if the pictures are not there yet."""
        if self._future is not None and self._future.done():
            leg = self._future.result()
            if not self._made:
                self._table = np.zeros((_RING, leg.shape[1]), np.uint32)
            for table in leg:
                self._table[self._made % _RING] = table
                self._made += 1
            self._future = None
        if self._future is None and self._made - self._clock < 2 * _LEG:
            self._future = self._thread.submit(self._leg)
        if self._clock == self._made:
            return False
        self._clock += 1
        return True

    def pixels(self, frame: int, left: int, top: int, width: int, height: int, still: bool = False) -> Pixels:
        """Return a part of the level, which must be within it: uint32 (H, W), bytes R, G, B, 255; or ORIGINAL.

        Call it once the morph has begun.

        frame: of the liquids. still: change all cells at once, once a second.
        """
        size = self._scene.tile_size
        first_row, first_column = top // size, left // size
        last_row, last_column = -(-(top + height) // size), -(-(left + width) // size)
        lag = self._lag[first_row:last_row, first_column:last_column]
        at = np.full_like(lag, self._clock // 30 * 30) if still else self._clock - lag
        own = (at < 1) if self._end is None else (at < 1) | (at >= self._end)
        at = np.clip(at - 1, max(0, self._made - _RING), max(0, self._made - 1)) % _RING
        rows, columns = lag.shape
        area = slice(first_row * size, last_row * size), slice(first_column * size, last_column * size)
        codes = self._codes[frame][area].reshape(rows, size, columns, size)
        found = self._table.reshape(-1)[
            codes + (at * self._table.shape[1]).astype(np.int32)[:, None, :, None]
        ]
        found[np.broadcast_to(own[:, None, :, None], found.shape)] = ORIGINAL
        whole = found.reshape(rows * size, columns * size)
        self.shown = len(np.unique(at[~own])) * len(self._used)
        across, down = left - first_column * size, top - first_row * size
        part: Pixels = np.ascontiguousarray(whole[down : down + height, across : across + width])
        return part

    def _leg(self) -> Pixels:
        """Generate the tables of the next steps: uint32 (_LEG, entries)."""
        size, steps = self._scene.tile_size, []
        if not self.begun:
            self._codes, self._light = _codes(self._scene, self._used)
            self._ends = self._good_seeds()
        began = time.perf_counter()
        ends = self._good_seeds()
        for kind in self._used:
            made = self._pack.interpolate(
                self._ends[kind], ends[kind], _LEG + 1, kind=self._matched[kind], threads=1
            )
            self.pictures += _LEG + 1 + _CHOICE
            rgba = made.rgba[:_LEG] if self._style is None else recolour(made.rgba[:_LEG], self._style)
            steps.append(rgba)
        self._ends = ends
        self._spent += time.perf_counter() - began
        shape = (_LEG, len(self._used), len(self._light), size, size, 4)
        lit = np.broadcast_to(np.stack(steps, axis=1)[:, :, None], shape).copy()
        light = self._light[:, None, None, None]
        lit[..., :3] = (lit[..., :3].astype(np.uint16) * light // 100).astype(np.uint8)
        palette = self._assets.palette_of(self._scene.biome)
        if self._style is not None:  # the shades are those of the style, too
            colours = np.unique(np.concatenate(steps).reshape(-1, 4), axis=0)
            palette = colours if len(colours) <= _MOST_COLOURS else None
        if palette is not None:
            lit = tw.repaint(lit, palette)
        return np.ascontiguousarray(lit).view("<u4").reshape(_LEG, -1)

    def _good_seeds(self) -> dict[str, int]:
        """Return a seed for each kind whose first tile repeats well and differs from those of the other kinds.

        Without a gate, so that the tile is the one that `interpolate` begins with.
        """
        chosen: dict[str, int] = {}
        others: Picture = np.zeros((0, self._scene.tile_size, self._scene.tile_size, 4), np.uint8)
        for kind in self._used:
            seeds = [self._dice.below(1 << 32) for _ in range(_CHOICE)]
            name = self._matched[kind]
            tiles = np.concatenate(
                [self._pack.generate(1, kind=name, seed=seed, threads=1, gate=False).rgba for seed in seeds]
            )
            best = tw.choose_tiles(tiles, others, 1, kind)
            chosen[kind] = seeds[int((tiles == best).all(axis=(1, 2, 3)).argmax())]
            others = np.concatenate([others, best])
        return chosen


def _step(size: int) -> int:
    return 255 // max(1, size - 1)


def _codes(scene: Scene, used: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
    """Return the place of each pixel in a step's table, int32 (F, H * S, W * S), and the percentages of light.

    A table has an entry for each kind, light, row and column of a tile.
    """
    size, level = scene.tile_size, scene.level
    kinds = tuple(level.kinds)

    def drawn(white: bool) -> list[Picture]:
        probe: Any = _Probe(kinds, size, white)
        tiled = tw.tile_level(level, probe, candidates=1)
        return [tiled.picture(time) for time in tiled.map.times()[0]]

    lights, told = drawn(white=True)[0][..., 0], drawn(white=False)
    percent = -(-np.arange(256) * 100 // 255)[lights]  # the same in all frames
    levels = np.flatnonzero(np.bincount(percent.reshape(-1)))
    light = np.searchsorted(levels, percent)
    places = np.zeros(len(kinds), np.int64)
    places[[kinds.index(kind) for kind in used]] = range(len(used))
    codes = np.empty((len(scene.ground), *percent.shape), np.int32)
    gap = 255 // len(kinds)
    for frame, picture in enumerate(codes):
        for top in range(0, len(percent), size):  # in strips: other threads wait while numpy computes
            strip = slice(top, top + size)
            hundred = told[frame % len(told)][strip].astype(np.int64) * 100
            row, column = (-(-hundred[..., axis] // (percent[strip] * _step(size))) for axis in (0, 1))
            kind = places[(hundred[..., 2] // percent[strip] + gap // 2) // gap]
            picture[strip] = ((kind * len(levels) + light[strip]) * size + row) * size + column
    return codes, levels.astype(np.uint16)
