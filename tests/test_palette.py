"""Palettes: files, names, extraction, matching."""

import os
import re
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


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mark.hex", "\ufeff1a1c2c\r\n5d275d\r\n", [(26, 28, 44, 255), (93, 39, 93, 255)]),
        ("alpha.hex", "1a1c2c\n5d275dff\n5d275d00", [(26, 28, 44, 255), (93, 39, 93, 255), (0, 0, 0, 0)]),
        ("short.hex", "fff\n#123\n\n; night\n# note\n", [(255, 255, 255, 255), (17, 34, 51, 255)]),
        ("net.txt", ";paint.net Palette File\nFF1a1c2c\nFFfff100", [(26, 28, 44, 255), (255, 241, 0, 255)]),
        ("jasc.pal", "JASC-PAL\n0100\n2\n1 2 3\n4 5 6 255\n\n", [(1, 2, 3, 255), (4, 5, 6, 255)]),
        (
            "aseprite.gpl",
            "GIMP Palette\nChannels: RGBA\n#\n 26 28 44 255 Dark\n1 2 3 0 Untitled\n",
            [(26, 28, 44, 255), (0, 0, 0, 0)],
        ),
        ("names.gpl", "GIMP Palette\nName: x\nColumns: 2\n1 2 3 40 thieves\n", [(1, 2, 3, 255)]),
    ],
)
def test_no_colour_of_a_file_is_lost(
    tmp_path: Path, name: str, text: str, expected: list[tuple[int, int, int, int]]
) -> None:
    (tmp_path / name).write_bytes(text.encode())
    assert [tuple(colour) for colour in palette.load_palette(tmp_path / name).tolist()] == expected


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.pal", "JASC-PAL\n0100\n16\n1 2 3\n4 5 6\n", "line 3: 16 colours are stated, and 2 follow"),
        ("a.pal", "JASC-PAL\n0100\n1\n1 2 3\n4 5 6\n", "line 3: 1 colours are stated, and 2 follow"),
        ("a.pal", "JASC-PAL\n0100\n2\n1 2 3\n300 10 10\n", "line 5: '300 10 10' is no colour"),
        ("a.pal", "JASC-PAL\n", "a JASC palette states its version and the number of its colours"),
        ("a.pal", "RIFF\x18\x00\x00\x00PAL data", "line 1: .* is no colour"),
        (
            "a.hex",
            "1a1c2c\n5d275\n",
            "line 2: '5d275' is no colour: write rrggbb, or three numbers of 0 to 255",
        ),
        ("a.hex", "1a1c2c\n\n5d275d night\n", "line 3: '5d275d night' is no colour"),
        ("a.gpl", "GIMP Palette\n1 2 3 a\n1 2 b\n", "line 3: '1 2 b' is no colour"),
        ("a.gpl", "GIMP Palette\n1 2 256\n", "line 2: '1 2 256' is no colour"),
        ("a.gpl", "GIMP Palette\nChannels: RGBA\n1 2 3 x\n", "line 3: '1 2 3 x' is no colour"),
        ("a.hex", "nothing here\n", "line 1: 'nothing here' is no colour"),
        ("a.hex", "; nothing\n", "holds 0 colours; a palette has 1 to 256"),
        ("a.hex", "123456\n" * 257, "holds 257 colours; a palette has 1 to 256"),
        ("a.hex", "12345600\n", "holds no opaque colour"),
        ("a.hex", " " * (1 << 20) + " ", "more than 1048576 bytes"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, text: str, why: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=f"{name}:?,? {why}"):
        palette.load_palette(path)


def test_real_palettes_load() -> None:
    """In this art, every line that begins with three numbers or is hexadecimal is a colour."""
    place = os.environ.get("TILEWRIGHT_DATA")
    if not place or not (Path(place) / "palettes").is_dir():
        pytest.skip("needs TILEWRIGHT_DATA")
    files = sorted(p for p in (Path(place) / "palettes").iterdir() if p.suffix in (".gpl", ".hex", ".pal"))
    assert files
    for path in files:
        lines = [line.split() for line in path.read_text("utf-8-sig").splitlines()]
        count = sum(
            all(part.isdigit() for part in line[:3]) if path.suffix == ".gpl" else len(line[0]) == 6
            for line in lines
            if line
        )
        assert len(palette.load_palette(path)) == count > 1


def test_names_are_not_particular() -> None:
    for name in ("PICO-8", "pico8", "Pico 8", "pico_8"):
        np.testing.assert_array_equal(palette.load_palette(name), palette.load_palette("pico-8"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pico-9", "unknown palette 'pico-9': did you mean pico-8? There are pico-8, db16, sweetie-16"),
        ("Gameboi", "unknown palette 'Gameboi': did you mean game-boy? There are"),
        (
            "zebra",
            "unknown palette 'zebra': name one of pico-8, db16, sweetie-16, game-boy, 1bit, or name a .gpl",
        ),
        ("mine.gpl", "there is no palette file 'mine.gpl': check the path"),
        ("palettes/mine", "there is no palette file 'palettes/mine': check the path"),
        ("x" * 5000, "unknown palette 'xxx"),
    ],
)
def test_unknown_names(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=re.escape(text)):
        palette.load_palette(name)


NIGHT = [[26, 28, 44, 255], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    "given",
    [
        ["#1a1c2c", "00000000"],
        ("1A1C2CFF", "#0000"),
        [(26, 28, 44), (0, 0, 0, 0)],
        ["#1a1c2c", [9, 9, 9, 0]],
        [np.array([26, 28, 44]), np.array([0, 0, 0, 0], np.uint8)],
        np.array(NIGHT, np.uint8),
        np.array(NIGHT),
    ],
    ids=range(7),
)
def test_colours_in_many_forms(given: object) -> None:
    colours = palette.as_palette(given, "f()")
    assert colours.dtype == np.uint8
    assert colours.tolist() == NIGHT
    assert palette.as_palette(np.array([[26, 28, 44]], np.uint8), "f()").tolist() == NIGHT[:1]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            ["#1a1c2c", "night"],
            'f(): palette[1] must be "#rrggbb" or 3 or 4 numbers in 0..255, with alpha 0 or 255, ',
        ),
        ([(1, 2, 300)], "not (1, 2, 300)"),
        ([(1, 2)], "not (1, 2)"),
        ([(1, 2, 3, 128)], "not (1, 2, 3, 128)"),
        ([(1, 2, True)], "not (1, 2, True)"),
        ([(1.0, 2, 3)], "not (1.0, 2, 3)"),
        (["#12345680"], "not '#12345680'"),
        ([1, 2, 3], "palette[0] must be"),
        ([], "f(): palette must be a name, a file, 1 to 256 colours such as"),
        (["#000"] * 257, "not 257 colours"),
        (["#0000"], "not all of it clear"),
        (7, "not 7"),
        (b"abc", "not b'abc'"),
        (np.zeros((2, 5), np.uint8), "or an array uint8 (K, 3) or (K, 4), not an array uint8 (2, 5)"),
        (np.zeros((2, 3)), "not an array float64 (2, 3)"),
        (np.zeros((0, 3), np.uint8), "not an array uint8 (0, 3)"),
        (np.full((1, 4), 128, np.uint8), "with values in 0..255 and alpha 0 or 255"),
        (np.full((1, 3), 256), "with values in 0..255 and alpha 0 or 255"),
        (np.uint8(3), "f(): palette must be a name"),
    ],
)
def test_what_is_no_palette(given: object, text: str) -> None:
    with pytest.raises(UsageError, match=re.escape(text)):
        palette.as_palette(given, "f()")


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


def test_colours_are_binarize_alpha() -> None:
    colours = np.array([[[1, 2, 3, 127], [1, 2, 3, 128]], [[4, 5, 6, 0], [255, 255, 255, 255]]], np.uint8)
    expected = np.array([[[0, 0, 0, 0], [1, 2, 3, 255]], [[0, 0, 0, 0], [255, 255, 255, 255]]], np.uint8)
    np.testing.assert_array_equal(palette.binarize_alpha(colours), expected)
    np.testing.assert_array_equal(
        palette.binarize_alpha(colours.transpose(1, 0, 2)), expected.transpose(1, 0, 2)
    )
    np.testing.assert_array_equal(palette.binarize_alpha(colours[..., :3])[..., 3], 255)
    assert palette.binarize_alpha(np.zeros((0, 4), np.uint8)).shape == (0, 4)
