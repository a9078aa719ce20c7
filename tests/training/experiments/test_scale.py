"""The script that measures memory runs, and it counts private memory."""

import gc
from pathlib import Path

import numpy as np
import pytest

from tilewright_training.data.dataset import read_art
from tilewright_training.experiments import scale

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="RssAnon is told by Linux alone"
)


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
    size = 64 << 20
    gc.collect()  # garbage of earlier tests would be freed below and hide allocations
    np.zeros(size, np.uint8).tofile(tmp_path / "zeros")
    before = scale.own_memory()
    with scale.Peak() as mapped:
        assert int(np.memmap(tmp_path / "zeros", np.uint8, "r").max()) == 0
    assert mapped.bytes - before < size // 2
    before = scale.own_memory()
    with scale.Peak() as taken:
        ones = np.ones(size, np.uint8)  # still allocated at the last sample on a busy machine
        assert int(ones.max()) == 1
    assert taken.bytes - before > size // 2
