"""Measures of animation sheets: what artists do, copies that do not move, and directions that face wrongly."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tilewright.batches import FrameBatch
from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_training.art.sheet_recipe import read_sheet_recipe
from tilewright_training.data.sheets import read_sheets
from tilewright_training.data.split import split
from tilewright_training.measures import animation
from tilewright_training.measures.animation import (
    ROWS,
    figures_of,
    measure_animation,
    read_sheet_art,
    save_sheets_grid,
)
from tilewright_training.measures.moving_grid import GAP, SCALE
from tilewright_training.measures.protocol import Protocol

from ...step_networks import walk_pack
from ...test_heads import changed

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

SMALL = Protocol(channels=(8,), batch=8, lr=1e-2, c2st_steps=20, folds=2, pairs=24, seeds=(0,))


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


def walking() -> bytes:
    """Return a pack of the recipe's frames, which says that half of the sheets were held out."""
    return changed(walk_pack(4, (3, 2)), training={"held_out": 0.5})


def draw_sheets(folder: Path, pack: Pack) -> None:
    """Write twelve sheets with different silhouettes, of which half can be held out."""
    assert pack.file.head.palette is not None
    random = np.random.default_rng(0)
    for letter in "abcdefghijkl":
        picture = pack.file.head.palette[random.integers(0, 5, (12, 8))]
        picture[random.integers(0, 2, (12, 8)) == 0] = 0
        Image.fromarray(picture).save(folder / f"{letter}.png")


def test_a_pack_is_measured_on_held_out_sheets(tmp_path: Path) -> None:
    pack = Pack(check_pack(walking(), Path("walk.onnx")))
    draw_sheets(tmp_path, pack)
    with pytest.raises(UsageError, match=r"^evaluate: random does not generate the frames of recipe\.toml$"):
        read_sheet_art(pack, tmp_path, recipe(tmp_path, RECIPE.replace("frames = 2", "frames = 1")))
    art = read_sheet_art(pack, tmp_path, recipe(tmp_path))
    found = measure_animation(pack, art, SMALL)
    assert list(found) == ["completed", "generated", "artists"]
    assert found["completed"].new_colours == found["generated"].new_colours == 0
    assert found["generated"].overlap == 100  # a palette without a transparent colour
    assert all(0 <= figures.c2st <= 100 for figures in found.values())
    assert found["generated"].c2st < 25 and found["artists"].near_copies == 0
    few = measure_animation(pack, art, replace(SMALL, pairs=10, folds=6))
    assert all(np.isnan(figures.c2st) for figures in few.values())


def test_copies_of_training_sheets_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = Pack(check_pack(walking(), Path("walk.onnx")))
    draw_sheets(tmp_path, pack)
    art = read_sheet_art(pack, tmp_path, recipe(tmp_path))
    known, batch = pack.to_indices(art.training.images[:])[0], pack.generate(1)

    def copies(count: int, seed: int) -> FrameBatch:
        return FrameBatch(known[:count], batch.palettes, None, batch.kind_maps, pack.kinds, (3, 2))

    monkeypatch.setattr(pack, "generate", copies)
    found = measure_animation(pack, art, SMALL)
    assert found["generated"].near_copies == 100 and found["artists"].near_copies == 0
    assert found["generated"].c2st > 25  # they are as real as the artists'


def test_a_grid_shows_artists_above_completed_and_generated_characters(tmp_path: Path) -> None:
    pack = Pack(check_pack(walking(), Path("walk.onnx")))
    draw_sheets(tmp_path, pack)
    _, held_out = split(read_sheets(tmp_path, recipe(tmp_path)), 0.5)
    groups = held_out.groups.tolist()
    characters = held_out.images[sorted(map(groups.index, set(groups)))]  # the first picture of each drawing
    save_sheets_grid(pack, read_sheet_art(pack, tmp_path, recipe(tmp_path)), 0, tmp_path / "grid.gif")
    with Image.open(tmp_path / "grid.gif") as film:
        assert film.n_frames == 2 and film.info["duration"] == 400 and film.info["loop"] == 0
        frames = [np.asarray(picture.convert("RGB")) for picture in ImageSequence.Iterator(film)]
    step, inner = SCALE * (4 + GAP), slice(SCALE * GAP, SCALE * (4 + GAP))
    assert len(characters) > 2
    assert frames[0].shape == (step * 9 + SCALE * GAP, step * len(characters) + SCALE * GAP, 3)

    def cell(frame: int, row: int, column: int) -> np.ndarray:
        return frames[frame][row * step :, column * step :][inner, inner]

    for column, sheet in enumerate(characters):
        for direction in range(3):
            for frame in range(2):
                drawn = sheet[4 * direction :, 4 * frame :][:4, :4]
                shown = cell(frame, 2 * direction, column)[::SCALE, ::SCALE]
                assert (shown[drawn[..., 3] > 0] == drawn[drawn[..., 3] > 0][:, :3]).all()
        assert (cell(0, 1, column) == cell(0, 0, column)).all()  # the first frame stays


def test_the_command_reads_the_art_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack, reads = tmp_path / "walk.onnx", []
    pack.write_bytes(walking())
    monkeypatch.setattr(animation, "read_sheets", lambda *asked: reads.append(asked) or read_sheets(*asked))
    draw_sheets(tmp_path, Pack(check_pack(walking(), pack)))
    output, grid = tmp_path / "figures.json", tmp_path / "grid.gif"
    asked = tmp_path, recipe(tmp_path)
    animation.run(str(pack), *asked, SMALL, grid=grid, output=output, threads=1, facts={})
    assert reads == [asked] and grid.exists()
    assert list(json.loads(output.read_bytes())["rows"]) == list(ROWS)
