"""`tilewright inspect` and `doctor`: what a pack holds, and what this machine has."""

from pathlib import Path

import pytest

from .command import run


def test_inspect(capsys: pytest.CaptureFixture[str], pack: Path) -> None:
    code, out, _ = run(capsys, "inspect", pack)
    assert code == 0
    assert "kinds: floor, wall, water" in out
    assert "conv_transpose2d" in out
    assert "multiply-adds" in out


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert "backends: " in out and "GPU: " in out
