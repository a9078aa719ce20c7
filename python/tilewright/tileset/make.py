"""`make_tileset`: complete tilesets, in which every tile fits all tiles that may be beside it."""

from collections.abc import Mapping, Sequence

import numpy as np

from tilewright.arrays import AnyArray, Uint8Array
from tilewright.borders import check_tiles
from tilewright.checks import check_range
from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.seeds import check_seed
from tilewright.tileset.colours import clear_first, index_pictures
from tilewright.tileset.layouts import LAYOUTS, Materials, Slots
from tilewright.tileset.moving import animate
from tilewright.tileset.own_windows import OwnWindows
from tilewright.tileset.provenance import of_pack
from tilewright.tileset.tileset import NO_TERRAIN, Terrain, Tileset
from tilewright.tileset.windows import Windows

MAX_TERRAINS = 16
MAX_VARIANTS = 64
MAX_FRAMES = 16
VOID = "void"  # the terrain behind walls


def make_tileset(
    pack: Pack,
    terrains: Sequence[str] | None = None,
    *,
    tiles: Mapping[str, AnyArray] | None = None,
    new_colours: bool = False,
    layout: str = "dual-grid",
    ground: str | None = None,
    transparent: bool = True,
    variants: int = 4,
    candidates: int = 4,
    walls: Sequence[str] | None = None,
    moving: Sequence[str] = (),
    frames: int = 4,
    seed: int = 0,
    threads: int | None = None,
) -> Tileset:
    """Generate a complete tileset of terrains, or complete one from tiles of your own.

    pack: with a sampler and a kind per cell, such as one that was trained on terrain. terrains: 1 to 16 of its kinds,
    the lowest first where they are drawn over each other; by default those of `tiles`. tiles: for each terrain and the
    ground, by name, uint8 RGBA (cell, cell, 4) without transparent pixels, or several of them (N, cell, cell, 4). Then
    the pack paints only borders between them, best one such as `borders`. new_colours: whether borders may have colours
    that the tiles beside them lack. layout (docs/tilesets.md):

    - "dual-grid": 15 tiles for each terrain, which have it at one to four corners.
    - "corner-16": tiles with a terrain at each corner, 16 combinations for each pair of terrains, always opaque.
    - "edge-16": 16 tiles for each terrain, which it leaves at any of four sides: paths, rivers, hedges.
    - "blob-47": 47 tiles for each terrain, by all neighbours of a cell.
    - "rpgmaker-a2": the same, made of quarters alone; variants become terrains of their own, as `save` writes them.
    - "wall-16": walls one cell thick with front faces, by the four sides at which they continue; always opaque. A
      further terrain, "void", is the rock behind them; its name is "void behind walls" if "void" is one of `terrains`.

    ground: the kind around the terrains while they are generated. transparent: whether it is left out of the tiles, so
    that any terrain may lie on any other; else the tiles are opaque, and a set has tiles of the ground too. ground=None
    selects, if transparent, for each terrain the last of the others that has few colours in common with it; else the
    first terrain. A border looks best over a ground that the pack was trained with.

    variants: tiles per combination, 1 to 64; all of them have the
    same borders. candidates: 1 to 64 pictures are generated for each part, and the one whose texture is nearest
    to that of the art (`texture.py`) is kept, or for a pack that does not state it, the one with the fewest
    orphan pixels; ties select the first.

    walls: those of the terrains that are walls in the layout "wall-16", by default all but the ground; the others have
    the tiles of "blob-47".

    moving: those of the terrains that move, such as "water". Tiles that show them are animated, with `frames` pictures
    (2 to 16) that loop; the further ones come last, have no codes, and probability 0.

    A combination of one terrain alone has your `tiles` unchanged, each once, instead of variants. Neither walls nor
    moving terrains can be made of them.

    The tiles have `pack.cell` pixels along an edge. A seed gives the same bytes on every machine. Raises UsageError
    for invalid arguments and for a pack that cannot.
    """
    caller = "make_tileset()"
    names = _checked(pack, _names_of(terrains, tiles, caller), caller)
    if layout not in LAYOUTS:
        raise UsageError(f"{caller}: layout must be one of {', '.join(LAYOUTS)}, not {layout!r:.60}")
    if ground is not None:
        _check_kind(pack, ground, caller)
        if layout == "corner-16":
            raise UsageError(f"{caller}: corner-16 joins all pairs of terrains, so it takes no ground")
    elif len(names) == 1 and tiles is not None:
        raise UsageError(f"{caller}: there are tiles of {names[0]} alone, which has no borders")
    elif len(names) == 1 and layout != "corner-16":
        raise UsageError(f"{caller}: one terrain needs a ground= around it, one of {', '.join(pack.kinds)}")
    if names == [ground]:
        raise UsageError(f"{caller}: ground must be another kind than the only terrain, not {ground!r:.60}")
    variants = check_range(variants, "variants", 1, MAX_VARIANTS, caller)
    candidates = check_range(candidates, "candidates", 1, MAX_VARIANTS, caller)
    frames = check_range(frames, "frames", 2, MAX_FRAMES, caller)
    moved = [pack.kinds.index(name) for name in _some_of(names, moving, "moving", caller)]
    windows = Windows(pack, candidates, check_seed(seed, caller), threads, caller)
    shift = 0 if layout in ("dual-grid", "corner-16") else pack.cell // 2
    if tiles is not None:
        drawn = map(pack.kinds.index, names if ground is None else dict.fromkeys([*names, ground]))
        given = check_tiles(tiles, pack.kinds, drawn, pack.cell, caller)
        if layout == "wall-16" or moved:
            what = "moving terrains" if moved else "walls with fronts"
            raise UsageError(f"{caller}: tiles= are plain ground, of which {what} cannot be made")
        windows = OwnWindows(windows, given, windows.first - shift, new_colours)
    elif new_colours:
        raise UsageError(f"{caller}: new_colours is for sets of tiles=")
    below = None
    if layout == "wall-16" or (layout != "corner-16" and not transparent):
        below = names[0] if ground is None else ground
        names = names if below in names else [below, *names]
    walled = _walls(names, walls, below, layout, caller)
    made_of = dict(zip(names, names, strict=True))
    if layout == "rpgmaker-a2":
        more = [name for name in names if name != below]
        made_of |= {f"{name} {number}": name for number in range(2, variants + 1) for name in more}
        variants = 1
    materials = Materials(
        windows,
        [pack.kinds.index(name) for name in made_of.values()],
        None if (ground or below) is None else pack.kinds.index(ground or below),
        None if below is None else names.index(below),
        [names.index(name) for name in walled],
    )
    slots = LAYOUTS[layout](materials, variants)
    facts = of_pack(pack, seed, made_of) | {"layout": layout}
    if isinstance(windows, OwnWindows):
        facts["tiles"] = "the caller's own; the pack painted their borders"
        slots = windows.with_all_tiles(slots, [*made_of.values()], layout != "rpgmaker-a2")
    count = len(slots.pictures)
    slots, animations = animate(slots, materials, moved, frames, shift)
    pictures, palette = _coloured(windows.palette, slots)
    void = f"{VOID} behind walls" if VOID in names else VOID
    shown = [*made_of, void] if walled else list(made_of)
    rock = [*map(shown.index, walled), len(made_of)] if walled else []
    return Tileset(
        name=f"{pack.name}-{'-'.join(names)}"[:60],
        pictures=pictures,
        palette=palette,
        terrains=tuple(
            Terrain(name, _mark(windows.palette, slots, number), number >= len(made_of))
            for number, name in enumerate(shown)
        ),
        codes=slots.codes,
        centres=slots.centres,
        solid=np.isin(slots.centres, rock),
        probabilities=(np.arange(len(pictures)) < count).astype(np.float64),
        animations=animations,
        provenance=facts,
    )


def _names_of(
    terrains: Sequence[str] | None, tiles: Mapping[str, AnyArray] | None, caller: str
) -> Sequence[str]:
    """Return the terrains that were asked for."""
    if terrains is not None:
        return terrains
    if not isinstance(tiles, Mapping):
        raise UsageError(f"{caller}: give terrains, or tiles= by terrain, not {tiles!r:.60}")
    return [*tiles]


def _checked(pack: Pack, terrains: Sequence[str], caller: str) -> list[str]:
    """Return the names of the terrains."""
    if isinstance(terrains, str) or not isinstance(terrains, Sequence):
        raise UsageError(f"{caller}: terrains must be a sequence of kinds, not {terrains!r:.60}")
    if not 1 <= len(terrains) <= MAX_TERRAINS or len(set(terrains)) < len(terrains):
        raise UsageError(
            f"{caller}: terrains must be 1 to {MAX_TERRAINS} different kinds, not {len(terrains)}"
        )
    for name in terrains:
        _check_kind(pack, name, caller)
    return list(terrains)


def _some_of(names: Sequence[str], some: Sequence[str], argument: str, caller: str) -> list[str]:
    """Return terrains of an argument, each once."""
    if isinstance(some, str) or not isinstance(some, Sequence):
        raise UsageError(f"{caller}: {argument} must be a sequence of terrains, not {some!r:.60}")
    for name in some:
        if name not in names:
            raise UsageError(f"{caller}: {argument} must be some of {', '.join(names)}, not {name!r:.60}")
    return list(dict.fromkeys(some))


def _walls(
    names: Sequence[str], walls: Sequence[str] | None, below: str | None, layout: str, caller: str
) -> list[str]:
    """Return the terrains that are walls: some but the ground in the layout wall-16, none in the others."""
    if layout != "wall-16":
        if walls is not None:
            raise UsageError(f"{caller}: walls are terrains of the layout wall-16, not of {layout}")
        return []
    possible = [name for name in names if name != below]
    chosen = possible if walls is None else _some_of(possible, walls, "walls", caller)
    if not chosen:
        raise UsageError(f"{caller}: wall-16 takes at least one wall, some of {', '.join(possible)}")
    return chosen


def _check_kind(pack: Pack, name: str, caller: str) -> None:
    if name not in pack.kinds:
        raise UsageError(f"{caller}: unknown terrain {name!r:.60}; {pack.name} has {', '.join(pack.kinds)}")


def _coloured(palette: Uint8Array, slots: Slots) -> tuple[Uint8Array, Uint8Array | None]:
    """Return the tiles with what is not opaque made transparent, and their palette; RGBA if it has no room for that."""
    if slots.pictures.dtype != np.uint8:  # a palette that repeats colours, and has others that nothing shows
        rgba = np.where(slots.opaque[..., None], palette[slots.pictures], np.zeros(4, np.uint8))
        return index_pictures(rgba) or (rgba, None)
    if slots.opaque.all():
        return slots.pictures, palette
    clear = clear_first(slots.pictures, palette)
    if clear is None:
        return np.where(slots.opaque[..., None], palette[slots.pictures], np.zeros(4, np.uint8)), None
    return np.where(slots.opaque, clear[0], np.uint8(0)), clear[1]


def _mark(palette: Uint8Array, slots: Slots, terrain: int) -> tuple[int, int, int]:
    """Return the mean colour of a terrain, by its first tile without a border."""
    used = (slots.codes != NO_TERRAIN).any(axis=0)
    plain = int((slots.codes[:, used] == terrain).all(axis=1).argmax())
    red, green, blue = (
        palette[slots.pictures[plain]][..., :3].reshape(-1, 3).mean(axis=0).astype(int).tolist()
    )
    return red, green, blue
