"""Scenes: all pictures of a depth, its tileset and its colours."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

import tilewright as tw

from ..content.biomes import BIOMES, VILLAGE, Biome, biome_of
from ..content.items import ITEMS, TREASURE
from ..content.monsters import MONSTERS
from ..rules.depth import LOOKS
from ..rules.dice import mix
from .levels import level_of
from .sprites import CANDIDATES, Palette, Pictures, Sprites, most_different
from .statues import GREY, statues_in, with_statues, without
from .texts import Names, names_of

_SHADE = 62  # percent of light at the foot of a wall
_MOVING = ("water", "swamp", "lava")  # terrains
_STATUES = 3  # looks in a depth
_HERO = ("hero", "player", "humanoid", "character")

SPRITES = "dawn-sprites"
# Pictures of a kind to choose tiles from; few, because players may wait for the first depth of a run.
TILE_CANDIDATES = 16
# The palettes and hardware styles for changing the colours of a depth during play.
STYLES = ("pico-8", "db16", "1bit", *tw.hardware_names())


@dataclass(frozen=True, eq=False)
class Scene:
    """All pictures of one depth, and the names of what they show.

    map: the level in tiles, of which `ground` is drawn. ground: uint8 (F, H * S, W * S, 4), the whole map in F frames.
    hero: uint8 (2, S, S, 4), two frames. people: uint8 (N, 2, S, S, 4). monsters: by kind, uint8 (LOOKS, 2, S, S, 4).
    items: by name, and "treasure", uint8 (S, S, 4). matched: which kinds of the packs draw what, where the
    names differ. made: how many pictures were generated; milliseconds: how long all of it took.
    """

    seed: int
    depth: int
    biome: Biome
    pack: str
    tile_size: int
    level: tw.Level
    map: tw.Map
    ground: Pictures
    hero: Pictures
    people: Pictures
    monsters: Mapping[str, Pictures]
    items: Mapping[str, Pictures]
    names: Names
    matched: tuple[tw.KindMatch, ...]
    made: int
    milliseconds: int


@dataclass(frozen=True, eq=False)
class Assets:
    """The packs of a game. tiles: a pack, or a complete tileset, whose terrains have borders. kinds: kinds of the packs
    to use instead of those matched by name, {"wall": "cliff"}. palette: uint8 (K, 4), for all depths. lands: packs by
    name, with which a tileset for each biome is made instead. motion: a pack that gives sprites in colours of
    `sprites` a second frame; without it, they breathe.
    """

    tiles: tw.Pack | tw.Tileset
    sprites: tw.Pack
    kinds: Mapping[str, str]
    palette: Pictures | None = None
    lands: Mapping[str, tw.Pack] | None = None
    motion: tw.Pack | None = None

    def __post_init__(self) -> None:
        """Raise UsageError for sprites that are larger than the tiles, or smaller than those of a land."""
        tiles, sprites = self.tiles, self.sprites
        size = tiles.shape[0] if isinstance(tiles, tw.Tileset) else tiles.tile_size
        if sprites.tile_size > size or (self.lands is not None and sprites.tile_size != size):
            raise tw.UsageError(
                f"the sprites of {sprites.name} have {sprites.tile_size} pixels, and the tiles of {tiles.name} {size}: "
                "name others with --sprites, --pack or --tileset"
            )

    def draft(self, seed: int, depth: int, again: int = 0) -> Scene:
        """Like `scene`, without tileset and second frames, in a tenth of the time or less."""
        return replace(self, lands=None, motion=None).scene(seed, depth, again)

    def palette_of(self, biome: Biome) -> Palette:
        """Return the colours of a biome, None for the pack's own."""
        return list(biome.palette) or None if self.palette is None else self.palette

    def scene(self, seed: int, depth: int, again: int = 0) -> Scene:
        """Generate the pictures of a depth. again: another number gives other pictures for the same depth.

        The result depends only on the arguments, except for `milliseconds`.
        """
        began = time.perf_counter()
        biome = biome_of(seed, depth)
        level, of_depth = level_of(seed, depth), mix(seed ^ depth << 8 ^ again << 40)
        palette = self.palette_of(biome)
        tiles, kinds, pack = self.tiles, self.kinds, self.tiles.name
        if self.lands is not None:
            land = self.lands[biome.pack]
            tiles, pack = _tileset(land, biome, mix(seed ^ again << 40)), land.name
            kinds = _all_kinds(level, biome)
        sprites = Sprites(self.sprites, self.kinds, self.motion)
        stone = palette if self.palette is not None else list(biome.stone) or palette
        fronts = self.lands is not None and bool(biome.walls)
        alone = statues_in(level) & fronts
        tiled = tw.tile_level(
            without(level, alone), tiles, of_depth, kinds=kinds, palette=stone, candidates=TILE_CANDIDATES
        )
        drawn = tiled.map
        if alone.any():
            looks = sprites.of("hero", _HERO, of_depth, _STATUES, stone or list(GREY))
            drawn = with_statues(drawn, alone, looks)
        roles = {name: about.art for name, about in MONSTERS.items() if name in (*biome.monsters, "boss")}
        monsters = {
            name: sprites.moving("monster", art, of_depth, LOOKS, palette) for name, art in roles.items()
        }
        # Items and the hero keep their looks in all biomes.
        items: dict[str, Pictures] = {}
        for name, item in ITEMS.items():
            some = sprites.of("item", item.art, seed, CANDIDATES // 2, self.palette)
            alike = [picture for one, picture in items.items() if ITEMS[one].art == item.art]
            items[name] = most_different(some, alike)
        people = sprites.moving("hero", _HERO, of_depth, 6, palette) if biome is VILLAGE else None
        hero = sprites.moving("hero", _HERO, seed ^ again, 1, self.palette)
        return Scene(
            seed=seed,
            depth=depth,
            biome=biome,
            pack=pack,
            tile_size=drawn.tileset.shape[0],
            level=level,
            map=drawn,
            ground=_draw_ground(drawn, level, shade=self.lands is not None and not fronts),
            hero=hero[0],
            people=hero if people is None else people,
            monsters=monsters,
            items=items | {"treasure": sprites.of("item", TREASURE, of_depth, 1, palette)[0]},
            names=names_of(seed, depth),
            matched=(*([tiled.matched] if self.lands is None else []), sprites.matched()),
            made=tiled.made + sprites.made,
            milliseconds=round(1000 * (time.perf_counter() - began)),
        )


def load_assets(
    pack: str | None = None,
    tileset: str | None = None,
    sprites: str = SPRITES,
    kinds: Mapping[str, str] | None = None,
    palette: Pictures | None = None,
) -> Assets:
    """Load packs by name or path. pack, tileset: tiles for all depths; without either, each biome has a tileset."""
    return Assets(
        tw.load(pack or "dawn-tiles") if tileset is None else tw.load_tileset(tileset),
        tw.load(sprites),
        kinds or {},
        palette,
        {biome.pack: tw.load(biome.pack) for biome in (*BIOMES, VILLAGE)}
        if pack is tileset is None
        else None,
        tw.load("idle") if sprites == SPRITES else None,  # of the same art
    )


@lru_cache(maxsize=8)
def _tileset(pack: tw.Pack, biome: Biome, seed: int) -> tw.Tileset:
    """Return the tileset of a biome, whose liquids move."""
    names = list(dict.fromkeys([biome.ground, *dict(biome.terrains).values()]))
    moving = [name for name in names if name in _MOVING]
    return tw.make_tileset(
        pack,
        names,
        layout="wall-16" if biome.walls else "dual-grid",
        ground=biome.ground,
        walls=biome.walls or None,
        variants=1,
        candidates=1,
        moving=moving,
        frames=3,
        seed=seed,
        threads=max(1, (os.cpu_count() or 1) - 1),  # one is left to the game
    )


def _all_kinds(level: tw.Level, biome: Biome) -> dict[str, str]:
    """Return the terrain that draws each kind of a level; of those that do not occur, the ground."""
    return dict.fromkeys(level.kinds, biome.ground) | dict(biome.terrains)


def restyle(scene: Scene, style: str | None) -> Scene:
    """Return the same scene with the named palette or hardware style, or with its own colours if `style` is None."""
    if style is None:
        return scene

    def change(pictures: Pictures) -> Pictures:
        # Few of the tiles differ from frame to frame, and each is changed once.
        flat = pictures.reshape(-1, *pictures.shape[-3:])
        different, which = np.unique(flat, axis=0, return_inverse=True)
        return recolour(different, style)[which.reshape(-1)].reshape(pictures.shape)

    tileset = scene.map.tileset
    recoloured = replace(scene.map, tileset=replace(tileset, pictures=change(tileset.rgba), palette=None))
    return replace(
        scene,
        map=recoloured,
        ground=_draw_ground(recoloured, scene.level),
        hero=change(scene.hero),
        people=change(scene.people),
        monsters={name: change(pictures) for name, pictures in scene.monsters.items()},
        items={name: change(picture[None])[0] for name, picture in scene.items.items()},
    )


def recolour(pictures: Pictures, style: str) -> Pictures:
    """Return uint8 (N, S, S, 4) with the named palette or hardware style."""
    return tw.to_hardware(pictures, style) if style in tw.hardware_names() else tw.repaint(pictures, style)


def title_tiles(assets: Assets, seed: int, count: int, start: int = 0) -> Pictures:
    """Return pictures of tiles for the title screen, from number `start` of a seed: uint8 (count, S, S, 3)."""
    if isinstance(assets.tiles, tw.Tileset):
        pictures = assets.tiles.rgba
        return pictures[np.arange(start, start + count) % len(pictures), ..., :3]
    made = assets.tiles.generate(count, seed=seed, start=start, gate=False)  # the title must not wait
    return made.rgba[..., :3]


def _draw_ground(drawn: tw.Map, level: tw.Level, shade: bool = False) -> Pictures:
    """Draw the cells of a level; a map of corner tiles has half a tile more on each side. shade: below walls."""
    times, _ = drawn.times()
    size = drawn.tileset.shape[0]
    rows, columns = level.cells.shape
    ground = np.stack([drawn.picture(at)[: rows * size, : columns * size] for at in times])
    if shade:
        _shade(ground[..., :3], level.cells == level.kinds.index("wall"), size)
    return ground


def _shade(ground: Pictures, wall: npt.NDArray[np.bool_], size: int) -> None:
    """Darken the ground (F, H * S, W * S, 3) at the feet of walls (H, W), less and less downwards."""
    foot = (wall[:-1] & ~wall[1:]).repeat(size, axis=1)
    inset = size // 8  # borders of walls are about as far within their cells
    foot[:, inset:-inset] &= foot[:, 2 * inset :] & foot[:, : -2 * inset]
    first = np.arange(1, len(wall)) * size - inset
    for line in range(size // 2):
        lines = ground[:, first + line]
        light = np.uint16(_SHADE + (100 - _SHADE) * 2 * line // size)
        ground[:, first + line] = np.where(foot[..., None], lines * light // 100, lines)
