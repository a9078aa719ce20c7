"""The nearest colours of a palette in OKLab, against its definition in Python's integers and in float64."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tilewright import _core

Colours = npt.NDArray[np.uint8]

SOURCE = Path(__file__).parents[2] / "csrc" / "core" / "oklab.cpp"
LIGHT = [int(n) for n in re.findall(r"\d+", SOURCE.read_text("utf-8").split("{", 2)[2].split("}")[0])]
TO_CONES = ((432246, 562385, 53945), (222197, 713765, 112614), (92592, 295404, 660580))
TO_LAB = ((13792, 52011, -267), (129630, -159160, 29530), (1698, 51300, -52998))


def cube_root(x: int) -> int:
    root = round(x ** (1 / 3))
    while root**3 > x:
        root -= 1
    while (root + 1) ** 3 <= x:
        root += 1
    return root


def oklab(colour: Colours) -> tuple[int, ...]:
    """docs/numerics.md, in integers of any size."""
    light = [LIGHT[v] for v in colour[:3]]
    cones = [cube_root(sum(c * v for c, v in zip(row, light, strict=True)) >> 20 << 22) for row in TO_CONES]
    return tuple(sum(c * v for c, v in zip(row, cones, strict=True)) >> 16 for row in TO_LAB)


def oklab_in_floats(colours: Colours) -> npt.NDArray[np.float64]:
    """As Ottosson published it."""
    v = colours[:, :3] / 255.0
    light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.asarray(np.cbrt(light @ np.transpose(to_cones)) @ np.transpose(to_lab))


def random_colours(count: int, seed: int) -> Colours:
    colours = np.random.default_rng(seed).integers(0, 256, (count, 4), np.uint8)
    colours[:, 3] = 255
    return colours


def test_the_table_is_the_linear_light_of_srgb() -> None:
    v = np.arange(256) / 255.0
    light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    np.testing.assert_array_equal(LIGHT, np.rint(light * 2**20).astype(int))


def test_the_nearest_entry_by_its_definition() -> None:
    colours, palette = random_colours(300, 1), random_colours(40, 2)
    palette[20] = palette[3]  # the first of a tie
    targets = [oklab(entry) for entry in palette]
    expected = []
    for colour in colours:
        own = oklab(colour)
        distances = [sum((a - b) ** 2 for a, b in zip(own, target, strict=True)) for target in targets]
        expected.append(palette[distances.index(min(distances))])
    np.testing.assert_array_equal(_core.remap(colours, palette), expected)


def test_the_nearest_entry_is_that_of_real_numbers() -> None:
    """But for ties within the rounding."""
    colours, palette = random_colours(20_000, 3), random_colours(64, 4)
    distances = np.square(oklab_in_floats(colours)[:, None] - oklab_in_floats(palette)[None]).sum(axis=2)
    chosen = (_core.remap(colours, palette)[:, None] == palette[None]).all(axis=2).argmax(axis=1)
    lost = np.sqrt(np.take_along_axis(distances, chosen[:, None], 1)[:, 0]) - np.sqrt(distances.min(axis=1))
    assert lost.max() < 3e-4
    assert (chosen == distances.argmin(axis=1)).mean() > 0.99


def test_greys_are_neutral_and_in_order() -> None:
    greys = np.full((256, 4), 255, np.uint8)
    greys[:, :3] = np.arange(256)[:, None]
    labs = np.array([oklab(grey) for grey in greys])
    assert np.abs(labs[:, 1:]).max() <= 1
    assert (np.diff(labs[:, 0]) > 0).all()
    np.testing.assert_array_equal(_core.remap(greys, greys), greys)


def test_what_is_clear_stays() -> None:
    colours = random_colours(9, 5)
    colours[::2, 3] = 127
    made = _core.remap(colours, np.array([[1, 2, 3, 255]], np.uint8))
    np.testing.assert_array_equal(made[::2], colours[::2])
    assert (made[1::2] == (1, 2, 3, 255)).all()


@pytest.mark.parametrize("entries", [0, 257])
def test_a_palette_has_1_to_256_entries(entries: int) -> None:
    with pytest.raises(ValueError, match=r"remap\(\): palette must have 1 to 256 entries"):
        _core.remap(random_colours(1, 6), random_colours(entries, 7))
