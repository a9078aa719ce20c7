"""Lists beside an atlas: what is cut by them, and what is not believed."""

import json
from pathlib import Path

import numpy as np
import pytest

from tilewright_training.art.frames import Frame, frames_beside
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.findings import inspect_art

from ..drawn import SPRITE_KINDS, draw_set, save

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
    assert report.doubts == {"atlas.png": "1 of 5 sprites in its list are larger than 16: they are left out"}
    found = inspect_art(tmp_path)
    assert found.survey.size == 16 and found.data is not None
    assert np.array_equal(found.data.images, data.images)


def test_a_fifth_number_counts_frames_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "atlas.txt").write_text("hero 0 0 8 16 3\n")
    assert frames_beside(tmp_path / "atlas.png", 24, 16) == tuple(Frame(x, 0, 8, 16) for x in (0, 8, 16))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("atlas.txt", lines() + "Licence: CC0\n"),
        ("atlas.txt", lines() + "far 60 0 16 16\n"),
        ("atlas.txt", "a 0 0 1 1 99999\n" * 50),
        ("atlas.json", table("hash").replace("atlas.png", "other.png")),
        ("atlas.json", "[" * 5000),
        ("atlas.json", '{"frames": [{"frame": {"x": -1, "y": 0, "w": 4, "h": 4}}, 7]}'),
        ("atlas.json", '{"frames": 5}'),
        ("other.txt", lines()),
    ],
)
def test_other_lists_are_not_believed(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert frames_beside(tmp_path / "atlas.png", 64, 60) == ()
