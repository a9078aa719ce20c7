"""`tilewright inspect` and `doctor`: the contents of a pack, and the facts about this machine."""

import importlib.metadata
from pathlib import Path

import pytest

import tilewright

from .command import run


def test_inspect(capsys: pytest.CaptureFixture[str], pack: Path) -> None:
    code, out, _ = run(capsys, "inspect", pack)
    assert code == 0
    assert "kinds: floor, wall, water" in out
    assert "takes: variations(), interpolate(), temperature\n" in out
    assert "conv_transpose2d" in out
    assert "multiply-adds" in out


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert "backends: " in out and "GPU: " in out


def test_doctor_in_a_frozen_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has modules, but no metadata of packages."""

    def no_metadata(package: str) -> str:
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", no_metadata)
    code, out, err = run(capsys, "doctor")
    assert (code, err) == (0, "")
    assert out.startswith(f"tilewright {tilewright.__version__}, ")
    assert "numpy: installed, version unknown\n" in out
    assert "onnxruntime-gpu: not installed\n" in out  # which of two packages has the module is not known
