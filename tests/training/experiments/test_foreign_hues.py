"""Hues that no art of a kind has."""

import numpy as np

from tilewright_training.experiments.foreign_hues import foreign, shares_of_hues
from tilewright_training.measures.pictures import Pictures

RED, GREEN, GREY = (210, 40, 30, 255), (60, 180, 40, 255), (120, 122, 119, 255)


def pictures(*rows: tuple[int, tuple[int, ...], int]) -> Pictures:
    """Grey pictures of 8x8 pixels: (kind, colour, number of its pixels)."""
    images = np.full((len(rows), 64, 4), GREY, np.uint8)
    for image, (_, colour, count) in zip(images, rows, strict=True):
        image[:count] = colour
    labels = np.array([kind for kind, _, _ in rows])
    return Pictures(images.reshape(-1, 8, 8, 4), labels, ("lava", "grass"), np.arange(len(rows)))


def test_a_hue_is_foreign_to_a_kind_and_not_to_another() -> None:
    art = pictures((0, RED, 40), (1, GREEN, 1))
    np.testing.assert_array_equal(shares_of_hues(art.images)[0], [0.625, 0, 0, 0, 0, 0])
    made = pictures((0, RED, 64), (1, RED, 64), (1, RED, 2), (1, GREEN, 64), (0, GREEN, 3), (1, GREY, 64))
    assert foreign(made, art).tolist() == [False, True, False, False, True, False]
