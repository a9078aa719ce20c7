"""The vocabulary of a data set: which words it keeps, and what the measured ones mean."""

import numpy as np

from tilewright_training.data.vocabulary import LEAST_PICTURES, MOST_WORDS, vocabulary


def pictures(*colours: tuple[int, int, int], size: int = 8, covered: int = 8) -> np.ndarray:
    """One picture per colour, whose first `covered` columns are opaque."""
    images = np.zeros((len(colours), size, size, 4), np.uint8)
    for image, colour in zip(images, colours, strict=True):
        image[:, :covered] = (*colour, 255)
    return images


def test_rare_words_and_words_of_nearly_all_pictures_are_dropped() -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 4), dtype=np.uint8) | [0, 0, 0, 255]
    paths = [
        ("art", *(("dragon",) if i < LEAST_PICTURES else ()), *(("newt",) if i < 4 else ()))
        for i in range(20)
    ]
    found = vocabulary(paths, images.astype(np.uint8))
    assert "dragon" in found.words and not {"art", "newt"} & set(found.words)
    assert list(found.has[:, found.words.index("dragon")]) == [i < LEAST_PICTURES for i in range(20)]


def test_the_most_common_words_are_kept() -> None:
    names = [f"w{i // 26:02d}{chr(97 + i % 26)}" for i in range(MOST_WORDS + 40)]
    paths = [tuple(name for j, name in enumerate(names) if i < 5 + j % 3) for i in range(100)]
    found = vocabulary(paths, pictures(*[(200, 30, 30)] * 50 + [(10, 10, 200)] * 50))
    assert len(found.words) == MOST_WORDS and list(found.words) == sorted(found.words)
    assert {"red", "blue"} <= set(found.words)  # of 50 pictures each


def test_measured_words() -> None:
    rows = [
        ((220, 30, 30), "red"),
        ((230, 140, 20), "orange"),
        ((40, 200, 60), "green"),
        ((40, 60, 220), "blue"),
        ((150, 150, 150), "grey"),
    ]
    images = np.concatenate([pictures(*[colour] * 6) for colour, _ in rows])
    found = vocabulary([()] * len(images), images)
    for number, (_, word) in enumerate(rows):
        expected = np.repeat(np.arange(len(rows)) == number, 6)
        np.testing.assert_array_equal(found.has[:, found.words.index(word)], expected)
    dark = pictures(*[(10, 12, 60)] * 6, *[(250, 240, 200)] * 6, *[(120, 120, 120)] * 6)
    found = vocabulary([()] * 18, dark)
    assert found.has[:, found.words.index("dark")].tolist() == [True] * 6 + [False] * 12
    assert found.has[:, found.words.index("light")].tolist() == [False] * 6 + [True] * 6 + [False] * 6


def test_outlines_have_no_hue() -> None:
    outlined = pictures(*[(0, 0, 0)] * 12)
    outlined[:6, 3:5, 3:5] = (40, 60, 220, 255)
    found = vocabulary([()] * 12, outlined)
    assert found.has[:, found.words.index("blue")].tolist() == [True] * 6 + [False] * 6


def test_size_and_symmetry_are_those_of_the_opaque_pixels() -> None:
    small, large = pictures(*[(90, 90, 90)] * 6, covered=1), pictures(*[(90, 90, 90)] * 6, covered=7)
    middle = np.zeros((6, 8, 8, 4), np.uint8)
    middle[:, 2:6, 2:6] = (90, 90, 90, 255)
    found = vocabulary([()] * 18, np.concatenate([small, large, middle]))
    for word, of in (
        ("small", [True, False, False]),
        ("large", [False, True, False]),
        ("symmetric", [False, False, True]),
    ):
        assert found.has[:, found.words.index(word)].tolist() == np.repeat(of, 6).tolist(), word


def test_names_that_repeat_the_kinds_are_not_usable() -> None:
    images = pictures(*[(200, 30, 30)] * 6, *[(10, 10, 200)] * 6)
    paths = [("wall",)] * 6 + [("floor", "moss")] * 6
    assert vocabulary(paths, images, ("walls", "floors")).named
    assert not vocabulary(paths, images, ("walls", "mossy floor moss")).named
    assert not vocabulary([()] * 12, images, ("walls",)).named


def test_parts_keep_their_words() -> None:
    found = vocabulary([("moss",)] * 6 + [()] * 6, pictures(*[(200, 30, 30)] * 6, *[(10, 10, 200)] * 6))
    part = found.take(np.array([0, 11]))
    assert part.words == found.words and part.has.tolist() == found.has[[0, 11]].tolist()
    assert part.digest != found.digest and found.take(np.arange(12)).digest == found.digest
