"""`tilewright animate`."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw

from ..step_networks import frames_pack, walk_pack
from .command import run


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "walk.onnx"
    path.write_bytes(walk_pack(4, (3, 2)))
    return path


def save(path: Path, rgba: np.ndarray) -> Path:
    Image.fromarray(rgba).save(path)
    return path


def test_a_sprite_is_completed_in_all_formats(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path
) -> None:
    loaded = tw.load(pack)
    first = loaded.generate(1, seed=9).frames[0, 0]  # type: ignore[attr-defined]
    own = loaded.file.head.palette[first]
    strange = own.copy()
    strange[own[..., 3] > 0, 0] ^= 1
    picture = save(tmp_path / "my orc.png", strange)
    out_folder = tmp_path / "out"
    code, out, err = run(capsys, "animate", picture, "-p", pack, "--seed", 3, "-o", out_folder)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"{picture}: colours become the nearest of random, at most 1 of 441 away"
    assert out.splitlines()[1] == (
        f"{out_folder / 'my-orc'}: .png, .gif, .apng, .aseprite, .json, .tres; a, b, c"
    )
    assert {path.suffix for path in out_folder.iterdir()} == {
        ".png", ".gif", ".apng", ".aseprite", ".json", ".tres"
    }  # fmt: skip
    with Image.open(out_folder / "my-orc.png") as sheet:
        assert sheet.text["first_frame"] == "my-orc.png" and sheet.text["seed"] == "3"  # type: ignore[attr-defined]
        pixels = np.array(sheet.convert("RGBA"))
    expected = loaded.animate(first, seed=3).rgba[0]
    assert np.array_equal(pixels[pixels[..., 3] > 0], expected[expected[..., 3] > 0])


def test_without_a_sprite_it_generates_characters(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "animate", "-p", pack, "-n", 2, "-o", tmp_path / "out", "--words", "dragon")
    assert code == 0 and len(out.splitlines()) == 2
    assert (tmp_path / "out" / "random-0-2.png").is_file()


def test_the_temperature_reaches_both_ways_of_drawing(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path
) -> None:
    loaded = tw.load(pack)
    picture = save(tmp_path / "orc.png", loaded.generate(1, seed=9).rgba[0][:4, :4])
    for given in ([picture], []):
        sheets = []
        for temperature in (0.8, 9):
            folder = tmp_path / f"{len(given)}-{temperature}"
            code, _, err = run(
                capsys, "animate", *given, "-p", pack, "--temperature", temperature, "-o", folder
            )
            assert (code, err) == (0, "")
            (path,) = folder.glob("*.png")
            with Image.open(path) as sheet:
                sheets.append(np.array(sheet.convert("RGBA")))
        assert (sheets[0] != sheets[1]).any()


def test_one_line_for_bad_input(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    other = tmp_path / "frames.onnx"
    other.write_bytes(frames_pack())
    wrong = save(tmp_path / "wrong.png", np.zeros((5, 4, 4), np.uint8))
    text = tmp_path / "text.png"
    text.write_text("no picture")
    for arguments, code, message in (
        ((wrong, "-p", pack), 2, f"animate: {wrong} has 4x5 pixels, which is no sheet of frames of 4x4, which random"),
        ((text, "-p", pack), 2, f"animate: {text}: "),
        ((tmp_path / "none.png", "-p", pack), 2, f"animate: {tmp_path / 'none.png'}: "),
        (("-p", other), 2, "animate: random does not generate animation sheets; packs of `tilewright train --sheets`"),
        (("-p", pack, "-n", 0), 2, "animate: --count must be 1 or more, not 0"),
        (("-p", pack, "-n", 5000), 2, "animate: --count must be at most 1000, not 5000"),
        (("-p", pack, "--milliseconds", 0, "-o", tmp_path), 2, "Animation: a frame of tile 0 takes 0 ms"),
        (("-p", pack, "-o", pack), 2, f"animate: {pack} is a file: name a folder"),
    ):  # fmt: skip
        found, _, err = run(capsys, "animate", *arguments)
        assert found == code and err.startswith(f"tilewright: {message}") and err.count("\n") == 1, err
