"""`tilewright tileset`."""

from pathlib import Path

import pytest

import tilewright as tw

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
