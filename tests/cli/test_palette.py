"""`tilewright palette`, and the options that repaint."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.hardware import HARDWARE
from tilewright.palette import load_palette

from ..training.drawn import draw_folder, save
from .command import run

RED, BLUE, WHITE = (200, 20, 30), (10, 20, 200), (255, 255, 255)


@pytest.mark.parametrize("suffix", [".gpl", ".hex", ".pal", ".HEX"])
def test_a_palette_is_learned_and_can_be_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str
) -> None:
    picture = np.zeros((8, 8, 4), np.uint8)
    for row, colour in ((slice(0, 3), WHITE), (slice(3, 5), RED), (slice(5, 6), BLUE)):
        picture[row] = (*colour, 255)
    (tmp_path / "art" / "deep").mkdir(parents=True)
    save(tmp_path / "art" / "a.png", picture)
    save(tmp_path / "art" / "deep" / "b.png", picture[:, ::-1])
    output = tmp_path / f"my{suffix}"
    code, out, _ = run(capsys, "palette", tmp_path / "art", "-o", output)
    assert (code, out) == (0, f"3 colours for the 3 of 2 pictures: {output}\n")
    assert load_palette(output)[:, :3].tolist() == [list(BLUE), list(RED), list(WHITE)]


def test_no_more_colours_than_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "palette", draw_folder(tmp_path / "art", 12), "-n", "4")
    assert code == 0
    assert len(out.split()) == 4 and all(len(colour) == 6 for colour in out.split())


def test_pictures_that_cannot_be_read_are_left_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    code, _, err = run(capsys, "palette", tmp_path)
    assert code == 2 and "no opaque pixel in the pictures of" in err and "bad.png: damaged" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no folder nowhere"),
        ((".", "-n", "0"), "palette: --count must be in 1..256, not 0"),
        ((".", "-n", "257"), "palette: --count must be in 1..256, not 257"),
        ((".", "-o", "x.png"), "palette: --output must end in .gpl, .hex, .pal, unlike 'x.png'"),
    ],
)
def test_wrong_use(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "palette", *arguments)
    assert code == 2 and said in err


@pytest.mark.parametrize(
    "command",
    [("generate", "dawn-tiles", "-n", "8"), ("level", "--width", "8", "--height", "8")],
    ids=["generate", "level"],
)
def test_hardware_is_an_option(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    output = tmp_path / "made.png"
    assert run(capsys, *command, "--hardware", "zx-spectrum", "-o", output)[0] == 0
    pixels = np.array(Image.open(output).convert("RGB")).reshape(-1, 3)
    assert {bytes(map(int, c)).hex() for c in np.unique(pixels, axis=0)} <= set(
        HARDWARE["zx-spectrum"].colours.split()
    )
    code, _, err = run(capsys, *command, "--hardware", "amiga", "-o", output)
    assert code == 2 and f"{command[0]}: unknown hardware 'amiga'; there are game-boy" in err
