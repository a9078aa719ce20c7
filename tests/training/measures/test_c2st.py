"""The classifier two-sample test."""

import dataclasses

import numpy as np

from tilewright_training.measures.c2st import c2st_error, pair_up
from tilewright_training.measures.pictures import generated

from .damage import TINY, art, blurred, dropped, noisy


def error(real: object, candidate: object) -> float:
    return c2st_error(real, candidate, TINY, 0)[0]


def test_other_real_art_cannot_be_told_and_damage_can() -> None:
    real, other = art(30), art(30, first=30)
    assert error(real, other) > 35.0
    assert error(real, blurred(other)) < 15.0
    assert error(real, noisy(other)) < 15.0


def test_a_copied_set_cannot_be_told() -> None:
    """C2ST does not detect memorisation, so it is not used alone."""
    real = art(30)
    assert error(real, real) > 35.0


def test_a_dropped_kind_is_told() -> None:
    real, other = art(30), art(30, first=30)
    assert error(real, dropped(other, 0)) < error(real, other) - 3.0


def test_a_collapsed_generator_is_told() -> None:
    """Relatives are separated on the real side only, so copies of one picture are recognised."""
    real = art(30)
    one = generated(real.images[np.arange(len(real)) // 30 * 30], real.labels, real.kinds)
    assert error(real, one) < error(real, art(30, first=30)) - 10.0


def test_pairs_are_counted_and_the_same_for_a_seed() -> None:
    real, other = art(12), art(9, first=12)
    protocol = dataclasses.replace(TINY, pairs=40, c2st_steps=5)
    first, pairs = c2st_error(real, other, protocol, 3)
    assert (first, pairs) == c2st_error(real, other, protocol, 3)
    assert pairs == 40
    couple = pair_up(real, other, np.random.default_rng(0))
    assert [np.bincount(side.labels).tolist() for side in couple] == [[9] * 6, [9] * 6]


def test_relatives_are_not_on_both_sides_of_a_fold() -> None:
    """Eight copies of each picture are no easier to recognise than single pictures if folds keep them
    together.
    """
    real, other = art(24), art(24, first=24)
    eights = np.repeat(np.arange(3), 8)
    families = np.concatenate([eights + 3 * kind for kind in range(len(real.kinds))])

    def repeated(side: object) -> object:
        # One drawing of each family, eight times, each time with one changed pixel.
        images = side.images[np.arange(len(side)) // 8 * 8].copy()
        images[np.arange(len(images)), np.arange(len(images)) % 8, 8] = (255, 255, 255, 255)
        return dataclasses.replace(side, images=images, groups=families)

    real, other = repeated(real), repeated(other)
    alone = dataclasses.replace(real, groups=np.arange(len(real)))
    assert error(real, other) > error(alone, dataclasses.replace(other, groups=alone.groups)) + 5.0
