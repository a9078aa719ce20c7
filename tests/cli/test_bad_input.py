"""Wrong use of the command: one clear line on stderr, the right exit code, and no partial files."""

from pathlib import Path

import pytest

import tilewright
from tilewright import pack as pack_file

from ..training.drawn import draw_folder
from .command import run


@pytest.mark.parametrize("option", ["--colours", "--colors"])
def test_either_spelling(capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str) -> None:
    code, _, err = run(capsys, "train", tmp_path, option, 1, "-o", tmp_path / "run")
    assert (code, err) == (2, "tilewright: train: max_colours must be in 2..256, not 1\n")


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
    """A frozen copy may have no bundled packs."""
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


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("a", "--kinds", "k.toml"), "the recipe of --terrain says how to read the art: leave out --kinds"),
        (
            ("a", "--opaque"),
            "the recipe of --terrain says how to read the art: leave out --transparent",
        ),
        (("a", "b"), "--terrain takes one folder, that of the recipe's sheets, not 2"),
    ],
)
def test_terrain_is_read_as_its_recipe_says(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], text: str
) -> None:
    code, _, err = run(capsys, "train", *arguments, "--terrain", "r.toml")
    assert (code, err) == (2, f"tilewright: train: {text}\n")


def test_a_held_out_set_is_one_of_a_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "evaluate", "overworld", "--against", "a", "--held-out-set", "retro")
    told = "evaluate: --held-out-set names a set of the recipe: give --terrain, too"
    assert (code, err) == (2, f"tilewright: {told}\n")


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--terrain", "shows tiles and sheets, not maps: leave it out with --terrain"),
        ("--sheets", "with --sheets writes a .gif, not grid.png"),
    ],
)
def test_a_grid_of_sheets_is_a_gif_and_maps_have_none(
    capsys: pytest.CaptureFixture[str], option: str, text: str
) -> None:
    arguments = ("--against", "a", option, "r.toml", "--grid", "grid.png")
    code, _, err = run(capsys, "evaluate", "heroes", *arguments)
    assert (code, err) == (2, f"tilewright: evaluate: --grid {text}\n")


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
        (("--size", 0), "train: edges must be 8 to 64 pixels, or both 128, not 0x0"),
        (("--size", "16x65"), "train: edges must be 8 to 64 pixels, or both 128, not 16x65"),
        (
            ("--size", "18x18x18"),
            "train: --size must be a number such as 16, or WIDTHxHEIGHT, not '18x18x18'",
        ),
        (("--size", "18x"), "train: --size must be a number such as 16, or WIDTHxHEIGHT, not '18x'"),
        (("--size", 17, "--model", "vae"), "not to 17x17: use --model ar or diffusion"),
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


def test_a_sheet_too_large_to_make(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    code, _, err = run(capsys, "generate", pack, "-o", tmp_path / "x.png", "--scale", 4096)
    assert code == 2
    assert "the sheet would have" in err


def test_a_name_too_long_for_the_disk(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "inspect", "x" * 5000)
    assert code in (1, 2)
    assert len(err.splitlines()) == 1
