"""Output of the CUDA compiler for the kernels: no register spills. Skipped without a compiler."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NVCC = shutil.which("nvcc")


def test_a_build_tells_of_spills() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert "-Xptxas=--warn-on-spills,--warn-on-local-memory-usage" in cmake


@pytest.mark.unsanitized("nvcc does not run with the library of a sanitizer")
@pytest.mark.skipif(NVCC is None, reason="needs nvcc")
def test_no_register_is_spilled(tmp_path: Path) -> None:
    """Checks both arenas for the lowest architecture, one with less shared memory, and the H100's."""
    architectures = [f"-gencode=arch=compute_{number},code=sm_{number}" for number in (80, 86, 90)]
    command = [str(NVCC), "-std=c++17", "-O3", "--fmad=false", "-Xptxas=-v", *architectures, "-c"]
    paths = ["-I", str(ROOT / "csrc"), "-o", str(tmp_path / "kernel.o"), str(ROOT / "csrc/cuda/run_plan.cu")]
    done = subprocess.run([*command, *paths], check=True, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    spills = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", said)
    assert spills == [("0", "0", "0")] * 6
    registers = [int(count) for count in re.findall(r"Used (\d+) registers", said)]
    assert max(registers) <= 128, "two blocks of 256 threads no longer fit a multiprocessor"
