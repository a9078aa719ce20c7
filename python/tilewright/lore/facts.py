"""What texts are about: the people, places, monsters and items of a level, and what they did."""

from dataclasses import dataclass, field, fields

from tilewright.errors import UsageError
from tilewright.files import is_printable_line
from tilewright.level import Level
from tilewright.lore.english import article, singular

PRONOUNS = {
    "she": ("she", "her", "her"),
    "he": ("he", "him", "his"),
    "they": ("they", "them", "their"),
    "it": ("it", "it", "its"),
}
"""Subject, object and possessive."""

DEEDS = {
    "kill": ("killed", "killed"),
    "steal": ("stole", "stolen"),
    "find": ("found", "found"),
    "lose": ("lost", "lost"),
    "hide": ("hid", "hidden"),
    "build": ("built", "built"),
    "burn": ("burned", "burned"),
    "forge": ("forged", "forged"),
    "curse": ("cursed", "cursed"),
    "free": ("freed", "freed"),
    "betray": ("betrayed", "betrayed"),
    "defeat": ("defeated", "defeated"),
}
"""Past tense and participle of the verbs of deeds."""

_ON = ("bridge", "coast", "hill", "island", "mountain", "peak", "plain", "road", "shore")
_AT = ("camp", "crossroads", "gate", "inn", "lake", "mill", "pass", "river", "shrine", "tavern", "well")
_MAX_TEXT = 80


@dataclass(frozen=True)
class Thing:
    """Something with a name, or only a kind.

    name: a proper name, "" for none; kind: a singular noun without article, such as "troll" or "silver key".
    """

    name: str = ""
    kind: str = ""

    def __post_init__(self) -> None:
        """Raise UsageError for texts that are not one short line, and if both are empty."""
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not is_printable_line(value) or len(value) > _MAX_TEXT or set(value) & set("{}[]"):
                raise UsageError(
                    f"lore.{type(self).__name__}(): {entry.name} must be one line of at most {_MAX_TEXT} characters "
                    f"without braces and brackets, not {value!r:.60}"
                )
        if not self.name and not self.kind:
            raise UsageError(f"lore.{type(self).__name__}(): name and kind are both empty")

    @property
    def noun(self) -> str:
        """The kind, as a singular."""
        return singular(self.kind) if self.kind else self.name

    @property
    def first(self) -> str:
        """How a text mentions it first: "Gorvak the troll", "a troll"."""
        if not self.name:
            return f"{article(self.noun)} {self.noun}"
        return f"{self.name} the {self.kind}" if self.kind else self.name

    @property
    def again(self) -> str:
        """How a text mentions it later: "Gorvak", "the troll"."""
        return self.name or f"the {self.noun}"

    @property
    def pronouns(self) -> tuple[str, str, str]:
        """Subject, object and possessive."""
        return PRONOUNS["it"]


@dataclass(frozen=True)
class Person(Thing):
    """A person. kind: a trade, such as "miller"; pronoun: "she", "he" or "they"."""

    pronoun: str = "they"

    def __post_init__(self) -> None:
        """Raise UsageError for another pronoun, and as `Thing` does."""
        super().__post_init__()
        if self.pronoun not in PRONOUNS:
            raise UsageError(
                f"lore.Person(): pronoun must be one of {', '.join(PRONOUNS)}, not {self.pronoun!r:.60}"
            )

    @property
    def first(self) -> str:
        """How a text mentions a person first: "Mira the miller", "the miller"."""
        return super().first if self.name else self.again

    @property
    def pronouns(self) -> tuple[str, str, str]:
        """Subject, object and possessive."""
        return PRONOUNS[self.pronoun]


@dataclass(frozen=True)
class Monster(Thing):
    """A monster. kind: its species, such as "troll"; name: only if it is the one of that name."""


@dataclass(frozen=True)
class Item(Thing):
    """An item. kind: "sword"; name: of a single piece, such as "Dawnbreaker"."""

    @property
    def first(self) -> str:
        """How a text mentions it first: "the sword Dawnbreaker", "a silver key"."""
        return f"the {self.noun} {self.name}" if self.name and self.kind else super().first


@dataclass(frozen=True)
class Place(Thing):
    """A place. kind: "cave"; name: "Hollowmere"."""

    @property
    def first(self) -> str:
        """How a text mentions it: "Hollowmere", "the cave"."""
        return self.again

    @property
    def preposition(self) -> str:
        """The word before it: "in", "on" or "at"."""
        last = self.kind.rpartition(" ")[2]
        if last in _ON and (not self.name or last == "island"):
            return "on"
        return "at" if last in _ON or last in _AT else "in"


@dataclass(frozen=True)
class Deed:
    """Who did what to whom, and where.

    who, what: names or kinds of `Facts`, or any other noun phrase ("the old mill"); verb: one of `DEEDS`, as
    "kill"; where: the name or kind of a place of `Facts`, or "".
    """

    who: str
    verb: str
    what: str
    where: str = ""

    def __post_init__(self) -> None:
        """Raise UsageError for an unknown verb, and for texts that a `Thing` could not have."""
        if self.verb not in DEEDS:
            raise UsageError(f"lore.Deed(): unknown verb {self.verb!r:.60}: choose {', '.join(DEEDS)}")
        Thing(self.who)
        Thing(self.what)
        Thing(self.where or "-")


@dataclass(frozen=True)
class Facts:
    """What is known about a level. Everything except the hero may be missing; texts then speak of other things."""

    hero: Person
    people: tuple[Person, ...] = ()
    places: tuple[Place, ...] = ()
    monsters: tuple[Monster, ...] = ()
    items: tuple[Item, ...] = ()
    deeds: tuple[Deed, ...] = field(default=())

    def find(self, text: str) -> Thing:
        """Return the person, place, monster or item of this name or kind, else a thing with the text as its name."""
        everything: tuple[Thing, ...] = (self.hero, *self.people, *self.places, *self.monsters, *self.items)
        for thing in everything:
            if text in (thing.name, thing.kind):
                return thing
        return Thing(text)


_PLACES = {
    "caves": "cave",
    "islands": "island",
    "overworld": "wilderness",
}
_KEYS = ("iron key", "silver key", "golden key")


def level_facts(
    level: Level,
    hero: Person,
    *,
    name: str = "",
    people: tuple[Person, ...] = (),
    monsters: tuple[Monster, ...] = (),
    items: tuple[Item, ...] = (),
    deeds: tuple[Deed, ...] = (),
) -> Facts:
    """Return the facts of a level: its place, named `name`, the keys that lie there and its treasures.

    The other arguments are added as they are.
    """
    kinds = [thing.kind for thing in level.objects]
    keys = tuple(Item(kind=kind) for kind in _KEYS[: kinds.count("key")])
    chests = (Item(kind="treasure chest"),) if "treasure" in kinds else ()
    place = Place(name, _PLACES.get(level.style, level.style))
    return Facts(hero, people, (place,), monsters, (*items, *keys, *chests), deeds)
