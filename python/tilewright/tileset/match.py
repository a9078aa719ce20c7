"""Match the kinds of a pack to the kinds that a level or a game needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tilewright.errors import UsageError

# Names that a pack may use for a kind, most likely first.
_SYNONYMS = {
    "floor": ("floor", "ground", "dirt", "path", "earth", "sand", "stone", "road"),
    "grass": ("grass", "meadow", "moss", "field", "plant", "dirt", "ground", "floor"),
    "wall": ("wall", "cliff", "brick", "rock", "mountain", "stone", "building"),
    "sand": ("sand", "beach", "desert", "dirt", "earth", "floor", "ground"),
    "water": ("water", "sea", "river", "lake", "pond", "ocean", "liquid", "acid", "swamp"),
    "lava": ("lava", "magma", "fire", "acid", "liquid", "water"),
    "hero": ("hero", "player", "character", "humanoid", "human", "knight"),
    "monster": ("monster", "enemy", "creature", "beast", "undead", "demon", "slime", "bird"),
    "item": ("item", "object", "potion", "food", "book", "scroll", "weapon", "armour"),
}


@dataclass(frozen=True)
class KindMatch:
    """Matched kinds. `str()` describes them in a sentence; it is empty if all names are equal.

    pack: the pack's name. kinds: required kind -> the pack's kind. guessed: kinds that the caller did not
    name.
    """

    pack: str
    kinds: Mapping[str, str]
    guessed: tuple[str, ...]

    def __str__(self) -> str:
        parts = [
            f"{drawn!r} for {kind}{' (guessed)' if kind in self.guessed else ''}"
            for kind, drawn in self.kinds.items()
            if kind != drawn
        ]
        return f"{self.pack} uses {', '.join(parts)}" if parts else ""


def parse_kinds(text: str, caller: str = "parse_kinds()") -> dict[str, str]:
    """Parse `"wall=cliff,floor=ground"` to {"wall": "cliff", "floor": "ground"}. Raises UsageError for other
    texts.
    """
    kinds: dict[str, str] = {}
    for part in text.split(","):
        kind, equals, drawn = (piece.strip() for piece in part.partition("="))
        if not (kind and equals and drawn) or kind in kinds:
            raise UsageError(
                f"{caller}: a map must be like wall=cliff,floor=ground, each kind once, not {text!r:.100}"
            )
        kinds[kind] = drawn
    return kinds


def match_kinds(
    wanted: Sequence[str],
    pack: str,
    offered: Sequence[str],
    kinds: Mapping[str, str] | None = None,
    caller: str = "match_kinds()",
) -> KindMatch:
    """Find a kind of a pack for each kind in `wanted`.

    pack: the pack's name. offered: its kinds, 1 or more. kinds: choices of the caller, such as {"wall":
    "cliff"}; it may contain other kinds than `wanted`. Remaining kinds take an equal name, else a synonym,
    else a name that contains one, else an unused kind, else the first.

    Raises UsageError for a kind that is unknown, or that the pack does not have.
    """
    given = dict(kinds or {})
    known = dict.fromkeys([*_SYNONYMS, *wanted])
    for kind, drawn in given.items():
        if kind not in known:
            raise UsageError(f"{caller}: kinds has {kind!r}, which is none of {_listed(kind, known)}")
        if kind in wanted and drawn not in offered:
            raise UsageError(
                f"{caller}: {kind}={drawn} is not possible: {pack} has no {drawn!r}, only {_listed(drawn, offered)}"
            )
    if not offered:
        raise UsageError(f"{caller}: {pack} has no kinds")
    named = {kind: given.get(kind) or _named_like(kind, offered) for kind in wanted}
    free = [name for name in offered if name not in named.values()]
    matched = {kind: name or (free.pop(0) if free else offered[0]) for kind, name in named.items()}
    guessed = tuple(kind for kind, drawn in matched.items() if kind not in given and kind != drawn)
    return KindMatch(pack, matched, guessed)


def _named_like(kind: str, offered: Sequence[str]) -> str | None:
    """Return the kind whose name equals, or else contains, the kind's name or a synonym."""
    synonyms = (kind, *_SYNONYMS.get(kind, ()))
    plain = {name.casefold(): name for name in reversed(offered)}
    for synonym in synonyms:
        if synonym in plain:
            return plain[synonym]
    for synonym in synonyms:
        for name in offered:
            if synonym in name.casefold():
                return name
    return None


def _listed(name: str, names: Sequence[str] | Mapping[str, object]) -> str:
    """List the names, with a suggestion for a misspelt name."""
    nearest = get_close_matches(str(name), list(names), 1, cutoff=0.5)
    return ", ".join(names) + (f": did you mean {nearest[0]!r}?" if nearest else "")
