"""Lists and tilesets beside a picture, and atlases without one: what is used, and what is rejected."""

import json
from pathlib import Path

import numpy as np
import pytest

from tilewright.errors import DataError
from tilewright_training.art.files import list_pictures
from tilewright_training.art.frames import Frame, Stated, stated_beside
from tilewright_training.art.grid import Cells
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.findings import inspect_art

from ..drawn import SPRITE_KINDS, TILE_KINDS, draw_set, save

BOXES = [(1, 2, 16, 16), (19, 3, 16, 16), (40, 1, 16, 16), (5, 30, 16, 16), (30, 25, 16, 28)]


def atlas(folder: Path) -> list[np.ndarray]:
    """Write folder/atlas.png and return its pictures of 16 pixels."""
    pictures = draw_set(SPRITE_KINDS, 2)[:4]
    pixels = np.zeros((60, 64, 4), np.uint8)
    for (x, y, _, _), picture in zip(BOXES, pictures, strict=False):
        pixels[y : y + 16, x : x + 16] = picture
    pixels[25:53, 30:46] = (9, 8, 7, 255)
    save(folder / "atlas.png", pixels)
    return pictures


def lines() -> str:
    return "".join(f"sprite_{i} {x} {y} {w} {h}\n" for i, (x, y, w, h) in enumerate(BOXES))


def table(kind: str) -> str:
    entries = [
        {"filename": str(i), "frame": dict(zip("xywh", box, strict=True))} for i, box in enumerate(BOXES)
    ]
    frames = entries if kind == "array" else {entry["filename"]: entry for entry in entries}
    return json.dumps({"frames": frames, "meta": {"image": "out/atlas.png"}})


def trimmed(picture: np.ndarray) -> np.ndarray:
    """Remove the transparent rims of a picture."""
    rows, columns = (np.flatnonzero(picture[..., 3].any(axis)) for axis in (1, 0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def tileset(
    width: int = 64,
    height: int = 60,
    tile: str = "16",
    *,
    name: str = "atlas.png",
    height_of_tile: str | None = None,
    margin: str = "2",
    spacing: str = "1",
    doctype: str = "",
) -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<tileset tilewidth="{tile}" tileheight="{height_of_tile or tile}" '
        f'margin="{margin}" spacing="{spacing}"><image source="{name}" width="{width}" height="{height}"/></tileset>'
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("atlas.txt", lines()),
        ("tile_list_v1.7", lines()),
        ("atlas.json", table("array")),
        ("atlas.json", table("hash")),
    ],
)
def test_an_atlas_is_cut_by_its_list(tmp_path: Path, name: str, text: str) -> None:
    pictures = atlas(tmp_path)
    (tmp_path / name).write_text(text)
    data, report = read_art([tmp_path], 16)
    assert np.array_equal(data.images, np.stack(pictures))
    assert report.doubts == {"atlas.png": "1 of its 5 sprites are larger than 16: skipped"}
    found = inspect_art(tmp_path)
    assert found.survey.size == 16 and found.data is not None
    assert np.array_equal(found.data.images, data.images)


def stated(folder: Path, width: int = 64, height: int = 60) -> Stated:
    """Return what is stated beside folder/atlas.png."""
    (picture,) = list_pictures(folder).pictures
    return stated_beside(picture, width, height)


def test_a_fifth_number_counts_frames_side_by_side(tmp_path: Path) -> None:
    atlas(tmp_path)
    (tmp_path / "atlas.txt").write_text("hero 0 0 8 16 3\n")
    assert stated(tmp_path, 24, 16).frames == tuple(Frame(x, 0, 8, 16) for x in (0, 8, 16))


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("atlas.txt", lines() + "Licence: CC0\n", "'Licence: CC0' is no line `name x y width height`"),
        ("atlas.txt", lines() + "far 60 0 16 16\n", "box 6 (60, 0, 16x16) is not within 64x60 pixels"),
        ("atlas.txt", "a 0 0 1 1 99999\n" * 50, "it has more than 65536 boxes"),
        (
            "atlas.json",
            '{"frames": [{"frame": {"x": -1, "y": 0, "w": 4, "h": 4}}, 7]}',
            "frame 1 is no box of whole numbers",
        ),
        ("atlas.json", '{"frames": 5}', "its frames are no list of boxes"),
        (
            "atlas.json",
            table("array").replace('"filename"', '"rotated": true, "filename"'),
            "frame 1 is rotated; pack without rotation",
        ),
        (
            "atlas.tsx",
            tileset(doctype="<!DOCTYPE t [<!ENTITY a 'b'>]>"),
            "it has a document type declaration",
        ),
        ("atlas.tsx", "<tileset", "it is no XML"),
        ("a.tsx", tileset(width=32), "it is for 32x60 pixels, not 64x60"),
        ("a.tsx", tileset(tile="0"), "its tiles have 0x0 pixels, not 1 to 1024"),
        ("a.tsx", tileset(tile="-8"), "its tilewidth is '-8'"),
        ("a.tsx", tileset(tile="80"), "no tile of 80x80 with margin 2 is within 64x60 pixels"),
    ],
)
def test_what_is_unsound_is_said_and_not_used(tmp_path: Path, name: str, text: str, why: str) -> None:
    pictures = atlas(tmp_path)
    (tmp_path / name).write_text(text)
    sentence = f"{name} beside it is not used: {why}"
    assert stated(tmp_path) == Stated(doubt=sentence)
    data, report = read_art([tmp_path], 16)
    assert report.figures == {"atlas.png": 5} and len(data.images) == len(pictures)
    assert report.doubts["atlas.png"].startswith(sentence)
    assert any(warning.startswith(f"atlas.png: {sentence}") for warning in inspect_art(tmp_path).warnings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("atlas.json", table("hash").replace("atlas.png", "other.png")),
        ("atlas.json", "[" * 5000),
        ("atlas.json", '{"licence": "CC0"}'),
        ("atlas.txt", "Licence: CC0\nhero 1 2 16 16\n"),
        ("other.txt", lines()),
        ("other.json", table("array")),
        ("other.tsx", tileset().replace("atlas.png", "other.png")),
        ("other.tsx", "<tileset"),
    ],
)
def test_what_is_for_something_else_is_left_alone(tmp_path: Path, name: str, text: str) -> None:
    atlas(tmp_path)
    (tmp_path / name).write_text(text)
    assert stated(tmp_path) == Stated()


@pytest.mark.parametrize("form", ["tsx", "json"])
def test_a_tileset_of_tiled_states_the_grid(tmp_path: Path, form: str) -> None:
    """The pixels suggest another margin, because the first row and column are blank."""
    cells = draw_set(TILE_KINDS, 5)[:12]
    pixels = np.zeros((2 + 4 * 13, 2 + 5 * 13, 4), np.uint8)
    for i, cell in enumerate(cells):
        y, x = (2 + 13 * (1 + n) for n in divmod(i, 4))
        pixels[y : y + 12, x : x + 12] = cell[:12, :12]
    save(tmp_path / "map.png", pixels)
    stated_ = {"tilewidth": 12, "tileheight": 12, "margin": 2, "spacing": 1, "image": "art/map.png"}
    if form == "json":
        (tmp_path / "map.json").write_text(json.dumps(stated_))
    else:
        (tmp_path / "any.tsx").write_text(tileset(67, 54, "12", name="art/map.png"))
    found = inspect_art(tmp_path)
    assert [str(look.grid) for look in found.survey.looks] == [
        "5 x 4 cells of 12 pixels, margin 2, spacing 1"
    ]
    data, report = read_art([tmp_path], 12)
    assert report.grids["map.png"] == found.survey.looks[0].grid
    assert (
        np.array_equal(data.images, np.unique(np.stack(cells)[:, :12, :12], axis=0)) or len(data.images) == 12
    )
    with pytest.raises(DataError, match="its tileset states cells of 12 pixels, larger than 8"):
        read_art([tmp_path], 8)
    assert set(read_art([tmp_path], 12, margin=0, spacing=0)[1].grids.values()) != set(report.grids.values())


def test_cells_that_are_no_squares_are_centred(tmp_path: Path) -> None:
    walker = np.zeros((64, 48, 4), np.uint8)
    walker[:] = (1, 2, 3, 255)
    walker[:32, :24, 0], walker[:32, 24:, 1] = 200, 100
    walker[::32] = 0
    save(tmp_path / "atlas.png", walker)
    (tmp_path / "atlas.tsx").write_text(tileset(48, 64, "24", height_of_tile="32", margin="0", spacing="0"))
    assert stated(tmp_path, 48, 64) == Stated(cells=Cells(24, 32, 0, 0))
    data, _ = read_art([tmp_path], 32)
    assert np.array_equal(data.images[0][:, 4:28], walker[:32, :24])
    assert not data.images[:, :, :4].any() and not data.images[:, :, 28:].any()


def test_an_atlas_without_a_list_is_cut_by_clear_pixels(tmp_path: Path) -> None:
    pictures = [trimmed(picture) for picture in atlas(tmp_path)]
    data, report = read_art([tmp_path], 16)
    assert len(data.images) == 4
    for image in data.images:
        assert any(np.array_equal(trimmed(image), picture) for picture in pictures)
        (top, bottom), (left, right) = (np.flatnonzero(image[..., 3].any(axis))[[0, -1]] for axis in (1, 0))
        assert 0 <= 15 - bottom - top <= 1 and 0 <= 15 - right - left <= 1
    assert report.figures == {"atlas.png": 5}
    assert report.doubts == {"atlas.png": "1 of its 5 sprites are larger than 16: skipped"}
    assert "1 picture cut into figures surrounded by transparent pixels\n  atlas.png: 5 figures" in str(
        report
    )
    look = inspect_art(tmp_path, 16).survey.looks[0]
    assert (look.role, look.sprites) == ("atlas", (12, 12, 14, 14, 28))


def test_an_atlas_of_other_sizes_is_told_with_the_option_that_helps(tmp_path: Path) -> None:
    pixels = np.zeros((96, 192, 4), np.uint8)
    for x, y, w, h in [(9, 7, 29, 31), (60, 5, 31, 20), (107, 9, 25, 30), (12, 55, 30, 30), (76, 43, 31, 31)]:
        pixels[y : y + h, x : x + w] = (x, y, w, 255)
    save(tmp_path / "atlas.png", pixels)
    advice = "--size 32 holds most of them, or put a list of its sprites beside it"
    _, report = read_art([tmp_path], 16)
    assert report.doubts["atlas.png"].startswith(f"its grid cuts up 4 of its 5 figures; {advice}")
    assert len(read_art([tmp_path], 32)[0].images) == 5
    assert advice in "".join(inspect_art(tmp_path, 16).warnings)


GROUND = (32, 156, 0)


def save_walks(folder: Path, ground: tuple[int, int, int] | None) -> None:
    """Three sheets of twelve frames of 24x32 pixels, on a transparent ground or on an opaque one."""
    rng = np.random.default_rng(3)
    for number in range(3):
        pixels = np.zeros((128, 72, 4), np.uint8)
        if ground is not None:
            pixels[:] = (*ground, 255)
        for i in range(12):
            y, x = 32 * (i // 3) + 4, 24 * (i % 3) + 5 + i % 2
            pixels[y : y + 26, x : x + 14] = 255
            pixels[y : y + 26, x : x + 14, :3] = rng.integers(0, 4, (13, 7, 3)).repeat(2, 0).repeat(2, 1) * 60
        save(folder / f"walk{number}.png", pixels)


def test_walks_of_cells_that_are_no_squares_speak_for_the_size_that_holds_them(tmp_path: Path) -> None:
    """Cells of 24x32 pixels; the only squares that divide the sheet have 8 pixels."""
    save_walks(tmp_path, None)
    found = inspect_art(tmp_path)
    assert found.survey.size == 32
    assert {look.role for look in found.survey.looks} == {"atlas"}
    assert found.data is not None and len(found.data.images) == 36


def test_walks_on_an_opaque_ground_are_not_cut_into_squares(tmp_path: Path) -> None:
    """A grid of 32 pixels would cut up the figures."""
    save_walks(tmp_path, GROUND)
    look = inspect_art(tmp_path, 32).survey.looks[0]
    assert (look.role, look.convention, look.ground) == ("atlas", "ground", GROUND)
    data, report = read_art([tmp_path], 32, transparent=True)
    assert report.figures == {f"walk{number}.png": 12 for number in range(3)}
    assert len(data.images) == 36 and not data.images[:, 0, 0].any()
