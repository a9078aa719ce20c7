"""Generates everything that a depth needs from a seed. The only module of the game that uses tilewright.

The rules need `plan_of` only; pictures do not change what happens.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

import tilewright as tw
from tilewright import lore, music, sound

from .content.biomes import VILLAGE, Biome, biome_of
from .content.items import ITEMS, TREASURE
from .content.monsters import MONSTERS
from .rules.depth import LOOKS, Plan
from .rules.dice import Dice, mix
from .rules.grid import Cell

Pictures = npt.NDArray[np.uint8]

_WIDTH, _HEIGHT = 56, 40  # cells of a depth
_VILLAGE_WIDTH, _VILLAGE_HEIGHT = 40, 24
_CANDIDATES = 24  # pictures of a kind to choose sprites from
SOUND_RATE = sound.RATE
VILLAGERS = 6
_TRADES = (
    "innkeeper", "smith", "miller", "healer", "fisher", "elder", "weaver", "baker", "potter", "shepherd", "beekeeper",
    "carpenter", "ferryman", "tanner", "brewer", "scribe",
)  # fmt: skip
_MOVING = ("water", "swamp", "lava")  # terrains
_HERO = ("hero", "player", "humanoid", "character")

# The palettes and hardware styles for changing the colours of a depth during play.
STYLES = ("pico-8", "db16", "1bit", *tw.hardware_names())


@dataclass(frozen=True, eq=False)
class Scene:
    """All pictures of one depth.

    map: the level in tiles, of which `ground` is drawn. ground: uint8 (F, H * S, W * S, 3), the whole map in F frames.
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
    matched: tuple[tw.KindMatch, ...]
    made: int
    milliseconds: int


@dataclass(frozen=True, eq=False)
class Assets:
    """The packs of a game. tiles: a pack, or a complete tileset, whose terrains have borders. kinds: kinds of the packs
    to use instead of those matched by name, {"wall": "cliff"}. palette: uint8 (K, 4), for all depths. lands: the pack
    `overworld`, with which a tileset for each biome is made instead. motion: a pack that gives sprites in colours of
    `sprites` a second frame; without it, they breathe.
    """

    tiles: tw.Pack | tw.Tileset
    sprites: tw.Pack
    kinds: Mapping[str, str]
    palette: Pictures | None = None
    lands: tw.Pack | None = None
    motion: tw.Pack | None = None

    def draft(self, seed: int, depth: int) -> Scene:
        """Generate the pictures of a depth without tileset and second frames, in a tenth of the time or less."""
        return replace(self, lands=None, motion=None).scene(seed, depth)

    def palette_of(self, biome: Biome) -> Pictures | list[str] | None:
        """Return the colours of a biome, None for the pack's own."""
        return list(biome.palette) or None if self.palette is None else self.palette

    def scene(self, seed: int, depth: int, again: int = 0) -> Scene:
        """Generate the pictures of a depth. again: another number gives other pictures for the same depth.

        The result depends only on the arguments, except for `milliseconds`.
        """
        began = time.perf_counter()
        biome = biome_of(seed, depth)
        level, of_depth = _level(seed, depth), mix(seed ^ depth << 8 ^ again << 40)
        palette = self.palette_of(biome)
        tiles, kinds = self.tiles, self.kinds
        if self.lands is not None:
            tiles, kinds = _tileset(self.lands, biome, mix(seed ^ again << 40)), _all_kinds(level, biome)
        tiled = tw.tile_level(level, tiles, of_depth, kinds=kinds, palette=palette)
        sprites = _Sprites(self.sprites, self.kinds, self.motion)
        roles = {name: about.art for name, about in MONSTERS.items() if name in (*biome.monsters, "boss")}
        monsters = {
            name: sprites.moving("monster", art, of_depth, LOOKS, palette) for name, art in roles.items()
        }
        # Items and the hero keep their looks in all biomes.
        items: dict[str, Pictures] = {}
        for name, item in ITEMS.items():
            some = sprites.of("item", item.art, seed, _CANDIDATES // 4, self.palette)
            alike = [picture for one, picture in items.items() if ITEMS[one].art == item.art]
            items[name] = _most_different(some, alike)
        people = sprites.moving("hero", _HERO, of_depth, 6, palette) if biome is VILLAGE else None
        hero = sprites.moving("hero", _HERO, seed ^ again, 1, self.palette)
        return Scene(
            seed=seed,
            depth=depth,
            biome=biome,
            pack=(self.lands or self.tiles).name,
            tile_size=tiled.map.tileset.shape[0],
            level=level,
            map=tiled.map,
            ground=_draw_ground(tiled.map, level),
            hero=hero[0],
            people=hero if people is None else people,
            monsters=monsters,
            items=items | {"treasure": sprites.of("item", TREASURE, of_depth, 1, palette)[0]},
            matched=(*([tiled.matched] if self.lands is None else []), sprites.matched()),
            made=tiled.made + sprites.made,
            milliseconds=round(1000 * (time.perf_counter() - began)),
        )


@lru_cache(maxsize=8)
def _tileset(pack: tw.Pack, biome: Biome, seed: int) -> tw.Tileset:
    """Return the tileset of a biome, whose liquids move."""
    names = list(dict.fromkeys([biome.ground, *dict(biome.terrains).values()]))
    moving = [name for name in names if name in _MOVING]
    return tw.make_tileset(
        pack,
        names,
        ground=biome.ground,
        variants=1,
        candidates=1,
        moving=moving,
        frames=3,
        seed=seed,
        threads=1,
    )


def _all_kinds(level: tw.Level, biome: Biome) -> dict[str, str]:
    """Return the terrain that draws each kind of a level; of those that do not occur, the ground."""
    return dict.fromkeys(level.kinds, biome.ground) | dict(biome.terrains)


def plan_of(seed: int, depth: int) -> Plan:
    """Return the level of a depth, for the rules."""
    level = _level(seed, depth)

    def places(kind: str) -> Iterable[tuple[Cell, int]]:
        return (((thing.row, thing.column), thing.lock) for thing in level.objects if thing.kind == kind)

    return Plan(
        tuple(map(tuple, level.walkable.tolist())),
        level.start,
        level.exit,
        tuple(places("door")),
        tuple(places("key")),
        tuple(cell for cell, _ in places("treasure")),
    )


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


def title_tiles(assets: Assets, seed: int, count: int) -> Pictures:
    """Return pictures of tiles for the title screen: uint8 (N, S, S, 3). N is count, or that of a tileset."""
    if isinstance(assets.tiles, tw.Tileset):
        return assets.tiles.rgba[..., :3]
    return assets.tiles.generate(count, seed=seed).rgba[..., :3]


def effects(names: Iterable[str], seed: int) -> dict[str, npt.NDArray[np.int16]]:
    """Return sound effects of a run: int16 (N,), SOUND_RATE samples a second."""
    return {name: sound.effect(name, seed=seed) for name in names}


def tune(seed: int, mood: str, bars: int = 16) -> npt.NDArray[np.int16]:
    """Return a tune that loops: int16 (N,), SOUND_RATE samples a second."""
    return sound.render(music.compose(mood, bars=bars, seed=seed, threads=1), rate=SOUND_RATE, echo=48)


def voice(name: str, sentence: str) -> npt.NDArray[np.int16]:
    """Return a character's voice: int16 (N,), SOUND_RATE samples a second."""
    return sound.voice(name, sentence)


@dataclass(frozen=True)
class Names:
    """The names of a run at a depth. monsters: of kinds, but not the guardian's. people: of a village."""

    hero: str
    town: str
    guardian: str
    monsters: Mapping[str, str]
    items: Mapping[str, str]
    people: tuple[str, ...]
    trades: tuple[str, ...]

    def of(self, kind: str) -> str:
        """Return how a message names a kind of monster, or anything else that wounds."""
        if kind == "boss":
            return f"{self.guardian} the guardian"
        return f"a {self.monsters.get(kind, kind)}"


def names_of(seed: int, depth: int) -> Names:
    """Generate the names of a run at a depth. The hero and the kinds of monsters have the same names at all depths."""
    pack = tw.load("names")

    def some(kind: str, count: int, of_seed: int) -> list[str]:
        # Names of one seed resemble each other, whatever their kind.
        made: object = pack.generate(count, kind=kind, seed=mix(of_seed ^ sum(kind.encode())))
        assert isinstance(made, tw.TokenBatch)
        return [text or kind for text in made.text]

    kinds = [kind for kind in MONSTERS if kind != "boss"]
    of_items = {
        kind: iter(some(kind, len(ITEMS), seed)) for kind in {_slot(item.title) for item in ITEMS.values()}
    }
    return Names(
        hero=some("hero", 1, seed)[0],
        town=some("town", 1, mix(seed ^ depth))[0],
        guardian=some("demon", 1, mix(seed ^ depth))[0],
        monsters=dict(zip(kinds, (name.lower() for name in some("monster", len(kinds), seed)), strict=True)),
        items={
            name: item.title.format(**{_slot(item.title): next(of_items[_slot(item.title)])})
            for name, item in ITEMS.items()
        },
        people=tuple(some("surname", VILLAGERS, mix(seed ^ depth))),
        trades=_trades(seed, depth),
    )


def _trades(seed: int, depth: int) -> tuple[str, ...]:
    """Return the trades of a village's people, all different."""
    dice, left = Dice(mix(seed ^ depth << 16)), list(_TRADES)
    return tuple(left.pop(dice.below(len(left))) for _ in range(VILLAGERS))


def _slot(title: str) -> str:
    """Return the kind of the name in a title: "god" in "mail of {god}"."""
    return title.partition("{")[2].partition("}")[0]


def texts(
    seed: int, depth: int, names: Names, biomes: Iterable[str], monsters: Iterable[str], killer: str = ""
) -> lore.Lore:
    """Return what can be told at a depth. biomes, monsters: met in this run. killer: the kind that killed the hero."""
    species = [names.monsters.get(kind, kind) for kind in sorted(set(monsters) - {"boss"})] or ["rat"]
    deeds = [] if killer else [lore.Deed(names.hero, "defeat", species[0])]
    if "boss" in set(monsters):
        deeds.append(lore.Deed(names.hero, "defeat", names.guardian))
    if killer:
        others = {"boss": names.guardian, "trap": "a spiked floor", "shot": "a stray arrow"}
        deeds.append(lore.Deed(names.monsters.get(killer) or others.get(killer, killer), "kill", names.hero))
    facts = lore.Facts(
        hero=lore.Person(names.hero, "wanderer"),
        people=tuple(map(lore.Person, names.people, names.trades)),
        places=(
            lore.Place(names.town, "village"),
            *(lore.Place(kind=biome) for biome in sorted(set(biomes))),
        ),
        monsters=(lore.Monster(names.guardian, "demon"), *(lore.Monster(kind=kind) for kind in species)),
        items=tuple(lore.Item(kind=kind) for kind in ("lantern", "silver key", "iron chest")),
        deeds=tuple(deeds),
    )
    return lore.Lore(facts, seed=mix(seed ^ depth))


def epitaph(told: lore.Lore, hero: str) -> str:
    """Return an epitaph that names the hero, from the texts of a run in which the hero was killed."""
    text = ""
    try:
        while hero not in text:
            (text,) = told.tell("epitaph")
    except tw.UsageError:  # nothing is left to tell
        return text
    return text


class _Sprites:
    """Chooses sprites of a pack by role. motion: as in `Assets`."""

    def __init__(self, pack: tw.Pack, kinds: Mapping[str, str], motion: tw.Pack | None) -> None:
        self._pack, self._kinds, self._motion = pack, kinds, motion
        self._roles: dict[str, None] = {}
        self._candidates: dict[tuple[str, int, bool], Pictures] = {}
        self.made = 0

    def of(
        self, role: str, art: tuple[str, ...], seed: int, count: int, palette: Pictures | list[str] | None
    ) -> Pictures:
        """Return sprites for a role, "hero", "monster" or "item": uint8 (N, S, S, 4), N at most count."""
        kind = self._kinds.get(role) or next((name for name in art if name in self._pack.kinds), None)
        if kind is None or role in self._kinds:
            self._roles[role] = None
            kind = self.matched().kinds[role]
        key = kind, seed, palette is None
        if key not in self._candidates:
            self.made += _CANDIDATES
            made = self._pack.generate(_CANDIDATES, kind=kind, seed=seed, palette=palette)
            self._candidates[key] = made.rgba
        return tw.choose_sprites(self._candidates[key], count)

    def moving(
        self, role: str, art: tuple[str, ...], seed: int, count: int, palette: Pictures | list[str] | None
    ) -> Pictures:
        """Return sprites as `of` does, with two frames each: uint8 (N, 2, S, S, 4)."""
        if self._motion is None:
            return _two_frames(self.of(role, art, seed, count, palette))
        first = self.of(role, art, seed, count, None)
        sheets = self._motion.animate(first, seed=seed)
        assert isinstance(sheets, tw.FrameBatch)
        self.made += len(first)
        frames = np.stack([first, sheets.frames_rgba[:, 1]], axis=1)
        return frames if palette is None else tw.repaint(frames, palette)

    def matched(self) -> tw.KindMatch:
        """Return the kinds of the roles that the pack has not by name."""
        return tw.match_kinds(list(self._roles), self._pack.name, self._pack.kinds, self._kinds)


@lru_cache(maxsize=8)  # the rules and the pictures of a depth need the same level
def _level(seed: int, depth: int) -> tw.Level:
    biome = biome_of(seed, depth)
    width, height = (_VILLAGE_WIDTH, _VILLAGE_HEIGHT) if biome is VILLAGE else (_WIDTH, _HEIGHT)
    return tw.make_level(width, height, mix(seed ^ depth), biome.style)


def _most_different(pictures: Pictures, others: list[Pictures]) -> Pictures:
    """Return the picture uint8 (S, S, 4) that differs most from the other most like it; the first if there are none."""
    different = [
        min((int(np.abs(picture.astype(np.int64) - other).sum()) for other in others), default=0)
        for picture in pictures
    ]
    best: Pictures = pictures[int(np.argmax(different))]
    return best


def _two_frames(pictures: Pictures) -> Pictures:
    """Return uint8 (N, 2, S, S, 4): each sprite, and the same breathing in: without a row in the middle."""
    second = pictures.copy()
    size = pictures.shape[1]
    cut = size * 5 // 8
    second[:, 1 : cut + 1] = pictures[:, :cut]
    second[:, 0] = 0
    return np.stack([pictures, second], axis=1)


def _draw_ground(drawn: tw.Map, level: tw.Level) -> Pictures:
    """Draw the cells of a level; a map of corner tiles has half a tile more on each side."""
    times, _ = drawn.times()
    size = drawn.tileset.shape[0]
    rows, columns = level.cells.shape
    return np.stack([drawn.picture(at)[: rows * size, : columns * size, :3] for at in times])
