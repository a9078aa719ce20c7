"""The monsters. Add one here, and name it in a biome (biomes.py)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MonsterKind:
    """A kind of monster.

    behaviour: a function of rules/behaviours.py: chase, patrol, shoot, split, ambush, steal or boss. art: kinds of the
    sprite pack, the first that it has is drawn. health, damage: at depth 1; both grow with the depth. speed: units a
    step; the hero walks 20. sight: cells. reward: experience.
    """

    behaviour: str
    art: tuple[str, ...]
    health: int
    damage: int
    speed: int
    sight: int
    reward: int


MONSTERS = {
    "hunter": MonsterKind("chase", ("beast", "monster"), 4, 2, 12, 8, 3),
    "swarmer": MonsterKind("chase", ("pest", "bird"), 2, 1, 15, 7, 2),
    "brute": MonsterKind("chase", ("elemental", "beast"), 10, 3, 8, 7, 6),
    "guard": MonsterKind("patrol", ("undead", "monster"), 5, 2, 10, 6, 4),
    "archer": MonsterKind("shoot", ("demon", "monster"), 3, 2, 9, 9, 4),
    "spitter": MonsterKind("shoot", ("plant", "reptile"), 4, 2, 5, 8, 4),
    "jelly": MonsterKind("split", ("slime", "monster"), 6, 1, 8, 7, 3),
    "lurker": MonsterKind("ambush", ("reptile", "aquatic"), 4, 3, 17, 3, 5),
    "thief": MonsterKind("steal", ("bird", "pest"), 3, 1, 16, 9, 5),
    "boss": MonsterKind("boss", ("demon", "undead"), 45, 3, 11, 30, 40),
}
