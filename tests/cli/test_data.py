"""`tilewright data` on the command line."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tilewright_training.doctor import road
from tilewright_training.run import training_loop

from ..training.drawn import SPRITE_KINDS, TILE_KINDS, draw, draw_folder, draw_set, make_sheet, save
from .command import run


def test_inspect_writes_a_page_and_a_recipe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    art = draw_folder(tmp_path / "art", 24)
    html, recipe = tmp_path / "new" / "page.html", tmp_path / "recipe.toml"
    code, out, err = run(capsys, "data", "inspect", art, "--html", html, "--recipe", recipe)
    assert (code, err) == (0, "")
    assert "72 of 3 kinds" in out and "tilewright train" in out and "\x1b" not in out
    assert html.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "data:image/png;base64," in html.read_text("utf-8")
    assert "size = 16" in recipe.read_text("utf-8")


def test_the_commands_that_are_printed_run_as_they_stand(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(road.MINUTES, "ar", 0.001)
    monkeypatch.setattr(training_loop, "TIMED_STEPS", 1)
    for kind, sprite in ((kind, i) for kind in SPRITE_KINDS for i in range(8)):
        (tmp_path / "my art" / kind).mkdir(parents=True, exist_ok=True)
        save(tmp_path / "my art" / kind / f"it's {sprite}.png", draw(kind, sprite)[::2, ::2])
    large = make_sheet(draw_set(TILE_KINDS, 4), 6)
    save(tmp_path / "my art" / "too large.png", large.repeat(2, 0).repeat(2, 1))
    code, out, _ = run(capsys, "data", "inspect", "my art", "--size", 8)
    assert code == 0
    commands = [line.strip() for line in out.splitlines() if line.startswith("  tilewright ")]
    assert [shlex.split(command)[1] for command in commands] == ["data", "train", "export", "generate"]
    for command in commands:
        code, _, err = run(capsys, *shlex.split(command)[1:])
        assert code == 0, (command, err)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "my art",
        "my-art.onnx",
        "my-art.png",
        "my-art.toml",
        "runs",
    ]


def test_build_then_inspect(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    art = draw_folder(tmp_path / "art", 24)
    code, out, _ = run(capsys, "data", "build", art, "-o", tmp_path / "set")
    assert code == 0
    assert out.endswith(f"72 tiles: {tmp_path / 'set'}\n")
    assert np.load(tmp_path / "set" / "images.npy").shape == (72, 16, 16, 4)
    code, out, _ = run(capsys, "data", "inspect", tmp_path / "set")
    assert code == 0 and "72 of 3 kinds" in out
    code, _, err = run(capsys, "data", "inspect", tmp_path / "set", "--recipe", tmp_path / "r.toml")
    assert code == 2 and "is a set that was built" in err


def test_wrong_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    art = draw_folder(tmp_path / "art", 2)
    for arguments, text in (
        (("inspect", tmp_path / "empty"), "no pictures in"),
        (("inspect", tmp_path / "nowhere"), "there is no folder"),
        (("inspect", art, "--size", 2), "--size must be 4 to 128 pixels, not 2"),
        (("inspect", art, "--html", tmp_path), "is a folder: name a file in it"),
        (("build", tmp_path / "empty", "-o", tmp_path / "set"), "no pictures in"),
        (("build", art, "-o", art), "exists; name a new folder"),
    ):
        code, _, err = run(capsys, "data", *arguments)
        assert code == 2
        assert text in err and err.count("\n") == 1
        assert not (tmp_path / "set").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_terminal_without_unicode(tmp_path: Path) -> None:
    """With LC_ALL=C and without UTF-8 mode, characters outside ASCII are replaced in tables and names."""
    art = draw_folder(tmp_path / "art", 12)
    (art / "SOURCE.json").write_text('{"name": "H\\u00f6hlen \\u2013 caves"}')
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment.pop("PYTHONIOENCODING", None)
    command = [sys.executable, "-c", "from tilewright.cli import main; main()", "data", "inspect", str(art)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"36 of 3 kinds" in done.stdout and b"H?hlen ? caves" in done.stdout
    done.stdout.decode("ascii")
