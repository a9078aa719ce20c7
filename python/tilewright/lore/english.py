"""Articles, plurals, possessives and capitals of English."""

import re

_SILENT_H = ("heir", "honest", "honour", "honor", "hour")
_LIKE_YOU = re.compile(r"(uni([^nm]|$)|use|usu|uti|ubi|eu|ewe|once\b|one\b|ouija)")
_IRREGULAR = {
    "child": "children",
    "die": "dice",
    "elf": "elves",
    "foot": "feet",
    "goose": "geese",
    "hoof": "hooves",
    "knife": "knives",
    "leaf": "leaves",
    "life": "lives",
    "loaf": "loaves",
    "louse": "lice",
    "man": "men",
    "mouse": "mice",
    "ox": "oxen",
    "scarf": "scarves",
    "sheaf": "sheaves",
    "shelf": "shelves",
    "staff": "staves",
    "thief": "thieves",
    "tooth": "teeth",
    "wife": "wives",
    "wolf": "wolves",
    "dwarf": "dwarves",
    "woman": "women",
}
_SAME = ("deer", "fish", "moose", "sheep", "squid", "swine", "undead")
_ES = ("echo", "hero", "mosquito", "potato", "tomato", "torpedo", "buffalo")
_NOT_MAN = ("human", "shaman", "talisman", "golem", "caiman", "ottoman")
_PAIRS = (
    "boots",
    "bracers",
    "breeches",
    "gauntlets",
    "gloves",
    "goggles",
    "greaves",
    "sandals",
    "shears",
    "shoes",
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def article(word: str) -> str:
    """Return "a" or "an" for the sound that a word begins with."""
    low = word.lower()
    if low.startswith(_SILENT_H):
        return "an"
    return "an" if low[:1] in set("aeiou") and not _LIKE_YOU.match(low) else "a"


def plural(noun: str) -> str:
    """Return the plural of a noun or of a phrase that ends with one, or has one before " of "."""
    head, of, rest = noun.partition(" of ")
    if of:
        return f"{plural(head)} of {rest}"
    before, _, last = noun.rpartition(" ")
    before = f"{before} " if before else ""
    low = last.lower()
    if low.endswith(_SAME):
        return noun
    if not low.endswith(_NOT_MAN):
        for one, many in _IRREGULAR.items():
            if low == one or (len(one) > 2 and low.endswith(one) and one not in ("die", "louse")):
                return before + last[: len(last) - len(one)] + many
    if low.endswith(("s", "x", "z", "ch", "sh")) or low in _ES:
        return f"{before}{last}es"
    if low.endswith("y") and low[-2:-1] not in set("aeiou"):
        return f"{before}{last[:-1]}ies"
    return f"{before}{last}s"


def singular(noun: str) -> str:
    """Return the noun, or "pair of boots" for "boots" and the like, which have no singular."""
    before, _, last = noun.rpartition(" ")
    return f"pair of {noun}" if last in _PAIRS and not before.endswith("of") else noun


def possessive(name: str) -> str:
    """Return a singular name with 's."""
    return f"{name}'s"


def finish(text: str) -> str:
    """Return a text with the right "a" and "an", and a capital at the beginning of each sentence."""
    text = re.sub(
        r"\b([Aa])n? (?=(\w+))", lambda match: f"{match[1]}{article(match[2])[1:]} ", " ".join(text.split())
    )
    return " ".join(part[:1].upper() + part[1:] for part in sentences(text))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return _SENTENCE.split(text)
