"""Recognised words: as often as on real art for real pictures, by chance for pictures of other words."""

import dataclasses

import numpy as np
import pytest

from tilewright_training.data.dataset import Dataset
from tilewright_training.data.vocabulary import Vocabulary
from tilewright_training.measures.art import divide
from tilewright_training.measures.evaluation import evaluate
from tilewright_training.measures.pictures import Pictures, pictures_of
from tilewright_training.measures.subject import Subject
from tilewright_training.measures.word_accuracy import fit_words, word_accuracy

from .damage import TINY, art, noisy

WORDS = ("dark", "hero", "potion", "slime")


def with_words(count: int, first: int = 0) -> Dataset:
    """Pictures of three kinds, half of them dark. The kinds' numbers say nothing: all are one kind."""
    drawn = art(count, first=first, kinds=WORDS[1:])
    images = drawn.images.copy()
    dark = np.arange(len(images)) % 2 == 1
    images[dark, ..., :3] //= 3
    has = np.column_stack([dark, *(drawn.labels == i for i in range(3))])
    return Dataset(
        images,
        np.zeros(len(images), np.int64),
        ("all",),
        (),
        "",
        drawn.groups,
        vocabulary=Vocabulary(WORDS, has, True),
    )


def test_words_of_real_noisy_and_exchanged_pictures() -> None:
    learnt, real = (pictures for pictures in map(_pictures, (with_words(30), with_words(12, first=30))))
    network = fit_words(learnt, dataclasses.replace(TINY, kinds_steps=150), 0)
    assert real.words is not None
    found = word_accuracy(network, real.images, real.words)
    assert found > 75.0
    assert word_accuracy(network, noisy(real, 0.6).images, real.words) < found - 15.0
    assert word_accuracy(network, real.images[::-1], real.words) < found - 30.0


def _pictures(data: Dataset) -> Pictures:
    return pictures_of(data, WORDS)


@pytest.mark.parametrize("obeys", [True, False])
def test_an_evaluation_asks_for_the_words_of_held_out_art(obeys: bool) -> None:
    data = with_words(40)

    def sample(labels: np.ndarray, seed: int) -> np.ndarray:
        return data.images[np.random.default_rng(seed).integers(0, len(data.images), len(labels))]

    def sample_words(labels: np.ndarray, has: np.ndarray, seed: int) -> np.ndarray:
        known = data.vocabulary.has[:, [1, 0]]
        asked = has if obeys else ~has
        return data.images[[np.flatnonzero((known == row).all(axis=1))[0] for row in asked]]

    words = ("hero", "dark")  # in another order, and not all of the art's
    subject = Subject("drawn", ("all",), (16, 16), None, "", 0.0, sample, words, sample_words)
    protocol = dataclasses.replace(TINY, kinds_steps=150, c2st_steps=2, seeds=(0,))
    rows = evaluate(subject, divide(data, subject, 0.4, protocol), protocol).rows
    floor, made = rows["floor"]["words"].mean, rows["generated"]["words"].mean
    assert floor > 75.0 and (made > 75.0) == obeys
    assert not rows["copy"]["words"].values
