"""Internal parts of the core: each file of internals/ is a program that checks one part by brute force."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "internals"
SOURCES = {
    "arena": ["core/arena.cpp"],
    "cell_sampler": [
        "core/seeds.cpp",
        "sampler/cell_order.cpp",
        "sampler/cell_sampler.cpp",
        "sampler/dirty_region.cpp",
        "sampler/step_network.cpp",
    ],
    "check_plan": ["core/check_plan.cpp", "core/contract.cpp", "core/plan.cpp"],
    "dirty_region": ["sampler/dirty_region.cpp", "sampler/step_network.cpp"],
    "schedule": ["cpu/schedule.cpp"],
}


def test_every_program_is_run() -> None:
    assert sorted(SOURCES) == sorted(path.stem for path in PROGRAMS.glob("*.cpp"))


@pytest.mark.parametrize("name", SOURCES)
def test_internals(name: str, tmp_path: Path) -> None:
    compiler = shutil.which(os.environ.get("CXX", "c++")) or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    program = tmp_path / name
    flags = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-I", str(ROOT / "csrc")]
    files = [PROGRAMS / f"{name}.cpp", *(ROOT / "csrc" / source for source in SOURCES[name])]
    subprocess.run([compiler, *flags, *map(str, files), "-o", str(program)], check=True)
    result = subprocess.run([str(program)], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
