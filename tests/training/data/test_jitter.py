"""Random colours: entries of the palette, for whole pictures, and the transparent one stays."""

import numpy as np
import pytest

from tilewright_training.data.jitter import ColourJitter


def palette(transparent: bool) -> np.ndarray:
    entries = np.random.default_rng(1).integers(0, 256, (24, 4), np.uint8)
    entries[:, 3] = 255
    if transparent:
        entries[0] = 0
    return entries


@pytest.mark.parametrize("transparent", [False, True])
def test_colours_change_within_the_palette(transparent: bool) -> None:
    found = ColourJitter(palette(transparent), 1.0).draw(np.random.default_rng(0), 200)
    assert found.shape == (200, 24) and found.min() >= 0 and found.max() < 24
    assert (found != np.arange(24)).any(axis=1).mean() > 0.9
    if transparent:
        assert (found[:, 0] == 0).all() and (found[:, 1:] > 0).all()


def test_the_order_of_lightness_mostly_stays() -> None:
    greys = np.repeat(np.linspace(0, 255, 16).astype(np.uint8)[:, None], 4, axis=1)
    greys[:, 3] = 255
    found = ColourJitter(greys, 1.0).draw(np.random.default_rng(0), 100)
    assert (np.diff(found[:, ::3], axis=1) >= 0).mean() > 0.9


def test_the_other_pictures_keep_their_colours() -> None:
    found = ColourJitter(palette(True), 0.25).draw(np.random.default_rng(0), 400)
    assert 0.65 < (found == np.arange(24)).all(axis=1).mean() < 0.85
