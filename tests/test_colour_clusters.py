"""Palettes for art of many colours: k-means in OKLab."""

import numpy as np

from tilewright import engine
from tilewright.colour_clusters import cluster_colours


def distance(colours: np.ndarray, counts: np.ndarray, chosen: np.ndarray) -> float:
    """Return the mean distance of the pixels from the nearest chosen colour, in OKLab (white: 2^14)."""

    def points(values: np.ndarray) -> np.ndarray:
        alpha = np.full((len(values), 1), 255)
        return engine.oklab(np.concatenate([values, alpha], axis=1).astype(np.uint8)).astype(float)

    between = np.linalg.norm(points(colours)[:, None] - points(chosen)[None], axis=2)
    return float(np.average(between.min(axis=1), weights=counts))


def smooth(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct colours of two shaded materials, with their counts."""
    random = np.random.default_rng(seed)
    light = random.random((900, 1))
    ends = np.array([[[40, 30, 20], [220, 200, 160]], [[10, 40, 90], [120, 220, 255]]])[
        random.integers(0, 2, 900)
    ]
    colours = np.unique((ends[:, 0] + light * (ends[:, 1] - ends[:, 0])).astype(np.int64), axis=0)
    return colours, random.integers(1, 50, len(colours))


def test_selects_colours_of_the_art_in_ascending_order() -> None:
    colours, counts = smooth()
    chosen = cluster_colours(colours, counts, 16)
    assert len(chosen) == 16
    there = {tuple(c) for c in colours.tolist()}
    assert all(tuple(c) in there for c in chosen.tolist())
    assert chosen.tolist() == sorted(chosen.tolist())


def test_is_closer_than_any_of_twenty_random_choices() -> None:
    colours, counts = smooth()
    chosen = distance(colours, counts, cluster_colours(colours, counts, 12))
    random = np.random.default_rng(0)
    others = [distance(colours, counts, colours[random.choice(len(colours), 12, False)]) for _ in range(20)]
    assert chosen < 0.8 * min(others)


def test_a_hue_of_few_pixels_keeps_a_colour() -> None:
    greys = np.repeat(np.arange(0, 256)[:, None], 3, axis=1)
    colours = np.concatenate([greys, [[200, 20, 20]]])
    counts = np.array([100] * 256 + [800])
    assert [200, 20, 20] in cluster_colours(colours, counts, 8).tolist()


def test_a_choice_is_the_same_on_every_machine() -> None:
    chosen = cluster_colours(*smooth(), 5)
    assert chosen.tolist() == [[18, 54, 102], [45, 97, 142], [97, 183, 221], [142, 127, 100], [190, 172, 136]]


def test_one_colour_is_near_the_middle() -> None:
    colours, counts = smooth()
    assert cluster_colours(colours, counts, 1).tolist() == [[131, 116, 91]]


def test_colours_that_are_equal_in_oklab_are_one_cluster() -> None:
    colours = np.array([[0, 0, 0], [0, 0, 0], [255, 255, 255]])
    assert cluster_colours(colours, np.array([1, 2, 3]), 8).tolist() == [[0, 0, 0], [255, 255, 255]]


def test_fewer_colours_than_asked_for_are_all_kept() -> None:
    colours = np.array([[0, 0, 0], [10, 200, 30], [255, 255, 255]])
    assert cluster_colours(colours, np.array([5, 1, 9]), 8).tolist() == colours.tolist()
