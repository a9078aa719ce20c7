"""Draw a level with a pack: repeating tiles, blended edges, lit walls and shadows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tilewright.arrays import Int32Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.generator import DEFAULT_PACK, Pack, load
from tilewright.heads import Pixels
from tilewright.level.fitted import HALO, fitted, match_terrains, terrain_numbers
from tilewright.level.kinds import WALKABLE
from tilewright.level.levels import Level
from tilewright.level.map import Layer, Map, MapObject
from tilewright.level.shading import FRAME_MILLISECONDS, shade
from tilewright.level.variants import tile_map
from tilewright.palette import PaletteLike, as_palette, count_colours, remap
from tilewright.seeds import check_seed
from tilewright.tileset.animation import Animation
from tilewright.tileset.colours import index_pictures
from tilewright.tileset.match import KindMatch, match_kinds
from tilewright.tileset.provenance import generator, of_pack
from tilewright.tileset.select import check_count, choose_tiles
from tilewright.tileset.tileset import Terrain, Tileset

_CANDIDATES = 64
_VARIANTS = 4
_ORDER = (
    "floor",
    "wall",
    "grass",
    "sand",
    "water",
    "lava",
)  # the ground first; later kinds must contrast with it


@dataclass(frozen=True, eq=False)
class TiledLevel:
    """A level and the map that draws it.

    map: made with a pack, it has one layer, "ground", of opaque tiles; liquids move; its tileset has a terrain per kind
    of the level, and knows which tiles are solid. Made with a tileset, it has the layers of `autotile`, and a layer
    "solid" of a transparent tile, the only solid one; layers of corner tiles are moved by half a tile up and left, and
    the map has a row and a column more. Its objects are the start and
    those of the level; "key 0" is the key of "door 0". matched: the pack's kind, or the tileset's terrain, for each
    kind of the level. made: number of pictures that the pack generated as candidates, 0 for a tileset.
    """

    level: Level
    map: Map
    matched: KindMatch
    made: int

    def picture(self, at: int = 0) -> Uint8Array:
        """Draw the cells of the level at a time in milliseconds: uint8 (H * S, W * S, 4)."""
        (rows, columns), (height, width) = self.level.cells.shape, self.map.tileset.shape
        return self.map.picture(at)[: rows * height, : columns * width]


def draw_level(
    level: Level,
    pack: Pack | Tileset | str | Path = DEFAULT_PACK,
    seed: int | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    palette: PaletteLike | None = None,
) -> Uint8Array:
    """Draw a level with generated tiles: uint8 (H * S, W * S, 4), RGBA, for tiles of S pixels.

    The same level, pack and seed give the same bytes on every machine. Arguments and errors are those of
    `tile_level`, which returns the tiles separately.
    """
    return _tile_level("draw_level()", level, pack, seed, kinds, palette).picture()


def tile_level(
    level: Level,
    pack: Pack | Tileset | str | Path = DEFAULT_PACK,
    seed: int | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    palette: PaletteLike | None = None,
    candidates: int = _CANDIDATES,
) -> TiledLevel:
    """Generate tiles for a level, select those that repeat well, and shade them for their cells.

    level: from `make_level`. pack: a Pack, a bundled pack's name or the path of an .onnx file; or a complete tileset
    (`make_tileset`), whose tiles are taken instead, with its borders between terrains and without shading. seed: 0 ..
    2**64 - 1, by default the level's. kinds: the kind of the pack, or the terrain of the tileset, for a kind of the
    level, {"wall": "cliff"}; others are matched by name (`match_kinds`). palette: as in `Pack.generate`; the tiles use
    its colours only. candidates: generated pictures per kind to select from, 1 or more.

    Raises UsageError for invalid arguments, PackError for a file that is no pack.
    """
    check_count(candidates, "candidates", "tile_level()")
    return _tile_level("tile_level()", level, pack, seed, kinds, palette, candidates)


def _tile_level(
    caller: str,
    level: Level,
    pack: Pack | Tileset | str | Path,
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
    if isinstance(pack, Tileset):
        return _with_tileset(caller, level, pack, seed, kinds, colours)
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
    frames = shaded.tiles if colours is None else remap(shaded.tiles, colours)
    tileset = _tileset(level, frames, shaded.index, colours, of_pack(pack, seed, matched.kinds))
    drawn = Map(tileset.name, tileset, (Layer("ground", shaded.index),), terrain=level.cells.astype(np.int16))
    return TiledLevel(level, _of_level(level, drawn), matched, candidates * len(used))


def _with_tileset(
    caller: str,
    level: Level,
    tileset: Tileset,
    seed: int,
    kinds: Mapping[str, str] | None,
    colours: Uint8Array | None,
) -> TiledLevel:
    """Draw a level with a complete tileset."""
    matched = match_terrains(level.kinds, tileset, kinds, caller)
    if colours is not None:
        tileset = replace(tileset, pictures=remap(tileset.rgba, colours), palette=None)
    cells = np.pad(level.cells, HALO, mode="edge")
    numbers = terrain_numbers(level.kinds, matched.kinds, tileset)
    drawn = fitted(cells, level.walkable, numbers, tileset, seed)
    used = {kind: matched.kinds[kind] for kind in _ORDER if (level.cells == level.kinds.index(kind)).any()}
    guessed = tuple(kind for kind in used if kind in matched.guessed)
    return TiledLevel(level, _of_level(level, drawn), KindMatch(tileset.name, used, guessed), 0)


def _tileset(
    level: Level,
    frames: Uint8Array,
    index: Int32Array,
    colours: Uint8Array | None,
    provenance: Mapping[str, str],
) -> Tileset:
    """Make a tileset of pictures uint8 (F, N, S, S, 4) in F frames. index: int32 (H, W), the tile of each cell."""
    count = frames.shape[1]
    kinds = np.empty(count, np.int16)
    kinds[index] = level.cells
    kinds_walkable = np.array([kind in WALKABLE for kind in level.kinds])
    pictures, animations = [*frames[0]], []
    for tile in np.flatnonzero((frames != frames[0]).any(axis=(0, 2, 3, 4))).tolist():
        numbers = {frames[0, tile].tobytes(): tile}
        shown = []
        for picture in frames[:, tile]:
            if picture.tobytes() not in numbers:
                numbers[picture.tobytes()] = len(pictures)
                pictures.append(picture)
            shown.append(numbers[picture.tobytes()])
        animations.append(Animation(tile, tuple(shown), (FRAME_MILLISECONDS,) * len(shown)))
        kinds = np.append(kinds, np.full(len(pictures) - len(kinds), kinds[tile]))
    rgba = np.stack(pictures)
    terrains = tuple(_terrain(kind, rgba[kinds == number]) for number, kind in enumerate(level.kinds))
    entries, palette = index_pictures(rgba, colours) or (rgba, None)
    return Tileset(
        name=f"{level.style}-{level.seed}",
        pictures=entries,
        palette=palette,
        terrains=terrains,
        centres=kinds,
        solid=~kinds_walkable[kinds],
        animations=tuple(animations),
        provenance=provenance,
    )


def _terrain(kind: str, pictures: Uint8Array) -> Terrain:
    """A terrain in the most frequent colour of its pictures, which may be none."""
    if not len(pictures):
        return Terrain(kind)
    colours, counts = count_colours(pictures)
    red, green, blue = colours[counts.argmax()].tolist()
    return Terrain(kind, (red, green, blue))


def _of_level(level: Level, drawn: Map) -> Map:
    """Return the map with the objects and the provenance of the level."""
    height, width = drawn.tileset.shape
    things = [("start", "start", *level.start)]
    for thing in level.objects:
        name = thing.kind if thing.lock < 0 else f"{thing.kind} {thing.lock}"
        things.append((name, thing.kind, thing.row, thing.column))
    return replace(
        drawn,
        name=f"{level.style}-{level.seed}",
        objects=tuple(
            MapObject(name, kind, column * width, row * height, width, height)
            for name, kind, row, column in things
        ),
        seed=level.seed,
        provenance={"generator": generator(), "style": level.style},
    )


def _opened(pack: Pack | str | Path, caller: str) -> Pack:
    if isinstance(pack, (str, Path)):
        pack = load(pack)
    if isinstance(pack, Pack) and type(pack.file.head) is not Pixels:
        raise UsageError(
            f"{caller}: {pack.name} generates {pack.file.head.content}; a level takes square pictures"
        )
    if not hasattr(pack, "generate"):
        raise UsageError(f"{caller}: pack must be a Pack, a Tileset, a name or a path, not {pack!r:.60}")
    return pack
