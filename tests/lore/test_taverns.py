"""Names of taverns."""

import pytest

from tilewright import lore
from tilewright.errors import UsageError


def test_the_names_of_a_seed() -> None:
    names = "Golden Otter, Two Lanterns, Lazy Boot, Broken Boar, Hungry Hound, Blind Oak"
    assert lore.taverns(6, seed=7) == [f"The {name}" for name in names.split(", ")]
    assert lore.taverns(3, seed=7) == lore.taverns(6, seed=7)[:3]
    assert lore.taverns(0) == []


def test_a_thousand_names_differ_and_read_well() -> None:
    names = lore.taverns(1000, seed=3)
    assert len(set(names)) == 1000
    for name in names:
        words = name.split()
        assert words[0] == "The" and 3 <= len(words) <= 4 and len(set(words)) == len(words), name
        assert all(word[0].isupper() or word == "and" for word in words), name
    for part in (" and ", "'s ", "Three "):
        assert 20 < sum(part in name for name in names) < 400, part
    assert len(set(names) & set(lore.taverns(1000, seed=4))) < 500


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"count": 1001}, "count must be at most 1000, not 1001"),
        ({"count": -1}, "count must be 0 or more, not -1"),
        ({"count": 1, "seed": -1}, "seed must be"),
    ],
)
def test_wrong_use(arguments: dict[str, int], text: str) -> None:
    with pytest.raises(UsageError, match=rf"^lore\.taverns\(\): {text}"):
        lore.taverns(**arguments)
