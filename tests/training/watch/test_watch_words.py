"""Figures in plain words."""

from tilewright_training.watch.rules import LOOK_EVERY
from tilewright_training.watch.words import FALLING, LEVEL, PATIENCE, RISING, Words


def follow(name: str, values: list[float], **others: float) -> tuple[str, str]:
    """Return (the description of the last figure, the trend)."""
    words, text = Words(), ""
    for i, value in enumerate(values):
        text = words.read((i + 1) * LOOK_EVERY, {name: value, **others})
        assert words.read((i + 1) * LOOK_EVERY + 1, {name: value, "loss": 9.0}) == text
    return text, words.trend


def test_before_the_first_look() -> None:
    words = Words()
    assert words.read(3, {"loss": 4.0}) == "first look soon"
    assert words.trend == ""


def test_trends() -> None:
    assert follow("held_out", [2.0, 1.5, 1.2]) == ("loss on unseen art 1.200, falling: good", FALLING)
    assert follow("held_out", [1.0, *[1.05] * (PATIENCE + 1)])[1] == LEVEL
    assert follow("held_out", [1.0, 1.2]) == ("loss on unseen art 1.200, rising: needs more art", RISING)
    assert follow("trained", [1.0, 1.2])[1] == FALLING  # the training loss varies between batches


def test_a_gan_in_trouble() -> None:
    assert follow("distance", [0.5, 0.2])[0] == "distance to the art 0.200, falling: good"
    assert follow("distance", [0.5, 0.2], spread=0.2)[0].endswith("all much alike: bad")
    assert follow("distance", [0.5, 0.2], accuracy=0.97, lead=2.5)[0].endswith("the critic leads: bad")
