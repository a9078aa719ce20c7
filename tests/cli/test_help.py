"""The help of every verb, and the version."""

import pytest

import tilewright
from tilewright_training.config import PRESETS
from tilewright_training.models import MODELS

from .command import run


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[:2] == (0, f"tilewright {tilewright.__version__}\n")


def test_help_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(run(capsys, "train", "--help")[1].split()).replace("- ", "-")  # lines may end at a hyphen
    assert f"{', '.join(list(PRESETS)[:-1])} or {list(PRESETS)[-1]};" in text
    assert f"{', '.join(list(MODELS)[:-1])} or {list(MODELS)[-1]};" in text


@pytest.mark.parametrize(
    "verb",
    [
        "train",
        "export",
        "release",
        "evaluate",
        "words",
        "generate",
        "inpaint",
        "upsample",
        "variations",
        "interpolate",
        "animate",
        "paint",
        "level",
        "music",
        "names",
        "tileset",
        "sound",
        "palette",
        "inspect",
        "doctor",
        "bench",
    ],
)
def test_every_verb_has_help_with_an_example(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, out, _ = run(capsys, verb, "--help")
    assert code == 0
    assert f"Example: tilewright {verb}" in " ".join(out.split())
    assert all(line.startswith("  Example:") for line in out.splitlines() if "Example:" in line), (
        "one paragraph each"
    )
