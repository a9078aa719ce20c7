"""Words of paths."""

import pytest

from tilewright_training.art.path_words import LONGEST, MOST_WORDS, path_words, singular


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("mon/undead/bone_dragon2.png", ("mon", "undead", "bone", "dragon")),
        ("Items/Potions/red potion (16 x 16).png", ("item", "potion", "red")),
        ("SpriteSheets/FireElemental_Walk-01.PNG", ("fire", "elemental", "walk")),
        ("tile_0012.png", ()),
        ("a/b/c", ()),
        ("classes/wolves/glass.png", ("class", "wolf", "glass")),
        ("\u0000\n\u202e.png", ()),
        ("Köder_02/ドラゴン/竜.png", ("köder", "ドラゴン", "竜")),
        ("gray potatoes.png", ("grey", "potato")),
        ("", ()),
    ],
)
def test_words_say_what_a_picture_shows(path: str, words: tuple[str, ...]) -> None:
    assert path_words(path) == words


def test_long_paths_and_long_words_are_bounded() -> None:
    assert path_words("x" * 100_000) == ()
    assert path_words("x" * LONGEST) == ("x" * LONGEST,)
    names = [f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(400)]
    assert path_words("/".join(names)) == tuple(names[-MOST_WORDS:])


@pytest.mark.parametrize(
    ("plural", "word"),
    [
        ("bushes", "bush"),
        ("boxes", "box"),
        ("berries", "berry"),
        ("elves", "elf"),
        ("cactus", "cactus"),
        ("iris", "iris"),
        ("gas", "gas"),
        ("trees", "tree"),
        ("zombies", "zombie"),
        ("heroes", "hero"),
        ("shoes", "shoe"),
        ("horseshoes", "horseshoe"),
        ("chaos", "chaos"),
    ],
)
def test_plurals(plural: str, word: str) -> None:
    assert singular(plural) == word
