"""training/experiments/compare.sh treats all families equally, and a second call continues where the first
stopped.
"""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "training" / "experiments" / "compare.sh"

# A replacement for the command. Exporting the VAE fails while BROKEN exists.
TILEWRIGHT = """#!/usr/bin/env bash
echo "$@" >> "$CALLS"
for argument in "$@"; do
    case $before in -o) output=$argument ;; --json) json=$argument ;; esac
    before=$argument
done
case $1 in
    train) mkdir -p "$output" && echo {} > "$output/config.json" ;;
    export) [[ $2 != */vae ]] || [ ! -f "$BROKEN" ] || exit 1; echo pack > "$output" ;;
    evaluate) echo {} > "$json" ;;
esac
"""
PYTHON = """#!/usr/bin/env bash
echo "python $*" >> "$CALLS"
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    for name, text in (("tilewright", TILEWRIGHT), ("python", PYTHON)):
        stub = tmp_path / "bin" / name
        stub.parent.mkdir(exist_ok=True)
        stub.write_text(text)
        stub.chmod(0o755)
    (tmp_path / "broken").touch()
    return os.environ | {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHON": "python",
        "CALLS": str(tmp_path / "calls"),
        "BROKEN": str(tmp_path / "broken"),
        "MODELS": "dcgan vae",
        "MINUTES": "7",
        "HELD_OUT": "0.5",
    }


def call(machine: dict[str, str], folder: Path) -> tuple[int, list[str]]:
    """Return the exit code and the commands that the script called."""
    before = len(calls.read_text().splitlines()) if (calls := folder / "calls").exists() else 0
    command = [str(SCRIPT), "dawn-tiles", str(folder / "out"), "art", "more", "--", "--seed", "3"]
    code = subprocess.run(command, env=machine, stdout=subprocess.DEVNULL, timeout=60).returncode
    return code, calls.read_text().splitlines()[before:]


def test_a_call_and_another(machine: dict[str, str], tmp_path: Path) -> None:
    code, asked = call(machine, tmp_path)
    out = tmp_path / "out" / "dawn-tiles"
    assert code == 1
    assert [line.split()[0] for line in asked] == ["train", "export", "evaluate", "train", "export"]
    for line, model in zip(asked[::3], ("dcgan", "vae"), strict=True):
        assert line.startswith("train art more --kinds ")
        assert line.endswith(
            f"--model {model} --minutes 7 --held-out 0.5 --threads 1 -o {out}/{model} --seed 3"
        )
    assert f"evaluate {out}/dcgan.onnx --against art --against more --kinds " in asked[2]
    (tmp_path / "broken").unlink()
    code, asked = call(machine, tmp_path)
    assert code == 0
    assert [line.split()[0] for line in asked] == ["train", "export", "evaluate", "python"]
    assert asked[0] == f"train --resume -o {out}/vae"
    table = (
        f"-m tilewright_training.measures.results {out}/dcgan.json {out}/vae.json -o {out.parent}/results.md"
    )
    assert asked[-1] == f"python {table}"


def test_wrong_use() -> None:
    said = subprocess.run([str(SCRIPT), "dawn-tiles"], capture_output=True, text=True)
    assert said.returncode == 2
    assert "training/experiments/compare.sh NAME OUT_DIR FOLDER..." in said.stderr
