"""Untrusted packs on the command line."""

from pathlib import Path

import pytest
from PIL import Image

from ..compiler.hostile import changed, set_facts
from ..networks import drawn_palette_pack
from .command import run

ESCAPES = "\x1b]0;pwned\x07\x1b[31m\nsecond line"


def test_a_pack_that_draws_its_palette(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pack, sheet = tmp_path / "drawn.onnx", tmp_path / "sheet.png"
    pack.write_bytes(drawn_palette_pack())
    code, _, err = run(capsys, "generate", pack, "-n", 5, "-o", sheet)
    assert (code, err) == (0, "")
    with Image.open(sheet) as picture:
        assert picture.size == (5 * 8, 8)


@pytest.mark.parametrize("verb", ["inspect", "generate"])
def test_escapes_and_long_texts_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str
) -> None:
    options = ("-o", tmp_path / "x.png") if verb == "generate" else ()
    pack = tmp_path / f"a{ESCAPES}b.onnx"
    pack.write_bytes(changed(lambda model: set_facts(model, format=ESCAPES * 1000)))
    code, out, err = run(capsys, verb, pack, *options)
    assert (code, out) == (2, "")
    assert err.endswith("\n") and err[:-1].isprintable() and len(err) <= len("tilewright: \n") + 500
    assert "second line" in err


def test_a_sound_pack_in_a_file_with_an_odd_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pack = tmp_path / f"a{ESCAPES}b.onnx"
    pack.write_bytes(drawn_palette_pack())
    code, out, _ = run(capsys, "inspect", pack)
    assert code == 0
    assert all(line.isprintable() for line in out.splitlines())


def test_a_run_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    code, _, err = run(capsys, "generate", tmp_path, "-o", tmp_path / "x.png")
    assert code == 2
    assert err.startswith(f"tilewright: {tmp_path} is a run folder, not a pack: `tilewright export ")
