"""Draw a level with a pack: repeating tiles, blended edges, lit walls and shadows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tilewright.arrays import Int32Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.generator import DEFAULT_PACK, Pack, load
from tilewright.heads import Pixels
from tilewright.level.levels import Level
from tilewright.level.shading import FRAMES, shade
from tilewright.level.variants import tile_map
from tilewright.palette import PaletteLike, as_palette, remap
from tilewright.seeds import check_seed
from tilewright.sheet import check_sheet
from tilewright.tileset.match import KindMatch, match_kinds
from tilewright.tileset.select import check_count, choose_tiles

_CANDIDATES = 64
_VARIANTS = 4
_ORDER = ("floor", "wall", "grass", "water", "lava")  # the ground first; later kinds must contrast with it


@dataclass(frozen=True, eq=False)
class TiledLevel:
    """A level and the tile for each of its cells, for drawing cell by cell.

    tiles: uint8 (4, N, S, S, 4), opaque RGBA: N distinct pictures in 4 frames, which differ if liquids move.
    index: int32 (H, W), the tile of each cell, 0 .. N - 1. Cell (row, column) is drawn at pixel (row * S,
    column * S). matched: the pack's kind for each kind of the level. made: number of pictures that the pack
    generated as candidates.
    """

    level: Level
    tiles: Uint8Array
    index: Int32Array
    matched: KindMatch
    made: int

    def draw(self, frame: int = 0) -> Uint8Array:
        """Draw the whole level as one picture, uint8 (H * S, W * S, 4), opaque. frame: any integer, modulo 4.

        Raises UsageError for a picture of more than 2**28 pixels.
        """
        if isinstance(frame, bool) or not isinstance(frame, (int, np.integer)):
            raise UsageError(f"TiledLevel.draw(): frame must be an integer, not {frame!r}")
        height, width = self.index.shape
        size = self.tiles.shape[2]
        check_sheet(height * width, (size, size), width, spacing=0, scale=1)
        picture = np.empty((height, size, width, size, 4), dtype=np.uint8)
        picture.swapaxes(1, 2)[:] = self.tiles[frame % FRAMES][self.index]
        return picture.reshape(height * size, width * size, 4)


def draw_level(
    level: Level,
    pack: Pack | str | Path = DEFAULT_PACK,
    seed: int | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    palette: PaletteLike | None = None,
) -> Uint8Array:
    """Draw a level with generated tiles: uint8 (H * S, W * S, 4), opaque RGBA, for tiles of S pixels.

    The same level, pack and seed give the same bytes on every machine. Arguments and errors are those of
    `tile_level`, which returns the tiles separately.
    """
    return _tile_level("draw_level()", level, pack, seed, kinds, palette).draw()


def tile_level(
    level: Level,
    pack: Pack | str | Path = DEFAULT_PACK,
    seed: int | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    palette: PaletteLike | None = None,
    candidates: int = _CANDIDATES,
) -> TiledLevel:
    """Generate tiles for a level, select those that repeat well, and shade them for their cells.

    level: from `make_level`. pack: a Pack, a bundled pack's name or the path of an .onnx file. seed: 0 ..
    2**64 - 1, by default the level's. kinds: the pack's kind for a kind of the level, {"wall": "cliff"};
    others are matched by name (`match_kinds`). palette: as in `Pack.generate`; shaded tiles use its colours
    only. candidates: generated pictures per kind to select from, 1 or more.

    Raises UsageError for invalid arguments, PackError for a file that is no pack.
    """
    check_count(candidates, "candidates", "tile_level()")
    return _tile_level("tile_level()", level, pack, seed, kinds, palette, candidates)


def _tile_level(
    caller: str,
    level: Level,
    pack: Pack | str | Path,
    seed: int | None,
    kinds: Mapping[str, str] | None,
    palette: PaletteLike | None,
    candidates: int = _CANDIDATES,
) -> TiledLevel:
    if not isinstance(level, Level):
        raise UsageError(f"{caller}: level must be a Level, as make_level() returns, not {level!r:.60}")
    if kinds is not None and not isinstance(kinds, Mapping):
        raise UsageError(f'{caller}: kinds must be a mapping, such as {{"wall": "cliff"}}, not {kinds!r:.60}')
    seed = check_seed(level.seed if seed is None else seed, caller)
    colours = None if palette is None else as_palette(palette, caller)
    pack = _opened(pack, caller)
    used = [kind for kind in _ORDER if (level.cells == level.kinds.index(kind)).any()]
    # Match all kinds of levels, not only those of this one, so that all levels of a game look alike.
    every = match_kinds(level.kinds, pack.name, pack.kinds, kinds, caller)
    guessed = tuple(kind for kind in used if kind in every.guessed)
    matched = KindMatch(pack.name, {kind: every.kinds[kind] for kind in used}, guessed)
    chosen: dict[str, Uint8Array] = {}
    for kind in used:
        pictures = pack.generate(candidates, kind=matched.kinds[kind], seed=seed).rgba
        mains = [tiles[:1] for tiles in chosen.values()]
        others = np.concatenate([pictures[:0], *mains])
        chosen[kind] = choose_tiles(pictures, others, _VARIANTS, kind, seed)
    variants = tile_map(level, {kind: len(tiles) for kind, tiles in chosen.items()}, seed)
    shaded = shade(level, chosen, variants)
    tiles = shaded.tiles if colours is None else remap(shaded.tiles, colours)
    return TiledLevel(level, tiles, shaded.index, matched, candidates * len(used))


def _opened(pack: Pack | str | Path, caller: str) -> Pack:
    if isinstance(pack, (str, Path)):
        pack = load(pack)
    if isinstance(pack, Pack) and type(pack.file.head) is not Pixels:
        raise UsageError(
            f"{caller}: {pack.name} generates {pack.file.head.content}; a level takes square pictures"
        )
    if not hasattr(pack, "generate"):
        raise UsageError(f"{caller}: pack must be a Pack, a name or a path, not {pack!r:.60}")
    return pack
