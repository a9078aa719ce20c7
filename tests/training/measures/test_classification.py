"""Kind accuracy, classification accuracy score, and the gain from adding generated pictures to a few real
ones.
"""

import numpy as np

from tilewright_training.measures.classification import (
    classification_accuracy_score,
    few_of_each,
    kind_accuracy,
)
from tilewright_training.measures.features import kinds_network
from tilewright_training.measures.pictures import Pictures, join

from .damage import TINY, art, dropped, noisy


def score(candidate: Pictures, real: Pictures) -> float:
    return classification_accuracy_score(candidate, real, TINY, 0)


def test_kind_accuracy_falls_with_a_dropped_kind_and_with_noise() -> None:
    network = kinds_network(art(30), "drawn", TINY)
    real = art(20, first=30)
    floor = kind_accuracy(network, real)
    assert floor > 90.0
    assert kind_accuracy(network, dropped(real, 0)) < floor - 10.0
    assert kind_accuracy(network, noisy(real, 0.6)) < floor - 10.0


def test_cas_falls_with_a_dropped_kind_and_with_noise() -> None:
    candidate, real = art(20), art(15, first=20)
    floor = score(candidate, real)
    assert floor > 90.0
    assert score(dropped(candidate, 0), real) < floor - 10.0
    assert score(noisy(candidate, 0.8), real) < floor - 10.0


def test_good_pictures_add_to_a_few_and_mislabelled_ones_take_away() -> None:
    training, real = art(20), art(15, first=20)
    few = few_of_each(training, 1, np.random.default_rng(0))
    assert few.labels.tolist().count(0) == 1 and len(few) == len(few.kinds)
    alone = score(few, real)
    assert score(join(few, art(20, first=40)), real) >= alone
    wrong = art(20, first=40)
    wrong = Pictures(wrong.images, (wrong.labels + 1) % len(wrong.kinds), wrong.kinds, wrong.groups)
    assert score(join(few, wrong), real) < alone - 20.0
