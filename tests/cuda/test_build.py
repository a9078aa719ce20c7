"""Output of the CUDA compiler for the kernels: no register spills. Skipped without a compiler."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NVCC = shutil.which("nvcc")


def test_a_build_tells_of_spills() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert "-Xptxas=--warn-on-spills,--warn-on-local-memory-usage" in cmake


def with_conditions() -> Iterator[Path]:
    """Return the files whose text depends on the architecture."""
    for path in (ROOT / "csrc").rglob("*"):
        if path.suffix in (".cu", ".cuh", ".h") and "__CUDA_ARCH__" in path.read_text(encoding="utf-8"):
            yield path


@pytest.mark.unsanitized("nvcc does not run with the library of a sanitizer")
@pytest.mark.skipif(NVCC is None, reason="needs nvcc")
def test_no_register_is_spilled(tmp_path: Path) -> None:
    """Checks both arenas for the lowest architecture and the H100's."""
    assert not list(with_conditions()), "compile for each architecture: the kernels differ between them"
    architectures = "-gencode=arch=compute_80,code=[sm_80,sm_90]"
    command = [str(NVCC), "-std=c++17", "-O3", "--fmad=false", "-Xptxas=-v", architectures, "-fatbin"]
    paths = ["-I", str(ROOT / "csrc"), "-o", str(tmp_path / "kernel"), str(ROOT / "csrc/cuda/run_plan.cu")]
    done = subprocess.run([*command, *paths], check=True, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    spills = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", said)
    assert spills == [("0", "0", "0")] * 4
    registers = [int(count) for count in re.findall(r"Used (\d+) registers", said)]
    assert max(registers) <= 128, "two blocks of 256 threads no longer fit a multiprocessor"
