"""Untrusted picture files: which are rejected, with which text, and at what cost."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tilewright import pictures
from tilewright.pictures import MAX_BYTES, UnreadableError, read_picture
from tilewright_training.art.files import list_pictures
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.findings import inspect_art

from ..drawn import draw, draw_folder, draw_set, make_sheet, save

DAMAGED = "damaged, truncated or not a PNG, GIF, BMP or WebP picture"


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_picture(path)
    return str(caught.value)


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header claims a large size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kept", [0, 7, 20, 60, -30])
def test_a_truncated_png(tmp_path: Path, kept: int) -> None:
    path = save(tmp_path / "tile.png", draw("wall", 1))
    path.write_bytes(path.read_bytes()[:kept])
    assert refusal(path) == DAMAGED


def test_a_flipped_bit(tmp_path: Path) -> None:
    path = save(tmp_path / "tile.png", draw("wall", 1))
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0x10
    path.write_bytes(body)
    assert refusal(path) == DAMAGED


def test_text_and_formats_off_the_list(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    assert refusal(tmp_path / "text.png") == DAMAGED
    Image.new("RGB", (16, 16)).save(tmp_path / "photo.png", format="JPEG")
    assert refusal(tmp_path / "photo.png") == DAMAGED


@pytest.mark.parametrize(
    ("width", "height", "text"),
    [
        (4096, 4097, "4096x4097 pixels, more than 16777216"),
        (12000, 12000, "12000x12000 pixels, more than 16777216"),
        (100_000, 100_000, "more than 16777216 pixels"),
    ],
)
def test_a_promise_of_too_many_pixels(tmp_path: Path, width: int, height: int, text: str) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(width, height))
    assert refusal(path) == text


def test_a_file_of_too_many_bytes(tmp_path: Path) -> None:
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert refusal(tmp_path / "large.png") == f"{MAX_BYTES + 1} bytes, more than {MAX_BYTES}"


def test_links_that_lead_nowhere_and_pipes(tmp_path: Path) -> None:
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nothing.png")
    os.mkfifo(tmp_path / "pipe.png")
    nowhere = "a broken link, or a file that cannot be opened"
    assert refusal(tmp_path / "loop.png") == nowhere
    assert refusal(tmp_path / "gone.png") == nowhere
    assert refusal(tmp_path / "pipe.png") == "not a regular file"


def test_folders_that_link_to_themselves_are_read_once(tmp_path: Path) -> None:
    draw_folder(tmp_path / "art", 3)
    (tmp_path / "art" / "again").symlink_to(tmp_path / "art", target_is_directory=True)
    (tmp_path / "art" / "a-wall").symlink_to(tmp_path / "art" / "wall", target_is_directory=True)
    found = list_pictures(tmp_path / "art")
    assert [picture.relative for picture in found.pictures] == [
        f"{kind}/{kind}-{i:03}.png" for kind in ("floor", "wall", "water") for i in range(3)
    ]


def test_a_linked_folder_outside_is_read(tmp_path: Path) -> None:
    draw_folder(tmp_path / "elsewhere", 3)
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "bricks").symlink_to(tmp_path / "elsewhere" / "wall", target_is_directory=True)
    data, _ = read_art([tmp_path / "art"], 16)
    assert data.kinds == ("bricks",)
    assert len(data.images) == 3


def test_bad_pictures_among_good_ones_are_skipped_and_reported(tmp_path: Path) -> None:
    draw_folder(tmp_path, 10)
    wall = tmp_path / "wall" / "wall-004.png"
    wall.write_bytes(wall.read_bytes()[:50])
    (tmp_path / "water" / "photo.jpg").write_bytes(b"")
    (tmp_path / "water" / ".hidden.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("not art")
    data, report = read_art([tmp_path], 16)
    assert len(data.images) == 29
    assert report.skipped == [
        ("water/photo.jpg", "not PNG, GIF, BMP or WebP; save it as PNG"),
        ("wall/wall-004.png", DAMAGED),
    ]


def test_a_folder_of_bombs_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large pictures of tiny files are decoded until the folder's budget is spent; other pictures are still
    read.
    """
    monkeypatch.setattr(pictures, "FREE_PIXELS", 3 * 512 * 512)
    for i in range(6):
        Image.new("P", (512, 512), i).save(tmp_path / f"bomb{i}.png")
    draw_folder(tmp_path, 4)
    decoded = []
    convert = pictures._to_rgba
    monkeypatch.setattr(
        pictures, "_to_rgba", lambda picture: decoded.append(picture.size) or convert(picture)
    )
    data, report = read_art([tmp_path], 16)
    assert decoded.count((512, 512)) == 3
    assert len(data.images) == 12
    assert [path for path, reason in report.skipped if "the folder has too many of its kind" in reason] == [
        "bomb3.png",
        "bomb4.png",
        "bomb5.png",
    ]
    looks = inspect_art(tmp_path).survey.looks
    assert sum("too many of its kind" in look.why for look in looks) == 3


def test_a_drawn_sheet_is_within_what_its_bytes_allow(tmp_path: Path) -> None:
    sheet = make_sheet(draw_set(("floor", "wall"), 20), 8)
    save(tmp_path / "sheet.png", sheet)
    pixels = sheet.shape[0] * sheet.shape[1]
    assert pixels < pictures.PIXELS_PER_BYTE * (tmp_path / "sheet.png").stat().st_size
