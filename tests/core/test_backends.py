import os
import subprocess
import sys

import pytest

from tilewright import _core

from .small_plan import build_plan


def test_the_scalar_backend_is_always_there():
    assert _core.backends()[-1] == "scalar"
    assert _core.Executor(build_plan(), "scalar").backend == "scalar"


def test_the_first_backend_is_the_default(monkeypatch):
    monkeypatch.setenv("TILEWRIGHT_BACKEND", "scalar")  # read by tilewright.Engine, not by the core
    assert _core.Executor(build_plan()).backend == _core.backends()[0]
    assert _core.Executor(build_plan(), "").backend == _core.backends()[0]


def test_an_unknown_backend_is_refused():
    known = ", ".join(_core.backends())
    with pytest.raises(ValueError) as caught:
        _core.Executor(build_plan(), "steam")
    assert str(caught.value) == f"Executor(): there is no backend 'steam' on this machine; use {known}"


def test_without_a_gpu_there_are_no_devices_but_a_reason():
    program = """
from tilewright import _core
assert _core.cuda_devices() == []
print(_core.cuda_unavailable_reason())
"""
    hidden = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=hidden, check=True, capture_output=True, text=True, timeout=60
    )
    assert len(done.stdout.strip()) > 10
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
