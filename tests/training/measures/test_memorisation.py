"""Exact and near copies of the training art."""

import numpy as np
import pytest

from tilewright_training.data.pixels import nearest_pixels
from tilewright_training.measures.memorisation import memorisation, nearest_features

from .damage import art, changed, noisy


def test_nearest_pixels_by_hand() -> None:
    training = np.zeros((3, 4, 4, 4), np.uint8)
    training[1:, ..., 3] = 255
    training[2, 0] = (9, 9, 9, 255)
    picture = training[2:].copy()
    picture[0, 3, 3] = (1, 2, 3, 255)
    assert nearest_pixels(picture, training).tolist() == [1 / 16]
    picture[0, 3, 3] = (1, 2, 3, 0)  # colours of transparent pixels do not matter
    assert nearest_pixels(picture, training).tolist() == [1 / 16]
    assert nearest_pixels(training, training).tolist() == [0.0] * 3


def test_copies_are_flagged_and_new_art_is_not() -> None:
    training, held_out, other = art(30), art(15, first=30), art(15, first=45)
    real = nearest_pixels(held_out.images, training.images)
    copies = training.take(np.arange(0, len(training), 2))
    nearly = copies.images.copy()
    nearly[:, 7, 7] = (1, 2, 3, 255)

    def of(images: np.ndarray) -> object:
        return memorisation(nearest_pixels(images, training.images), None, real, None, 0.05)

    assert of(other.images).pixel_ratio == pytest.approx(1.0, abs=0.15)
    assert (of(copies.images).pixel_ratio, of(copies.images).exact_copies) == (0.0, 1.0)
    assert (of(nearly).exact_copies, of(nearly).near_copies) == (0.0, 1.0)
    assert of(nearly).pixel_ratio < 0.1
    assert of(noisy(changed(copies, copies.images), 0.5).images).near_copies == 0.0


def test_distances_in_features() -> None:
    training = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert nearest_features(np.array([[0.0, 1.0], [3.0, 4.0]]), training).tolist() == pytest.approx(
        [1.0, 0.0]
    )
    found = memorisation(np.ones(2), np.array([1.0, 1.0]), np.ones(2), np.array([2.0, 2.0]), 0.05)
    assert found.feature_ratio == 0.5


def test_held_out_art_that_lies_on_the_training_art_gives_no_ratio() -> None:
    assert np.isnan(memorisation(np.ones(2), None, np.zeros(2), None, 0.05).pixel_ratio)
