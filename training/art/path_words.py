"""Words of a picture's path: `mon/undead/bone_dragon2.png` is of the undead, and a bone dragon."""

import re
import unicodedata

LONGEST = 24  # letters of a word
MOST_WORDS = 16  # of one path; the last ones count
_JOINS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W\d_]+")
# Words that describe the file, or the direction of a piece, and not the picture.
_FILE_WORDS = (
    "a an the of and or in on at to with for by from new old alt copy final test temp tmp png gif bmp webp tile tiles "
    "tileset tilesets tilemap sprite sprites spritesheet sheet sheets image images picture pictures img art asset "
    "assets graphics gfx icon icons frame frames anim animation px pixel pixels size small large big packed left right "
    "up down top bottom front back side north south east west renamed separate separated individual single pack misc "
    "other various set template"
)
_OF_FILES = frozenset(_FILE_WORDS.split())
_KEEPS_S = ("ss", "us", "is", "chaos")  # glass, cactus, iris
_ENDS_IN_IE = ("zombies", "pixies", "genies", "cookies", "faeries")
_ENDS_IN_OE = ("shoes", "canoes")
_SPELT = {"gray": "grey"}


def path_words(relative: str) -> tuple[str, ...]:
    """Return the distinct words of a path with `/` as separator, in order: lower case, without numbers and suffix.

    Plurals lose their s. Latin words of one or two letters, and words about files such as "sprite", are dropped.
    """
    stem = relative.rpartition(".")[0] or relative
    found: dict[str, None] = {}
    for part in _JOINS.split(unicodedata.normalize("NFC", stem)):
        lower = part.casefold()
        word = singular(lower)
        is_long_enough = len(word) >= 3 or (word and not word.isascii())
        if is_long_enough and len(word) <= LONGEST and not {lower, word} & _OF_FILES:
            found.setdefault(_SPELT.get(word, word))
    return tuple(found)[-MOST_WORDS:]


def singular(word: str) -> str:
    """Return the singular of a regular English plural, or the word itself."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(_KEEPS_S):
        return word
    if word.endswith("ies") and len(word) > 4 and not word.endswith(_ENDS_IN_IE):
        return f"{word[:-3]}y"
    if word.endswith(_ENDS_IN_OE):
        return word[:-1]
    if word.endswith(("ches", "shes", "xes", "sses", "oes")):
        return word[:-2]
    if word.endswith(("wolves", "elves")):
        return f"{word[:-3]}f"
    return word[:-1]
