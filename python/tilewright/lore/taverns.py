"""Names of taverns, from lists of what signs show. A network that writes letter by letter invents words."""

from tilewright.checks import check_range
from tilewright.draws import Draws
from tilewright.lore.english import plural, possessive
from tilewright.seeds import check_seed
from tilewright.streams import Stream

MAX_TAVERNS = 1000
_NUMBER = 255  # of the random sequence; those of texts are their kinds

_LOOKS = (
    *("Black", "Blind", "Broken", "Crooked", "Dancing", "Drunken", "Gilded", "Golden", "Green", "Grey"),
    *("Howling", "Hungry", "Lame", "Laughing", "Lazy", "Leaping", "Lucky", "Merry", "Old", "Prancing"),
    *("Red", "Restless", "Salty", "Silver", "Sleeping", "Thirsty", "Velvet", "Wandering", "White", "Winking"),
)
_SIGNS = (
    *("Anchor", "Anvil", "Badger", "Barrel", "Bear", "Bell", "Boar", "Boot", "Bull", "Candle", "Cockerel"),
    *("Crown", "Dragon", "Fox", "Goose", "Griffin", "Hare", "Harp", "Heron", "Hound", "Kettle", "Key"),
    *("Lantern", "Mermaid", "Moon", "Mule", "Oak", "Otter", "Owl", "Plough", "Ram", "Raven", "Rose"),
    *("Shield", "Stag", "Star", "Swan", "Sword", "Tankard", "Thistle", "Unicorn", "Wheel"),
)
_OWNERS = (
    *("Abbot", "Carter", "Ferryman", "Hunter", "King", "Miller", "Minstrel", "Pilgrim", "Queen", "Sailor"),
    *("Shepherd", "Smith", "Widow"),
)
_POSSESSIONS = ("Arms", "Cup", "Head", "Hearth", "Rest", "Table", "Welcome")
_NUMBERS = ("Two", "Three", "Five", "Seven")


def taverns(count: int, *, seed: int = 0) -> list[str]:
    """Return different names of taverns, such as "The Gilded Stag".

    count: 0 .. 1000; seed: 0 .. 2**64 - 1. A longer list begins with the shorter one of a seed. Raises UsageError for
    others.
    """
    check_range(count, "count", 0, MAX_TAVERNS, "lore.taverns()")
    draws = Draws(check_seed(seed, "lore.taverns()"), _NUMBER, Stream.LORE)
    names: dict[str, None] = {}
    while len(names) < count:
        names[_name(draws)] = None
    return list(names)


def _name(draws: Draws) -> str:
    """Half of the names are a sign and how it looks."""
    sign, other = draws.choose(_SIGNS), draws.choose(_SIGNS)
    form = draws.choose(("looks", "looks", "looks", "two", "owner", "number"))
    if form == "two" and sign != other:
        return f"The {sign} and {other}"
    if form == "owner":
        return f"The {possessive(draws.choose(_OWNERS))} {draws.choose(_POSSESSIONS)}"
    if form == "number":
        return f"The {draws.choose(_NUMBERS)} {plural(sign).capitalize()}"
    return f"The {draws.choose(_LOOKS)} {sign}"
