"""Two processes train like one process with twice the batch."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from tilewright.errors import MachineError, UsageError
from tilewright_training.run import train, training_loop
from tilewright_training.run.distributed import ALONE, pick_device
from tilewright_training.run.run_folder import RunFolder

from ..drawn import draw_folder
from .processes import begin

STEPS, EVERY = 30, 10
SETTINGS = {
    "steps": STEPS,
    "checkpoint_every": EVERY,
    "sample_every": 1000,
    "threads": 1,
    "bfloat16": False,
    "channels": (8, 8, 8),
    "critic_channels": (8, 8, 8),
    "round_from": 1.0,
    "critic_from": 0.0,
}


def start(art: Path, run: Path, batch: int) -> None:
    overrides = {**SETTINGS, "batch": batch}
    train.start(run, [art], 16, "tiny", overrides=overrides, console=Console(quiet=True), device="cpu")


def resume(run: Path) -> None:
    train.resume(run, console=Console(quiet=True))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def together(size: int, function: Callable[..., None], *arguments: object) -> None:
    """Call a function in `size` processes with the environment of torchrun."""
    common = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    all_of_them = [
        begin(function, *arguments, environment=common | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(size)
    ]
    for process in all_of_them:
        process.join()
    assert [process.exitcode for process in all_of_them] == [0] * size


def curve(run: Path, name: str) -> list[float]:
    lines = [json.loads(line) for line in (run / "losses.jsonl").read_text().splitlines()]
    return [line[name] for line in lines]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(run of two processes with batch 4, run of one process with batch 8)."""
    folder = tmp_path_factory.mktemp("distributed")
    art = draw_folder(folder / "art", per_kind=12)
    together(2, start, art, folder / "two", 4)
    together(1, start, art, folder / "one", 8)
    return folder / "two", folder / "one"


def test_the_losses_are_those_of_twice_the_batch(runs: tuple[Path, Path]) -> None:
    two, one = runs
    for name in ("critic", "generator", "margin", "r1"):
        assert curve(two, name) == pytest.approx(curve(one, name), rel=2e-3, abs=2e-4), name
    assert len(curve(two, "critic")) == STEPS // 10


def test_the_weights_too(runs: tuple[Path, Path]) -> None:
    families = []
    for path in runs:
        run = RunFolder(path)
        families.append(training_loop.restore_family(run))
        assert run.load_checkpoint(families[-1]) == (STEPS, STEPS)
    for name, module in families[0].modules.items():
        for a, b in zip(module.parameters(), families[1].modules[name].parameters(), strict=True):
            assert torch.allclose(a, b, atol=2e-3), name


def test_two_processes_resume(runs: tuple[Path, Path]) -> None:
    """A run that is resumed from the last checkpoint but one gives a bit-identical file."""
    two = RunFolder(runs[0])
    end = two.newest_checkpoint()
    content = end.read_bytes()
    end.unlink()
    together(2, resume, two.path)
    assert end.read_bytes() == content
    assert len(curve(two.path, "critic")) == STEPS // 10


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
