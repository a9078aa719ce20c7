"""Visible faults of pixel art."""

import numpy as np
import pytest

from tilewright_training.data.pixels import seam_ratio
from tilewright_training.measures.pixel_art import orphans, palette_of, pixel_art

from ..drawn import SPRITE_KINDS, TILE_KINDS
from .damage import art, blurred, noisy, palette

RED, BLUE, CLEAR = (200, 0, 0, 255), (0, 0, 200, 255), (0, 0, 0, 0)


def plain(colour: tuple[int, ...] = RED) -> np.ndarray:
    return np.tile(np.array(colour, np.uint8), (1, 8, 8, 1))


def test_orphans() -> None:
    picture = plain()
    assert not orphans(picture).any()
    picture[0, 3, 3] = picture[0, 0, 0] = BLUE
    assert np.argwhere(orphans(picture)).tolist() == [[0, 0, 0], [0, 3, 3]]
    picture[0, 4, 4] = BLUE  # diagonal neighbours count
    assert np.argwhere(orphans(picture)).tolist() == [[0, 0, 0]]
    alone = plain(CLEAR)
    alone[0, 3, 3] = RED
    assert orphans(alone).sum() == 1  # transparent pixels are neither orphans nor neighbours


def test_a_seam_ratio_of_one_is_no_seam() -> None:
    stripes = plain()
    stripes[:, :, ::2] = BLUE
    assert seam_ratio(stripes) == pytest.approx(1.0)
    halves = plain()
    halves[:, :, 4:] = BLUE  # one edge inside, one across the wrap: seven positions inside, one across
    assert seam_ratio(halves) == pytest.approx(7.0)
    assert np.isnan(seam_ratio(plain()))


def test_colours_and_what_is_not_in_the_palette() -> None:
    picture = plain()
    picture[0, 0, :4] = BLUE
    picture[0, 7, 7] = CLEAR
    found = pixel_art(picture, palette_of(picture), tiles=True)
    assert (found.colours, found.off_palette, found.semi_transparent) == (2.0, 0.0, 0.0)
    assert pixel_art(picture, np.array([RED], np.uint8), tiles=True).off_palette == 4.0
    picture[0, 7, 0] = (0, 0, 200, 128)
    found = pixel_art(picture, np.array([RED, BLUE], np.uint8), tiles=False)
    assert (found.off_palette, found.semi_transparent) == (1.0, 1.0)
    assert np.isnan(found.seam_ratio)
    assert np.isnan(pixel_art(picture, None, tiles=False).off_palette)


def test_noise_makes_orphans_and_blur_makes_colours() -> None:
    for kinds in (TILE_KINDS, SPRITE_KINDS):
        real = art(10, kinds=kinds)
        clean, noise, blur = (
            pixel_art(p.images, palette(real), tiles=kinds == TILE_KINDS)
            for p in (real, noisy(real), blurred(real))
        )
        assert noise.orphans > clean.orphans + 3.0
        assert noise.colours > clean.colours + 1.0
        assert blur.colours > clean.colours and blur.orphans < noise.orphans
        assert clean.off_palette == noise.off_palette == 0.0


def test_a_torn_edge_raises_the_seam_ratio() -> None:
    real = art(20, kinds=("wall",))
    torn = real.images.copy()
    torn[:, 0] = torn[:, :, 0] = RED
    assert seam_ratio(real.images) == pytest.approx(1.0, abs=0.6)
    assert seam_ratio(torn) > seam_ratio(real.images) + 0.5


def test_too_many_colours_are_no_palette() -> None:
    many = np.zeros((2, 16, 16, 4), np.uint8)
    many[..., 0], many[..., 3] = np.arange(256).reshape(16, 16), 255
    assert palette_of(many) is not None and len(palette_of(many)) == 256
    many[1, ..., 1] = 1
    assert palette_of(many) is None
