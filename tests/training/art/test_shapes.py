"""Tiles that are not square: single pictures, sheets, recipes, and stored sets."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright_training.art.relatives import find_pairs
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.build import build_set
from tilewright_training.doctor.findings import inspect_art
from tilewright_training.doctor.size import find_size
from tilewright_training.doctor.terminal import show

SIZE = 32, 24  # height, width


def figures(count: int, size: tuple[int, int] = SIZE, holes: bool = True) -> np.ndarray:
    """Return distinct noisy ellipses, uint8 (count, H, W, 4)."""
    rng = np.random.default_rng(7)
    pictures = rng.integers(0, 4, (count, *size, 4), np.uint8) * np.uint8(60)
    pictures[..., 3] = 255
    if holes:
        y, x = (np.linspace(-1.2, 1.2, edge) for edge in size)
        pictures[:, y[:, None] ** 2 + x**2 > 1] = 0
    return pictures


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def sheet(pictures: np.ndarray, columns: int, margin: int = 0, spacing: int = 0) -> np.ndarray:
    count, height, width, _ = pictures.shape
    rows = count // columns
    edges = (
        2 * margin + rows * (height + spacing) - spacing,
        2 * margin + columns * (width + spacing) - spacing,
    )
    whole = np.zeros((*edges, 4), np.uint8)
    for i, picture in enumerate(pictures):
        y, x = (
            margin + n * (edge + spacing) for n, edge in zip(divmod(i, columns), (height, width), strict=True)
        )
        whole[y : y + height, x : x + width] = picture
    return whole


def test_pictures_and_sheets_of_one_size(tmp_path: Path) -> None:
    pictures = figures(13)
    save(tmp_path / "hero" / "sheet.png", sheet(pictures[:12], 4))
    save(tmp_path / "slime" / "one.png", pictures[12])
    data, report = read_art([tmp_path], SIZE)
    assert data.images.shape == (13, *SIZE, 4)
    np.testing.assert_array_equal(data.images, pictures)
    assert "1 sheet cut into cells of 24x32 pixels, margin 0, spacing 0" in str(report)


def test_margin_and_spacing_are_as_given(tmp_path: Path) -> None:
    pictures = figures(6)
    save(tmp_path / "sheet.png", sheet(pictures, 3, margin=2, spacing=1))
    np.testing.assert_array_equal(read_art([tmp_path], SIZE, margin=2, spacing=1)[0].images, pictures)
    with pytest.raises(DataError) as error:
        read_art([tmp_path], SIZE)
    assert "78x69 pixels are not on a grid of 24x32: give --margin and --spacing" in str(error.value)


def test_a_recipe_states_width_and_height(tmp_path: Path) -> None:
    pictures = figures(8, (18, 16))
    save(tmp_path / "art" / "walk.png", sheet(pictures, 4))
    recipe = tmp_path / "recipe.toml"
    rule = '\n[[rule]]\nmatch = "*"\nkind = "hero"\n'
    recipe.write_text("size = [16, 18]" + rule)
    assert find_size([tmp_path / "art"], recipe) == (18, 16)
    assert read_art([tmp_path / "art"], (18, 16), kinds=recipe)[0].images.shape == (8, 18, 16, 4)
    recipe.write_text("size = 20" + rule + "tile = [16, 18]\n")
    data, _ = read_art([tmp_path / "art"], 20, kinds=recipe)
    np.testing.assert_array_equal(data.images[:, 1:19, 2:18], pictures)
    assert not data.images[:, :, :2].any() and not data.images[:, 19:].any()
    recipe.write_text("size = [16, 18]" + rule)
    with pytest.raises(UsageError) as error:
        read_art([tmp_path / "art"], 16, kinds=recipe)
    assert str(error.value) == "read_art(): size 16, but recipe.toml is for size 16x18"
    with pytest.raises(UsageError) as error:
        inspect_art(tmp_path / "art", kinds=recipe)
    assert (
        str(error.value)
        == "data inspect: recipe.toml is for 16x18 pixels, and only square tiles are examined"
    )


@pytest.mark.parametrize("size", ["[16]", "[16, 18, 3]", "[16, 0]", '"16x18"', "[16, true]"])
def test_a_size_that_is_none(size: str, tmp_path: Path) -> None:
    save(tmp_path / "art" / "a.png", figures(1)[0])
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f'size = {size}\n[[rule]]\nmatch = "*"\nkind = "hero"\n')
    with pytest.raises(DataError, match=r"read_art\(\): recipe.toml: size must be 1 to 4096, not "):
        read_art([tmp_path / "art"], SIZE, kinds=recipe)


def test_a_stored_set_keeps_the_shape(tmp_path: Path) -> None:
    save(tmp_path / "art" / "sheet.png", sheet(figures(12), 4))
    build_set([tmp_path / "art"], SIZE, tmp_path / "set")
    data, _ = read_art([tmp_path / "set"], SIZE)
    assert data.images.shape == (12, *SIZE, 4) and find_size([tmp_path / "set"]) == SIZE
    assert data.digest == read_art([tmp_path / "art"], SIZE)[0].digest
    with pytest.raises(UsageError, match=r"holds tiles of 24x32 pixels, not 32: give that --size"):
        read_art([tmp_path / "set"], 32)
    console = Console(record=True, file=io.StringIO(), width=100)
    show(inspect_art(tmp_path / "set"), console)
    assert "24x32 pixels" in console.export_text()


def test_relatives_are_found() -> None:
    pictures = figures(4)
    copies = np.concatenate([pictures, pictures[:1, :, ::-1], np.roll(pictures[1:2], 1, 2)])
    pairs, _ = find_pairs(copies)
    assert {(0, 4), (1, 5)} <= set(map(tuple, pairs.tolist()))


@pytest.mark.parametrize("wrap", [False, True])
def test_batches_shift_along_both_axes(wrap: bool, tmp_path: Path) -> None:
    save(tmp_path / "sheet.png", sheet(figures(12, holes=False), 4))
    data, _ = read_art([tmp_path], SIZE)
    colours = np.unique(data.images.reshape(-1, 4), axis=0)
    config = preset("tiny", model="diffusion", size=SIZE, steps=1, batch=16, wrap=wrap, shift=2)
    batch = Batches(data, config, colours).draw(0, strength=1.0)
    assert batch.pictures.shape == (16, 3, *SIZE) and batch.order.shape == (16, SIZE[0] * SIZE[1])
    assert batch.indices is not None and batch.indices.shape == (16, *SIZE)
