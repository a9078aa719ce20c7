"""`read_art` end to end: tiles, kinds, and the report."""

from pathlib import Path

import numpy as np
import pytest

from tilewright.errors import DataError, UsageError
from tilewright_training.data.dataset import Source, read_art

from ..drawn import (
    SPRITE_KINDS,
    TILE_KINDS,
    draw,
    draw_folder,
    draw_set,
    draw_sprite_folder,
    make_sheet,
    save,
)

WHITE = (255, 255, 255, 255)


def test_folders_become_kinds(tmp_path: Path) -> None:
    data, report = read_art([draw_folder(tmp_path, 20)], 16)
    assert np.array_equal(data.images, np.stack(draw_set(TILE_KINDS, 20)))
    assert (data.images.dtype, data.images.shape) == (np.uint8, (60, 16, 16, 4))
    assert data.labels.dtype == np.int64
    assert data.labels.tolist() == [0] * 20 + [1] * 20 + [2] * 20
    assert data.kinds == TILE_KINDS
    assert data.sources == (Source("Drawn", "CC0-1.0", "the tests"),)
    assert (report.files, report.tiles, report.kinds) == (60, 60, dict.fromkeys(TILE_KINDS, 20))
    assert data.images.flags.writeable  # PyTorch warns about read-only arrays


def test_transparent_pixels_are_all_zeros(tmp_path: Path) -> None:
    data, _ = read_art([draw_sprite_folder(tmp_path, 10)], 16)
    assert data.kinds == SPRITE_KINDS
    assert set(np.unique(data.images[..., 3])) == {0, 255}
    assert not data.images[data.images[..., 3] == 0].any()


def test_a_kind_is_the_first_folder_that_holds_pictures(tmp_path: Path) -> None:
    pictures = iter(draw_set(TILE_KINDS, 2))
    for place in (
        "top.png",
        "pack/Old Walls/a.png",
        "pack/Old Walls/brick/b.png",
        "pack/deep/er/floor/c.png",
    ):
        path = tmp_path / "My Art" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, next(pictures))
    data, report = read_art([tmp_path / "My Art"], 16)
    assert report.kinds == {"floor": 1, "my-art": 1, "old-walls": 2}
    assert [data.kinds[label] for label in data.labels] == ["old-walls", "old-walls", "floor", "my-art"]


def test_several_folders_share_kinds(tmp_path: Path) -> None:
    draw_folder(tmp_path / "a", 3, ("wall",))
    draw_folder(tmp_path / "b", 5, ("wall", "floor"))
    data, report = read_art([tmp_path / "a", tmp_path / "b"], 16)
    assert report.kinds == {"floor": 5, "wall": 5}
    assert report.duplicates == 3
    assert data.kinds == ("floor", "wall")


def test_the_order_of_creation_and_the_place_do_not_matter(tmp_path: Path) -> None:
    pictures = draw_set(TILE_KINDS, 6)
    for name, order in (("one", range(18)), ("two", reversed(range(18)))):
        for i in order:
            (tmp_path / name / f"kind{i % 3}").mkdir(parents=True, exist_ok=True)
            save(tmp_path / name / f"kind{i % 3}" / f"{i:02}.png", pictures[i])
    one, _ = read_art([tmp_path / "one"], 16)
    two, _ = read_art([tmp_path / "two"], 16)
    assert one.digest == two.digest
    assert np.array_equal(one.images, two.images)
    (tmp_path / "two" / "kind1").rename(tmp_path / "two" / "kind9")
    renamed, _ = read_art([tmp_path / "two"], 16)
    assert renamed.digest != one.digest


def test_the_digest_is_pinned(tmp_path: Path) -> None:
    tile = np.full((16, 16, 4), 255, np.uint8)
    tile[..., 0] = np.arange(16)
    (tmp_path / "wall").mkdir()
    save(tmp_path / "wall" / "tile.png", tile)
    data, _ = read_art([tmp_path], 16)
    assert data.digest == "e7bdb21e07e53dfa21713390413ad123b5a920ea4e7b091d0ef0da927a0f27c5"


def test_duplicates_are_found_across_files_and_conventions(tmp_path: Path) -> None:
    sprites = draw_set(SPRITE_KINDS, 4)
    save(tmp_path / "a.png", make_sheet(sprites, 4), "indexed")
    save(tmp_path / "b.png", make_sheet(sprites[::-1], 6, 1, 1), "magenta")
    save(tmp_path / "c.png", sprites[5], "colour key")
    data, report = read_art([tmp_path], 16)
    assert np.array_equal(data.images, np.stack(sprites))
    assert report.duplicates == 13


def test_blanks(tmp_path: Path) -> None:
    plain = np.full((16, 16, 4), WHITE, np.uint8)
    empty = np.zeros((16, 16, 4), np.uint8)
    save(tmp_path / "sheet.png", make_sheet([draw("wall", 1), plain, empty, draw("wall", 2)], 2))
    save(tmp_path / "nothing.png", empty)
    save(tmp_path / "sky.png", plain)  # a single file of one colour is a tile
    data, report = read_art([tmp_path], 16)
    assert len(data.images) == 3
    assert report.blanks == 3


@pytest.mark.parametrize(
    "name",
    [
        "Preview.png",
        "Sample A.png",
        "preview-part-1.png",
        "AllPreview.png",
        "mock-up.png",
        "title.png",
        "Font8x8.png",
        "screenshot_2.png",
        "Examples/town.png",
    ],
)
def test_previews_are_left_out(tmp_path: Path, name: str) -> None:
    draw_folder(tmp_path, 4)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    save(tmp_path / name, make_sheet(draw_set(SPRITE_KINDS, 4), 4))
    data, report = read_art([tmp_path], 16)
    assert len(data.images) == 12
    assert report.previews == [name]


def test_names_that_only_sound_like_previews_stay(tmp_path: Path) -> None:
    save(tmp_path / "logo.png", draw("wall", 1))  # a single tile is no mock-up
    save(tmp_path / "fountain.png", make_sheet(draw_set(SPRITE_KINDS, 4), 4))
    _, report = read_art([tmp_path], 16)
    assert (report.tiles, report.previews) == (13, [])


def test_pictures_off_the_grid(tmp_path: Path) -> None:
    draw_folder(tmp_path, 4)
    sprite = draw("slime", 1)[6:14, 1:15]
    save(tmp_path / "small-sprite.png", sprite)
    save(tmp_path / "small-tile.png", draw("wall", 1)[:8, :8])
    save(tmp_path / "mock.png", np.tile(draw("wall", 1), (2, 2, 1))[:27, :31])
    save(tmp_path / "tall.png", np.tile(draw("wall", 1), (2, 1, 1))[:20])
    data, report = read_art([tmp_path], 16)
    padded = np.pad(sprite, ((4, 4), (1, 1), (0, 0)))
    assert any(np.array_equal(image, padded) for image in data.images)
    assert report.skipped == [
        ("mock.png", "31x27 pixels are not on a grid of 16"),
        ("small-tile.png", "8x8 opaque pixels are smaller than 16x16"),
        ("tall.png", "16x20 pixels are not on a grid of 16"),
    ]


def test_who_counts_rows_may_leave_the_last_one_cut(tmp_path: Path) -> None:
    pictures = draw_set(TILE_KINDS, 4)
    sheet = make_sheet(pictures, 4, 0, 0, WHITE)
    save(tmp_path / "sheet.png", sheet[:-5, :-3])
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[[rule]]\nkind = "tile"\nmatch = "sheet.png"\nrows = "0-1"\n')
    data, report = read_art([tmp_path], 16, kinds=recipe)
    whole = [picture for i, picture in enumerate(pictures) if i < 8 and i % 4 < 3]
    assert np.array_equal(data.images, np.stack(whole))
    assert report.skipped == []


def test_given_margin_and_spacing_are_used(tmp_path: Path) -> None:
    pictures = draw_set(TILE_KINDS, 4)
    save(tmp_path / "sheet.png", make_sheet(pictures, 4, 3, 5, WHITE))
    data, report = read_art([tmp_path], 16, margin=3, spacing=5)
    assert np.array_equal(data.images, np.stack(pictures))
    assert str(report.grids["sheet.png"]) == "4 x 3 cells of 16 pixels, margin 3, spacing 5"


def test_the_report_is_for_people(tmp_path: Path) -> None:
    art = draw_folder(tmp_path / "art", 4)
    sheet = make_sheet(draw_set((*TILE_KINDS, *SPRITE_KINDS), 4), 5, 0, 1)
    save(art / "z-sheet.png", sheet, "magenta")
    save(art / "Preview.png", make_sheet(draw_set(SPRITE_KINDS, 4), 4))
    (art / "bad\n.png").write_bytes(b"")
    half = draw("hero", 99)
    half[0, 0] = (1, 1, 1, 100)
    save(art / "half.png", half)
    _, report = read_art([art], 16)
    assert str(report).splitlines() == [
        "25 tiles of 4 kinds from 14 pictures",
        "  art                  13",
        "  floor                 4",
        "  wall                  4",
        "  water                 4",
        "1 sheet cut into cells of 16 pixels, margin 0, spacing 1",
        "  z-sheet.png: 5 x 5 cells of 16 pixels, margin 0, spacing 1",
        "12 duplicates dropped",
        "1 blank tile dropped",
        "1 half-transparent pixel made opaque or transparent",
        "1 picture whose ground was made transparent",
        "1 preview or mock-up left out",
        "  Preview.png",
        "1 file skipped",
        "  bad\\n.png: damaged, truncated or not a PNG, GIF, BMP or WebP picture",
    ]


def test_long_lists_are_cut_short_in_the_report(tmp_path: Path) -> None:
    draw_folder(tmp_path, 2)
    for i in range(20):
        (tmp_path / f"{i:02}.png").write_bytes(b"")
    _, report = read_art([tmp_path], 16)
    lines = str(report).splitlines()
    assert lines[-14].startswith("20 files skipped")
    assert lines[-1] == "  and 8 more"


def text_of(error: type[Exception], *arguments: object, **named: object) -> str:
    with pytest.raises(error) as caught:
        read_art(*arguments, **named)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_missing_or_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no art here")
    file = save(tmp_path / "tile.png", draw("wall", 1))
    assert text_of(DataError, [tmp_path / "none"], 16) == (
        f"read_art(): there is no folder {tmp_path / 'none'}; check the path"
    )
    assert (
        text_of(DataError, [file], 16)
        == f"read_art(): {file} is not a folder; name the folder that contains it"
    )
    assert text_of(DataError, [tmp_path / "empty"], 16) == (
        f"read_art(): no pictures in {tmp_path / 'empty'}; add PNG, GIF, BMP or WebP files"
    )
    draw_folder(tmp_path / "good", 2)
    assert "there is no folder" in text_of(DataError, [tmp_path / "good", tmp_path / "none"], 16)


def test_a_folder_with_nothing_usable(tmp_path: Path) -> None:
    place = f"read_art(): nothing usable in {tmp_path} at size"
    cure = "; check the size and the kinds"
    save(tmp_path / "Preview.png", make_sheet(draw_set(TILE_KINDS, 4), 4))
    assert text_of(DataError, [tmp_path], 16) == f"{place} 16 (only blank tiles and previews){cure}"
    save(tmp_path / "slime.png", draw("slime", 1))
    assert text_of(DataError, [tmp_path], 16, transparent=False) == (
        f"{place} 16 (every tile has transparent pixels and opaque ones were asked for){cure}"
    )
    assert text_of(DataError, [tmp_path], 12) == (
        f"{place} 12 (slime.png: 16x16 pixels are not on a grid of 12){cure}"
    )
    recipe = tmp_path / "kinds.toml"
    recipe.write_text('[[rule]]\nmatch = "wall/*"\nkind = "wall"\n')
    assert text_of(DataError, [tmp_path], 16, kinds=recipe) == (
        f"{place} 16 (no rule of the recipe matches a picture){cure}"
    )


def test_numbers_out_of_range(tmp_path: Path) -> None:
    for size in (-1, 0, 3, 129):
        assert text_of(UsageError, [tmp_path], size) == (
            f"read_art(): size must be 4 to 128 pixels, not {size}"
        )
    assert text_of(UsageError, [tmp_path], 16, margin=-1) == (
        "read_art(): margin must be 0 or more pixels, not -1"
    )
    assert text_of(UsageError, [tmp_path], 16, spacing=-2) == (
        "read_art(): spacing must be 0 or more pixels, not -2"
    )
    assert text_of(UsageError, [], 16) == "read_art(): no folder given; name a folder with PNG files"


def test_more_than_anyone_means_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_folder(tmp_path, 4)
    monkeypatch.setattr("tilewright_training.art.reader.MAX_TILES", 11)
    assert text_of(DataError, [tmp_path], 16) == "read_art(): more than 11 tiles; name fewer folders"
    monkeypatch.setattr("tilewright_training.art.files.MAX_ENTRIES", 15)
    assert text_of(DataError, [tmp_path], 16) == (
        f"read_art(): more than 15 files beneath {tmp_path}; name a smaller folder"
    )


def test_kinds_in_any_script(tmp_path: Path) -> None:
    draw_folder(tmp_path, per_kind=3, kinds=("wall", "water"))
    (tmp_path / "wall").rename(tmp_path / "壁")
    data, _ = read_art([tmp_path], 16)
    assert data.kinds == ("water", "壁")


def test_folders_that_would_become_one_kind(tmp_path: Path) -> None:
    draw_folder(tmp_path, per_kind=3, kinds=("wall", "water"))
    (tmp_path / "wall").rename(tmp_path / "a b")
    (tmp_path / "water").rename(tmp_path / "a-b")
    with pytest.raises(
        DataError, match=r"^read_art\(\): the folders 'a b' and 'a-b' give one kind; rename one$"
    ):
        read_art([tmp_path], 16)


def test_left_over_pictures_are_no_kind_of_their_own(tmp_path: Path) -> None:
    """Kinds are drawn with equal probability, so two pictures would make up half of a pack's output."""
    heroes = draw_set(("hero",), 180)
    for name in ("hero", "left over"):
        (tmp_path / name).mkdir()
    save(tmp_path / "hero" / "sheet.png", make_sheet(heroes, 12))
    for i in range(2):
        save(tmp_path / "left over" / f"{i}.png", draw("slime", i))
    report = read_art([tmp_path], 16)[1]
    assert report.kinds == {"hero": 182}
    assert "left-over has 2 tiles, too few for a kind: counted as hero (a recipe keeps it: --kinds)" in str(
        report
    )
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[[rule]]\nmatch = "hero/*"\nkind = "hero"\n[[rule]]\nmatch = "left*"\nkind = "other"\n', "utf-8"
    )
    assert read_art([tmp_path], 16, kinds=recipe)[1].kinds == {"hero": 180, "other": 2}
