"""The examples of three pages run, and the linked sounds are those that the code generates."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tilewright_training.experiments import spectrograms, tune_pictures

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["sound.md", "music.md", "lore.md"])
def test_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / page).read_text(encoding="utf-8")
    if "midi" in text:
        pytest.importorskip("mido")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        names: dict[str, object] = {}
        with redirect_stdout(io.StringIO()):
            exec(block, names)
        for shape in re.findall(r"samples = .*# int16 (\S+)", block):
            assert str(names["samples"].shape) == shape


def test_sounds_are_those_of_the_code(tmp_path: Path) -> None:
    spectrograms.write_sounds(tmp_path)
    tune_pictures.write_sounds(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in (DOCS / "sounds").iterdir()}
