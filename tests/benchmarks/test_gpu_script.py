"""benchmarks/gpu.sh builds for the GPU, passes the time limit on, and reports failures by its exit code."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.sh"

# A replacement for Python that builds and measures nothing.
PYTHON = """#!/usr/bin/env bash
echo "$@" >> "$CALLS"
case "$*" in
    *"pip install"*) echo compiling; exit "${BUILD_CODE:-0}" ;;
    "- "*) cat > /dev/null ;;
    *tilewright_benchmarks.gpu*) echo "commit $COMMIT" >> "$CALLS"; exit "${GPU_CODE:-0}" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    stub = tmp_path / "python"
    stub.write_text(PYTHON)
    stub.chmod(0o755)
    return os.environ | {"PYTHON": str(stub), "CALLS": str(tmp_path / "calls"), "COMMIT": "abc"}


def call(machine: dict[str, str], folder: Path, *options: str) -> tuple[int, list[str]]:
    command = [str(SCRIPT), str(folder / "out"), *options]
    code = subprocess.run(command, env=machine, stdout=subprocess.DEVNULL, timeout=60).returncode
    return code, (folder / "calls").read_text().splitlines()


def test_a_call(machine: dict[str, str], tmp_path: Path) -> None:
    code, calls = call(machine, tmp_path, "--pack", "g3")
    assert code == 0
    build, small, measure, _ = calls
    assert "-m pip install" in build and "--no-index" in build
    assert "TILEWRIGHT_CUDA=ON" in build and "TILEWRIGHT_CUDA_ARCHITECTURES=90-real" in build
    assert (tmp_path / "out" / "build.log").read_text() == "compiling\n"
    assert small.startswith("- ") and small.endswith("/small")
    head, _, rest = measure.partition(" --seconds ")
    assert head == f"-m tilewright_benchmarks.gpu {tmp_path / 'out'}"
    assert 490 < int(rest.split()[0]) <= 510
    assert "--device cuda" in rest and rest.endswith("/small --pack g3")


@pytest.mark.parametrize("code", [1, 75])
def test_the_exit_code_is_passed_on(machine: dict[str, str], tmp_path: Path, code: int) -> None:
    assert call(machine | {"GPU_CODE": str(code)}, tmp_path)[0] == code


def test_a_build_that_fails_ends_it(machine: dict[str, str], tmp_path: Path) -> None:
    code, calls = call(machine | {"BUILD_CODE": "3"}, tmp_path)
    assert (code, len(calls)) == (1, 1)


def test_a_dry_run_takes_what_is_installed(machine: dict[str, str], tmp_path: Path) -> None:
    code, calls = call(machine | {"DEVICE": "cpu", "SECONDS_PER_CALL": "60"}, tmp_path)
    assert code == 0
    assert not [line for line in calls if "pip" in line]
    assert "--device cpu" in calls[1]


def test_wheels_are_installed_first(machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "thing-1-py3-none-any.whl").touch()
    _, calls = call(machine | {"WHEELS": str(tmp_path / "wheels")}, tmp_path)
    assert calls[0].endswith("thing-1-py3-none-any.whl")


def test_wrong_use() -> None:
    said = subprocess.run([str(SCRIPT)], capture_output=True, text=True)
    assert said.returncode == 2
    assert "benchmarks/gpu.sh OUT_DIR" in said.stderr
