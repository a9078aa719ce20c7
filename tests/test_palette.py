"""Palettes: files, names, extraction, matching."""

from pathlib import Path

import numpy as np
import pytest

from tilewright import palette
from tilewright.errors import DataError, UsageError


def test_named_palettes() -> None:
    for name in palette.palette_names():
        colours = palette.load_palette(name)
        assert colours.dtype == np.uint8
        assert (colours[:, 3] == 255).all()
    assert palette.load_palette("pico-8")[8].tolist() == [255, 0, 77, 255]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.hex", "ff0000\n00ff00\n0000ff\n"),
        (
            "a.gpl",
            "GIMP Palette\nName: three\nColumns: 3\n# note\n255 0 0 red\n  0 255   0\tgreen\n0 0 255\n",
        ),
        ("a.pal", "JASC-PAL\n0100\n3\n255 0 0\n0 255 0\n0 0 255\n"),
    ],
)
def test_files(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert palette.load_palette(path)[:, :3].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_bad_files(tmp_path: Path) -> None:
    path = tmp_path / "empty.hex"
    path.write_text("nothing here\n")
    with pytest.raises(DataError, match="holds 0 colours; a palette has 1 to 256"):
        palette.load_palette(path)
    with pytest.raises(UsageError, match="unknown palette 'pico-9': name one of pico-8, db16"):
        palette.load_palette("pico-9")


def test_nearest_is_the_least_distance_and_the_first_of_equals() -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (50, 3), np.uint8)
    entries = rng.integers(0, 256, (9, 4), np.uint8)
    entries[7] = entries[2]
    distance = np.square(colours[:, None].astype(int) - entries[None, :, :3]).sum(axis=2)
    np.testing.assert_array_equal(palette.nearest_colours(colours, entries), distance.argmin(axis=1))


def test_extracts_exactly_what_is_there() -> None:
    images = np.zeros((2, 4, 4, 4), np.uint8)
    images[0, :, :2] = (255, 0, 0, 255)
    images[1, 0] = (10, 20, 30, 255)
    assert palette.extract_palette(images, 16, True).tolist() == [
        [0, 0, 0, 0],
        [10, 20, 30, 255],
        [255, 0, 0, 255],
    ]
    assert len(palette.extract_palette(images, 16, False)) == 2


def test_extracts_no_more_than_asked_and_only_colours_of_the_art() -> None:
    images = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 4), np.uint8)
    images[..., 3] = 255
    colours = palette.extract_palette(images, 32, False)
    there = {tuple(c) for c in images.reshape(-1, 4).tolist()}
    assert 24 <= len(colours) <= 32
    assert all(tuple(c) in there for c in colours.tolist())


def test_one_colour() -> None:
    images = np.full((1, 4, 4, 4), 255, np.uint8)
    assert palette.extract_palette(images, 16, False).tolist() == [[255, 255, 255, 255]]


def test_remap_never_makes_a_colour_clear() -> None:
    black = np.array([[0, 0, 0, 255]], np.uint8)
    target = np.array([[0, 0, 0, 0], [90, 90, 90, 255]], np.uint8)
    assert palette.remap(black, target).tolist() == [[90, 90, 90, 255]]


def test_remap_keeps_what_is_clear() -> None:
    colours = np.array([[0, 0, 0, 0], [250, 10, 10, 255]], np.uint8)
    target = np.array([[0, 0, 255, 255], [255, 0, 0, 255]], np.uint8)
    assert palette.remap(colours, target).tolist() == [[0, 0, 0, 0], [255, 0, 0, 255]]


def test_colours_are_opaque_or_clear() -> None:
    colours = np.array([[[1, 2, 3, 127], [1, 2, 3, 128]], [[4, 5, 6, 0], [255, 255, 255, 255]]], np.uint8)
    expected = np.array([[[0, 0, 0, 0], [1, 2, 3, 255]], [[0, 0, 0, 0], [255, 255, 255, 255]]], np.uint8)
    np.testing.assert_array_equal(palette.opaque_or_clear(colours), expected)
    np.testing.assert_array_equal(
        palette.opaque_or_clear(colours.transpose(1, 0, 2)), expected.transpose(1, 0, 2)
    )
    np.testing.assert_array_equal(palette.opaque_or_clear(colours[..., :3])[..., 3], 255)
    assert palette.opaque_or_clear(np.zeros((0, 4), np.uint8)).shape == (0, 4)
