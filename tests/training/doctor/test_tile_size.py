"""Detection of tile sizes and grids from one sheet or a whole folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tilewright_training.art.files import list_pictures
from tilewright_training.art.tile_size import candidates, size_in_name
from tilewright_training.doctor.survey import OFF_GRID, PREVIEW, SHEET, TILE, TRIMMED, survey

from ..drawn import SPRITE_KINDS, TILE_KINDS, draw, draw_folder, draw_set, make_sheet, save
from ..layouts import draw_opaque, draw_sprite


@pytest.mark.parametrize("draw_one", [draw_opaque, draw_sprite])
@pytest.mark.parametrize("size", [8, 12, 16, 24, 32, 34, 48])
@pytest.mark.parametrize(("margin", "spacing"), [(0, 0), (0, 1), (1, 1)])
def test_the_size_of_a_sheet(
    draw_one: Callable[[np.random.Generator, int, np.ndarray], np.ndarray],
    size: int,
    margin: int,
    spacing: int,
) -> None:
    random = np.random.default_rng(size)
    palette = np.array(
        [[20, 12, 28, 255], [208, 70, 72, 255], [89, 125, 206, 255], [109, 170, 44, 255]], np.uint8
    )
    pictures = [draw_one(random, size, palette) for _ in range(48)]
    best = candidates(make_sheet(pictures, 8, margin, spacing))[0]
    assert (best.tile, best.grid.margin, best.grid.spacing) == (size, margin, spacing)


def test_a_picture_that_is_no_sheet_has_no_sure_candidate() -> None:
    y, x = np.mgrid[:96, :128]
    hill = np.zeros((96, 128, 4), np.uint8)
    hill[(y - 96) ** 2 + (x - 64) ** 2 < 80**2] = (40, 160, 60, 255)
    assert all(c.score < 2.5 for c in candidates(hill))
    assert candidates(np.zeros((3, 5, 4), np.uint8)) == ()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("coin (16 x 16).png", (16, 16)),
        ("a/Water_frames (16 x 32).png", (16, 32)),
        ("idle40x40.png", (40, 40)),
        ("16x16/coin.png", None),
        ("img_1024x768.png", None),
        ("0x72_tiles.png", None),
        ("frames 16x18.png", None),
        ("coin.png", None),
    ],
)
def test_sizes_in_names(name: str, size: tuple[int, int] | None) -> None:
    width, height = (160, 160) if size is None else (2 * size[0], size[1])
    assert size_in_name(name, width, height) == size


def test_a_folder_of_everything(tmp_path: Path) -> None:
    draw_folder(tmp_path, 8)
    sprites = draw_set(SPRITE_KINDS, 16)
    save(tmp_path / "sheet.png", make_sheet(sprites, 8, 0, 1), "magenta")
    save(tmp_path / "small.png", draw("slime", 3)[4:15, 2:12])
    save(tmp_path / "Preview.png", make_sheet(draw_set(TILE_KINDS, 4), 4))
    save(tmp_path / "odd.png", np.random.default_rng(2).integers(1, 256, (41, 53, 4), np.uint8))
    found = survey(list_pictures(tmp_path))
    by_name = {look.relative: look for look in found.looks}
    assert found.size == 16
    assert by_name["sheet.png"].role == SHEET
    assert str(by_name["sheet.png"].grid) == "8 x 6 cells of 16 pixels, margin 0, spacing 1"
    assert by_name["sheet.png"].convention == "magenta"
    assert by_name["small.png"].role == TRIMMED
    assert by_name["Preview.png"].role == PREVIEW
    assert by_name["odd.png"].role == OFF_GRID
    assert sum(look.role == TILE for look in found.looks) == 24


def test_square_pictures_can_be_sheets(tmp_path: Path) -> None:
    sprites = draw_set(SPRITE_KINDS, 32)
    for i in range(6):
        save(tmp_path / f"walk{i}.png", make_sheet(sprites[16 * i : 16 * i + 16], 4))
    found = survey(list_pictures(tmp_path))
    assert found.size == 16
    assert {look.role for look in found.looks} == {SHEET}


@pytest.mark.parametrize(
    ("convention", "name"),
    [
        ("rgba", "alpha channel"),
        ("indexed", "palette entries"),
        ("colour key", "colour key"),
        ("magenta", "magenta"),
        ("ground", "ground"),
    ],
)
def test_conventions(tmp_path: Path, convention: str, name: str) -> None:
    save(tmp_path / "sheet.png", make_sheet(draw_set(SPRITE_KINDS, 8), 6), convention)
    look = survey(list_pictures(tmp_path)).looks[0]
    assert look.convention == name
    assert look.ground == ((71, 45, 60) if convention == "ground" else None)
