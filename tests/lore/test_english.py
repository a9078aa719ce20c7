"""Articles, plurals and the finish of texts."""

import pytest

from tilewright.lore import english


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("troll", "trolls"),
        ("wolf", "wolves"),
        ("werewolf", "werewolves"),
        ("dwarf", "dwarves"),
        ("witch", "witches"),
        ("harpy", "harpies"),
        ("key", "keys"),
        ("mouse", "mice"),
        ("dormouse", "dormice"),
        ("swordsman", "swordsmen"),
        ("human", "humans"),
        ("shaman", "shamans"),
        ("hero", "heroes"),
        ("sheep", "sheep"),
        ("box", "boxes"),
        ("staff", "staves"),
        ("stone giant", "stone giants"),
        ("pair of boots", "pairs of boots"),
        ("lady of the lake", "ladies of the lake"),
    ],
)
def test_plurals(noun: str, many: str) -> None:
    assert english.plural(noun) == many


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("a owl and a troll", "An owl and a troll"),
        ("a hour. a honest man", "An hour. An honest man"),
        ("an unicorn, an ewe, an one-eyed imp", "A unicorn, a ewe, a one-eyed imp"),
        ("an uninvited guest, an umbrella", "An uninvited guest, an umbrella"),
        ("an used useful ukulele", "A used useful ukulele"),
        ("who?  he asked!  i do not know.", "Who? He asked! I do not know."),
        ("a Emberhorn", "An Emberhorn"),
    ],
)
def test_articles_and_capitals(text: str, finished: str) -> None:
    assert english.finish(text) == finished


def test_what_has_no_singular_is_a_pair() -> None:
    assert [english.singular(noun) for noun in ("iron boots", "sword", "pair of gloves", "compass")] == [
        "pair of iron boots",
        "sword",
        "pair of gloves",
        "compass",
    ]
