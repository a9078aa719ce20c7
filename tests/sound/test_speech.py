"""Voices: the name gives the timbre, the sentence the melody."""

import hashlib

import numpy as np
import pytest

import tilewright as tw
from tilewright import sound
from tilewright.sound.speech import speaker

QUESTION, STATEMENT = "Did you come alone?", "Did you come alone."


def centre(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float((power * np.fft.rfftfreq(len(samples), 1 / sound.RATE)).sum() / power.sum())


def test_names_have_voices_of_their_own() -> None:
    voices = {speaker(f"name {i}") for i in range(200)}
    assert len(voices) > 195
    assert len({(v.pitch, v.bright, v.dark) for v in voices}) > 60
    assert speaker("Mira") == speaker("Mira")


def test_a_question_rises_and_a_statement_falls() -> None:
    for name in ("Mira", "Garth", "Odo"):
        at = [ms * sound.RATE // 1000 for ms in sound.letter_times(name, QUESTION)]
        rising, falling = sound.voice(name, QUESTION), sound.voice(name, STATEMENT)
        end = slice(at[13], at[18])
        assert centre(rising[end]) > 1.2 * centre(falling[end])
        assert centre(rising[: at[5]]) == pytest.approx(centre(falling[: at[5]]), rel=0.1)


def test_punctuation_pauses_and_letters_have_times() -> None:
    times = sound.letter_times("Mira", "Yes, you.")
    letter = speaker("Mira").letter
    assert np.diff(times).tolist() == [letter * n for n in (1, 1, 1, 3, 1, 1, 1, 1, 6)]
    samples = sound.voice("Mira", "Yes, you.")
    pause = samples[(times[4] + 30) * sound.RATE // 1000 : times[5] * sound.RATE // 1000]
    assert np.abs(pause.astype(int)).max() < 0.2 * np.abs(samples.astype(int)).max()
    assert not sound.voice("Mira", "...").any()


def test_voices_neither_clip_nor_differ_much_in_loudness() -> None:
    loudness = []
    for name in ("Mira", "Garth", "Odo", "Zix", "Grandmother Elm", ""):
        samples = sound.voice(name, "The bridge is out, and the mill burns!").astype(np.int64)
        assert np.abs(samples).max() <= 18_000
        loudness.append(20 * np.log10(np.sqrt((samples**2).mean())))
    assert np.ptp(loudness) < 3


def test_the_bytes_are_those_of_every_machine() -> None:
    said = b"".join(
        sound.voice(name, QUESTION).astype("<i2").tobytes() for name in ("Mira", "Garth", "\u96ea")
    )
    assert hashlib.sha256(said).hexdigest()[:16] == "e0605fddcd5278ee"


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("", "sound.voice(): a sentence has 1..2000 characters, not 0: split a longer text"),
        ("a" * 2001, "sound.voice(): a sentence has 1..2000 characters, not 2001: split a longer text"),
        (None, "sound.voice(): name and sentence must be texts"),
    ],
)
def test_wrong_use(sentence, text: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        sound.voice("Mira", sentence)
    assert str(caught.value) == text
