"""`tilewright export --temperature` sets the temperature that a pack samples with unless a call gives one."""

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tilewright as tw
from tilewright.errors import UsageError
from tilewright_training.export.export import export_run
from tilewright_training.run import train
from tilewright_training.run.run_folder import RunFolder

from ..drawn import SPRITE_KINDS, draw_folder


def trained(folder: Path, model: str) -> RunFolder:
    art = draw_folder(folder / "art", 4, SPRITE_KINDS)
    chosen = {"model": model, "steps": 2, "batch": 4, "threads": 1}
    return train.start(folder / model, [art], 16, "tiny", overrides=chosen, console=Console(quiet=True))


def test_the_temperature_is_that_of_calls_without_one(tmp_path: Path) -> None:
    run = trained(tmp_path, "ar")
    export_run(run, tmp_path / "cold.onnx", critic=False, temperature=0.3)
    pack = tw.load(tmp_path / "cold.onnx")
    pictures = pack.generate(4, seed=5).indices
    np.testing.assert_array_equal(pictures, pack.generate(4, seed=5, temperature=0.3).indices)
    assert (pictures != pack.generate(4, seed=5, temperature=run.config.temperature).indices).any()


@pytest.mark.parametrize(
    ("model", "temperature", "text"),
    [
        ("ar", 11.0, r"^export: --temperature must be in 0\.\.10, not 11\.0$"),
        ("ar", float("nan"), r"^export: --temperature must be in 0\.\.10, not nan$"),
        ("flow", 0.5, r"^export: flow has no temperature: leave out --temperature$"),
        ("vae", 0.5, r"^export: vae has no temperature: leave out --temperature$"),
    ],
)
def test_temperatures_that_no_pack_could_have(
    tmp_path: Path, model: str, temperature: float, text: str
) -> None:
    run = trained(tmp_path, model)
    with pytest.raises(UsageError, match=text):
        export_run(run, tmp_path / "pack.onnx", temperature=temperature)
