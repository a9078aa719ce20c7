"""The rounding mode and denormal flushing of the calling program change no byte and are preserved."""

import ctypes
import ctypes.util
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tilewright import _core, engine
from tilewright import generator as tw
from tilewright.compiler import reference

from ..networks import palette_pack
from ..test_engine import make_plan
from .test_samplers import PLANS

ROUNDING = {"x86_64": (0x400, 0x800, 0xC00), "aarch64": (0x400000, 0x800000, 0xC00000)}
LIBM = ctypes.util.find_library("m")
MODES = ROUNDING.get(platform.machine(), ())
FLUSHING = 0x9FC0  # bits of x86-64's MXCSR: flush denormal results and operands to 0

needs_modes = pytest.mark.skipif(
    not LIBM or not MODES, reason="the numbers of this machine's modes are not known"
)


@contextmanager
def rounding(mode: int) -> Iterator[None]:
    libm = ctypes.CDLL(LIBM)
    before = libm.fegetround()
    assert libm.fesetround(mode) == 0
    try:
        yield
        assert libm.fegetround() == mode
    finally:
        libm.fesetround(before)


@needs_modes
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("backend", engine.backends())
def test_the_mode_of_rounding_changes_nothing(backend: str, mode: int) -> None:
    for plan in (make_plan(), PLANS["without-weights-masked"]()):
        expected = reference.run(plan, 9, seed=3)
        traced = engine.Engine(plan, backend).trace(3, 0)
        with rounding(mode):
            made = engine.Engine(plan, backend)
            for threads in (1, 3):
                results = made.run(9, seed=3, threads=threads)
                for name, array in expected.items():
                    np.testing.assert_array_equal(results[name], array)
            for one, other in zip(made.trace(3, 0), traced, strict=True):
                np.testing.assert_array_equal(one, other)


@needs_modes
def test_a_pack_is_compiled_alike(tmp_path: Path) -> None:
    path = tmp_path / "random.onnx"
    path.write_bytes(palette_pack())
    expected = tw.load(path)
    with rounding(MODES[1]):
        found = tw.load(path)
    for one, other in zip(expected.plan.steps, found.plan.steps, strict=True):
        for name, value in one.arguments.items():
            np.testing.assert_array_equal(value, other.arguments[name])


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the bits are those of x86-64")
@pytest.mark.parametrize("backend", engine.backends())
def test_flushing_changes_nothing_and_stays(backend: str) -> None:
    plan = make_plan()
    expected = reference.run(plan, 9, seed=3)
    before = _core.exchange_float_mode(FLUSHING)
    try:
        results = engine.Engine(plan, backend).run(9, seed=3, threads=2)
    finally:
        after = _core.exchange_float_mode(before)
    assert after == FLUSHING
    for name, array in expected.items():
        np.testing.assert_array_equal(results[name], array)


@needs_modes
def test_threads_that_are_kept_do_not_keep_a_mode() -> None:
    """The pool's threads start while the caller rounds upwards, and later serve a call that does not."""
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"""
import ctypes, numpy as np
from tilewright import _core
rng = np.random.default_rng(2)
plan = _core.PlanBuilder(1, np.arange(-128, 128).astype(np.int8))
x = plan.input("latents", (8, 8, 8))
w = rng.integers(-99, 99, (8, 3, 3, 8), dtype=np.int8)
rest = np.zeros(8, np.int32), np.full(8, 0.0017, np.float32), 100, 128, False
plan.output("x", plan.conv2d(x, w, *rest))
executor = _core.Executor(plan, "scalar")
expected = executor.run(1, 0, None, None, 4000, 1)["x"]
ctypes.CDLL({LIBM!r}).fesetround({MODES[1] if MODES else 0})
assert np.array_equal(executor.run(1, 0, None, None, 4000, 4)["x"], expected)
ctypes.CDLL({LIBM!r}).fesetround(0)
assert np.array_equal(executor.run(1, 0, None, None, 4000, 4)["x"], expected)
""",
        ],
        check=True,
        timeout=60,
    )
