"""The items. Add one here; an effect is a function of rules/effects.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ItemKind:
    """A kind of item.

    slot: "weapon" and "armour" are worn when they are better than what is worn, "belt" is kept until it is used, "now"
    works at once. art: kinds of the sprite pack, the first that it has is drawn. says: what it does, for the player.
    title: its name in a run, with a generated name of a kind, such as {potion}. weight: how often it is found.
    """

    slot: str
    art: tuple[str, ...]
    effect: str
    power: int
    says: str
    title: str
    weight: int


ITEMS = {
    "blade": ItemKind("weapon", ("weapon", "item"), "", 1, "sharper than yours", "{weapon}", 5),
    "mail": ItemKind("armour", ("armour", "item"), "", 1, "thicker than yours", "mail of {god}", 4),
    "meal": ItemKind("now", ("food", "potion"), "heal", 4, "heals two hearts", "{river} bread", 10),
    "healing": ItemKind("belt", ("potion", "item"), "heal", 8, "heals four hearts", "{potion} cordial", 8),
    "strength": ItemKind(
        "belt",
        ("potion", "item"),
        "strength",
        1200,
        "strikes twice as hard for 20 seconds",
        "{potion} bitters",
        4,
    ),
    "haste": ItemKind("belt", ("potion", "item"), "haste", 900, "runs for 15 seconds", "{potion} spirit", 3),
    "fire": ItemKind("belt", ("scroll", "book"), "fire", 6, "burns all that is near", "flames of {god}", 5),
    "sleep": ItemKind(
        "belt",
        ("scroll", "book"),
        "sleep",
        360,
        "stops all that is near for 6 seconds",
        "dreams of {god}",
        4,
    ),
    "map": ItemKind("belt", ("scroll", "book"), "reveal", 0, "shows the whole depth", "{surname}'s map", 3),
    "return": ItemKind(
        "belt", ("jewellery", "scroll"), "return", 0, "brings you back to the stairs", "ring of {demon}", 2
    ),
}

TREASURE = ("treasure", "jewellery", "item")  # the art of chests
