"""training/experiments/gpu.sh respects the time limit, and a second call continues where the first stopped."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "training" / "experiments" / "gpu.sh"

# A replacement for Python. It trains without end until the run has been resumed once.
PYTHON = """#!/usr/bin/env bash
[ "$1" = -c ] && shift 2
verb=${1:-}
run=${@: -1}
echo "$@" >> "$CALLS"
case $verb in
    train)
        mkdir -p "$run/samples" "$run/checkpoints"
        echo {} > "$run/config.json"
        echo {} > "$run/losses.jsonl"
        echo picture > "$run/samples/step-00000001.png"
        head -c 20000000 /dev/urandom > "$run/checkpoints/step-00000001.safetensors"
        [[ " $* " == *" --resume "* ]] && exit 0
        trap 'exit 130' INT
        while true; do sleep 0.1; done ;;
    export) echo pack > "$run" ;;
    evaluate) exit 2 ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    stub = tmp_path / "python"
    stub.write_text(PYTHON)
    stub.chmod(0o755)
    art = tmp_path / "carry" / "art"
    art.mkdir(parents=True)
    (art.parent / "options").write_text("--preset tiny --steps 9\n")
    return os.environ | {"PYTHON": str(stub), "CALLS": str(tmp_path / "calls")}


def call(machine: dict[str, str], folder: Path, seconds: int) -> int:
    command = [str(SCRIPT), "mine", str(folder / "carry"), str(folder / "out")]
    limit = {"SECONDS_PER_CALL": str(seconds)}
    return subprocess.run(command, env=machine | limit, stdout=subprocess.DEVNULL, timeout=300).returncode


def test_a_call_and_another(machine: dict[str, str], tmp_path: Path) -> None:
    assert call(machine, tmp_path, seconds=5) == 75
    parts = sorted((tmp_path / "out").iterdir())
    assert [part.name for part in parts] == ["run.tar.gz.00", "run.tar.gz.01"]
    assert all(part.stat().st_size < 16 << 20 for part in parts)
    # The returned files are carried to a new machine.
    (tmp_path / "out").rename(tmp_path / "carry" / "back")
    assert call(machine, tmp_path, seconds=200) == 0
    assert (tmp_path / "out" / "mine.onnx").read_text() == "pack\n"
    assert (tmp_path / "out" / "samples.png").read_text() == "picture\n"
    assert len(list((tmp_path / "out").iterdir())) <= 8
    trained = [line for line in (tmp_path / "calls").read_text().splitlines() if line.startswith("train")]
    assert "--preset tiny --steps 9 --device auto" in trained[0]
    assert "--resume --device auto" in trained[1]


def test_wrong_use() -> None:
    said = subprocess.run([str(SCRIPT)], capture_output=True, text=True)
    assert said.returncode == 2
    assert "training/experiments/gpu.sh PACK_NAME CARRY_DIR OUT_DIR" in said.stderr
