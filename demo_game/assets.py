"""The game's only door to tilewright: a seed goes in, everything one world needs comes out."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import tilewright as tw

from .choose import choose_sprites, choose_tiles
from .dice import mix
from .paint import paint_map

Pictures = npt.NDArray[np.uint8]

MAP_WIDTH, MAP_HEIGHT = 48, 32

_TILE_CANDIDATES = 48
_SPRITE_CANDIDATES = 24
_TILE_VARIANTS = 4

# In order of choosing: the ground first, then what must stand off it. A pack that lacks a kind lends another.
_TILE_KINDS = {
    "floor": ("floor", "dirt", "ground", "path"),
    "wall": ("wall",),
    "grass": ("grass", "dirt", "ground"),
    "water": ("water", "acid"),
    "lava": ("lava", "acid", "water"),
}
_HERO_KINDS = ("hero", "player", "humanoid", "character")
_MONSTER_KINDS = ("monster", "beast", "undead", "demon", "bird", "slime")
_ITEM_KINDS = ("item", "potion", "food", "book", "scroll", "weapon", "armour")


@dataclass(frozen=True, eq=False)
class Scene:
    """All pictures and the level of one world.

    ground: uint8 (FRAMES, H * S, W * S, 3), the whole map.
    hero: uint8 (S, S, 4). monsters, items: uint8 (N, S, S, 4), N at least 1.
    made: how many pictures were generated; milliseconds: how long all of it took.
    """

    seed: int
    pack: str
    level: tw.Level
    tile_size: int
    ground: Pictures
    hero: Pictures
    monsters: Pictures
    items: Pictures
    made: int
    milliseconds: int


def next_seed(seed: int) -> int:
    """The seed of the world after this one: 0 .. 2**32 - 1, short enough to read off the screen."""
    return mix(seed) >> 32


def imagine(tile_pack: tw.Pack, sprite_pack: tw.Pack, seed: int) -> Scene:
    """Generate a world. Apart from `milliseconds`, the packs and the seed decide everything about it."""
    began = time.perf_counter()
    styles = tw.level_styles()
    level = tw.make_level(MAP_WIDTH, MAP_HEIGHT, seed, styles[mix(seed) % len(styles)])
    made = 0

    def generate(pack: tw.Pack, wanted: tuple[str, ...], count: int) -> Pictures:
        nonlocal made
        made += count
        kind = next((name for name in wanted if name in pack.kinds), None)
        return pack.generate(count, kind=kind, seed=seed).rgba

    used = {level.kinds[index] for index in np.unique(level.cells).tolist()}
    tiles: dict[str, Pictures] = {}
    for kind, wanted in _TILE_KINDS.items():
        if kind in used:
            candidates = generate(tile_pack, wanted, _TILE_CANDIDATES)
            mains = [variants[:1] for variants in tiles.values()]
            others = np.concatenate([candidates[:0], *mains])
            tiles[kind] = choose_tiles(candidates, others, _TILE_VARIANTS, kind == "wall", seed)

    def sprites(wanted: tuple[str, ...]) -> Pictures:
        present = [name for name in wanted if name in sprite_pack.kinds] or [""]
        return np.concatenate(
            [choose_sprites(generate(sprite_pack, (name,), _SPRITE_CANDIDATES), 2) for name in present]
        )

    hero = choose_sprites(generate(sprite_pack, _HERO_KINDS, _SPRITE_CANDIDATES), 1)[0]
    monsters, items = sprites(_MONSTER_KINDS), sprites(_ITEM_KINDS)
    tile_map = tw.tile_map(level, {kind: len(variants) for kind, variants in tiles.items()})
    ground = paint_map(level, tiles, tile_map)
    return Scene(
        seed=seed,
        pack=tile_pack.name,
        level=level,
        tile_size=tile_pack.tile_size,
        ground=ground,
        hero=hero,
        monsters=monsters,
        items=items,
        made=made,
        milliseconds=round(1000 * (time.perf_counter() - began)),
    )
