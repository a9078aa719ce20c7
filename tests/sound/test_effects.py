"""Each kind of effect sounds like itself for every seed, unlike the other kinds, and differs between seeds."""

import hashlib

import numpy as np
import pytest

import tilewright as tw
from tilewright import sound

KINDS = sound.effect_names()
SEEDS = range(12)
BANDS, PARTS, RATE = 12, 6, 22_050


def features(samples: np.ndarray) -> np.ndarray:
    """Logarithm of the duration, and decibels in 12 bands of frequency and 6 parts of the time."""
    frames = np.array_split(samples / 32768, PARTS)
    edges = 60 * (10_000 / 60) ** (np.arange(BANDS + 1) / BANDS)
    rows = []
    for frame in frames:
        power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)), 4096)) ** 2 / len(frame)
        bins = (edges * 4096 / RATE).astype(int)
        rows.append(
            [power[a:b].mean() for a, b in zip(bins, np.maximum(bins[1:], bins[:-1] + 1), strict=False)]
        )
    decibels = 10 * np.log10(np.array(rows) + 1e-7)
    return np.concatenate([[40 * np.log2(len(samples))], (decibels - decibels.mean()).ravel()])


@pytest.fixture(scope="module")
def measured() -> np.ndarray:
    """Features of kinds and seeds, (K, S, F)."""
    return np.array(
        [[features(sound.effect(kind, seed=seed, rate=RATE)) for seed in SEEDS] for kind in KINDS]
    )


def test_a_kind_is_recognised_from_other_seeds(measured: np.ndarray) -> None:
    """The nearest mean over the first half of the seeds names the kind of the second half."""
    means = measured[:, : len(SEEDS) // 2].mean(axis=1)
    others = measured[:, len(SEEDS) // 2 :]
    distances = np.linalg.norm(others[:, :, None] - means, axis=3)
    right = distances.argmin(axis=2) == np.arange(len(KINDS))[:, None]
    missed = {
        KINDS[k]: [KINDS[d] for d in distances[k].argmin(axis=1)] for k in np.flatnonzero(~right.all(axis=1))
    }
    assert right.mean() > 0.97, missed


def test_seeds_differ(measured: np.ndarray) -> None:
    for kind, rows in zip(KINDS, measured, strict=True):
        apart = np.linalg.norm(rows[:, None] - rows, axis=2)[np.triu_indices(len(rows), 1)]
        assert np.median(apart) > 10, kind


@pytest.mark.parametrize("kind", KINDS)
def test_effects_are_short_and_neither_clip_nor_click(kind: str) -> None:
    for seed in SEEDS:
        samples = sound.effect(kind, seed=seed, rate=RATE).astype(np.int64)
        peak = np.abs(samples).max()
        assert 20 <= len(samples) * 1000 / RATE <= 1600
        assert 8_000 < peak <= 28_000
        assert abs(samples.mean()) < 0.05 * 32768
        assert abs(samples[0]) < 0.05 * peak and np.abs(samples[-8:]).max() < 0.1 * peak
        assert not np.array_equal(samples, sound.effect(kind, seed=seed + 1, rate=RATE))


def test_kinds_are_as_their_names_say() -> None:
    def centre(kind: str, part: slice) -> float:
        samples = sound.effect(kind, seed=5)[part]
        power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        return float((power * np.fft.rfftfreq(len(samples), 1 / sound.RATE)).sum() / power.sum())

    first, last = slice(0, 2205), slice(-4410, -1500)
    assert centre("jump", last) > 1.3 * centre("jump", first)
    assert centre("shoot", last) < centre("shoot", first) / 1.3
    for rising in ("pick-up", "coin", "select", "level-up"):
        assert centre(rising, last) > 1.1 * centre(rising, first), rising
    for falling in ("back", "hurt", "death", "explosion"):
        assert centre(falling, last) < centre(falling, first) / 1.1, falling
    peaks = {kind: np.abs(sound.effect(kind).astype(int)).max() for kind in KINDS}
    assert peaks["step"] < peaks["menu"] < peaks["coin"] < peaks["hit"] < peaks["explosion"]


def test_the_bytes_are_those_of_every_machine() -> None:
    joined = b"".join(
        sound.effect(kind, seed=seed).astype("<i2").tobytes() for kind in KINDS for seed in (0, 2**64 - 1)
    )
    assert hashlib.sha256(joined).hexdigest()[:16] == "9de18ac0d2697c37"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"kind": "bang"}, f"sound.effect(): unknown effect 'bang': choose {', '.join(KINDS)}"),
        ({"kind": "coin", "seed": -1}, "sound.effect(): seed must be an integer in 0..2**64-1, not -1"),
        ({"kind": "coin", "rate": 0}, "sound.effect(): rate must be 8000 or more, not 0"),
    ],
)
def test_wrong_use(arguments: dict, text: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        sound.effect(**arguments)
    assert str(caught.value) == text
