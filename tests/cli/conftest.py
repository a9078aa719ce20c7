"""Fixtures for tests of the command."""

from pathlib import Path

import pytest

from ..networks import palette_pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "random.onnx"
    path.write_bytes(palette_pack())
    return path
