"""The script that draws the pictures of docs/tilesets.md."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_training.experiments import tileset_pictures

from ...step_networks import conditioned_pack


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "land.onnx").write_bytes(conditioned_pack(edges=(16, 16), cell=8))
    monkeypatch.setattr(tileset_pictures, "GROUND", "floor")
    monkeypatch.setattr(tileset_pictures, "PAIRS", (("floor", "water"), ("floor", "wall"), ("wall", "water")))
    monkeypatch.setattr(tileset_pictures, "LAND", ("floor", "wall", "water"))
    monkeypatch.setattr(tileset_pictures, "WALLS", ("floor", "water", "wall"))
    monkeypatch.setattr(
        tileset_pictures, "KINDS", dict.fromkeys(("grass", "sand"), "floor") | {"lava": "water"}
    )
    letters = dict.fromkeys("gsd", "floor") | {"w": "water"} | dict.fromkeys("mf", "wall")
    monkeypatch.setattr(tileset_pictures, "LETTERS", letters)


def test_a_command_draws_indexed_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [str(tmp_path / "land.onnx"), str(tmp_path), "--candidates", "1"]
    tileset_pictures.main([*command, "--only", "layouts", "pairs", "coarse", "walls"])
    sizes = {}
    for name in ("layouts", "pairs", "coarse", "walls"):
        with Image.open(tmp_path / f"tileset-{name}.png") as picture:
            assert picture.mode == "P"
            sizes[name] = picture.size
    assert sizes["pairs"] == (3 * 9 * 8 * 2, 6 * 8 * 2)
    assert sizes["coarse"] == ((16 * 8 + 16 * 4 + 4) * 2, 9 * 8 * 2)
    assert sizes["walls"] == ((4 * 10 + 2 + 4 + 32 * 8) * 2, 24 * 8 * 2)
    assert capsys.readouterr().out.count("tileset-") == 4


def test_a_level_before_and_after_repair_and_in_tiled(tmp_path: Path) -> None:
    pack = Pack(check_pack((tmp_path / "land.onnx").read_bytes(), Path("land.onnx")))
    tileset_pictures._land.cache_clear()
    both = tileset_pictures.repair(pack, 1)
    before, after = both[:, : 26 * 8], both[:, 26 * 8 + 4 :]
    assert before.shape == after.shape and not np.array_equal(before, after)
    shown = tileset_pictures.tiled(pack, 1)
    if shutil.which("tmxrasterizer") is None:
        assert shown is None
    else:
        assert shown is not None and np.array_equal(shown, after)
