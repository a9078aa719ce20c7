"""`tilewright generate` writes a sheet of tiles, under a new default name."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.names import free_name, plain_name

from .command import run


def test_generate(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "new" / "sheet.png"
    code, out, _ = run(capsys, "generate", pack, "--kind", "wall", "-n", 12, "--seed", 7, "-o", sheet)
    assert (code, out) == (0, f"12 tiles of random, seed 7: {sheet}\n")
    with Image.open(sheet) as picture:
        assert (picture.size, picture.mode) == ((8 * 16, 2 * 16), "RGBA")
        assert np.asarray(picture)[:16, :, 3].min() == 255


def test_names_that_nobody_gave(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Default names are new: no file is overwritten."""
    monkeypatch.chdir(tmp_path)
    for name in ("random-7.png", "random-7-2.png", "random-7-3.png"):
        assert run(capsys, "generate", pack, "-n", 2, "--seed", 7)[:2] == (
            0,
            f"2 tiles of random, seed 7: {name}\n",
        )
    assert free_name(Path("runs") / plain_name(tmp_path / "my art!")) == Path("runs/my-art")
    code, _, err = run(capsys, "train", "--resume")
    assert (code, err) == (2, "tilewright: train: --resume needs the run folder: name it with -o\n")


def test_numbers_go_round_at_64_bits(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    around, first = tmp_path / "around.png", tmp_path / "first.png"
    run(capsys, "generate", pack, "-n", 72, "--start", 2**64 - 64, "--columns", 8, "-o", around)
    run(capsys, "generate", pack, "-n", 8, "--columns", 8, "-o", first)
    with Image.open(around) as both, Image.open(first) as row:
        np.testing.assert_array_equal(np.asarray(both)[-16:], np.asarray(row))
