"""What a file's name says about its relatives: `red_dragon2.png` and `blue_dragon.png` are one drawing, recoloured."""

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
CATALOGUE_DIGITS = 3  # tile_0001 .. tile_0131 are numbered for a list, not as variants of one drawing


def name_stem(relative: str) -> str:
    """The path without its suffix, numbers of variants, colours and directions, in lower case.

    "" where nothing speaks of a drawing: a bare number, or the number of a catalogue.
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
    """64 bits that the relatives of a picture share, or 0: cell number `cell` of a sheet, None for a whole file."""
    stem = name_stem(relative)
    if not stem:
        return 0
    text = stem if cell is None else f"{stem}#{cell}"
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
