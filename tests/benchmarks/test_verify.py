"""`python -m tilewright_benchmarks.verify` compares what it says, and sees a difference."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tilewright.compiler import fast_reference
from tilewright.engine import backends
from tilewright.pack import PackFile, check_pack
from tilewright_benchmarks.verify import verify

from ..networks import palette_pack
from ..step_networks import PACKS


def pack(name: str) -> PackFile:
    content = palette_pack() if name == "one pass" else PACKS[name]()
    return check_pack(content, Path(f"{name}.onnx"))


@pytest.mark.parametrize("name", ["one pass", "masked", "autoregressive", "conditioned"])
def test_every_backend_and_onnxruntime_agree(name: str) -> None:
    row = verify(pack(name), 8, 4)
    assert row["equal_bytes"] == dict.fromkeys(backends(), 1.0)
    share = row["onnxruntime_pixels" if name == "one pass" else "onnxruntime_scores"]
    assert isinstance(share, float) and 0.97 < share <= 1.0


def test_a_wrong_byte_of_the_reference_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = fast_reference.run

    def wrong(*given: Any, **named: Any) -> dict[str, Any]:
        made = right(*given, **named)
        made["indices"] = np.where(made["indices"] == 0, 1, made["indices"])
        return made

    monkeypatch.setattr(fast_reference, "run", wrong)
    row = verify(pack("masked"), 8, 4)
    assert all(0.3 < share < 1.0 for share in row["equal_bytes"].values())  # type: ignore[attr-defined]
