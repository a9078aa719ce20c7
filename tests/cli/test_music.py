"""`tilewright music`: WAV and MIDI files of tunes, and wrong use."""

from pathlib import Path

import numpy as np
import pytest

from tilewright import music, sound

from .command import run
from .test_sound import read


def test_tunes_are_those_of_the_function(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "calm.wav"
    options = ("--bars", 2, "--seed", 7, "--rate", 8000)
    code, out, _ = run(capsys, "music", "calm", *options, "-n", 2, "-o", path)
    assert code == 0 and out.splitlines()[1] == f"{tmp_path / 'calm-2.wav'}: 2 bars, 5.7 s"
    tunes = music.compose_many(2, "calm", bars=2, seed=7)
    for number, tune in enumerate(tunes, 1):
        expected = sound.render(tune, rate=8000, echo=48)
        assert np.array_equal(read(tmp_path / f"calm-{number}.wav"), expected)
    assert run(capsys, "music", "calm", *options, "--ending", "-o", path)[0] == 0
    assert np.array_equal(read(path), sound.render(tunes[0], rate=8000, echo=48, loop=False))


def test_midi(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    path = tmp_path / "battle.mid"
    code, out, _ = run(capsys, "music", "tense", "--bars", 1, "--tempo", 140, "--key", "D", "-o", path)
    assert (code, out) == (0, f"{path}: 1 bars, 140 beats per minute\n")
    score = music.compose("tense", bars=1, tempo=140, key="D")
    assert len(mido.MidiFile(path).tracks) == 1 + len(score.voices)


def test_moods_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "music")[1].split() == list(music.mood_names())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("angry",), "unknown mood 'angry': choose calm,"),
        (("calm", "--bars", 0), "bars must be 1 or more, not 0"),
        (("calm", "--bars", 10_000), "bars must be at most 64, not 10000"),
        (("calm", "-n", 0), "music: --count must be 1 or more, not 0"),
        (("calm", "--echo", 200), "music: --echo must be at most 128, not 200"),
        (("calm", "--key", "H"), "unknown key 'H'"),
        (("calm", "-o", "tune.mp3"), "music: tune.mp3 must end with .wav or .mid"),
        (("calm", "--pack", "names"), "names does not generate tunes"),
    ],
)
def test_one_line_for_bad_input(
    capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...], text: str
) -> None:
    code, out, err = run(capsys, "music", *arguments)
    assert (code, out) == (2, "") and err.startswith(f"tilewright: {text}") and err.count("\n") == 1
