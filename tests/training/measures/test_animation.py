"""Measures of animation sheets: what artists do, copies that do not move, and directions that face wrongly."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_training.art.sheet_recipe import read_sheet_recipe
from tilewright_training.measures.animation import figures_of, measure_animation
from tilewright_training.measures.protocol import QUICK, Protocol

from ...step_networks import walk_pack

RECIPE = """
frame = 4
frames = 2
directions = ["a", "b", "c"]
mirrored = [["b", "c"]]

[[sheets]]
files = "*.png"
down = ["a", "b", "c"]
"""
PALETTE = np.array([[0, 0, 0, 0], [9, 9, 9, 255], [99, 9, 9, 255]], np.uint8)


def recipe(folder: Path, text: str = RECIPE) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text)
    return path


def test_figures_are_those_of_drawn_sheets(tmp_path: Path) -> None:
    read = read_sheet_recipe(recipe(tmp_path))
    sheet = np.zeros((1, 12, 8), np.uint8)
    sheet[:, :4, 1:3] = sheet[:, :4, 5:7] = 1  # a: equal frames
    sheet[:, 4:8, 0] = sheet[:, 4:8, 4] = 1  # b: to the left
    sheet[:, 8:12, 3] = sheet[:, 9:12, 7] = 2  # c: to the right, and once a pixel lower; another colour
    mirror = np.where(sheet == 2, 1, sheet)
    found = figures_of(sheet, PALETTE, read)
    assert (found.new_colours, found.height, found.feet) == (1, 1 / 3, 0)
    assert found.still == pytest.approx(100 * 4 / 6)
    assert found.overlap == pytest.approx((100 + 100 + 75) / 3)
    assert found.changed == pytest.approx(100 * 2 / (2 * (8 + 4 + 4)))
    assert figures_of(mirror, PALETTE, read).facing == 100
    mirror[:, 8:] = mirror[:, 4:8]
    assert figures_of(mirror, PALETTE, read).facing == 0


def test_a_pack_is_measured_on_held_out_sheets(tmp_path: Path) -> None:
    pack = Pack(check_pack(walk_pack(4, (3, 2)), Path("walk.onnx")))
    assert pack.file.head.palette is not None
    random = np.random.default_rng(0)
    for letter in "abcdefghijkl":  # twelve different silhouettes, so that one can be held out
        picture = pack.file.head.palette[random.integers(0, 5, (12, 8))]
        picture[random.integers(0, 2, (12, 8)) == 0] = 0
        Image.fromarray(picture).save(tmp_path / f"{letter}.png")
    protocol = Protocol(**QUICK, pairs=10, seeds=(0,))
    with pytest.raises(UsageError, match=r"^evaluate: random does not generate the frames of recipe\.toml$"):
        measure_animation(
            pack, tmp_path, recipe(tmp_path, RECIPE.replace("frames = 2", "frames = 1")), protocol
        )
    found = measure_animation(pack, tmp_path, recipe(tmp_path), protocol)
    assert list(found) == ["completed", "generated", "artists"]
    assert found["completed"].new_colours == 0
    assert found["generated"].overlap == 100  # a palette without a transparent colour
