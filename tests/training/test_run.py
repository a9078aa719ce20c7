"""Runs: they stop and go on to the same weights, whatever stops them, and leave nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import safetensors.torch
import torch
from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright_training import train, training_loop
from tilewright_training.config import PRESETS, config_from_json, preset
from tilewright_training.dataset import read_art
from tilewright_training.run_folder import RunFolder

from .drawn import draw_folder

QUIET = Console(quiet=True)
STEPS = {"steps": 12, "checkpoint_every": 4, "sample_every": 6, "threads": 1}


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    draw_folder(folder, per_kind=12)
    return folder


def weights(run: Path) -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(RunFolder(run).newest_checkpoint())


def assert_same_weights(a: Path, b: Path) -> None:
    first, second = weights(a), weights(b)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


@pytest.fixture(scope="module", params=["tiny", "dcgan"])
def finished(request: pytest.FixtureRequest, art: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / request.param
    overrides = STEPS | ({"batch": 8} if request.param == "dcgan" else {})
    train.start(run, [art], 16, request.param, overrides=overrides, console=QUIET)
    return run


def test_run_folder(finished: Path) -> None:
    lines = [json.loads(line) for line in (finished / "losses.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [10, 12]
    assert all(isinstance(line["critic"], float) for line in lines)
    assert sorted(p.name for p in (finished / "samples").iterdir()) == [
        "step-00000006.png",
        "step-00000012.png",
    ]
    assert [p.name for p in RunFolder(finished).checkpoints()] == [
        "step-00000008.safetensors",
        "step-00000012.safetensors",
    ]
    assert list((finished / "tensorboard").iterdir())
    assert config_from_json(json.loads((finished / "config.json").read_text())).steps == 12


def test_stopped_and_resumed_is_the_same(finished: Path, art: Path, tmp_path: Path) -> None:
    name = RunFolder(finished).config.preset
    overrides = STEPS | ({"batch": 8} if name == "dcgan" else {})
    run = tmp_path / "run"

    def stop(progress: training_loop.Progress) -> None:
        if progress.step == 10:
            raise KeyboardInterrupt

    data, _ = read_art([art], 16)
    config = preset(name, **{**overrides, "wrap": True})
    reading = {"folders": [str(art)], "size": 16}
    folder = RunFolder.create(run, config, {**training_loop.describe(data, config), "reading": reading})
    with pytest.raises(KeyboardInterrupt):
        training_loop.train(folder, data, report=stop)
    train.resume(run, QUIET)
    assert_same_weights(run, finished)
    steps = [json.loads(line)["step"] for line in (run / "losses.jsonl").read_text().splitlines()]
    assert steps == [10, 12]


def test_survives_kill_9(finished: Path, art: Path, tmp_path: Path) -> None:
    if RunFolder(finished).config.preset != "tiny":
        pytest.skip("once is enough")
    run = tmp_path / "run"
    options = [
        "--preset",
        "tiny",
        "--steps",
        "12",
        "--checkpoint-every",
        "4",
        "--sample-every",
        "6",
        "--threads",
        "1",
    ]
    command = [sys.executable, "-c", "from tilewright.cli import main; main()", "train"]
    process = subprocess.Popen([*command, str(art), *options, "-o", str(run)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(run.glob("checkpoints/step-*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run([*command, "--resume", "-o", str(run)], check=True, stderr=subprocess.DEVNULL)
    assert_same_weights(run, finished)


def test_half_written_log_line_is_dropped(tmp_path: Path, art: Path) -> None:
    run = tmp_path / "run"
    train.start(run, [art], 16, "tiny", overrides=STEPS | {"steps": 11}, console=QUIET)
    with (run / "losses.jsonl").open("a") as log:
        log.write('{"step": 11, "cri')
    train.resume(run, QUIET)
    for line in (run / "losses.jsonl").read_text().splitlines():
        json.loads(line)


def test_refuses_to_overwrite_a_run(finished: Path, art: Path) -> None:
    with pytest.raises(
        UsageError, match="already holds a run: go on with --resume, or choose another folder"
    ):
        train.start(finished, [art], 16, "tiny", overrides=STEPS, console=QUIET)


def test_refuses_to_resume_on_other_art(tmp_path: Path) -> None:
    art, run = tmp_path / "art", tmp_path / "run"
    draw_folder(art, per_kind=4)
    train.start(run, [art], 16, "tiny", overrides=STEPS | {"steps": 4}, console=QUIET)
    next(art.rglob("*.png")).unlink()
    with pytest.raises(DataError, match=r"is not what .* was begun with: put it back, or start a new run"):
        train.resume(run, QUIET)


def test_damaged_checkpoint_is_one_line(tmp_path: Path, art: Path) -> None:
    run = tmp_path / "run"
    train.start(run, [art], 16, "tiny", overrides=STEPS | {"steps": 4}, console=QUIET)
    RunFolder(run).newest_checkpoint().write_bytes(b"not safetensors")
    with pytest.raises(DataError, match="is not a readable checkpoint"):
        train.resume(run, QUIET)


def test_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is not a run folder: .* `tilewright train` makes one"):
        RunFolder(tmp_path)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"size": 17}, "train: size must be 8, 16, 32, 64, 128 or 256 pixels, not 17"),
        ({"minutes": 0.0}, "train: give a positive number of --steps or --minutes"),
        ({"batch": 1}, "train: batch must be 2 or more, not 1"),
        ({"max_colours": 1}, "train: max_colours must be in 2..256, not 1"),
    ],
)
def test_bad_configuration(values: dict[str, float], text: str) -> None:
    with pytest.raises(UsageError) as error:
        preset("gan", **values)
    assert str(error.value) == text


def test_minutes_replace_the_steps_of_a_preset() -> None:
    assert preset("sprites").steps > 0
    assert preset("sprites", minutes=3.0).steps == 0
    assert preset("sprites", minutes=3.0, steps=5).steps == 5


def test_presets_are_known() -> None:
    with pytest.raises(UsageError, match="train: unknown preset 'wgan'; there are gan, dcgan, tiles, sprites, tiny"):
        preset("wgan")
    for name in PRESETS:
        assert config_from_json(preset(name).to_json()) == preset(name)
