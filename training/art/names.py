"""Group pictures by file name: `red_dragon2.png` and `blue_dragon.png` are recolours of one drawing."""

import hashlib
import re

COLOURS = frozenset(
    [
        "amber",
        "aqua",
        "azure",
        "beige",
        "black",
        "blue",
        "bright",
        "bronze",
        "brown",
        "copper",
        "crimson",
        "cyan",
        "dark",
        "ebony",
        "emerald",
        "gold",
        "golden",
        "gray",
        "green",
        "grey",
        "indigo",
        "ivory",
        "jade",
        "light",
        "lightgray",
        "lightgrey",
        "lime",
        "magenta",
        "maroon",
        "mottled",
        "navy",
        "ochre",
        "olive",
        "orange",
        "pale",
        "pink",
        "purple",
        "red",
        "rose",
        "ruby",
        "sapphire",
        "scarlet",
        "silver",
        "tan",
        "teal",
        "turquoise",
        "violet",
        "white",
        "yellow",
    ]
)
VARIANTS = frozenset(["old", "new", "alt", "left", "right", "up", "down", "north", "south", "east", "west"])
CATALOGUE_DIGITS = 3  # tile_0001 .. tile_0131 is a catalogue, not a list of variants


def name_stem(relative: str) -> str:
    """Return the path in lower case without suffix, variant numbers, colours and directions.

    Returns "" if the name does not identify a drawing, as for plain or catalogue numbers.
    """
    folder, _, name = relative.lower().rpartition("/")
    name = name.rpartition(".")[0] or name
    name = re.sub(r"\(.*?\)", " ", name)
    if re.search(rf"\d{{{CATALOGUE_DIGITS},}}", name):
        return ""
    words = [word for word in re.split(r"[^a-z]+", name) if word]
    kept = [word for word in words if word not in COLOURS and word not in VARIANTS]
    if not kept:
        return ""
    return f"{folder}/{'_'.join(kept)}"


def family(relative: str, cell: int | None) -> int:
    """Return a 64-bit hash that is equal for variants of one drawing, or 0 if the name does not identify one.

    cell: the cell of a sheet, or None for a whole file.
    """
    stem = name_stem(relative)
    if not stem:
        return 0
    text = stem if cell is None else f"{stem}#{cell}"
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
