"""The GPU that "auto" selects. tests/cuda generates tiles on one."""

import numpy as np
import pytest

from tilewright import devices, engine, settings
from tilewright.generator import Pack
from tilewright.pack import open_pack


@pytest.mark.parametrize(
    ("rank", "number"), [(None, 0), ("0", 0), ("2", 2), ("3", 0), ("7", 1), ("", 0), ("-1", 0), ("one", 0)]
)
def test_local_rank_chooses_the_gpu_of_auto(
    rank: str | None, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CUDA runtime numbers three GPUs 1, 4 and 5. A name is used as it is."""
    opened = []

    class Gpu(engine.Engine):
        def __init__(self, plan: object, device: int) -> None:
            super().__init__(plan)  # type: ignore[arg-type]
            opened.append(device)

    if rank is None:
        monkeypatch.delenv("LOCAL_RANK", raising=False)
    else:
        monkeypatch.setenv("LOCAL_RANK", rank)
    monkeypatch.setattr(devices, "DeviceEngine", Gpu)
    monkeypatch.setattr(devices, "LEAST_WORK", 0)
    monkeypatch.setattr(engine, "cuda_unavailable_reason", lambda: "")
    monkeypatch.setattr(engine, "cuda_indices", lambda: [1, 4, 5])
    pack = Pack(open_pack("dawn-tiles"))
    expected = pack.generate(2, device="cpu").rgba
    np.testing.assert_array_equal(pack.generate(2).rgba, expected)
    assert opened == [(1, 4, 5)[number]]
    pack.generate(1, device="cuda:1")
    assert opened[1:] == ([] if number == 1 else [4])


def test_local_rank_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "5")
    monkeypatch.setattr(devices, "LEAST_WORK", 0)
    monkeypatch.setattr(engine, "cuda_unavailable_reason", lambda: "there is no NVIDIA driver")
    monkeypatch.setattr(engine, "cuda_indices", list)
    assert settings.local_rank() == 5
    assert len(Pack(open_pack("dawn-tiles")).generate(1)) == 1
