"""Names of a run, and what its people tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import tilewright as tw
from tilewright import lore

from ..content.items import ITEMS
from ..content.monsters import MONSTERS
from ..rules.dice import Dice, mix

VILLAGERS = 6
_TRADES = (
    "innkeeper", "smith", "miller", "healer", "fisher", "elder", "weaver", "baker", "potter", "shepherd", "beekeeper",
    "carpenter", "ferryman", "tanner", "brewer", "scribe",
)  # fmt: skip


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


@lru_cache(maxsize=4)  # a draft and the scene that follows it have the same names
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
