"""Gather the lists that the bundled pack `names` is trained on: one file of names per kind.

python -m tilewright_training.experiments.name_lists CORPORA CENSUS OUTPUT

CORPORA: lists of dariusk/corpora, a text file each. CENSUS: first and last names of the census of 1990. Names of one
word in Latin letters without accents are kept; those of taverns are pairs of words.
"""

import itertools
import json
import random
import re
import sys
from pathlib import Path

LISTS = {
    "hero": ("first-names-us", "first-names-norway", "female-first", "male-first"),
    "surname": ("last-names-us", "last-names-norway", "last-top10000"),
    "town": ("towns-england", "towns-norway"),
    "god": ("gods", "titans", "greek-myth-figures"),
    "monster": ("monsters", "greek-myth-figures", "animals"),
    "demon": ("titans", "gods"),
    "weapon": ("weapons", "metals", "gemstones", "stones"),
    "potion": ("herbs-and-spices", "toxic-plants", "flowers", "plants"),
    "river": ("rivers",),
}
MOST_LETTERS, MOST_LETTERS_OF_TAVERNS = 12, 16
TAVERNS = 3000  # pairs of words


def main() -> None:
    """Write OUTPUT/KIND.txt for each kind, and OUTPUT/SOURCE.json."""
    corpora, census, output = map(Path, sys.argv[1:4])
    output.mkdir(parents=True, exist_ok=True)
    for kind, lists in LISTS.items():
        words = itertools.chain.from_iterable(_words(corpora, census, name) for name in lists)
        fitting = dict.fromkeys(word.title() for word in words if _fits(word))
        (output / f"{kind}.txt").write_text("".join(f"{word}\n" for word in fitting))
    rng = random.Random(0)
    adjectives = [word for word in _words(corpora, census, "adjectives") if _fits(word, 8)]
    things = [
        word
        for name in ("animals", "artifact-words", "occupations", "fruits")
        for word in _words(corpora, census, name)
        if _fits(word, 8)
    ]
    pairs = (f"{rng.choice(adjectives)} {rng.choice(things)}".title() for _ in range(10 * TAVERNS))
    short = (pair for pair in pairs if len(pair) <= MOST_LETTERS_OF_TAVERNS)
    (output / "tavern.txt").write_text("".join(f"{pair}\n" for pair in itertools.islice(short, TAVERNS)))
    facts = {
        "name": "Corpora; US Census 1990",
        "licence": "CC0-1.0; public domain",
        "author": "Darius Kazemi and contributors; U.S. Census Bureau",
    }
    (output / "SOURCE.json").write_text(json.dumps(facts))


def _words(corpora: Path, census: Path, name: str) -> list[str]:
    for folder in (corpora, census):
        file = folder / f"{name}.txt"
        if file.is_file():
            return file.read_text(encoding="utf-8").splitlines()
    raise SystemExit(f"no list {name}.txt in {corpora} or {census}")


def _fits(word: str, most: int = MOST_LETTERS) -> bool:
    return re.fullmatch("[A-Za-z]{3,}", word) is not None and len(word) <= most


if __name__ == "__main__":
    main()
