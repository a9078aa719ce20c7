"""`tilewright sound`: files of effects and voices, and wrong use."""

import wave
from pathlib import Path

import numpy as np
import pytest

from tilewright import sound

from .command import run


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_effects_are_those_of_the_function(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "sound", "coin", "--seed", 7, "-n", 2, "-o", tmp_path / "coin.wav")
    assert code == 0 and len(out.splitlines()) == 2
    for i in (1, 2):
        assert np.array_equal(read(tmp_path / f"coin-{i}.wav"), sound.effect("coin", seed=6 + i))


def test_a_voice_is_that_of_the_function(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mira.wav"
    code, _, _ = run(capsys, "sound", "--say", "Who is it?", "--name", "Mira", "-o", path)
    assert code == 0
    assert np.array_equal(read(path), sound.voice("Mira", "Who is it?"))


def test_kinds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "sound")[1].split() == list(sound.effect_names())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("bang",), f"unknown effect 'bang': choose {', '.join(sound.effect_names())}"),
        (("coin", "-n", 0), "sound: --count must be 1 or more, not 0"),
        (
            ("coin", "--say", "Hi"),
            "sound: --say makes one voice, without a kind of effect and without --count",
        ),
        (("--say", ""), "a sentence has 1..2000 characters, not 0: split a longer text"),
        (("coin", "-o", "coin.mp3"), "sound: coin.mp3 must end with .wav"),
    ],
)
def test_wrong_use(capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...], text: str) -> None:
    code, _, err = run(capsys, "sound", *arguments)
    assert (code, err) == (2, f"tilewright: {text}\n")
