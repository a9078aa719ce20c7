"""All commands and Python code in the README are executed, or the replacements in SHORTENED."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.sheet import make_sheet

from .cli.command import run
from .training.drawn import draw_folder

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()

# Replacements for commands that are too slow for a test or depend on the environment.
PLAY = "import sys, tilewright_demo; sys.exit(tilewright_demo.main(sys.argv[1:]))"
DEMO = [sys.executable, "-c", PLAY, "--headless", "--seconds", "1", "--out", "."]
SHORTENED = {
    "make build": [sys.executable, "-c", "pass"],
    "play --pack": [*DEMO, "--pack", "runs/mine.onnx"],
    "make demo": DEMO,
    "make test": ["make", "-n", "-C", str(ROOT), "test"],
    "pip install": [sys.executable, "-m", "pip", "--version"],
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


def shortened(command: str) -> str:
    """Return a command of tilewright as this test runs it."""
    quicker = {
        "--minutes 10": "--preset tiny --steps 20",
        "sand grass --seed 7": "grass --variants 1 --candidates 1",
    }
    for slow, quick in quicker.items():
        command = command.replace(slow, quick)
    return command


def test_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands of tilewright run in this process: to import torch for each of them takes seconds."""
    draw_folder(tmp_path / "my_art", per_kind=8)
    (tmp_path / "cellar.txt").write_text("xxx\nx.~\n")
    Image.fromarray(np.full((16, 16, 4), 255, np.uint8)).save(tmp_path / "hero.png")
    monkeypatch.chdir(tmp_path)
    for command in commands():
        stand_in = next((words for start, words in SHORTENED.items() if start in command), None)
        if stand_in is not None:
            done = subprocess.run(stand_in, capture_output=True, text=True, timeout=300)
            code, out, err = done.returncode, done.stdout, done.stderr
        else:
            program, *words = shlex.split(shortened(command))
            assert program == ".venv/bin/tilewright", f"teach this test to run: {command}"
            code, out, err = run(capsys, *words)
        assert code == 0, f"{command}\n{out}\n{err}"
    assert (tmp_path / "demo.png").exists()
    assert (tmp_path / "runs" / "sheet.png").exists()


def test_extras_exist() -> None:
    extras = re.findall(r"\.\[([a-z,-]+)\]", README)
    project = (ROOT / "pyproject.toml").read_text()
    assert extras
    for extra in ",".join(extras).split(","):
        assert re.search(rf"^{extra} = \[", project, re.MULTILINE), extra


def test_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block, *others = blocks("python")
    names: dict[str, object] = {}
    exec(block, names)
    monkeypatch.chdir(tmp_path)
    for other in others:
        exec(other, names)
    tiles, batch = names["tiles"], names["batch"]
    assert isinstance(tiles, np.ndarray)
    assert (tiles.shape, tiles.dtype) == ((64, 16, 16, 4), np.uint8)
    shapes = re.search(r"batch\.rgba +# (\(.*?\)), (\(.*?\)), (\(.*?\))\n", block)
    assert shapes is not None
    expected = [batch.indices.shape, batch.palettes.shape, batch.rgba.shape]  # type: ignore[attr-defined]
    assert [str(shape) for shape in expected] == list(shapes.groups())
    # tilewright generate dawn-sprites-fine -n 64 --seed 7 --scale 2 --columns 16 --spacing 2 -o docs/images/sprites.png
    expected_sheet = make_sheet(batch.rgba, 16, scale=2, spacing=2)  # type: ignore[attr-defined]
    with Image.open(ROOT / "docs" / "images" / "sprites.png") as picture:
        assert np.array_equal(np.asarray(picture.convert("RGBA")), expected_sheet)


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links(path: str) -> None:
    assert (ROOT / path).exists()


def test_what_an_index_page_shows_stands_alone() -> None:
    """The text has no pictures and no links into the source tree, and its Python equals that of the README."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    page = (ROOT / project["readme"]).read_text()
    assert not re.findall(r"\]\((?!https://)", page)
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert {line.split("#")[0] for line in block.splitlines()} <= {
        line.split("#")[0] for line in README.splitlines()
    }
    exec(block, {})


def test_extras_replace_nothing_that_a_game_has() -> None:
    """An extra for games must not name pygame or onnxruntime-gpu, which would replace installed packages."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for name in ("train", "onnxruntime"):
        assert not [p for p in extras[name] if re.match(r"pygame|onnxruntime-", p)], name
