"""Tunes as samples: loops, loudness, clipping, timing, speed, and the same bytes everywhere."""

import hashlib
import time

import numpy as np
import pytest

import tilewright as tw
from tilewright.score import INSTRUMENTS, Note, Score, Voice
from tilewright.sound import RATE, render
from tilewright.sound.instruments import DRUMS, PITCHED

from .tunes import tune

SHORT = Score((Voice("pulse-50", (Note(0, 4, 69),)),), 16)


def digest(samples: np.ndarray) -> str:
    return hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()[:16]


def test_the_bytes_are_those_of_every_machine() -> None:
    assert digest(render(tune(1, 4))) == "65039e5379ce7b9c"
    assert digest(render(tune(2, 4, 97), echo=80, rate=22_050)) == "ba64bb11aa3a38f1"
    every = [Voice(name, (Note(i, 3, 38 + i),), 5) for i, name in enumerate(INSTRUMENTS)]
    assert digest(render(Score(tuple(every), 16), loop=False)) == "a24eef6fad8061b2"


@pytest.mark.parametrize("seed", range(4))
def test_tunes_neither_clip_nor_differ_in_loudness(seed: int) -> None:
    samples = render(tune(seed, 8, 90 + 20 * seed), echo=64 * (seed % 2)).astype(np.int64)
    assert np.abs(samples).max() <= 28_000
    assert abs(samples.mean()) < 2
    loudness = 20 * np.log10(np.sqrt((samples**2).mean()) / 32768)
    assert -18.5 < loudness < -16.5
    seconds = samples[: len(samples) // RATE * RATE].reshape(-1, RATE)
    decibels = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)) / 32768)
    assert np.ptp(decibels) < 6


@pytest.mark.parametrize("name", [*PITCHED, "drums"])
def test_every_instrument_starts_and_ends_without_a_click(name: str) -> None:
    pitches = DRUMS if name == "drums" else (40, 69, 93)
    for pitch in pitches:
        samples = render(Score((Voice(name, (Note(13, 3, pitch),)),), 16), loop=False).astype(np.int64)
        first = np.flatnonzero(np.abs(samples - samples[0]) > 1)[0]
        assert np.abs(samples[first : first + 3] - samples[0]).max() < 0.35 * np.abs(samples).max()
        assert np.abs(samples[-20:] - samples[0]).max() < 0.03 * np.abs(samples).max()


@pytest.mark.parametrize("seed", range(8))
def test_the_loop_point_is_an_ordinary_point(seed: int) -> None:
    """The step from the last sample to the first is within the range of steps that the tune has elsewhere."""
    samples = render(tune(seed, 4), echo=70).astype(np.int64)
    steps = np.abs(np.diff(samples))
    assert abs(samples[0] - samples[-1]) <= np.quantile(steps, 0.999)


def test_tails_and_echoes_wrap_to_the_beginning() -> None:
    late = Score((Voice("pulse-25", (Note(14, 8, 69),)),), 16)
    early = Score((Voice("pulse-25", (Note(4, 8, 69),)),), 16)
    tick = len(render(late)) // 16
    assert np.array_equal(np.roll(render(early, echo=60), 10 * tick), render(late, echo=60))
    assert len(render(late, loop=False)) > 22 * tick


def test_notes_sound_when_the_score_says() -> None:
    samples = render(Score((Voice("pulse-50", (Note(8, 2, 69),)),), 16, 150), loop=False).astype(np.int64)
    tick = RATE * 60 // 150 // 4
    assert np.abs(samples[: 8 * tick]).max() <= 1
    assert np.abs(samples[8 * tick : 10 * tick]).max() > 5000
    assert len(samples) - 16 * tick == 0


def test_a_held_note_has_vibrato_and_its_pitch() -> None:
    samples = render(Score((Voice("pulse-25", (Note(0, 16, 69),)),), 16), loop=False)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 20))
    frequencies = np.fft.rfftfreq(1 << 20, 1 / RATE)
    near = (frequencies > 400) & (frequencies < 480)
    centre = (power[near] ** 2 * frequencies[near]).sum() / (power[near] ** 2).sum()
    assert abs(1200 * np.log2(centre / 440)) < 5


def test_a_hundred_tunes_take_seconds() -> None:
    """Ten of 16 bars, including their first notes, within a tenth of the five seconds for a hundred."""
    render(tune(0, 1))
    times = []
    for seed in range(10):
        score = tune(seed)
        begin = time.process_time()
        render(score)
        times.append(time.process_time() - begin)
    assert np.median(times) < 0.05


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Score((), 0), "Score(): length must be 1 or more, not 0"),
        (lambda: Score((), 160_000), "Score(): length must be at most 65536, not 160000"),
        (lambda: Score((), 16, 0), "Score(): tempo must be 20 or more, not 0"),
        (
            lambda: Score((Voice("flute", ()),), 16),
            "Score(): unknown instrument 'flute': choose pulse-12, pulse-25, pulse-50, pluck, organ, bell, bass, drums",
        ),
        (
            lambda: Score((Voice("bass", (Note(16, 1, 60),)),), 16),
            "Score(): the start of a note must be at most 15, not 16",
        ),
        (
            lambda: Score((Voice("bass", (Note(0, 1, 128),)),), 16),
            "Score(): the pitch of a note must be at most 127, not 128",
        ),
        (
            lambda: Score((Voice("bass", ((0, 1, 60),)),), 16),
            "Score(): notes must be Note(start, length, pitch), not (0, 1, 60)",
        ),
        (lambda: render(Score((), 16)), "sound.render(): the score has no notes"),
        (lambda: render(SHORT, rate=1), "sound.render(): rate must be 8000 or more, not 1"),
        (lambda: render(SHORT, echo=500), "sound.render(): echo must be at most 128, not 500"),
        (
            lambda: render(Score(SHORT.voices, 65_536, 20)),
            "sound.render(): 65536 ticks at tempo 20 are 49152 seconds; the most is 1800: render a part and repeat it",
        ),
    ],
)
def test_wrong_use(call, text: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        call()
    assert str(caught.value) == text
