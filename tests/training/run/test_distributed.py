"""Two processes train like one process with twice the batch."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tilewright.errors import MachineError, UsageError
from tilewright_training.run import training_loop
from tilewright_training.run.distributed import ALONE, pick_device
from tilewright_training.run.run_folder import RunFolder

from ..drawn import draw_folder

CODE = """
import json, sys
from pathlib import Path
from rich.console import Console
from tilewright_training.run import train
art, run, batch, resume = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "resume"
quiet = Console(quiet=True)
overrides = {"steps": 60, "checkpoint_every": 20, "sample_every": 1000, "threads": 1, "batch": batch,
             "bfloat16": False, "channels": (8, 8, 8), "critic_channels": (8, 8, 8), "round_from": 1.0,
             "critic_from": 0.0}
if resume:
    train.resume(run, console=quiet)
else:
    train.start(run, [art], 16, "tiny", overrides=overrides, console=quiet, device="cpu")
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def together(size: int, *arguments: object) -> None:
    """Run CODE in `size` processes with the environment of torchrun."""
    common = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    command = [sys.executable, "-c", CODE, *map(str, arguments)]
    processes = [
        subprocess.Popen(command, env=os.environ | common | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(size)
    ]
    assert [process.wait() for process in processes] == [0] * size


def curve(run: Path, name: str) -> list[float]:
    lines = [json.loads(line) for line in (run / "losses.jsonl").read_text().splitlines()]
    return [line[name] for line in lines]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(run of two processes with batch 4, run of one process with batch 8)."""
    folder = tmp_path_factory.mktemp("distributed")
    art = draw_folder(folder / "art", per_kind=12)
    together(2, art, folder / "two", 4, "start")
    together(1, art, folder / "one", 8, "start")
    return folder / "two", folder / "one"


def test_the_losses_are_those_of_twice_the_batch(runs: tuple[Path, Path]) -> None:
    two, one = runs
    for name in ("critic", "generator", "margin", "r1"):
        assert curve(two, name) == pytest.approx(curve(one, name), rel=2e-3, abs=2e-4), name
    assert len(curve(two, "critic")) == 6


def test_the_weights_too(runs: tuple[Path, Path]) -> None:
    families = []
    for path in runs:
        run = RunFolder(path)
        families.append(training_loop.restore_family(run))
        assert run.load_checkpoint(families[-1]) == (60, 60)
    for name, module in families[0].modules.items():
        for a, b in zip(module.parameters(), families[1].modules[name].parameters(), strict=True):
            assert torch.allclose(a, b, atol=2e-3), name


def test_two_processes_resume(runs: tuple[Path, Path]) -> None:
    """A run that is stopped after step 40 and resumed gives a bit-identical file."""
    two = RunFolder(runs[0])
    end = two.newest_checkpoint()
    content = end.read_bytes()
    end.unlink()
    together(2, "-", two.path, 4, "resume")
    assert end.read_bytes() == content
    assert len(curve(two.path, "critic")) == 6


def test_alone_nothing_is_sent() -> None:
    assert ALONE.first and ALONE.mean({"a": 1.0}) == {"a": 1.0} and ALONE.broadcast([1]) == [1]
    assert ALONE.any(True) and not ALONE.any(False) and ALONE.broadcast_bytes(b"x") == b"x"


def test_devices() -> None:
    assert pick_device("cpu").type == "cpu"
    with pytest.raises(UsageError, match="train: device must be auto, cpu or cuda, not 'tpu'"):
        pick_device("tpu")
    if not torch.cuda.is_available():
        assert pick_device("auto").type == "cpu"
        with pytest.raises(
            MachineError, match="there is no GPU that torch can use here: leave out --device cuda"
        ):
            pick_device("cuda")
