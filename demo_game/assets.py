"""Generates everything that a world needs from a seed. The only module of the game that uses tilewright."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

import tilewright as tw

from .dice import mix

Pictures = npt.NDArray[np.uint8]

MAP_WIDTH, MAP_HEIGHT = 48, 32

_SPRITE_CANDIDATES = 24

# Kinds of sprites for the characters and items of a level. A pack may have several kinds of monsters and
# items.
_SPRITE_KINDS = {
    "hero": ("hero", "player", "humanoid", "character"),
    "monster": ("monster", "beast", "undead", "demon", "bird", "slime"),
    "item": ("item", "potion", "food", "book", "scroll", "weapon", "armour"),
}


@dataclass(frozen=True, eq=False)
class Scene:
    """All pictures and the level of one world.

    map: the level in tiles, of which `ground` is drawn. ground: uint8 (F, H * S, W * S, 3), the whole map in F frames.
    hero: uint8 (S, S, 4). monsters, items: uint8 (N, S, S, 4), N at least 1.
    matched: which kinds of the packs draw what, where the names differ.
    made: how many pictures were generated; milliseconds: how long all of it took.
    """

    seed: int
    pack: str
    level: tw.Level
    tile_size: int
    map: tw.Map
    ground: Pictures
    hero: Pictures
    monsters: Pictures
    items: Pictures
    matched: tuple[tw.KindMatch, ...]
    made: int
    milliseconds: int


# The palettes and hardware styles for changing the colours of a world during play.
STYLES = ("pico-8", "db16", "1bit", *tw.hardware_names())


def restyle(scene: Scene, style: str | None) -> Scene:
    """Return the same world with the named palette or hardware style, or with its original colours if `style`
    is None.
    """
    if style is None:
        return scene

    def change(pictures: Pictures) -> Pictures:
        # Few of the tiles differ from frame to frame, and each is changed once.
        flat = pictures.reshape(-1, *pictures.shape[-3:])
        different, which = np.unique(flat, axis=0, return_inverse=True)
        known = tw.hardware_names()
        made = tw.to_hardware(different, style) if style in known else tw.repaint(different, style)
        return made[which.reshape(-1)].reshape(pictures.shape)

    tileset = scene.map.tileset
    recoloured = replace(scene.map, tileset=replace(tileset, pictures=change(tileset.rgba), palette=None))
    return replace(
        scene,
        map=recoloured,
        ground=_draw_ground(recoloured, scene.level),
        hero=change(scene.hero[None])[0],
        monsters=change(scene.monsters),
        items=change(scene.items),
    )


def _draw_ground(drawn: tw.Map, level: tw.Level) -> Pictures:
    """Draw the cells of a level; a map of corner tiles has half a tile more on each side."""
    times, _ = drawn.times()
    size = drawn.tileset.shape[0]
    rows, columns = level.cells.shape
    return np.stack([drawn.picture(at)[: rows * size, : columns * size, :3] for at in times])


def next_seed(seed: int) -> int:
    """Return the seed of the next world: 0 .. 2**32 - 1, short enough to display."""
    return mix(seed) >> 32


def imagine(
    tiles: tw.Pack | tw.Tileset,
    sprite_pack: tw.Pack,
    kinds: Mapping[str, str],
    seed: int,
    palette: Pictures | None = None,
) -> Scene:
    """Generate a world. The result depends only on the arguments, except for `milliseconds`.

    tiles: a pack, or a complete tileset, whose terrains have borders. kinds: kinds of the packs to use instead of those
    matched by name, {"wall": "cliff"}. palette: uint8 (K, 4), for recolouring tiles and sprites.
    """
    began = time.perf_counter()
    styles = tw.level_styles()
    level = tw.make_level(MAP_WIDTH, MAP_HEIGHT, seed, styles[mix(seed) % len(styles)])
    tiled = tw.tile_level(level, tiles, seed, kinds=kinds, palette=palette)
    made = tiled.made
    offered = sprite_pack.kinds
    own = {
        role: [name for name in names if name in offered]
        for role, names in _SPRITE_KINDS.items()
        if role not in kinds
    }
    to_match = [role for role in _SPRITE_KINDS if not own.get(role)]
    matched = tw.match_kinds(to_match, sprite_pack.name, offered, kinds)

    def sprites(role: str, count: int, most_kinds: int | None = None) -> Pictures:
        nonlocal made
        chosen = []
        for name in (own.get(role) or [matched.kinds[role]])[:most_kinds]:
            made += _SPRITE_CANDIDATES
            batch = sprite_pack.generate(_SPRITE_CANDIDATES, kind=name, seed=seed, palette=palette)
            chosen.append(tw.choose_sprites(batch.rgba, count))
        return np.concatenate(chosen)

    return Scene(
        seed=seed,
        pack=tiles.name,
        level=level,
        tile_size=tiled.map.tileset.shape[0],
        map=tiled.map,
        ground=_draw_ground(tiled.map, level),
        hero=sprites("hero", 1, most_kinds=1)[0],
        monsters=sprites("monster", 2),
        items=sprites("item", 2),
        matched=(tiled.matched, matched),
        made=made,
        milliseconds=round(1000 * (time.perf_counter() - began)),
    )
