"""The ablation script: every variant trains and is measured once, and an interrupted run goes on."""

import json
from pathlib import Path

import pytest

from tilewright.sheet import save_png
from tilewright_training.experiments import ablate
from tilewright_training.measures import protocol
from tilewright_training.run import training_loop

from ..drawn import draw_set


def test_variants_share_their_steps_and_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("hero", "slime"):
        (tmp_path / "art" / kind).mkdir(parents=True)
        for i, picture in enumerate(draw_set((kind,), 24)):
            save_png(picture, tmp_path / "art" / kind / f"{i}.png")
    quick = protocol.Protocol(
        **{**protocol.QUICK, "c2st_steps": 2, "kinds_steps": 2, "added": 4}, pairs=10, seeds=(0,)
    )
    monkeypatch.setattr(ablate, "Protocol", lambda **_: quick)
    monkeypatch.setitem(ablate.VARIANTS, "plain", {"batch": 4})
    monkeypatch.setitem(ablate.VARIANTS, "all", {"batch": 4, "dropout": 0.1, "weight_decay": 1.0})
    small = {"step_channels": 4, "dilations": (1,)}
    real = ablate.preset
    monkeypatch.setattr(ablate, "preset", lambda name, **chosen: real(name, **{**chosen, **small}))
    monkeypatch.setattr(training_loop, "TIMED_STEPS", 2)
    command = [
        str(tmp_path / "art"),
        "-o",
        str(tmp_path / "out"),
        "--minutes",
        "0.002",
        "--variants",
        "plain",
        "all",
    ]
    ablate.main(command)
    table = (tmp_path / "out" / "table.md").read_text()
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [row[0] for row in rows] == ["| plain", "| all"] and rows[0][1] == rows[1][1]
    config = json.loads((tmp_path / "out" / "all" / "config.json").read_text())
    assert config["steps"] == int(rows[0][1]) and config["held_out"] == 0.5 and config["rescues"] == 0
    monkeypatch.setattr(ablate, "evaluate", None)  # nothing is measured again
    (tmp_path / "out" / "table.md").unlink()
    capsys.readouterr()
    ablate.main(command)
    assert (tmp_path / "out" / "table.md").read_text() == table == capsys.readouterr().out
