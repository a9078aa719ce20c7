"""Runs resume to the same weights after any interruption, and leave no partial files."""

import io
import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import cast

import pytest
import safetensors.torch
import torch
from rich.console import Console

from tilewright.cli import main
from tilewright.errors import DataError, UsageError
from tilewright.training_pictures import TrainingPictures
from tilewright_training.config import PRESETS, config_from_json, preset
from tilewright_training.data.dataset import read_art
from tilewright_training.export.export import facts_of_art
from tilewright_training.families.family import Family
from tilewright_training.run import train, training_loop
from tilewright_training.run.distributed import ALONE
from tilewright_training.run.run_folder import RunFolder
from tilewright_training.run.supervisor import State
from tilewright_training.watch.rescue_state import RescueState

from ..drawn import draw_folder
from .processes import begin

QUIET = Console(quiet=True)
STEPS = {"steps": 12, "checkpoint_every": 4, "sample_every": 6, "threads": 1}
LONG = 24  # steps of a run that is stopped meanwhile


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
    kept = [p.name for p in RunFolder(finished).checkpoints()]
    assert len(kept) == 2
    assert kept[-1] == "step-00000012.safetensors"
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
    config = preset(name, **{**overrides, "wrap": name == "tiny"})
    reading = {"folders": [str(art)], "size": 16}
    folder = RunFolder.create(run, config, {**training_loop.describe(data, config), "reading": reading})
    with pytest.raises(KeyboardInterrupt):
        training_loop.train(folder, data, report=stop)
    train.resume(run, console=QUIET)
    assert_same_weights(run, finished)
    steps = [json.loads(line)["step"] for line in (run / "losses.jsonl").read_text().splitlines()]
    assert steps == [10, 12]


def test_a_finished_run_is_given_more_steps(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    train.resume(run, console=QUIET, steps=16)
    folder = RunFolder(run)
    assert folder.newest_checkpoint().name == "step-00000016.safetensors"
    assert folder.config.steps == 16
    steps = [json.loads(line)["step"] for line in (run / "losses.jsonl").read_text().splitlines()]
    assert steps == [10, 12, 16]
    with pytest.raises(UsageError, match="has 16 steps already"):
        train.resume(run, console=QUIET, steps=16)


@pytest.fixture(scope="module")
def unbroken(art: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without interruption."""
    run = tmp_path_factory.mktemp("unbroken") / "run"
    train.start(run, [art], 16, "tiny", overrides=STEPS | {"steps": LONG}, console=QUIET)
    return run


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_survives_being_stopped(unbroken: Path, art: Path, tmp_path: Path, number: signal.Signals) -> None:
    run, said = tmp_path / "run", tmp_path / "said"
    options = f"--preset tiny --steps {LONG} --checkpoint-every 4 --sample-every 6 --threads 1 -o {run}"
    process = begin(main, ["train", str(art), *options.split()], stderr=said)
    deadline = time.monotonic() + 120
    while not list(run.glob("checkpoints/step-*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.pid is not None
    os.kill(process.pid, number)
    process.join()
    assert process.exitcode == (-9 if number == signal.SIGKILL else 130)
    assert RunFolder(run).newest_checkpoint().name < f"step-{LONG:08}"
    if number == signal.SIGINT:
        assert "stopped; go on with: tilewright train --resume -o" in "".join(said.read_text().split("\n"))
    process = begin(main, ["train", "--resume", "-o", str(run)], stderr=said)
    process.join()
    assert process.exitcode == 0
    assert_same_weights(run, unbroken)


def test_minutes_become_steps_that_a_resumed_run_keeps(art: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    overrides = {"minutes": 0.05, "threads": 1, "batch": 4}
    train.start(run, [art], 16, "tiny", overrides=overrides, console=QUIET)
    done = RunFolder(run).newest_checkpoint()
    assert done.name > "step-00000030"
    train.resume(run, console=QUIET)
    assert RunFolder(run).newest_checkpoint() == done


@pytest.mark.parametrize("until", [60, 300])
def test_minutes_are_timed_again_when_steps_take_longer(until: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(training_loop.time, "monotonic", lambda: now)
    config = preset("tiny", minutes=10.0)
    state = State(cast(Family, None), 0, 0, RescueState())
    clock = training_loop._Clock(config, state, ALONE)
    while not state.done:
        now += 0.1 if now < until else 0.3
        state.step += 1
        clock.tick(state)
    assert now == pytest.approx(600, rel=0.05)
    # A run that is resumed after nine tenths keeps its length, whatever the speed of the machine.
    state.step = state.total * 9 // 10
    before = state.total
    clock = training_loop._Clock(config, state, ALONE)
    for _ in range(200):
        now += 5.0
        clock.tick(state)
    assert state.total == before


def test_resume_without_a_checkpoint_starts_over(unbroken: Path, art: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("config.json", "data.json"):
        (run / name).write_bytes((unbroken / name).read_bytes())
    (run / "checkpoints").mkdir()
    (run / "samples").mkdir()
    train.resume(run, console=QUIET)
    assert_same_weights(run, unbroken)


def test_art_that_has_moved(unbroken: Path, art: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(art, moved)
    train.resume(unbroken, [moved], QUIET)


def test_half_written_log_line_is_dropped(tmp_path: Path, art: Path) -> None:
    run = tmp_path / "run"
    train.start(run, [art], 16, "tiny", overrides=STEPS | {"steps": 11}, console=QUIET)
    with (run / "losses.jsonl").open("a") as log:
        log.write('{"step": 11, "cri')
    train.resume(run, console=QUIET)
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
        train.resume(run, console=QUIET, steps=8)
    assert RunFolder(run).config.steps == 4


def test_damaged_checkpoint_is_one_line(tmp_path: Path, art: Path) -> None:
    run = tmp_path / "run"
    train.start(run, [art], 16, "tiny", overrides=STEPS | {"steps": 4}, console=QUIET)
    RunFolder(run).newest_checkpoint().write_bytes(b"not safetensors")
    with pytest.raises(DataError, match="is not a readable checkpoint"):
        train.resume(run, console=QUIET)


@pytest.mark.parametrize("config", [None, "[]", "3", "{", '{"size": "16"}', '{"no_such_field": 1}'])
def test_not_a_run(tmp_path: Path, config: str | None) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
        (tmp_path / "data.json").write_text("{}")
    with pytest.raises((DataError, UsageError)):
        RunFolder(tmp_path)


def test_a_run_without_its_data(tmp_path: Path, unbroken: Path) -> None:
    (tmp_path / "config.json").write_bytes((unbroken / "config.json").read_bytes())
    (tmp_path / "data.json").write_text("{}")
    with pytest.raises(
        DataError, match=r"is not a run folder: .*data.json lacks kinds.*`tilewright train` makes"
    ):
        RunFolder(tmp_path)


def test_output_is_a_file(tmp_path: Path, art: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(UsageError, match=r"is a file: name a folder to make"):
        train.start(tmp_path / "run", [art], 16, "tiny", overrides=STEPS, console=QUIET)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"size": 65}, "train: edges must be 8 to 64 pixels, or both 128, not 65x65"),
        ({"seed": -1}, "train: seed must be an integer in 0..2**64-1, not -1"),
        ({"threads": -1}, "train: threads must be in 0..1024, not -1"),
        ({"sample_every": 0}, "train: sample_every must be in 1..1073741824, not 0"),
        ({"checkpoint_every": 0}, "train: checkpoint_every must be in 1..1073741824, not 0"),
        ({"minutes": float("inf")}, "train: give a positive number of --steps or --minutes"),
        ({"model": "dcgan", "wrap": True}, "train: DCGAN as published pads with zeros: leave out --wrap"),
        ({"minutes": 0.0}, "train: give a positive number of --steps or --minutes"),
        ({"batch": 1}, "train: batch must be in 2..65536, not 1"),
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
    with pytest.raises(UsageError, match=f"train: unknown preset 'wgan'; there are {', '.join(PRESETS)}"):
        preset("wgan")
    for name in PRESETS:
        assert config_from_json(preset(name).to_json()) == preset(name)


def test_what_is_printed_has_no_control_characters() -> None:
    console = Console(file=io.StringIO(), width=40)
    train._print_line(console, f"runs/a\x1b[31m\nb: {'x' * 600}")
    assert console.file.getvalue() == f"runs/a\\x1b[31m\\nb: {'x' * 600}\n"  # type: ignore[attr-defined]


def test_a_run_states_its_training_pictures(finished: Path, tmp_path: Path) -> None:
    """An export takes them from the run, or reads the art of an older run again if that is where it was."""
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    opened = RunFolder(run)
    stated = facts_of_art(opened)
    if opened.config.model == "dcgan":  # has no palette
        assert stated == {}
        return
    palette = opened.palette
    assert palette is not None
    known = TrainingPictures.from_metadata(
        stated["training_pictures"], len(opened.data["kinds"]), palette, 256
    )
    assert 0 < len(known.codes) <= opened.data["pictures"] * (1 - opened.config.held_out) + 5
    facts = json.loads((run / "data.json").read_text())
    del facts["training_pictures"]
    (run / "data.json").write_text(json.dumps(facts))
    assert facts_of_art(RunFolder(run)) == stated
    facts["reading"]["folders"] = [str(tmp_path / "gone")]
    (run / "data.json").write_text(json.dumps(facts))
    assert facts_of_art(RunFolder(run)) == {}
