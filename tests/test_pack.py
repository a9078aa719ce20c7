"""Finding and opening packs: names, paths, and errors."""

import os
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright import pack as pack_module
from tilewright import settings
from tilewright.errors import printable
from tilewright.generator import Pack
from tilewright.pack import check_pack

from .networks import drawn_palette_pack, palette_pack


def refusal(pack: object) -> str:
    with pytest.raises(tw.UsageError) as error:
        tw.load(pack)  # type: ignore[arg-type]
    return str(error.value)


@pytest.mark.parametrize("name", [None, 3, b"dawn-tiles", ["dawn-tiles"]])
def test_a_pack_is_a_name_or_a_path(name: object) -> None:
    assert refusal(name) == f"load(): a pack must be a name or the path of a file, not {name!r}"


@pytest.mark.parametrize("name", ["a" * 10_000, "a/" * 5_000, "no\0where", "nowhere", "", "\x1b[31m"])
def test_names_that_no_file_has(name: str) -> None:
    said = refusal(name)
    assert len(said) < 200 + len(", ".join(tw.packs())) and said.isprintable()
    assert said.startswith("load(): ")


def test_a_run_folder_is_no_pack(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    assert refusal(run) == (
        f"load(): {run} is a run folder, not a pack: `tilewright export {run} -o mine.onnx` makes one of it"
    )
    assert refusal(tmp_path) == f"load(): {tmp_path} is a folder: name an .onnx file in it"


def test_without_bundled_packs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pack_module, "BUNDLED", tmp_path)
    assert refusal("dawn") == (
        "load(): no pack 'dawn': give the path of an .onnx file; this copy has no bundled packs"
    )


def test_a_file_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    tiles = []
    for content in (palette_pack(), palette_pack(wrap=True)):
        path.write_bytes(content)
        os.utime(path, (1, 1))  # equal modification times as well
        for given in (path, str(path)):
            tiles.append(tw.generate_tiles(4, pack=given))
        np.testing.assert_array_equal(tiles[-1], Pack(check_pack(content, path)).generate(4).rgba)
    assert (tiles[0] != tiles[2]).any()
    path.unlink()
    with pytest.raises(tw.UsageError, match=r"^generate_tiles\(\): no pack "):
        tw.generate_tiles(1, pack=path)


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("nearest", [False, True])
def test_no_tiles_of_a_pack_that_draws_its_palette(transparent: bool, nearest: bool) -> None:
    pack = Pack(check_pack(drawn_palette_pack(transparent, nearest), Path("drawn.onnx")))
    none, some = pack.generate(0), pack.generate(2)
    assert none.palettes is not None and some.palettes is not None
    assert (none.palettes.shape, none.rgba.shape) == ((0, 5, 4), (0, 8, 8, 4))
    assert some.palettes.shape == (2, 5, 4)


@pytest.mark.parametrize("text", ["9" * 5_000, "-1", "1025", "two", "1e3"])
def test_threads_from_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_THREADS", text)
    with pytest.raises(tw.UsageError) as error:
        settings.default_threads()
    assert str(error.value) == f"TILEWRIGHT_THREADS must be a number in 0..1024, not {text!r:.40}"


def test_printable() -> None:
    assert printable("caf\u00e9 \U0001f600") == "caf\u00e9 \U0001f600"
    assert printable("a\x1b[31m\nb\u202ec\ud800") == "a\\x1b[31m\\nb\\u202ec\\ud800"
    assert printable("x" * 500) == "x" * 500
    for long in ("x" * 501, "start" + "\n" * 1_000_000 + "end", "start" + "y" * 1_000_000 + "end"):
        text = printable(long)
        assert text.isprintable() and len(text) == 500
        assert text.startswith(long[:5]) and text.endswith(long[-3:])
