"""Matching a pack's kinds to the kinds of a level."""

import pytest

from tilewright.errors import UsageError
from tilewright.tileset import match_kinds, parse_kinds

LEVEL = ("floor", "wall", "water")


def matched(*offered, wanted=LEVEL, **kinds):
    return dict(match_kinds(wanted, "mine", offered, kinds).kinds)


def test_equal_names_come_first_and_say_nothing():
    match = match_kinds(LEVEL, "mine", ("dirt", "water", "wall", "floor"))
    assert match.kinds == {"floor": "floor", "wall": "wall", "water": "water"}
    assert match.guessed == ()
    assert str(match) == ""


def test_synonyms_come_next_then_names_that_hold_one_then_what_is_left():
    assert matched("cliff", "pond", "ground") == {"floor": "ground", "wall": "cliff", "water": "pond"}
    assert matched("Stone_Wall", "DeepSea", "red dirt") == {
        "floor": "red dirt",
        "wall": "Stone_Wall",
        "water": "DeepSea",
    }
    assert matched("a", "b", "wall") == {"floor": "a", "wall": "wall", "water": "b"}
    assert matched("a") == {"floor": "a", "wall": "a", "water": "a"}
    assert matched("kind0", wanted=("cheese",)) == {"cheese": "kind0"}


def test_what_is_given_wins_and_the_sentence_tells_guesses_apart():
    offered = ("cliff", "pond", "ground", "wall")
    match = match_kinds(LEVEL, "mine", offered, {"wall": "cliff", "lava": "elsewhere"})
    assert match.kinds == {"floor": "ground", "wall": "cliff", "water": "pond"}
    assert (
        str(match) == "mine uses 'ground' for floor (guessed), 'cliff' for wall, 'pond' for water (guessed)"
    )


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (
            {"wal": "cliff"},
            "match_kinds(): kinds has 'wal', which is none of floor, grass, wall, sand, water, lava, hero, monster, "
            "item: did you mean 'wall'?",
        ),
        (
            {"wall": "clif"},
            "match_kinds(): wall=clif is not possible: mine has no 'clif', only cliff, pond: did you mean 'cliff'?",
        ),
        ({"wall": "zzz"}, "match_kinds(): wall=zzz is not possible: mine has no 'zzz', only cliff, pond"),
    ],
)
def test_unknown_names_suggest_the_nearest(kinds, text):
    with pytest.raises(UsageError) as caught:
        match_kinds(LEVEL, "mine", ("cliff", "pond"), kinds)
    assert str(caught.value) == text


def test_a_pack_without_kinds_is_refused():
    with pytest.raises(UsageError, match=r"^match_kinds\(\): mine has no kinds$"):
        match_kinds(LEVEL, "mine", ())


def test_a_map_is_read():
    assert parse_kinds("wall=cliff, floor = red ground") == {"wall": "cliff", "floor": "red ground"}


@pytest.mark.parametrize("text", ["", "wall", "wall=", "=cliff", "wall=a,", "wall=a,wall=b"])
def test_other_texts_are_no_map(text):
    with pytest.raises(UsageError) as caught:
        parse_kinds(text)
    assert str(caught.value) == (
        f"parse_kinds(): a map must be like wall=cliff,floor=ground, each kind once, not {text!r}"
    )
