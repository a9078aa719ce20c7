"""The level of a depth."""

from collections.abc import Iterable
from functools import lru_cache

import tilewright as tw

from ..content.biomes import VILLAGE, biome_of
from ..rules.depth import Plan
from ..rules.dice import mix
from ..rules.grid import Cell

_WIDTH, _HEIGHT = 56, 40  # cells of a depth
_VILLAGE_WIDTH, _VILLAGE_HEIGHT = 40, 24


@lru_cache(maxsize=8)  # the rules and the pictures of a depth need the same level
def level_of(seed: int, depth: int) -> tw.Level:
    """Return the level of a depth."""
    biome = biome_of(seed, depth)
    width, height = (_VILLAGE_WIDTH, _VILLAGE_HEIGHT) if biome is VILLAGE else (_WIDTH, _HEIGHT)
    return tw.make_level(width, height, mix(seed ^ depth), biome.style)


def plan_of(seed: int, depth: int) -> Plan:
    """Return the level of a depth, for the rules."""
    level = level_of(seed, depth)

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
