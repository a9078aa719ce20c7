"""`tilewright level`: pictures, packs with other kind names, and wrong use."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw

from ..level.drawn_map import overlay_set
from .command import run

SIZE = ("--width", 20, "--height", 10, "--seed", 3)


def test_a_picture_is_that_of_draw_level(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "level.png"
    code, out, _ = run(capsys, "level", *SIZE, "--scale", 2, "-o", path)
    assert code == 0
    assert out.startswith("20x10 dungeon, seed 3, ") and len(out.splitlines()) == 1
    with Image.open(path) as picture:
        assert np.array_equal(np.asarray(picture)[::2, ::2], tw.draw_level(tw.make_level(20, 10, 3)))


@pytest.mark.parametrize("suffix", [".tmx", ".ldtk", ".tscn", ".tres"])
def test_other_names_are_maps_of_editors(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"level{suffix}"
    code, out, _ = run(capsys, "level", *SIZE, "--pack", pack, "--hardware", "nes", "-o", path)
    assert code == 0
    assert all(str(file) in out.splitlines()[-1] for file in tmp_path.glob("level*"))
    assert path.exists()
    with Image.open(tmp_path / "level.png") as sheet:
        assert sheet.mode == "P"  # in the colours of the machine


def test_a_tileset_draws_the_level(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sheet, path = tmp_path / "set.tsx", tmp_path / "level.png"
    overlay_set(cells=False).save(sheet)
    kinds = ("--map", "floor=sand,lava=water")
    code, out, _ = run(capsys, "level", *SIZE, "--tileset", sheet, *kinds, "-o", path)
    assert code == 0 and out.splitlines()[-1] == f"20x10 dungeon, seed 3, the tiles of set: {path}"
    with Image.open(path) as picture:
        drawn = tw.draw_level(
            tw.make_level(20, 10, 3), tw.load_tileset(sheet), kinds={"floor": "sand", "lava": "water"}
        )
        assert np.array_equal(np.asarray(picture), drawn)
    code, _, _ = run(capsys, "level", *SIZE, "--tileset", sheet, *kinds, "-o", tmp_path / "level.tmx")
    assert code == 0 and tw.load_map(tmp_path / "level.tmx").shape == (11, 21)


def test_other_kinds_are_matched_and_named(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path
) -> None:
    path = tmp_path / "level.png"
    code, out, _ = run(capsys, "level", *SIZE, "--style", "garden", "--pack", pack, "-o", path)
    assert code == 0
    assert "random uses " in out and "(guessed); --map chooses others" in out
    code, out, _ = run(capsys, "level", *SIZE, "--pack", pack, "--map", "floor=wall,wall=floor", "-o", path)
    assert code == 0
    assert out.startswith("random uses 'wall' for floor, 'floor' for wall")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ("--map", "wall"),
            "--map: a map must be like wall=cliff,floor=ground, each kind once, not 'wall'",
        ),
        (
            ("--map", "wall=flor"),
            "wall=flor is not possible: random has no 'flor', only floor, wall, water: did you mean 'floor'?",
        ),
        (
            ("--scale", 2, "-o", "level.tmx"),
            "level: --scale is for pictures, and level.tmx is a map",
        ),
        (("--scale", 0), "level: --scale must be in 1..64, not 0"),
        (("--width", 512, "--height", 512, "--scale", 8), "the sheet would have 4294967296 pixels"),
    ],
)
def test_bad_requests(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path, arguments: tuple[object, ...], text: str
) -> None:
    path = tmp_path / "level.png"
    code, out, err = run(capsys, "level", *SIZE, "--pack", pack, "-o", path, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"tilewright: {text}")
    assert len(err.splitlines()) == 1
    assert not path.exists()


def test_level_in_characters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "level", "--width", 20, "--height", 10, "--seed", 3)
    assert code == 0
    assert [len(line) for line in out.splitlines()] == [20] * 10
