"""A release: twin and pack, interrupted and repeated; the card has the twin's figures."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright.generator import load
from tilewright_training.export import check_export, critic, export_onnx
from tilewright_training.measures.protocol import QUICK, Protocol
from tilewright_training.release import release as releases
from tilewright_training.run.run_folder import RunFolder

from ..drawn import draw_sprite_folder

TINY = {
    "model": "vae",
    "channels": (8, 8),
    "critic_channels": (8, 8),
    "batch": 4,
    "threads": 1,
    "rungs_per_size": 2,
}
QUICKEST = Protocol(**{**QUICK, "c2st_steps": 2, "kinds_steps": 2, "added": 4}, pairs=10, seeds=(0,))


def release(output: Path, art: Path, base: str | None = None, **changed: Any) -> Path:
    overrides = {**TINY, "steps": 3, **changed}
    return releases.release(
        output,
        [art],
        "sprites",
        16,
        reading={},
        overrides=overrides,
        protocol=QUICKEST,
        facts={},
        again="again",
        console=Console(quiet=True),
        base=base,
    )


def test_a_release_continues_and_ships_the_twins_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_export, "CHECKED_TILES", 64)
    monkeypatch.setattr(export_onnx, "CALIBRATED_TILES", 64)
    art, output = draw_sprite_folder(tmp_path / "art", 60), tmp_path / "out"
    pictures = len(list(art.rglob("*.png")))
    monkeypatch.setattr(critic, "FEWEST", pictures * 7 // 10)  # enough in the whole art, too few in one half
    real, calls = releases.export_run, []

    def interrupted(run: RunFolder, *arguments: Any, **more: Any) -> Any:
        calls.append(run.path.name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(run, *arguments, **more)

    monkeypatch.setattr(releases, "export_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        release(output, art)
    measured = (output / "twin.json").read_bytes()
    with pytest.raises(
        UsageError, match=r"^release: .*out was begun with other arguments: repeat those, or name"
    ):
        release(output, art, steps=4)
    pack = release(output, art)
    assert calls == ["twin", "pack", "pack"] and (output / "twin.json").read_bytes() == measured
    twin, whole = (RunFolder(output / name).config for name in ("twin", "pack"))
    assert (twin.held_out, whole.held_out, twin.steps, whole.steps) == (0.5, 0.1, 3, 3)
    figures = load(pack).file.training["twin"]
    assert 0.0 <= figures["figures"]["c2st"] <= 100.0
    assert load(pack).file.critic is None, "the figures are those of a twin without one"
    text = (output / "card.md").read_text()
    assert f"on {figures['pictures']['training']} pictures, one half of the art" in text
    assert f"{figures['figures']['c2st']:.1f} % of cases" in text
    assert (output / "sprites.png").is_file()


def test_too_little_art_is_refused_before_training(tmp_path: Path) -> None:
    art = draw_sprite_folder(tmp_path / "art", 6)
    with pytest.raises(
        DataError, match=r"^release: half of the art is \d+ pictures, and at least 20 are needed"
    ):
        release(tmp_path / "out", art)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_things_is_not_touched(tmp_path: Path) -> None:
    art = draw_sprite_folder(tmp_path / "art", 60)
    with pytest.raises(UsageError, match=r"holds something else: name a new folder with -o$"):
        release(tmp_path / "art", art)


def test_the_trainings_start_from_the_base_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(folder: Path, *arguments: Any, **more: Any) -> RunFolder:
        assert (folder.name, more["base"]) == ("twin", "little.safetensors")
        raise KeyboardInterrupt

    monkeypatch.setattr(releases.train, "start", start)
    art, output = draw_sprite_folder(tmp_path / "art", 60), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        release(output, art, base="little.safetensors")
    with pytest.raises(UsageError, match=r"^release: .*out was begun with other arguments"):
        release(output, art)
