"""Rescues: a failing run returns to a healthy checkpoint with one message, a limited number of times."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tilewright.errors import TilewrightError
from tilewright_training.config import Config, preset
from tilewright_training.data.batches import Batch
from tilewright_training.data.dataset import Dataset
from tilewright_training.families.gan import PaletteGan
from tilewright_training.run import training_loop
from tilewright_training.run.run_folder import RunFolder
from tilewright_training.watch import rules
from tilewright_training.watch import watcher as watcher_module
from tilewright_training.watch.rescue_state import RescueState
from tilewright_training.watch.watcher import Watcher

from ..drawn import draw_set

KINDS = ("floor", "water")
LOOK_EVERY = 10  # steps
DATA = Dataset(np.stack(draw_set(KINDS, 12))[:, ::2, ::2].copy(), np.repeat([0, 1], 12), KINDS, (), "drawn")


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are looked at every tenth step rather than every fiftieth, so that short ones are enough."""
    for module in (training_loop, watcher_module, rules):
        monkeypatch.setattr(module, "LOOK_EVERY", LOOK_EVERY)


def config(**overrides: object) -> Config:
    small = {"size": 8, "batch": 4, "channels": (8, 8), "critic_channels": (8, 8), "threads": 1, "wrap": True}
    return preset("tiny", **{"steps": 26, "checkpoint_every": 4, "sample_every": 1000, **small, **overrides})


def run_of(path: Path, **overrides: object) -> RunFolder:
    chosen = config(**overrides)
    return RunFolder.create(path, chosen, training_loop.describe(DATA, chosen))


def events(run: RunFolder) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]


def poison(monkeypatch: pytest.MonkeyPatch, at: int, times: int, weights: bool = False) -> None:
    """Make the step after `at` steps return a NaN loss, or NaN weights, `times` times."""
    step_of = PaletteGan.train_step
    left = [times]

    def train_step(self: PaletteGan, batch: Batch, step: int, progress: float) -> dict[str, float]:
        figures = step_of(self, batch, step, progress)
        if step == at and left[0]:
            left[0] -= 1
            if not weights:
                return figures | {"critic": math.nan}
            with torch.no_grad():
                next(self.network.parameters()).fill_(math.nan)
        return figures

    monkeypatch.setattr(PaletteGan, "train_step", train_step)


def test_a_loss_that_is_not_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, at=15, times=1)
    run, said = run_of(tmp_path / "run"), []
    assert training_loop.train(run, DATA, say=said.append) == 26
    assert said == [
        "step 16: the figure 'critic' is nan; put back to step 8, with half the learning rate, twice the gradient "
        "penalty and more augmentation (rescue 1 of 3)"
    ]
    (event,) = events(run)
    assert (event["event"], event["step"], event["back_to"], event["rescues"]) == ("rescued", 16, 8, 1)
    steps = [json.loads(line)["step"] for line in (run.path / "losses.jsonl").read_text().splitlines()]
    assert steps == [10, 20, 26]
    for checkpoint in run.checkpoints():
        assert run.load_checkpoint(training_loop.restore_family(run), checkpoint)


def test_weights_that_are_not_numbers_with_no_healthy_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, at=6, times=1, weights=True)
    run, said = run_of(tmp_path / "run", steps=12), []
    assert training_loop.train(run, DATA, say=said.append) == 12
    assert len(said) == 1 and "put back to step 0" in said[0]


def test_a_run_that_cannot_be_helped_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, at=12, times=99)
    run, said = run_of(tmp_path / "run"), []
    with pytest.raises(
        TilewrightError, match=r"^train: at step 13 the figure 'critic' is nan, and 3 rescues did not"
    ):
        training_loop.train(run, DATA, say=said.append)
    assert len(said) == 3
    assert [event["event"] for event in events(run)] == ["rescued"] * 3 + ["gave up"]
    assert [path.name for path in run.checkpoints()] == [f"step-000000{n:02}.safetensors" for n in (8, 12)]


def test_a_rescue_survives_a_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result does not depend on whether the run was stopped after its rescue."""
    ends = []
    for name, stop_at in (("whole", None), ("stopped", 18)):
        with monkeypatch.context() as patch:
            poison(patch, at=15, times=1)
            run = run_of(tmp_path / name)

            def stop(progress: training_loop.Progress, stop_at: int | None = stop_at) -> None:
                # the second time, because the first is before the rescue
                if progress.step == stop_at:
                    raise KeyboardInterrupt

            try:
                training_loop.train(run, DATA, report=stop)
            except KeyboardInterrupt:
                training_loop.train(run, DATA, resume=True)
        ends.append(run.newest_checkpoint().read_bytes())
    assert ends[0] == ends[1]


def test_collapse_is_noticed_and_rescued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator draws one picture per kind from step 20 until it is put back."""
    look = Watcher._look_at_gan
    calls: list[int] = []

    def collapsed(self: Watcher, family: PaletteGan, step: int) -> dict[str, float]:
        calls.append(step)
        found = look(self, family, step)
        return found | {"spread": 0.02} if step > 20 and calls.count(step) == 1 else found

    monkeypatch.setattr(Watcher, "_look_at_gan", collapsed)
    run, said = run_of(tmp_path / "run", steps=52), []
    training_loop.train(run, DATA, say=said.append)
    assert said[0].startswith(
        "step 50: the generator has collapsed: pictures of one kind differ 0.02 times as much as the art's do, for "
        "30 steps; put back to step 20,"
    )
    assert len(said) == 1


def test_without_rescues_it_is_only_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Watcher._look_at_gan
    monkeypatch.setattr(Watcher, "_look_at_gan", lambda *given: look(*given) | {"spread": 0.0})
    run, said = run_of(tmp_path / "run", steps=40, rescues=0), []
    assert training_loop.train(run, DATA, say=said.append) == 40
    assert len(said) == 1 and said[0].startswith("step 30: the generator has collapsed")
    assert [event["event"] for event in events(run)] == ["noticed"]


def test_looking_disturbs_nothing(tmp_path: Path) -> None:
    """The weights are equal with and without monitoring, as long as no alarm has consequences."""
    ends = []
    for watch in (True, False):
        run = run_of(tmp_path / str(watch), steps=20, watch=watch)
        training_loop.train(run, DATA)
        family = training_loop.restore_family(run)
        run.load_checkpoint(family)
        ends.append(
            {f"{m}/{k}": v for m, part in family.modules.items() for k, v in part.state_dict().items()}
        )
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_a_network_that_copies_from_the_start_does_not_end_with_untrained_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run from a base has a checkpoint of step 0."""
    monkeypatch.setattr(watcher_module, "COPIES_EVERY", 10)
    monkeypatch.setattr(watcher_module, "FEWEST_UNSEEN", 1)
    monkeypatch.setattr(Watcher, "_copies", lambda self, family: 1.0)
    monkeypatch.setattr(watcher_module.measure, "near_copies", lambda pictures, training: 0.0)
    run, said = run_of(tmp_path / "run", model="ar", checkpoint_every=2, held_out=0.3, wrap=False), []
    run.save_checkpoint(training_loop.restore_family(run), 0, run.config.steps, RescueState())
    assert training_loop.train(run, DATA, resume=True, say=said.append) == run.config.steps
    assert said == [
        "step 10: 100.0% of the pictures are near copies of training pictures, and 0.0% of held-out art are"
    ]


def test_a_network_that_copies_ends_with_its_last_original_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pictures are copies from step 20 on."""
    looks = iter((0.0, 1.0))
    monkeypatch.setattr(watcher_module, "COPIES_EVERY", 10)
    monkeypatch.setattr(watcher_module, "FEWEST_UNSEEN", 1)
    monkeypatch.setattr(Watcher, "_copies", lambda self, family: next(looks))
    monkeypatch.setattr(watcher_module.measure, "near_copies", lambda pictures, training: 0.0)
    run, said = run_of(tmp_path / "run", model="ar", checkpoint_every=2, held_out=0.3, wrap=False), []
    assert training_loop.train(run, DATA, say=said.append) == 10
    assert said == [
        "step 20: 100.0% of the pictures are near copies of training pictures, and 0.0% of held-out art are; "
        "the run ends with the weights of step 10"
    ]
    (event,) = events(run)
    assert (event["event"], event["rule"], event["back_to"]) == ("ended", "copying", 10)
    assert run.checkpoints()[-1].name == "step-00000010.safetensors"
    again = RunFolder(run.path)
    assert again.config.steps == 10 and training_loop.train(again, DATA, resume=True) == 10
