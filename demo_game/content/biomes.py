"""The biomes. A depth has one of them; add one here."""

from dataclasses import dataclass

from ..rules.dice import Dice, mix


@dataclass(frozen=True)
class Biome:
    """A biome.

    style: of `tilewright.make_level`. monsters: kinds of monsters.py. palette: colours as in `tw.load_palette`, a
    name or hex colours, or () for the pack's own. mood: of its tune. ground, terrains: kinds of the pack `pack`:
    the lowest one, within which the borders of the others are drawn; and those that draw the kinds of a level, the
    lowest first. walls: those of them that are walls one cell thick, with front faces. stone: colours of the tiles, by
    default those of `palette`.
    """

    name: str
    style: str
    monsters: tuple[str, ...]
    palette: tuple[str, ...]
    mood: str
    ground: str
    terrains: tuple[tuple[str, str], ...]
    pack: str = "overworld"
    walls: tuple[str, ...] = ()
    stone: tuple[str, ...] = ()


BIOMES = (
    Biome(
        "ruins",
        "dungeon",
        ("guard", "hunter", "swarmer", "thief"),
        (),
        "grave",
        "floor",
        (("floor", "floor"), ("grass", "tiles"), ("water", "water"), ("wall", "wall")),
        pack="dungeon",
        walls=("wall",),
    ),
    Biome(
        "mire",
        "caves",
        ("jelly", "lurker", "spitter", "swarmer"),
        ("0f1410", "1f2a1c", "34452a", "4e6334", "70863c", "9aa84e", "c9c777", "2a2033", "4a3350", "75506b", "a8788a",
         "d9b3a8", "1e3a40", "2f6264", "5a9c8e", "e8e4c0"),
        "uneasy",
        "grass",
        (("floor", "grass"), ("grass", "tall-grass"), ("water", "swamp"), ("wall", "forest")),
    ),
    Biome(
        "drowned isles",
        "islands",
        ("hunter", "thief", "lurker", "archer"),
        ("10141f", "182a4a", "1f4a7a", "2f7bb0", "5fb4d6", "a8e4ec", "f4fbf0", "3b2a24", "6e4a30", "a8763e", "dcae5e",
         "f6dd94", "1e4a30", "3c8044", "86ba52", "6a8f4c"),
        "bright",
        "grass",
        (("grass", "grass"), ("floor", "sand"), ("sand", "sand"), ("water", "water"), ("wall", "forest")),
    ),
    Biome(
        "forge",
        "volcano",
        ("brute", "archer", "spitter", "hunter"),
        ("120a0d", "2a1216", "4a1a1c", "5e2a20", "86382a", "e06a1e", "f8a832", "fce28a", "201a24", "383040", "584c5e",
         "82747e", "b4a6a2", "e4dccc", "4a2a5a", "5a342c"),
        "fierce",
        "basalt",
        (("floor", "basalt"), ("sand", "basalt"), ("lava", "lava"), ("wall", "mountain")),
    ),
    Biome(
        "frost halls",
        "dungeon",
        ("guard", "brute", "jelly", "archer"),
        ("0c1020", "1a2240", "2c3a66", "44588e", "6a86b6", "9cb8d8", "cfe2ee", "fafeff", "241c34", "443458", "6e5680",
         "a488a8", "2a4a54", "4e8288", "8cc4bc", "e0c090"),
        "cold",
        "floor",
        (("floor", "floor"), ("grass", "tiles"), ("water", "water"), ("wall", "wall")),
        pack="dungeon",
        walls=("wall",),
        stone=("0a1024", "14203e", "22345c", "34507e", "4a6c9c", "6a8eba", "8eb0d2", "b4d0e6", "d8eaf6", "f6fcff"),
    ),
    Biome(
        "overgrown garden",
        "garden",
        ("swarmer", "spitter", "thief", "lurker", "hunter"),
        ("10180f", "20361c", "305a28", "4c8a34", "86b84a", "c6dc7a", "f6f4c8", "24406e", "6e2c48", "b04a6c", "e88aa0",
         "fad0d0", "3a2a1c", "6a4a2c", "6f8a44", "4f8f84"),
        "light",
        "grass",
        (("grass", "grass"), ("floor", "dirt"), ("water", "water"), ("wall", "forest")),
    ),
)  # fmt: skip

VILLAGE = Biome(
    "village",
    "village",
    (),
    ("1a1420", "3a2a34", "34507a", "5a5048", "3e6a34", "7a5434", "b0a04e", "76904e", "6a94c0", "7cb04c", "a0a858",
     "9aa4a8", "8cc4c8", "dcb890", "e4d878", "f2ecd8"),
    "home",
    "grass",
    (("grass", "grass"), ("floor", "dirt"), ("sand", "sand"), ("water", "water"), ("wall", "rubble")),
)  # fmt: skip
VILLAGE_EVERY = 5  # depths
BOSS_EVERY = 4


def biome_of(seed: int, depth: int) -> Biome:
    """Return the biome of a depth, 1 or more. Each run has its own order, in which none follows itself."""
    if depth % VILLAGE_EVERY == 0:
        return VILLAGE
    turn, place = divmod(depth - 1 - depth // VILLAGE_EVERY, len(BIOMES))
    order = _order(seed, turn)
    if turn and order[0] == _order(seed, turn - 1)[-1]:
        order[:2] = order[1::-1]
    return BIOMES[order[place]]


def _order(seed: int, turn: int) -> list[int]:
    dice, left = Dice(mix(seed) ^ turn), list(range(len(BIOMES)))
    return [left.pop(dice.below(len(left))) for _ in range(len(BIOMES))]
