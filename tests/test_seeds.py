"""Seeds: published Philox test vectors, the table of quantiles, and the core's copy of both."""

import re
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from tilewright import _core, seeds
from tilewright.streams import Stream

# Known answers of Random123, philox4x32 with 10 rounds: counter, key, result.
KNOWN = [
    ("00000000" * 4, "00000000" * 2, "6627e8d5e169c58dbc57ac4c9b00dbd8"),
    ("ffffffff" * 4, "ffffffff" * 2, "408f276d41c83b0ea20bc7c66d5451fd"),
    ("243f6a8885a308d313198a2e03707344", "a4093822299f31d0", "d16cfe0994fdcceb5001e42024126ea1"),
]


def words(text: str) -> np.ndarray:
    return np.array([int(text[i : i + 8], 16) for i in range(0, len(text), 8)], dtype=np.uint32)


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_philox_known_answers(counter: str, key: str, result: str) -> None:
    assert seeds.philox(words(counter), words(key)).tolist() == words(result).tolist()


def test_streams_are_the_same_in_the_core_and_in_the_manual() -> None:
    ours = {stream.name: stream.value for stream in Stream}
    assert list(ours.values()) == list(range(len(ours)))
    root = Path(__file__).parents[1]
    header = (root / "csrc/core/streams.h").read_text(encoding="utf-8")
    core = re.findall(r"^constexpr std::uint32_t k(\w+) = (\d+);$", header, re.MULTILINE)
    theirs = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper(): int(value) for name, value in core}
    assert theirs.pop("ROUNDS") == seeds.ROUNDS > max(ours.values())
    assert theirs == ours
    manual = (root / "docs/seeds.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\(.*, (\d+)\) \|", manual, re.MULTILINE)
    assert rows == [(str(stream.value), str(stream.value)) for stream in Stream]


def test_table_holds_the_normal_quantiles() -> None:
    quantile = NormalDist().inv_cdf
    expected = [round(quantile((b + 0.5) / 256) / seeds.LATENT_SCALE) for b in range(256)]
    assert seeds.LATENT_TABLE.tolist() == expected


def test_latents_are_close_to_normal() -> None:
    latents = seeds.draw_latents(1, 0, 4000, 64) * seeds.LATENT_SCALE
    assert abs(latents.mean()) < 0.01
    assert abs(latents.std() - 1) < 0.01


@pytest.mark.parametrize("start", [0, 5, 2**32 - 3, 2**64 - 3])
@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_core_draws_the_same(seed: int, start: int) -> None:
    for size in (1, 15, 16, 17, 100):
        ours = seeds.draw_latents(seed, start, 9, size)
        np.testing.assert_array_equal(_core.draw_latents(seed, start, 9, size, seeds.LATENT_TABLE), ours)
    np.testing.assert_array_equal(_core.draw_kinds(seed, start, 9, 5), seeds.draw_kinds(seed, start, 9, 5))


def test_tiles_are_drawn_alone() -> None:
    whole = seeds.draw_latents(3, 10, 20, 40)
    np.testing.assert_array_equal(seeds.draw_latents(3, 17, 1, 40)[0], whole[7])


def test_kinds_are_even() -> None:
    counts = np.bincount(seeds.draw_kinds(0, 0, 6000, 6), minlength=6)
    assert counts.min() > 850
    assert counts.max() < 1150


@pytest.mark.parametrize("cells", [1, 3, 4, 5, 256])
def test_orders_are_permutations_by_random_words(cells: int) -> None:
    orders = seeds.draw_order(7, 2**64 - 2, 5, cells)
    keys = seeds.draw_words(7, 2**64 - 2, 5, 64, stream=5)
    for order, key in zip(orders, keys, strict=True):
        assert order.tolist() == sorted(range(cells), key=lambda cell: (key[cell], cell))


@pytest.mark.parametrize("colours", [1, 7, 8, 9, 255])
def test_noise_has_numbers_of_its_own_for_each_cell(colours: int) -> None:
    numbers = seeds.draw_noise(7, 3, 2, 6, colours)
    assert (numbers.shape, numbers.dtype) == ((2, 6, colours), np.uint16)
    blocks = -(-colours // 8)
    for cell, colour in [(0, 0), (4, colours - 1), (5, colours // 2)]:
        number = cell * 8 * blocks + colour
        counter = np.array([4, 0, number // 8, 6], dtype=np.uint32)
        word = int(seeds.philox(counter, np.array([7, 0], dtype=np.uint32))[number % 8 // 2])
        assert numbers[1, cell, colour] == (word >> 16 if number % 2 else word & 0xFFFF)
