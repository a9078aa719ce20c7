"""Wrong use of the command: one clear line on stderr, the right exit code, nothing half-written."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright
from tilewright import pack as pack_file
from tilewright.names import free_name, plain_name
from tilewright_training.config import PRESETS
from tilewright_training.models import MODELS

from ..training.drawn import draw_folder
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
    """They are new ones: nothing is written over."""
    monkeypatch.chdir(tmp_path)
    for name in ("random-7.png", "random-7-2.png", "random-7-3.png"):
        assert run(capsys, "generate", pack, "-n", 2, "--seed", 7)[:2] == (
            0,
            f"2 tiles of random, seed 7: {name}\n",
        )
    assert free_name(Path("runs") / plain_name(tmp_path / "my art!")) == Path("runs/my-art")
    code, _, err = run(capsys, "train", "--resume")
    assert (code, err) == (2, "tilewright: train: --resume needs the run folder: name it with -o\n")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[:2] == (0, f"tilewright {tilewright.__version__}\n")


def test_help_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(run(capsys, "train", "--help")[1].split())
    assert f"{', '.join(list(PRESETS)[:-1])} or {list(PRESETS)[-1]};" in text
    assert f"{', '.join(list(MODELS)[:-1])} or {list(MODELS)[-1]};" in text


@pytest.mark.parametrize("option", ["--colours", "--colors"])
def test_either_spelling(capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str) -> None:
    code, _, err = run(capsys, "train", tmp_path, option, 1, "-o", tmp_path / "run")
    assert (code, err) == (2, "tilewright: train: max_colours must be in 2..256, not 1\n")


def test_inspect(capsys: pytest.CaptureFixture[str], pack: Path) -> None:
    code, out, _ = run(capsys, "inspect", pack)
    assert code == 0
    assert "kinds: floor, wall, water" in out
    assert "conv_transpose2d" in out
    assert "multiply-adds" in out


def test_level_in_characters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "level", "--width", 20, "--height", 10, "--seed", 3)
    assert code == 0
    assert [len(line) for line in out.splitlines()] == [20] * 10


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert "backends: " in out and "GPU: " in out


@pytest.mark.parametrize("verb", ["train", "export", "generate", "level", "inspect", "doctor"])
def test_every_verb_has_help_with_an_example(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, out, _ = run(capsys, verb, "--help")
    assert code == 0
    assert f"Example: tilewright {verb}" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("-n", -3), "count must be 0 or more, not -3"),
        (("--seed", -1), "seed must be an integer in 0..2**64-1, not -1"),
        (("--kind", "wal"), "unknown kind 'wal'; random has floor, wall, water"),
        (("--columns", 0), "generate: --columns must be in 1..4096, not 0"),
        (
            ("--palette", "pico"),
            "unknown palette 'pico': did you mean pico-8? There are pico-8, db16, sweetie-16, game-boy, 1bit",
        ),
    ],
)
def test_bad_requests(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path, arguments: tuple[object, ...], text: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(capsys, "generate", pack, "-o", tmp_path / "x.png", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"tilewright: {text}")
    assert len(err.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_not_a_pack(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fake = tmp_path / "fake.onnx"
    fake.write_bytes(b"GIF89a")
    for arguments in (("inspect", fake), ("generate", fake, "-o", tmp_path / "x.png")):
        code, _, err = run(capsys, *arguments)
        assert (code, err) == (2, f"tilewright: {fake} is not a pack: not an ONNX file\n")
    assert not (tmp_path / "x.png").exists()


def test_no_such_pack(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "inspect", "nowhere")
    assert code == 2
    assert err.startswith("tilewright: no pack 'nowhere': give the path of an .onnx file or a bundled name")


def test_no_packs_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that was frozen without them names none."""
    monkeypatch.setattr(pack_file, "packs", lambda: ())
    expected = (
        "^load\\(\\): no pack 'dawn-tiles': give the path of an .onnx file; this copy has no bundled packs$"
    )
    with pytest.raises(tilewright.UsageError, match=expected):
        tilewright.load("dawn-tiles")


def test_output_is_a_folder(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    code, _, err = run(capsys, "generate", pack, "-o", tmp_path)
    assert (code, err) == (2, f"tilewright: {tmp_path} is a folder: name a file in it\n")


def test_unwritable_output(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run(capsys, "generate", pack, "-o", tmp_path / "file" / "x.png")
    assert code == 1
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("folder", "start"), [("missing", "no folder"), ("empty", "no pictures in")])
def test_train_without_art(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: str, start: str
) -> None:
    (tmp_path / "empty").mkdir()
    output = tmp_path / "run"
    code, _, err = run(capsys, "train", tmp_path / folder, "-o", output)
    assert code == 2
    assert start in err
    assert len(err.splitlines()) == 1
    assert not output.exists()


def test_train_names_a_folder_or_resumes(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "train")
    assert code == 2
    assert err == "tilewright: train: name at least one folder of pictures, or --resume a run\n"


def test_one_bad_picture_among_good_ones_is_skipped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    art, output = tmp_path / "art", tmp_path / "run"
    draw_folder(art, per_kind=6)
    broken = next(art.rglob("*.png"))
    broken.write_bytes(broken.read_bytes()[:40])
    options = ("--preset", "tiny", "--steps", 2, "--threads", 1)
    code, _, err = run(capsys, "train", art, *options, "-o", output)
    assert code == 0
    assert broken.name in err
    assert list(output.glob("checkpoints/*"))


def test_export_needs_a_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "export", tmp_path, "-o", tmp_path / "p.onnx")
    assert code == 2
    assert "is not a run folder" in err
    assert not (tmp_path / "p.onnx").exists()


@pytest.mark.parametrize("verb", ["inspect", "generate", "level"])
@pytest.mark.parametrize("damage", ["truncated", "unknown operator", "missing"])
def test_damaged_packs(
    capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path, verb: str, damage: str
) -> None:
    if damage == "truncated":
        pack.write_bytes(pack.read_bytes()[:-50])
    elif damage == "missing":
        pack.unlink()
    else:
        pack.write_bytes(pack.read_bytes().replace(b"LeakyRelu", b"Softplus_"))
    output = tmp_path / "x.png"
    arguments = {
        "inspect": (pack,),
        "generate": (pack, "-o", output),
        "level": ("--pack", pack, "-o", output),
    }
    code, _, err = run(capsys, verb, *arguments[verb])
    assert code == 2
    assert len(err.splitlines()) == 1
    assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--seed", -1), "train: seed must be an integer in 0..2**64-1, not -1"),
        (("--preset", "wgan"), "train: unknown preset 'wgan'"),
        (("--size", 17), "train: size must be 8, 16, 32, 64, 128 pixels, not 17"),
        (("--steps", 3, "--minutes", 1), "train: give --steps or --minutes, not both"),
        (("--resume", "--batch", 3), "train: --batch cannot be changed by --resume: leave it out"),
    ],
)
def test_bad_training_requests(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[object, ...], text: str
) -> None:
    art, output = tmp_path / "art", tmp_path / "run"
    draw_folder(art, per_kind=2)
    code, _, err = run(capsys, "train", art, "-o", output, *arguments)
    assert code == 2
    assert text in err
    assert not output.exists()


def test_numbers_go_round_at_64_bits(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    around, first = tmp_path / "around.png", tmp_path / "first.png"
    run(capsys, "generate", pack, "-n", 72, "--start", 2**64 - 64, "--columns", 8, "-o", around)
    run(capsys, "generate", pack, "-n", 8, "--columns", 8, "-o", first)
    with Image.open(around) as both, Image.open(first) as row:
        np.testing.assert_array_equal(np.asarray(both)[-16:], np.asarray(row))


def test_a_sheet_too_large_to_make(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    code, _, err = run(capsys, "generate", pack, "-o", tmp_path / "x.png", "--scale", 4096)
    assert code == 2
    assert "the sheet would have" in err


def test_a_name_too_long_for_the_disk(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "inspect", "x" * 5000)
    assert code in (1, 2)
    assert len(err.splitlines()) == 1
