"""Five conventions for transparency and all modes of PNG give the same pixels."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import DataError, UsageError
from tilewright.pictures import read_picture
from tilewright_training.art.transparency import clear_colour, ground_colour, harden_alpha, is_opaque
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.findings import inspect_art

from ..drawn import CONVENTIONS, GROUND, MAGENTA, SPRITE_KINDS, TILE_KINDS, draw, draw_set, make_sheet, save


@pytest.mark.parametrize("spacing", [0, 1])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_sheet_reads_the_same_in_every_convention(tmp_path: Path, convention: str, spacing: int) -> None:
    sprites = draw_set(SPRITE_KINDS, 8)
    save(tmp_path / "sheet.png", make_sheet(sprites, 6, 0, spacing), convention)
    data, report = read_art([tmp_path], 16, transparent=True)
    assert np.array_equal(data.images, np.stack(sprites))
    keyed = {"magenta": MAGENTA, "ground": GROUND}.get(convention)
    assert report.keyed == ({} if keyed is None else {"sheet.png": keyed})


@pytest.mark.parametrize("convention", CONVENTIONS[:4])
def test_single_files_read_the_same_without_being_told(tmp_path: Path, convention: str) -> None:
    sprites = draw_set(SPRITE_KINDS, 4)
    for i, sprite in enumerate(sprites):
        save(tmp_path / f"{i:02}.png", sprite, convention)
    data, _ = read_art([tmp_path], 16)
    assert np.array_equal(data.images, np.stack(sprites))


def test_a_ground_is_kept_unless_sprites_are_asked_for(tmp_path: Path) -> None:
    save(tmp_path / "sheet.png", make_sheet(draw_set(SPRITE_KINDS, 8), 6), "ground")
    for transparent in (None, False):
        data, report = read_art([tmp_path], 16, transparent=transparent)
        assert is_opaque(data.images)
        assert not report.keyed


def test_opaque_tiles_stay_opaque(tmp_path: Path) -> None:
    tiles = draw_set(TILE_KINDS, 8)
    save(tmp_path / "sheet.png", make_sheet(tiles, 6))
    for transparent in (None, False, True):
        data, _ = read_art([tmp_path], 16, transparent=transparent)
        assert np.array_equal(data.images, np.stack(tiles))


def test_tiles_with_holes_are_left_out_where_opaque_ones_are_asked_for(tmp_path: Path) -> None:
    save(tmp_path / "sheet.png", make_sheet(draw_set((*TILE_KINDS, *SPRITE_KINDS), 4), 6))
    data, report = read_art([tmp_path], 16, transparent=False)
    assert np.array_equal(data.images, np.stack(draw_set(TILE_KINDS, 4)))
    assert report.see_through == 12


def test_magenta_is_paint_where_opaque_tiles_are_asked_for(tmp_path: Path) -> None:
    tile = draw_set(TILE_KINDS, 1)[0]
    tile[4:8, 4:8, :3] = MAGENTA
    save(tmp_path / "tile.png", tile)
    opaque, _ = read_art([tmp_path], 16, transparent=False)
    assert np.array_equal(opaque.images[0], tile)
    keyed, _ = read_art([tmp_path], 16)
    assert not keyed.images[0, 4:8, 4:8].any()


def test_half_transparent_pixels_are_decided_at_128_and_counted(tmp_path: Path) -> None:
    sprite = draw_set(SPRITE_KINDS, 1)[0]
    sprite[0, :4] = [(9, 9, 9, 1), (9, 9, 9, 127), (9, 9, 9, 128), (9, 9, 9, 254)]
    save(tmp_path / "sprite.png", sprite)
    data, report = read_art([tmp_path], 16)
    assert data.images[0, 0, :4].tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [9, 9, 9, 255], [9, 9, 9, 255]]
    assert report.half_transparent_pixels == 4


def test_grey_modes_and_single_bits(tmp_path: Path) -> None:
    grey = np.random.default_rng(1).integers(256, size=(16, 16), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "l.png")
    Image.merge("LA", [Image.fromarray(grey), Image.fromarray(grey)]).save(tmp_path / "la.png")
    Image.fromarray(grey).save(tmp_path / "key.png", transparency=int(grey[0, 0]))
    Image.fromarray(grey > 127).save(tmp_path / "one.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")

    level = read_picture(tmp_path / "l.png")
    assert np.array_equal(level, np.dstack([grey, grey, grey, np.full_like(grey, 255)]))
    assert np.array_equal(read_picture(tmp_path / "la.png"), np.dstack([grey, grey, grey, grey]))
    assert np.array_equal(read_picture(tmp_path / "key.png")[..., 3] == 0, grey == grey[0, 0])
    assert np.array_equal(read_picture(tmp_path / "one.png")[..., 0], np.where(grey > 127, 255, 0))
    assert np.array_equal(read_picture(tmp_path / "deep.png"), level)


@pytest.mark.parametrize("suffix", [".gif", ".bmp", ".webp"])
def test_other_formats(tmp_path: Path, suffix: str) -> None:
    tile = draw_set(TILE_KINDS, 1)[0]
    Image.fromarray(tile[..., :3]).save(tmp_path / f"tile{suffix}", lossless=True)
    assert np.array_equal(read_picture(tmp_path / f"tile{suffix}"), tile)


def test_hidden_colours_under_transparency_do_not_tell_pictures_apart() -> None:
    pixels = np.array([[[1, 2, 3, 0], [4, 5, 6, 200]]], dtype=np.uint8)
    assert harden_alpha(pixels) == 1
    assert pixels.tolist() == [[[0, 0, 0, 0], [4, 5, 6, 255]]]


def test_ground_needs_three_corners_of_four() -> None:
    cell = np.full((1, 16, 16, 4), 255, np.uint8)
    cell[0, 0, 0, :3] = 7
    assert ground_colour(cell) == (255, 255, 255)
    cell[0, 0, 15, :3] = 7
    assert ground_colour(cell) is None
    assert not clear_colour(cell, (1, 1, 1))


def shadowed_hero() -> np.ndarray:
    hero = draw("hero", 3)
    hero[15, 3:13] = (10, 8, 20, 90)
    hero[1, 1] = (10, 8, 20, 90)  # isolated: an antialiased outline
    return hero


@pytest.mark.parametrize("by_recipe", [False, True])
def test_shadows_are_kept_as_a_dark_colour_where_that_is_asked_for(tmp_path: Path, by_recipe: bool) -> None:
    art, recipe = tmp_path / "art", tmp_path / "recipe.toml"
    art.mkdir()
    save(art / "hero.png", shadowed_hero())
    cleared, report = read_art([art], 16)
    assert not cleared.images[0, 15].any() and report.shadow_pixels == 10
    recipe.write_text('shadows = "keep"\n[[rule]]\nmatch = "*"\nkind = "hero"\n', "utf-8")
    kept, report = read_art([art], 16, kinds=recipe) if by_recipe else read_art([art], 16, shadows="keep")
    assert (kept.images[0, 15, 3:13] == (10, 8, 20, 255)).all()
    assert not kept.images[0, 1, 1].any()
    assert "10 pixels of shadows kept" in str(report)
    assert any("--shadows keep" in text for text in inspect_art(art).warnings)


def test_shadows_that_are_neither_kept_nor_dropped(tmp_path: Path) -> None:
    save(tmp_path / "hero.png", shadowed_hero())
    with pytest.raises(UsageError, match=r"read_art\(\): shadows must be keep or drop, not 'blur'"):
        read_art([tmp_path], 16, shadows="blur")
    (tmp_path / "recipe.toml").write_text('shadows = "blur"\n[[rule]]\nmatch = "*"\nkind = "a"\n', "utf-8")
    with pytest.raises(DataError, match='shadows must be "keep" or "drop", not \'blur\''):
        read_art([tmp_path], 16, kinds=tmp_path / "recipe.toml")
