"""Failures of a run's files: power cuts, full disks, flipped bits, untrusted files."""

import errno
import json
import os
import struct
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from tilewright.errors import DataError, MachineError
from tilewright_training.config import preset
from tilewright_training.data.dataset import Dataset
from tilewright_training.run import training_loop
from tilewright_training.run.checkpoint import pack_checkpoint, restore, unpack_checkpoint
from tilewright_training.run.run_folder import RunFolder
from tilewright_training.run.sealed import MAX_HEADER_BYTES
from tilewright_training.watch.rescue_state import RescueState

from ..drawn import draw_set
from .processes import begin, event

KINDS = ("floor", "water")
STEPS = 120  # of the run that is killed
DATA = Dataset(np.stack(draw_set(KINDS, 8)), np.repeat([0, 1], 8), KINDS, (), "drawn")
SMALL = {"size": 8, "batch": 2, "channels": (8, 8), "critic_channels": (8, 8), "threads": 1, "wrap": True}
EIGHTH = Dataset(DATA.images[:, ::2, ::2].copy(), DATA.labels, KINDS, (), "drawn")


def run_of(path: Path, **overrides: object) -> RunFolder:
    config = preset("tiny", **{"checkpoint_every": 5, "sample_every": 1000, **SMALL, **overrides})
    return RunFolder.create(path, config, training_loop.describe(EIGHTH, config))


def end_of(run: RunFolder) -> bytes:
    return run.newest_checkpoint().read_bytes()


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    run = run_of(tmp_path_factory.mktemp("unbroken") / "run", steps=STEPS)
    training_loop.train(run, EIGHTH)
    return run


def live(path: Path, go: Event) -> None:
    """Train in a separate process until it is killed."""
    go.wait()
    training_loop.train(RunFolder(path), EIGHTH, resume=True)


def test_kill_9_at_25_random_moments(unbroken: RunFolder, tmp_path: Path) -> None:
    """Only steps since the last checkpoint are repeated, and the final weights are bit-identical."""
    run = run_of(tmp_path / "run", steps=STEPS)
    random = np.random.default_rng(0)
    reached, resumed = 0, 0
    for kill in range(25):
        go = event()
        process = begin(live, run.path, go)
        go.set()
        while kill % 2 and newest(run) == reached and process.is_alive():  # a busy machine takes its time
            time.sleep(0.005)
        time.sleep(float(random.uniform(0.0, 0.1)))
        process.kill()
        process.join()
        for checkpoint in run.checkpoints():
            unpack_checkpoint(checkpoint.read_bytes(), checkpoint.name)
        before, reached = reached, newest(run)
        assert reached >= before and reached % 5 == 0
        assert process.exitcode in (-9, 0)
        resumed += 0 < before < reached
    assert resumed >= 3
    go = event()
    process = begin(live, run.path, go)
    go.set()
    process.join()
    assert process.exitcode == 0
    assert end_of(run) == end_of(unbroken)
    steps = [json.loads(line)["step"] for line in (run.path / "losses.jsonl").read_text().splitlines()]
    assert steps == list(range(10, STEPS + 1, 10))


def newest(run: RunFolder) -> int:
    """Return the step of the newest checkpoint."""
    return max([int(path.stem[5:]) for path in run.checkpoints()], default=0)


def test_every_flipped_bit_is_noticed(unbroken: RunFolder) -> None:
    content = end_of(unbroken)
    random = np.random.default_rng(1)
    header = struct.unpack("<Q", content[:8])[0]
    places = [*random.integers(0, 8 + header, 60), *random.integers(0, len(content), 60)]
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(random.integers(8))
        with pytest.raises(DataError, match=r"^here is not a readable checkpoint: "):
            unpack_checkpoint(bytes(damaged), "here")


def test_a_damaged_checkpoint_is_put_aside(unbroken: RunFolder, tmp_path: Path) -> None:
    run, said = run_of(tmp_path / "run", steps=20), []
    training_loop.train(run, EIGHTH)
    whole = end_of(run)
    damaged = bytearray(whole)
    damaged[-1] ^= 1
    run.newest_checkpoint().write_bytes(damaged)
    training_loop.train(run, EIGHTH, resume=True, say=said.append)
    assert said == [
        f"{run.path}/checkpoints/step-00000020.safetensors is not a readable checkpoint: its checksum is wrong: "
        "the file is damaged; going on from the one before it"
    ]
    assert end_of(run) == whole
    assert (run.path / "checkpoints" / "step-00000020.damaged").read_bytes() == damaged


def test_a_run_whose_checkpoints_are_all_damaged(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", steps=10)
    training_loop.train(run, EIGHTH)
    for path in run.checkpoints():
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"step-00000005.safetensors is not a readable checkpoint"):
        training_loop.train(run, EIGHTH, resume=True)


def test_a_full_disk_costs_only_the_checkpoints_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, said = run_of(tmp_path / "run", steps=30), []
    fsync = os.fsync
    full = [False]

    def full_disk(number: int) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(number)

    monkeypatch.setattr(os, "fsync", full_disk)
    names = []

    def report(progress: training_loop.Progress) -> None:
        names.append(run.checkpoints()[-1].name if run.checkpoints() else "")
        full[0] = 8 <= progress.step < 22

    training_loop.train(run, EIGHTH, report=report, say=said.append)
    assert names[20] == "step-00000005.safetensors"  # the old file, complete
    assert len(said) == 1
    assert said[0].endswith("No space left on device; training continues and tries again at every checkpoint")
    assert run.load_checkpoint(training_loop.restore_family(run))[0] == 30
    assert not [path for path in (run.path / "checkpoints").iterdir() if path.name.startswith(".")]


def test_a_disk_that_is_full_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(tmp_path / "run", steps=8)

    def report(progress: training_loop.Progress) -> None:
        if progress.step == 6:
            monkeypatch.setattr(os, "fsync", no_space)

    def no_space(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(MachineError, match="No space left on device"):
        training_loop.train(run, EIGHTH, report=report)
    monkeypatch.undo()
    assert training_loop.train(run, EIGHTH, resume=True) == 8


def strangers_file(run: RunFolder, change: object) -> bytes:
    """Return the run's checkpoint with other tensors and a valid checksum."""
    family = training_loop.restore_family(run)
    checkpoint = unpack_checkpoint(end_of(run), "own")
    restore(family, checkpoint)
    content = pack_checkpoint(family, 5, 10, RescueState())
    tensors = safetensors.torch.load(content)
    change(tensors)  # type: ignore[operator]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tilewright_training.run.checkpoint._tensors", lambda family: tensors)
        return pack_checkpoint(family, 5, 10, RescueState())


def first_weight(tensors: dict[str, torch.Tensor]) -> str:
    return next(name for name in sorted(tensors) if name.startswith("generator/") and name.endswith("weight"))


CHANGES = {
    "a weight of another shape": lambda t: t.update({first_weight(t): torch.zeros(3)}),
    "a weight that is missing": lambda t: t.pop(first_weight(t)),
    "a weight too many": lambda t: t.update({"generator/strange": torch.zeros(3)}),
    "an optimizer's state of another shape": lambda t: t.update(
        {"optimizer/critic/0/exp_avg": torch.zeros(3)}
    ),
    "an optimizer's state for no weight": lambda t: t.update({"optimizer/critic/999/step": torch.zeros(())}),
    "a name that is no number": lambda t: t.update({"optimizer/critic/x/step": torch.zeros(())}),
    "a weight that is infinite": lambda t: t.update(
        {first_weight(t): torch.full_like(t[first_weight(t)], torch.inf)}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_weights_from_a_stranger(unbroken: RunFolder, tmp_path: Path, change: str) -> None:
    path = tmp_path / "strange.safetensors"
    path.write_bytes(strangers_file(unbroken, CHANGES[change]))
    with pytest.raises(
        DataError, match=r"strange.safetensors (does not fit this run|is not a readable checkpoint)"
    ):
        unbroken.load_checkpoint(training_loop.restore_family(unbroken), path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        b"not safetensors at all",
        struct.pack("<Q", 1 << 62) + b"{}",
        struct.pack("<Q", MAX_HEADER_BYTES + 1) + b" " * (MAX_HEADER_BYTES + 2),
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 20) + b'{"__metadata__":{}}  ',
        struct.pack("<Q", 40) + b'{"__metadata__":{"sha256":"0","step":1}}',
        struct.pack("<Q", 100_000) + b"[" * 100_000,
    ],
    ids=range(10),
)
def test_files_that_are_no_checkpoints(unbroken: RunFolder, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"strange.safetensors is not a readable checkpoint: ."):
        unbroken.load_checkpoint(training_loop.restore_family(unbroken), path)
