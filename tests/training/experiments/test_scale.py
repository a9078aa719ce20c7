"""The script that measures memory runs, and it counts private memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tilewright_training.data.dataset import read_art
from tilewright_training.experiments import scale

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="RssAnon is told by Linux alone"
)

SIZE = 64 << 20
MEASURE = f"""
import sys
import numpy as np
from tilewright_training.experiments import scale
before = scale.own_memory()
with scale.Peak() as mapped:
    assert int(np.memmap(sys.argv[1], np.uint8, "r").max()) == 0
print(mapped.bytes - before)
before = scale.own_memory()
with scale.Peak() as taken:
    ones = np.ones({SIZE}, np.uint8)
    assert int(ones.max()) == 1
print(taken.bytes - before)
"""


def test_the_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["scale", "--tiles", "600", "--size", "16", "--batches", "3"])
    scale.main()
    out = capsys.readouterr().out
    assert "600" in out and "images/s" in out


def test_synthetic_tiles_are_a_proper_set(tmp_path: Path) -> None:
    scale.build(tmp_path / "set", 5000, 8)
    data, _ = read_art([tmp_path / "set"], 8)
    assert data.images.shape == (5000, 8, 8, 4)
    assert np.bincount(data.labels).tolist() == [1250] * 4


def test_own_memory_counts_arrays_and_not_files(tmp_path: Path) -> None:
    """In a process of its own: what earlier tests leave behind may be freed at any time and hide allocations."""
    np.zeros(SIZE, np.uint8).tofile(tmp_path / "zeros")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "zeros")], check=True, capture_output=True, text=True
    )
    mapped, taken = map(int, done.stdout.split())
    assert mapped < SIZE // 2 < taken
