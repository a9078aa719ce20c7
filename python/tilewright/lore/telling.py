"""From facts and templates to texts."""

import re
from collections.abc import Collection, Mapping, Sequence

from tilewright.checks import check_range
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.lore.english import finish, plural, possessive, sentences
from tilewright.lore.facts import Deed, Facts, Person, Place, Thing
from tilewright.lore.templates import TEMPLATES, WORDS
from tilewright.seeds import check_seed
from tilewright.streams import Stream

SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
LIST = re.compile(r"\[([a-z ]+)\]")
ROLES = {
    "kill": ("killer", "dead"),
    "steal": ("thief", "loot"),
    "find": ("finder", "found"),
    "lose": ("loser", "lost"),
    "hide": ("hider", "hidden"),
    "build": ("builder", "built"),
    "burn": ("burner", "burnt"),
    "forge": ("smith", "forged"),
    "curse": ("curser", "cursed"),
    "free": ("saviour", "freed"),
    "betray": ("traitor", "betrayed"),
    "defeat": ("victor", "defeated"),
}
"""The slots for who did a deed and to whom, by verb. A template names the roles of one deed."""

NEED_KIND = ("kind", "kinds", "a")
"""Forms that a thing has only if it has a kind."""

FORMS = (*NEED_KIND, "name", "title", "s", "he", "him", "his", "at")
METALS = frozenset(WORDS["metal"])
MAX_TEXTS = 10_000
_TRIES = 4000


def kinds() -> tuple[str, ...]:
    """Return the kinds of texts."""
    return tuple(TEMPLATES)


class Lore:
    """Tells texts about the facts of a level. No sentence is told twice by one `Lore`.

    seed: 0 .. 2**64 - 1. Equal facts, seeds and calls give equal texts. Raises UsageError for another seed.
    """

    def __init__(self, facts: Facts, *, seed: int = 0) -> None:
        self.facts = facts
        self._seed = check_seed(seed, "lore.Lore()")
        self._told: set[str] = set()
        self._decks: dict[str, list[str]] = {}
        self._draws = {kind: Draws(self._seed, number, Stream.LORE) for number, kind in enumerate(TEMPLATES)}

    def tell(self, kind: str, count: int = 1, *, speaker: Person | None = None) -> list[str]:
        """Return texts of a kind.

        kind: one of `kinds()`; count: 0 .. 10,000; speaker: one of the people, of whom the texts are not.
        Raises UsageError for others, and when the facts do not suffice for so many different texts.
        """
        if kind not in TEMPLATES:
            raise UsageError(f"Lore.tell(): unknown kind {kind!r:.60}: choose {', '.join(TEMPLATES)}")
        check_range(count, "count", 0, MAX_TEXTS, "Lore.tell()")
        return [self._tell(kind, speaker) for _ in range(count)]

    def _tell(self, kind: str, speaker: Person | None) -> str:
        draws = self._draws[kind]
        for _ in range(_TRIES):
            if not self._decks.get(kind):  # every template is used before one is used again
                self._decks[kind] = draws.shuffle(TEMPLATES[kind])
            text = expand(self._decks[kind].pop(), self.facts, draws, speaker)
            if text is not None:
                told = sentences(text)
                if len(set(told)) == len(told) and not self._told.intersection(told):
                    self._told.update(told)
                    return text
        raise UsageError(
            f"Lore.tell(): no more texts of kind {kind} after {len(self._told)} sentences: add facts or a new Lore"
        )


def expand(template: str, facts: Facts, draws: Draws, speaker: Person | None = None) -> str | None:
    """Return the text of a template, or None if the facts do not fill its slots."""
    phrases = {name: draws.choose(WORDS[name]) for name in dict.fromkeys(LIST.findall(template))}
    template = LIST.sub(lambda match: phrases[match[1]], template)  # a list gives a text one phrase only
    slots = SLOT.findall(template)
    cast = _cast(dict.fromkeys(slot for slot, _ in slots), facts, draws, speaker)
    if cast is None or any(form in NEED_KIND and not cast[slot].kind for slot, form in slots):
        return None
    if "metal" in phrases and any(METALS.intersection(cast[slot].kind.split()) for slot, _ in slots):
        return None  # a silver key is not of iron
    mentioned: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        slot, form = match[1], match[2]
        thing = cast[slot]
        text = _form(thing, form, again=thing.again in mentioned)
        mentioned.add(thing.again)
        return text

    return finish(SLOT.sub(fill, template))


def _form(thing: Thing, form: str | None, again: bool) -> str:
    """Return how a text names a thing. Without a form: in full the first time, then briefly."""
    if form is None:
        return thing.again if again else thing.first
    if form == "at":
        return f"{thing.preposition if isinstance(thing, Place) else 'at'} {thing.again}"
    subject, whom, whose = thing.pronouns
    return {
        "name": thing.again,
        "kind": thing.noun,
        "kinds": plural(thing.kind or thing.name),
        "a": f"a {thing.noun}",
        "s": possessive(thing.again),
        "he": subject,
        "him": whom,
        "his": whose,
        "title": thing.name or thing.noun,
    }[form]


def _cast(
    wanted: Collection[str], facts: Facts, draws: Draws, speaker: Person | None
) -> Mapping[str, Thing] | None:
    """Choose what fills each slot; different slots of a text are different things."""
    cast: dict[str, Thing] = {"hero": facts.hero}
    verbs = [verb for verb, roles in ROLES.items() if set(roles).intersection(wanted)]
    if verbs:
        deeds = [deed for deed in facts.deeds if deed.verb == verbs[0]]
        if not deeds or len(verbs) > 1:
            return None
        cast |= _of_deed(draws.choose(deeds), facts)
    killed = {facts.find(deed.what) for deed in facts.deeds if deed.verb == "kill"}
    living = [person for person in facts.people if person not in killed]
    monsters = [monster for monster in facts.monsters if monster not in killed]
    pools: dict[str, Sequence[Thing]] = {
        "person": living,
        "other": living,
        "place": facts.places,
        "far": facts.places,
        "monster": monsters,
        "item": facts.items,
        "second": facts.items,
    }
    for slot, pool in pools.items():
        if slot in wanted and slot not in cast:
            left = [thing for thing in pool if thing != speaker and thing not in cast.values()]
            if not left:
                return None
            cast[slot] = draws.choose(left)
    if speaker in cast.values() or any(slot not in cast for slot in wanted):
        return None
    return cast


def _of_deed(deed: Deed, facts: Facts) -> dict[str, Thing]:
    who, what = ROLES[deed.verb]
    cast = {who: facts.find(deed.who), what: facts.find(deed.what)}
    if deed.where:
        found = facts.find(deed.where)
        cast["where"] = found if isinstance(found, Place) else Place(deed.where)
    return cast
