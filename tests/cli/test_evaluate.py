"""`tilewright evaluate` end to end, on a pack with random weights."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import UsageError
from tilewright_training.measures.pixel_art import pixel_art
from tilewright_training.measures.protocol import QUICK
from tilewright_training.measures.subject import open_subject

from ..training.drawn import draw_folder
from .command import run


def test_evaluate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, pack: Path, tmp_path: Path
) -> None:
    for name, value in (("c2st_steps", 30), ("kinds_steps", 30), ("folds", 2)):
        monkeypatch.setitem(QUICK, name, value)
    art, figures, grid = draw_folder(tmp_path / "art", 20), tmp_path / "f.json", tmp_path / "g.png"
    options = ("--held-out", 0.5, "--quick", "--seeds", 1, "--pairs", 20, "--json", figures, "--grid", grid)
    code, out, err = run(capsys, "evaluate", pack, "--against", art, *options)
    assert code == 0, err
    assert "60 tiles" in err
    assert "C2ST error" in out and "floor" in out and "trained on other pictures" in out
    record = json.loads(figures.read_text())
    assert record["name"] == "random" and record["pairs"]["generated"] == 20
    assert record["rows"]["generated"]["semi_transparent"] == [0.0]
    # Random weights generate noise, which any classifier recognises.
    assert record["rows"]["generated"]["c2st"][0] < 20.0
    assert record["rows"]["generated"]["frechet"][0] > record["rows"]["floor"]["frechet"][0]
    assert {"machine", "versions", "command", "seconds", "protocol"} <= set(record)
    with Image.open(grid) as picture:
        assert picture.size == (3 * (12 * 17 + 1),) * 2


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--seeds", 0), "evaluate: --seeds must be in 1..100, not 0"),
        (("--threads", 0), "evaluate: --threads must be in 1..1024, not 0"),
        (("--pairs", 2), "evaluate: pairs must be 10 or more, not 2"),
        (("--held-out", 2.0), "held_out must be between 0 and 1, not 2.0"),
        (("--held-out", 0.1), "evaluate: 6 of 60 pictures are held out, and at least 20 are needed"),
    ],
)
def test_bad_requests(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path, options: tuple[object, ...], text: str
) -> None:
    art, output = draw_folder(tmp_path / "art", 20), tmp_path / "f.json"
    code, out, err = run(capsys, "evaluate", pack, "--against", art, "--quick", "--json", output, *options)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"tilewright: {text}")
    assert not output.exists()


def test_a_run_folder_is_sampled(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    art, made = draw_folder(tmp_path / "art", 10), tmp_path / "run"
    assert run(capsys, "train", art, "--preset", "tiny", "--steps", 2, "--threads", 1, "-o", made)[0] == 0
    subject, labels = open_subject(str(made)), np.array([0, 1, 2, 2])
    assert (subject.name, subject.kinds, subject.size) == ("run", ("floor", "wall", "water"), (16, 16))
    pictures = subject.sample(labels, 3)
    assert (pictures.shape, pictures.dtype) == ((4, 16, 16, 4), np.uint8)
    assert np.array_equal(pictures, subject.sample(labels, 3))
    assert subject.palette is not None
    assert pixel_art(pictures, subject.palette, tiles=True).off_palette == 0.0
    with pytest.raises(UsageError, match=r"^evaluate: refine: .* is a run folder, which is sampled as"):
        open_subject(str(made), {"refine": 2, "order": None})


def test_neither_a_pack_nor_a_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "evaluate", tmp_path, "--against", tmp_path)
    assert code == 2
    assert "is not a run folder" in err and len(err.splitlines()) == 1


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "evaluate", "--help")
    assert code == 0
    assert "Example: tilewright evaluate" in " ".join(out.split())
