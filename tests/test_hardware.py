"""What old machines could show: every rule of each, on generated and on random pictures."""

from collections.abc import Callable

import numpy as np
import pytest

import tilewright as tw
from tilewright.arrays import Uint8Array
from tilewright.hardware import HARDWARE, convert

NAMES = tuple(HARDWARE)


def noise(transparent: bool, size: int = 16, count: int = 6) -> Uint8Array:
    pictures = np.random.default_rng(size).integers(0, 256, (count, size, size, 4), np.uint8)
    pictures[..., 3] = np.where(pictures[..., 3] < 100, 0, 255) if transparent else 255
    return pictures


PICTURES: dict[str, Callable[[], Uint8Array]] = {
    "tiles": lambda: tw.load("dawn-tiles").generate(24, seed=3).rgba,
    "sprites": lambda: tw.load("dawn-sprites").generate(24, seed=3).rgba,
    "noise": lambda: noise(False),
    "noisy sprites": lambda: noise(True),
    "odd sizes": lambda: noise(True, 19),
}


def cells(indices: Uint8Array, height: int, width: int) -> list[Uint8Array]:
    return [
        picture[top : top + height, left : left + width]
        for picture in indices
        for top in range(0, picture.shape[0], height)
        for left in range(0, picture.shape[1], width)
    ]


def used(indices: Uint8Array) -> set[int]:
    return set(np.unique(indices).tolist())


@pytest.fixture(params=PICTURES)
def pictures(request: pytest.FixtureRequest) -> Uint8Array:
    return PICTURES[request.param]()


@pytest.mark.parametrize("name", NAMES)
def test_colours_are_the_machines_and_clear_pixels_stay(name: str, pictures: Uint8Array) -> None:
    made = tw.to_hardware(pictures, name)
    clear = pictures[..., 3] < 128
    if name != "c64":
        np.testing.assert_array_equal(made[..., 3] == 0, clear)
    assert not made[made[..., 3] == 0].any()
    colours = {tuple(colour) for colour in made[made[..., 3] == 255][:, :3].tolist()}
    assert colours <= {tuple(bytes.fromhex(colour)) for colour in HARDWARE[name].colours.split()}


def test_nes_cells_have_three_colours_and_the_background(pictures: Uint8Array) -> None:
    indices, _ = convert(pictures, "nes", "test")
    opaque = ~(pictures[..., 3] < 128).any(axis=(1, 2))
    shared = None
    for which, own in (("opaque", indices[opaque]), ("clear", indices[~opaque])):
        kinds = [used(cell) for cell in cells(own, 16, 16)]
        if which == "clear":
            assert all(len(kind - {0}) <= 3 for kind in kinds)
        elif kinds:
            # One colour explains the fourth one of every cell that has four.
            full = [kind for kind in kinds if len(kind) > 3]
            shared = set.intersection(*full) if full else {1}
            assert all(len(kind) <= 4 for kind in kinds) and shared


def test_zx_spectrum_cells_have_two_colours_of_one_brightness(pictures: Uint8Array) -> None:
    indices, _ = convert(pictures, "zx-spectrum", "test")
    for cell in cells(indices, 8, 8):
        found = used(cell) - {0}
        assert len(found) <= 2
        assert not (found & set(range(2, 9)) and found & set(range(9, 16)))


def test_c64_pixels_are_wide_and_cells_have_three_colours_and_the_background(pictures: Uint8Array) -> None:
    indices, _ = convert(pictures, "c64", "test")
    even = indices[:, :, : indices.shape[2] // 2 * 2]
    np.testing.assert_array_equal(even[:, :, ::2], even[:, :, 1::2])
    for picture, clear in zip(indices, (pictures[..., 3] < 128).any(axis=(1, 2)), strict=True):
        for cell in cells(picture[None], 8, 8):
            assert len(used(cell) - {0}) <= (3 if clear else 4)


def test_game_boy_shades_follow_lightness() -> None:
    greys = np.full((1, 1, 256, 4), 255, np.uint8)
    greys[0, 0, :, :3] = np.arange(256)[:, None]
    indices, _ = convert(greys, "game-boy", "test")
    assert (np.diff(indices[0, 0].astype(int)) >= 0).all()
    assert used(indices) == {1, 2, 3, 4}


@pytest.mark.parametrize("name", ["nes", "zx-spectrum", "c64"])
@pytest.mark.parametrize("source", ["sprites", "noisy sprites"])
def test_what_is_converted_stays_as_it_is(name: str, source: str) -> None:
    """Of pictures whose background is transparent; another one is chosen by how often it is used."""
    once = tw.to_hardware(PICTURES[source](), name)
    np.testing.assert_array_equal(tw.to_hardware(once, name), once)


def test_the_best_set_of_two_is_found() -> None:
    """Two thirds red, one third blue, and a few greens, which are nearer to red than to blue."""
    picture = np.zeros((1, 8, 8, 4), np.uint8)
    picture[..., 3] = 255
    picture[:, :5, :, 0], picture[:, 5:, :, 2] = 255, 255
    picture[:, 0, 0] = (120, 60, 0, 255)
    made = tw.to_hardware(picture, "zx-spectrum")
    assert {tuple(c) for c in made.reshape(-1, 4).tolist()} == {(255, 0, 0, 255), (0, 0, 255, 255)}
    assert tuple(made[0, 0, 0]) == (255, 0, 0, 255)


def test_a_batch_becomes_indices_and_one_palette() -> None:
    batch = tw.load("dawn-tiles").generate(9, kind="water", seed=1)
    made = batch.to_hardware("nes")
    assert made.palettes is not None and made.palettes.shape == (1, 55, 4)
    np.testing.assert_array_equal(made.rgba, tw.to_hardware(batch.rgba, "nes"))
    np.testing.assert_array_equal(made.kind_ids, batch.kind_ids)
    assert made.kinds == batch.kinds


def test_one_picture_and_none() -> None:
    picture = noise(True)[0]
    np.testing.assert_array_equal(tw.to_hardware(picture, "nes"), tw.to_hardware(picture[None], "nes")[0])
    assert tw.to_hardware(np.zeros((0, 16, 16, 4), np.uint8), "c64").shape == (0, 16, 16, 4)


@pytest.mark.parametrize(
    ("pictures", "name", "said"),
    [
        (noise(False), "amiga", "unknown hardware 'amiga'; there are game-boy, nes, zx-spectrum, c64"),
        (noise(False)[..., :3], "nes", r"pictures must be an array uint8 \(N, H, W, 4\) or \(H, W, 4\)"),
        (noise(False).astype(int), "nes", "pictures must be an array uint8"),
        (noise(False)[0, 0], "nes", r"not \(16, 4\)"),
        ([[1, 2, 3, 4]], "nes", "pictures must be an array uint8"),
    ],
)
def test_what_is_wrong_is_named(pictures: Uint8Array, name: str, said: str) -> None:
    with pytest.raises(tw.UsageError, match=rf"^to_hardware\(\): .*{said}"):
        tw.to_hardware(pictures, name)
