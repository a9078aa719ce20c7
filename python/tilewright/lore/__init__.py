"""Texts about a level: descriptions of items, quests, epitaphs and gossip, from facts and a seed (docs/lore.md)."""

from tilewright.lore.facts import DEEDS, Deed, Facts, Item, Monster, Person, Place, level_facts
from tilewright.lore.taverns import taverns
from tilewright.lore.telling import Lore, kinds

__all__ = [
    "DEEDS",
    "Deed",
    "Facts",
    "Item",
    "Lore",
    "Monster",
    "Person",
    "Place",
    "kinds",
    "level_facts",
    "taverns",
]
