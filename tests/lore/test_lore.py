"""Ten thousand texts without faults, from templates that are each used; facts decide what is told."""

import re
from collections import Counter

import pytest

import tilewright as tw
from tilewright import lore
from tilewright.draws import Draws
from tilewright.lore.english import article, sentences
from tilewright.lore.telling import FORMS, LIST, ROLES, SLOT, expand
from tilewright.lore.templates import TEMPLATES, WORDS
from tilewright.streams import Stream

from .facts import VILLAGE

FAULTS = re.compile(
    r"[\[\]{}_]|  | [,.;:!?]|[,;:]{2}|\.\.|\b(\w+) \1\b|\b(a|an|no) (a|an|the)\b|\bthe (a|an|the)\b|None"
)


@pytest.fixture(scope="module")
def runs() -> list[list[str]]:
    """The texts of 40 runs, 10,400 in all."""
    return [
        [text for kind in lore.kinds() for text in lore_of_seed.tell(kind, 65)]
        for lore_of_seed in (lore.Lore(VILLAGE, seed=seed) for seed in range(40))
    ]


def test_ten_thousand_texts_have_no_faults(runs: list[list[str]]) -> None:
    assert sum(map(len, runs)) == 10_400
    for text in {text for run in runs for text in run}:
        assert not FAULTS.search(text), text
        assert text[-1] in ".!?" and all(part[0].isupper() for part in sentences(text)), text
        for written, word in re.findall(r"\b([Aa]n?) (\w+)", text):
            assert written.lower() == article(word), text
        assert 20 < len(text) < 240, text


def test_no_sentence_is_told_twice_in_a_run(runs: list[list[str]]) -> None:
    for run in runs:
        (_, most), *_ = Counter(part for text in run for part in sentences(text)).most_common(1)
        assert most == 1


def test_runs_differ(runs: list[list[str]]) -> None:
    first, second = set(runs[0]), set(runs[1])
    assert len(first & second) < len(first) // 20


def test_the_texts_are_those_of_every_machine(runs: list[list[str]]) -> None:
    template = "{person} met {monster} {place.at}, and {person.he} took {item} from {monster}."
    draws = Draws(7, 0, Stream.LORE)
    assert [expand(template, VILLAGE, draws) for _ in range(2)] == [
        "The ferryman met an imp in the cave, and he took the sword Dawnbreaker from the imp.",
        "Odo the smith met Gorvak the troll at Greyford, and they took Emberhorn from Gorvak.",
    ]
    again = lore.Lore(VILLAGE, seed=7)
    assert [text for kind in lore.kinds() for text in again.tell(kind, 65)] == runs[7]


def test_the_dead_neither_speak_nor_pay(runs: list[list[str]]) -> None:
    """Old Tom was killed: only texts about that mention him."""
    texts = [text for run in runs for text in run if "Tom" in text]
    assert texts and all("Gorvak" in text for text in texts)


def test_a_speaker_is_not_spoken_of() -> None:
    for person in VILLAGE.people:
        name = person.name or "ferryman"
        assert not [text for text in lore.Lore(VILLAGE).tell("gossip", 60, speaker=person) if name in text]


@pytest.mark.parametrize("kind", lore.kinds())
def test_every_template_is_usable(kind: str) -> None:
    """Its lists and forms exist, facts fill its slots, and no verb follows a pronoun that may be "they"."""
    draws = Draws(3)
    for template in TEMPLATES[kind]:
        assert set(LIST.findall(template)) <= set(WORDS), template
        assert {form for _, form in SLOT.findall(template)} <= {"", *FORMS}, template
        for part in sentences(template):
            assert SLOT.search(part) or LIST.search(part), f"told once only: {template}"
        assert (
            len(
                {verb for verb, roles in ROLES.items() for slot, _ in SLOT.findall(template) if slot in roles}
            )
            < 2
        )
        for word in re.findall(r"\.he\} (\w+)", template):
            assert word in ("got", "kept", "never", "left", "took", "paid"), template
        assert any(expand(template, VILLAGE, draws) for _ in range(60)), template
    assert len(set(TEMPLATES[kind])) == len(TEMPLATES[kind]) >= 40


def test_word_lists_are_used_and_without_slots() -> None:
    used = {name for group in TEMPLATES.values() for template in group for name in LIST.findall(template)}
    assert used == set(WORDS)
    for name, phrases in WORDS.items():
        assert len(set(phrases)) == len(phrases) >= 5, name
        assert not any(SLOT.search(phrase) or LIST.search(phrase) for phrase in phrases), name


def test_facts_appear_as_they_are() -> None:
    texts = " ".join(lore.Lore(VILLAGE).tell("gossip", 200))
    for fragment in (
        "Gorvak the troll",
        "Mira the innkeeper",
        "Greyford",
        "the old mill",
        "an imp",
        "the silver key",
    ):
        assert fragment in texts, fragment
    assert "the ferryman" in texts and "the the" not in texts


def test_facts_of_a_level() -> None:
    level = tw.make_level(40, 25, seed=2, style="caves")
    facts = lore.level_facts(level, VILLAGE.hero, name="Hollowmere", people=VILLAGE.people)
    assert facts.places == (lore.Place("Hollowmere", "cave"),)
    keys = sum(thing.kind == "key" for thing in level.objects)
    assert sum(item.kind.endswith(" key") for item in facts.items) == keys
    assert len(lore.Lore(facts).tell("gossip", 20)) == 20


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: lore.Lore(VILLAGE).tell("poem"),
            "Lore.tell(): unknown kind 'poem': choose item, quest, epitaph, gossip",
        ),
        (
            lambda: lore.Lore(VILLAGE).tell("item", 1_000_000),
            "Lore.tell(): count must be at most 10000, not 1000000",
        ),
        (lambda: lore.Lore(VILLAGE, seed=-1), "lore.Lore(): seed must be an integer in 0..2**64-1, not -1"),
        (
            lambda: lore.Lore(lore.Facts(lore.Person("Ann"))).tell("item"),
            "Lore.tell(): no more texts of kind item after 0 sentences: add facts or a new Lore",
        ),
        (lambda: lore.Person(), "lore.Person(): name and kind are both empty"),
        (
            lambda: lore.Person("Ann", pronoun="xe"),
            "lore.Person(): pronoun must be one of she, he, they, it, not 'xe'",
        ),
        (
            lambda: lore.Place("a\nb"),
            "lore.Place(): name must be one line of at most 80 characters without braces and brackets, not 'a\\nb'",
        ),
        (
            lambda: lore.Deed("Ann", "eat", "the pie"),
            "lore.Deed(): unknown verb 'eat': choose kill, steal, find, lose, hide, build, burn, forge, curse, free, "
            "betray, defeat",
        ),
    ],
)
def test_wrong_use(call, text: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        call()
    assert str(caught.value) == text


def test_zero_texts_are_no_texts() -> None:
    assert lore.Lore(VILLAGE).tell("item", 0) == []
