"""The automatic choice of a family, and the messages about it."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tilewright_training.data.dataset import Dataset, read_art
from tilewright_training.doctor.choice import Art, choose, look_at
from tilewright_training.run import train
from tilewright_training.run.run_folder import RunFolder

from ..drawn import SPRITE_KINDS, TILE_KINDS, draw_set, make_sheet, save

PALETTE = Art(600, (16, 16), 30, 1.0, float("nan"))


def data_of(images: np.ndarray) -> Dataset:
    return Dataset(images, np.zeros(len(images), np.int64), ("art",), (), "")


def painted(count: int) -> np.ndarray:
    """Return smooth tiles with many colours."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (count, 16, 16, 4), np.uint8)
    noise[..., 3] = 255
    return noise


@pytest.mark.parametrize(
    ("art", "options", "model"),
    [
        (PALETTE, {}, "ar"),
        (Art(600, (16, 16), 298, 0.98, 2.6), {}, "ar"),
        (Art(600, (16, 16), 30, 1.0, 1.5), {}, "vae"),
        (Art(600, (16, 16), 30, 1.0, 1.5), {"wrap": False}, "ar"),
        (Art(600, (16, 16), 30, 1.0, 2.6), {"wrap": True}, "vae"),
        (Art(600, (32, 32), 30, 1.0, 2.6), {}, "vae"),
        (Art(600, (64, 64), 30, 1.0, 2.6), {}, "vae"),
        (Art(600, (16, 16), 400, 0.98, 2.6), {"max_colours": 256}, "vae"),
        (Art(600, (32, 32), 90_000, 0.4, 1.2), {}, "flow"),
        (Art(600, (128, 128), 90_000, 0.4, float("nan")), {}, "vae"),
        (Art(600, (18, 16), 30, 1.0, float("nan")), {}, "ar"),
        (Art(600, (32, 24), 30, 1.0, float("nan")), {}, "vae"),
        (Art(600, (23, 41), 30, 1.0, float("nan")), {}, "ar"),
        (Art(600, (17, 17), 90_000, 0.4, 1.2), {}, "diffusion"),
    ],
)
def test_the_rule(art: Art, options: dict[str, int], model: str) -> None:
    assert choose(art, **options).model == model


def test_facts_of_art() -> None:
    tiles, sprites = np.stack(draw_set(TILE_KINDS, 20)), np.stack(draw_set(SPRITE_KINDS, 20))
    assert look_at(data_of(tiles)).repeats
    assert not look_at(data_of(sprites)).repeats and not look_at(data_of(sprites)).painted
    assert look_at(data_of(painted(40))).painted
    scenery = tiles.copy()
    scenery[:, 0], scenery[:, -1] = (0, 0, 0, 255), (255, 255, 255, 255)
    assert not look_at(data_of(scenery)).repeats


def test_a_run_says_what_it_took_and_what_comes_next(tmp_path: Path) -> None:
    art, run = tmp_path / "my art", tmp_path / "my run"
    art.mkdir()
    save(art / "heroes.png", make_sheet(draw_set(SPRITE_KINDS, 12), 6))
    console = Console(record=True, file=io.StringIO(), width=200)
    options = {"steps": 2, "threads": 1, "step_channels": 8, "dilations": (1,), "batch": 4}
    train.start(run, [art], overrides=options, console=console)
    said = console.export_text()
    config = RunFolder(run).config
    assert (config.model, config.preset, config.size) == ("ar", "ar", (16, 16))
    assert "training takes 2 steps: --model ar for 36 pictures of 16x16 pixels" in said
    assert f"samples: {run}/samples/step-00000002.png" in said
    assert f"next: tilewright export '{run}' -o my-run.onnx" in said


def test_one_relative_is_said(tmp_path: Path) -> None:
    hero = draw_set(SPRITE_KINDS[:1], 1)[0]
    crowd = np.stack([hero] * 12)
    crowd[:, 7, 7, 0] = np.arange(12)
    save(tmp_path / "heroes.png", make_sheet(list(crowd), 4))
    assert set(read_art([tmp_path], 16)[0].groups.tolist()) == {0}
    console = Console(record=True, file=io.StringIO(), width=200)
    options = {"steps": 1, "threads": 1, "batch": 4}
    train.start(tmp_path / "run", [tmp_path], 16, "tiny", overrides=options, console=console)
    assert (
        "nothing can be held out of 12 tiles in 1 groups of relatives, so overfitting is not watched"
        in console.export_text()
    )
