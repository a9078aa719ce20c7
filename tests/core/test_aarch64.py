"""Properties of the AArch64 build that a cross compiler can check."""

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")


def test_the_kernels_compile_to_dot_products(tmp_path: Path) -> None:
    native = platform.machine() in ("aarch64", "arm64")
    compiler = shutil.which("g++") if native else shutil.which("aarch64-linux-gnu-g++")
    if compiler is None:
        pytest.skip("there is no compiler for AArch64")
    options = re.search(r'neon\.cpp PROPERTIES COMPILE_OPTIONS "([^"]+)"', CMAKE)
    assert options
    assembly = tmp_path / "neon.s"
    flags = ["-std=c++17", "-O3", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-S"]
    source = ["-I", str(ROOT / "csrc"), str(ROOT / "csrc/cpu/neon.cpp"), "-o", str(assembly)]
    subprocess.run([compiler, *flags, *options[1].split(";"), *source], check=True)
    text = assembly.read_text(encoding="utf-8")
    assert len(re.findall(r"\bsdot\b", text)) > 100
    assert not re.search(r"\bf(madd|mla)\b", text), "a product that is not rounded by itself"
