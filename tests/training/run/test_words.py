"""From names of files to words of a pack: every family that takes words, and art without usable names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright.generator import Pack, load
from tilewright_training.export import check_export, export_onnx
from tilewright_training.export.export import export_run
from tilewright_training.models import MODELS
from tilewright_training.run import train
from tilewright_training.run.run_folder import RunFolder

from ..drawn import save

COLOURS = {"ruby": (200, 30, 40), "jade": (40, 180, 70)}
SMALL = {
    **{
        "channels": (24, 16),
        "critic_channels": (16, 24),
        "step_channels": 16,
        "dilations": (1, 2),
        "threads": 1,
    },
    **{"batch": 16, "ema": 0.9, "watch": False, "held_out": 0.0, "sample_every": 1000, "bfloat16": False},
}


def draw(folder: Path, numbered: bool = False) -> Path:
    """Gems in two colours and two brightnesses, of one kind."""
    (folder / "gem").mkdir(parents=True)
    random = np.random.default_rng(0)
    for i in range(48):
        name, colour = list(COLOURS.items())[i % 2]
        picture = np.full((8, 8, 4), (*colour, 255), np.uint8)
        picture[random.random((8, 8)) < 0.2] = (20, 20, 30, 255)
        picture[i // 8, :] = (250, 250, 250, 255)
        save(folder / "gem" / f"{i if numbered else f'{name} gems {i}'}.png", picture)
    return folder


def trained(art: Path, run: Path, **overrides: Any) -> RunFolder:
    chosen = {**SMALL, **overrides}
    return train.start(run, [art], 8, "tiny", overrides=chosen, console=Console(quiet=True))


@pytest.mark.parametrize("model", [name for name, traits in MODELS.items() if traits.takes_words])
def test_words_of_names_reach_the_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setattr(check_export, "CHECKED_TILES", 64)
    monkeypatch.setattr(export_onnx, "CALIBRATED_TILES", 128)
    run = trained(draw(tmp_path / "art"), tmp_path / "run", model=model, steps=160, lr=3e-3, critic_from=0.9)
    report = export_run(run, tmp_path / "gems.onnx")
    assert report.core_equals_reference
    pack = load(tmp_path / "gems.onnx")
    assert {"ruby", "jade", "red", "green"} <= set(pack.words) and "gem" not in pack.words
    for word, other in (("ruby", "jade"), ("jade", "ruby")):
        own, wrong = (_share(pack, word, COLOURS[name]) for name in (word, other))
        assert own > 0.3 and own > 2 * wrong, (word, own, wrong)
    plain = pack.generate(32, seed=3).rgba
    assert (plain == pack.generate(32, seed=3, words=["ruby"] * 32).rgba).mean() < 1.0


def _share(pack: Pack, word: str, colour: tuple[int, int, int]) -> float:
    pictures = pack.generate(32, words=word, seed=3).rgba[..., :3].astype(int)
    return float((np.abs(pictures - colour).sum(axis=-1) < 60).mean())


def test_art_without_usable_names_trains_without_words(tmp_path: Path) -> None:
    art = draw(tmp_path / "art", numbered=True)
    run = trained(art, tmp_path / "run", model="ar", steps=2)
    assert not run.config.words and "words" not in run.data and run.words == ()
    run = trained(art, tmp_path / "words", model="ar", steps=2, words=True)  # measured words alone
    assert {"red", "green"} <= set(run.words) == set(run.data["words"])


def test_words_can_be_left_out(tmp_path: Path) -> None:
    run = trained(draw(tmp_path / "art"), tmp_path / "run", model="vae", steps=2, words=False)
    assert run.words == ()
    with pytest.raises(UsageError, match=r"^train: dcgan takes no words: leave out --words$"):
        trained(tmp_path / "art", tmp_path / "none", model="dcgan", steps=2, words=True)


def test_words_need_five_pictures(tmp_path: Path) -> None:
    draw(tmp_path / "art")
    for path in sorted((tmp_path / "art" / "gem").iterdir())[4:]:
        path.unlink()
    with pytest.raises(
        DataError, match=r"^train: no word describes five of the pictures or more: name files"
    ):
        trained(tmp_path / "art", tmp_path / "run", model="ar", steps=2, words=True)


def test_a_run_with_words_notices_other_names(tmp_path: Path) -> None:
    art = draw(tmp_path / "art")
    trained(art, tmp_path / "run", model="ar", steps=2)
    train.resume(tmp_path / "run", steps=3, console=Console(quiet=True))
    for path in list((art / "gem").glob("jade*")):
        path.rename(path.with_name(path.name.replace("jade", "emerald")))
    with pytest.raises(DataError, match=r"^train --resume: (the art in|names of files or folders in) "):
        train.resume(tmp_path / "run", steps=4, console=Console(quiet=True))
