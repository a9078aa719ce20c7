"""`tilewright tileset`."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.sheet import make_sheet, save_png

from ..step_networks import conditioned_pack
from .command import run


def test_a_set_for_tiled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "land.onnx").write_bytes(conditioned_pack(edges=(12, 12), cell=4))
    command = (
        "tileset",
        str(tmp_path / "land.onnx"),
        "wall",
        "water",
        "--layout",
        "corner-16",
        "--variants",
        "1",
        "--candidates",
        "1",
    )
    code, out, _ = run(capsys, *command, "-o", str(tmp_path / "coast.tsx"))
    assert code == 0 and set(out.split()) == {str(tmp_path / "coast.tsx"), str(tmp_path / "coast.png")}
    assert len(tw.load_tileset(tmp_path / "coast.tsx")) == 16


def test_unknown_terrains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "land.onnx").write_bytes(conditioned_pack(edges=(12, 12), cell=4))
    code, _, err = run(capsys, "tileset", str(tmp_path / "land.onnx"), "lava", "-o", str(tmp_path / "a.tsx"))
    assert code == 2 and err == "tilewright: unknown terrain 'lava'; random has floor, wall, water\n"


def test_a_set_of_own_tiles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As with `paint --tile`, a picture may be a sheet."""
    (tmp_path / "land.onnx").write_bytes(conditioned_pack(edges=(12, 12), cell=4))
    tiles = {name: np.full((2, 4, 4, 4), 255, np.uint8) for name in ("water", "wall")}
    tiles["water"][..., 0], tiles["water"][1, 1, 1, 1] = 9, 0
    for name, art in tiles.items():
        save_png(make_sheet(art, 2), tmp_path / f"{name}.png")
    given = [text for name in tiles for text in ("--tile", f"{name}={tmp_path / name}.png")]
    quick = ("--layout", "corner-16", "--variants", "1", "--candidates", "1", "-o", str(tmp_path / "set.tsx"))
    assert run(capsys, "tileset", str(tmp_path / "land.onnx"), *given, *quick)[0] == 0
    made = tw.load_tileset(tmp_path / "set.tsx")
    assert [terrain.name for terrain in made.terrains] == ["water", "wall"] and len(made) == 14 + 2 + 2
    code, _, err = run(capsys, "tileset", str(tmp_path / "land.onnx"), *quick)
    assert code == 2 and err == "tilewright: tileset: give terrains, or --tile KIND=PICTURE for each\n"
    code, _, err = run(capsys, "tileset", str(tmp_path / "land.onnx"), "--tile", "wall", *quick)
    assert (
        code == 2 and err == "tilewright: tileset: --tile must be KIND=PICTURE, each kind once, not 'wall'\n"
    )
