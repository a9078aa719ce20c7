"""Pitches, spectra and the absence of aliases, measured with floats against the formulas."""

import numpy as np
import pytest

from tilewright.sound import waves

RATE = 44_100
SECOND = np.full(RATE, waves.FULL_LEVEL, dtype=np.int32)


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Amplitude per Hz, for a second of sound."""
    return np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) * 4 / len(samples)


def measured_pitch(samples: np.ndarray) -> float:
    """The frequency of the strongest partial, from a parabola through three bins of a spectrum in decibels."""
    decibels = np.log(spectrum(samples) + 1e-9)
    peak = int(decibels.argmax())
    left, middle, right = decibels[peak - 1 : peak + 2]
    return peak + 0.5 * (left - right) / (left - 2 * middle + right)


def test_the_sine_and_the_pitches_are_those_of_the_formulas() -> None:
    angles = 2 * np.pi * np.arange(2048) / 2048
    assert np.abs(waves.sine() - 32768 * np.sin(angles)).max() < 0.51
    cents = np.arange(0, 14_000)
    found = waves.increments(cents, RATE) * RATE / 2**32
    assert np.abs(1200 * np.log2(found / (440 * 2 ** ((cents - 6900) / 1200)))).max() < 0.01


@pytest.mark.parametrize("wave", ["pulse-12", "pulse-25", "pulse-50", "triangle"])
@pytest.mark.parametrize("note", [33, 45, 57, 69, 81, 96])
def test_a_tone_has_its_pitch_within_5_cents(wave: str, note: int) -> None:
    found = measured_pitch(waves.tone(wave, note * 100, SECOND, RATE))
    expected = 440 * 2 ** ((note - 69) / 12)
    if wave == "pulse-12" and found > 1.5 * expected:  # its first partials are almost equal
        expected *= round(found / expected)
    assert abs(1200 * np.log2(found / expected)) < 5


@pytest.mark.parametrize(("wave", "duty"), [("pulse-12", 8), ("pulse-25", 4), ("pulse-50", 2)])
def test_pulses_have_the_harmonics_of_their_duty_cycle(wave: str, duty: int) -> None:
    """Harmonic n has the amplitude 4 / (pi n) |sin(pi n d)|: every 2nd, 4th or 8th is missing."""
    found = spectrum(waves.tone(wave, 6900, SECOND, RATE))[440 : 440 * 25 : 440] / waves.AMPLITUDE
    n = np.arange(1, 25)
    expected = 4 / (np.pi * n) * np.abs(np.sin(np.pi * n / duty))
    assert np.abs(found - expected).max() < 0.01
    assert found[duty - 1 :: duty].max() < 0.005


def test_the_triangle_has_the_harmonics_of_32_steps() -> None:
    """Harmonic n of the staircase is proportional to 1 / (n tan(pi n / 32)) for odd n, nearly 1 / n**2 for small n."""
    found = spectrum(waves.tone("triangle", 6900, SECOND, RATE))[440 : 440 * 24 : 440]
    n = np.arange(1, 24)
    expected = np.where(n % 2, np.abs(1 / (n * np.tan(np.pi * n / 32))), 0) * np.tan(np.pi / 32)
    assert found / found[0] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_tones_have_no_aliases(rate: int) -> None:
    """Between the harmonics of a high tone nothing is louder than -50 dB."""
    frequency = 440 * 2 ** (31 / 12)  # 2637 Hz
    second = np.full(rate, waves.FULL_LEVEL, dtype=np.int32)
    found = spectrum(waves.tone("pulse-25", 10_000, second, rate))
    bins = np.arange(len(found))
    between = np.abs(bins - np.round(bins / frequency) * frequency) > 4
    assert found[between].max() < found.max() * 10 ** (-50 / 20)


def test_noises_have_the_periods_of_the_shift_register() -> None:
    assert len(waves.noise_bits("noise")) == 32767
    assert len(waves.noise_bits("metal")) == 93
    for wave in waves.NOISES:
        bits = waves.noise_bits(wave)
        assert len(np.unique(bits)) == 2 and abs(bits.mean()) < 1


def test_noise_is_white_and_metal_has_a_pitch() -> None:
    bands = spectrum(waves.tone("noise", 13_000, SECOND, RATE))[1:20_001].reshape(20, 1000)
    power = (bands**2).mean(axis=1)
    assert power.max() < 2 * power.min()
    metal = spectrum(waves.tone("metal", 6900, SECOND, RATE))
    partial = 440 * 32 / 93
    assert metal[round(partial * 7)] > 20 * metal[round(partial * 7.5)]


def test_lines_are_straight_between_their_points() -> None:
    assert waves.line([(0, 0), (4, 100), (4, 50), (6, 0)]).tolist() == [0, 25, 50, 75, 50, 25]
    assert waves.line([(0, 0), (100, 50), (200, 0)], 30).tolist() == [0, 15, 30, 45, 40, 25, 10]
