"""Grids of tokens: reading, training, export, and errors."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import tilewright as tw
from tilewright.cli import app, main
from tilewright.compiler import fast_reference, reference
from tilewright.engine import Engine
from tilewright.errors import DataError, UsageError
from tilewright_training.config import preset
from tilewright_training.data.tokens import holds_tokens, read_tokens, symbol_colours
from tilewright_training.run.run_folder import RunFolder

TOWNS = ["Oxford", "Ely", "York", "Leeds", "Bath", "Deal", "Rye", "Wells", "Ripon", "Poole", "Luton", "Derby"]
TUNE = "60 - 62 - 64 - . . 65 - 64 - 62 60 - -\n48 - - - 50 - - - 52 - - - 48 - - -"


def texts(folder: Path) -> Path:
    folder.mkdir()
    (folder / "town.txt").write_text("\n".join(TOWNS) + "\nSaint Bartholomew\n\n")
    (folder / "hero.txt").write_text("Ada\nBöb\nAda\n")
    (folder / "SOURCE.json").write_text('{"name": "lists", "licence": "CC0-1.0", "author": "somebody"}')
    (folder / "README.txt").write_text("not a kind")
    return folder


def tunes(folder: Path) -> Path:
    folder.mkdir()
    (folder / "merry.tokens").write_text(f"{TUNE}\n\n{TUNE.replace('60', '59')}\n")
    return folder


def test_reads_texts(tmp_path: Path) -> None:
    data, summary = read_tokens([texts(tmp_path / "names")], (1, 8))
    assert data.kinds == ("hero", "town")
    assert data.symbols[0] == "" and "ö" in data.symbols
    assert data.images.shape == (len(TOWNS) + 2, 1, 8, 4)
    numbers = data.images[..., 0].reshape(len(data.images), -1)
    assert sorted("".join(data.symbols[i] for i in row) for row in numbers) == sorted([*TOWNS, "Ada", "Böb"])
    assert summary.splitlines()[-1] == "1 skipped: of another length"
    assert data.sources[0].licence == "CC0-1.0"


def test_reads_windows_of_grids(tmp_path: Path) -> None:
    data, _ = read_tokens([tunes(tmp_path / "tunes")], (2, 8))
    # Windows begin at every second of 16 tokens. Two of each tune lack the 60, and are equal.
    assert data.images.shape == (2 * 5 - 2, 2, 8, 4)
    assert len(np.unique(data.groups)) == 2  # of one tune
    first = data.images[0, ..., 0]
    assert [data.symbols[i] for i in first[0]] == ["60", "-", "62", "-", "64", "-", ".", "."]


def test_palette_is_exact() -> None:
    colours = symbol_colours(255)
    assert len(np.unique(colours, axis=0)) == 255 and (colours[:, 3] == 255).all()


def test_pictures_are_not_tokens(tmp_path: Path) -> None:
    folder = texts(tmp_path / "names")
    assert holds_tokens([folder])
    tw_sheet = tmp_path / "names" / "art.png"
    tw_sheet.write_bytes(b"")
    assert not holds_tokens([folder])
    assert not holds_tokens([tmp_path / "missing"])


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.txt", b"ok\nbe\x07ll", "a line that is not printable"),
        ("a.txt", b"\xff\xfe\x00", "not UTF-8"),
        ("a.txt", b"\n\n", "nothing of"),
        ("a.tokens", b"60 62 64 65\n60 62", "must have 2 lines of equal length"),
        ("a.tokens", b"60 62 64 65\n\n60 62 64 65\n60 62 64 65", "must have 1 lines"),
        (
            "a.txt",
            "\n".join(map(chr, range(0x4E00, 0x4F00))).encode(),
            "different symbols; a pack has at most 255",
        ),
        ("b.tokens", b"60 62 64 65", "not both"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    (tmp_path / name).write_bytes(content)
    if fault == "not both":
        (tmp_path / "a.txt").write_text("Ada")
    with pytest.raises(DataError, match=fault):
        read_tokens([tmp_path])


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"size": (17, 16)}, r"grids of tokens must be 1 to 16 lines of 4 to 256, not \(17, 16\)"),
        ({"size": (1, 3)}, "grids of tokens must be"),
        ({"model": "vae"}, "vae cannot be trained on tokens: use --model ar or diffusion"),
        ({"flip": True}, "tokens are neither transparent nor mirrored"),
    ],
)
def test_settings(settings: dict[str, object], fault: str) -> None:
    given = {"model": "ar", "tokens": True, "size": (1, 16), "evaluations": 4, "dilations": (1, 2)} | settings
    with pytest.raises(UsageError, match=fault):
        preset("tiny", **given)


@pytest.mark.parametrize("model", ["ar", "diffusion"])
def test_trains_and_exports_texts(tmp_path: Path, model: str) -> None:
    """The pack's texts are those of its reference, and the loss is lower than that of a uniform distribution."""
    run, pack = tmp_path / "run", tmp_path / "towns.onnx"
    train = ["train", str(texts(tmp_path / "names")), "--preset", "tiny", "--model", model, "--size", "16x1"]
    result = CliRunner().invoke(
        app, [*train, "--steps", "60", "--threads", "1", "--held-out", "0", "-o", str(run)]
    )
    assert result.exit_code == 0, result.output
    sample = (run / "samples" / "step-00000060.txt").read_text().splitlines()
    assert len(sample) == 32 and sample[0].startswith("hero: ") and sample[-1].startswith("town: ")
    last = json.loads((run / "losses.jsonl").read_text().splitlines()[-1])
    assert last["nats"] < 0.7 * np.log(len(RunFolder(run).data["symbols"]))
    assert CliRunner().invoke(app, ["export", str(run), "-o", str(pack)]).exit_code == 0
    loaded = tw.load(pack)
    assert loaded.shape == (1, 16) and loaded.sources[0].author == "somebody"
    batch = loaded.generate(40, kind="town", seed=7)
    assert isinstance(batch, tw.TokenBatch) and len(set(batch.texts)) > 10
    listed = {text.casefold() for text in [*TOWNS, "Ada", "Böb"]}
    assert not listed & {text.casefold() for text in batch.texts}
    kinds = np.full(40, 1, np.int32)
    drawn = Engine(loaded.plan).run(40, seed=7, kinds=kinds)["indices"]
    for judge, count in ((fast_reference, 40), (reference, 4)):
        expected = judge.run(loaded.plan, count, seed=7, kinds=kinds[:count])["indices"]
        np.testing.assert_array_equal(drawn[:count], expected)


def test_trains_and_exports_grids(tmp_path: Path) -> None:
    """Grids of several rows keep their shape, and a run is resumed with the same tokens."""
    run, pack, folder = tmp_path / "run", tmp_path / "merry.onnx", tunes(tmp_path / "tunes")
    train = [
        "train",
        str(folder),
        "--preset",
        "tiny",
        "--model",
        "diffusion",
        "--size",
        "8x2",
        "--steps",
        "8",
    ]
    result = CliRunner().invoke(app, [*train, "--threads", "1", "-o", str(run)])
    assert result.exit_code == 0, result.output
    resumed = CliRunner().invoke(app, ["train", "--resume", "-o", str(run), "--steps", "12"])
    assert resumed.exit_code == 0, resumed.output
    assert CliRunner().invoke(app, ["export", str(run), "-o", str(pack)]).exit_code == 0
    loaded = tw.load(pack)
    assert loaded.shape == (2, 8) and str(loaded.file.head) == "2 rows of 8 tokens of 10"
    batch = loaded.generate(5, seed=3)
    expected = reference.run(loaded.plan, 5, seed=3)["indices"]
    np.testing.assert_array_equal(batch.indices, expected)


def test_options_for_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = texts(tmp_path / "names")
    with pytest.raises(SystemExit, match="2"):
        main(["train", str(folder), "--colours", "16", "-o", str(tmp_path / "run")])
    expected = "train: --colours is for pictures, and the folder holds tokens: leave it out"
    assert expected in capsys.readouterr().err
