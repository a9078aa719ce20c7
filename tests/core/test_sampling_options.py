"""Orders, refinement, beginnings and temperatures: the core, and the stand-in for a GPU, against the reference, and the
reference against plain Python.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tilewright import seeds
from tilewright.compiler import fast_reference, reference
from tilewright.compiler.cell_order import halton_ranks
from tilewright.compiler.sampling import noise_table
from tilewright.compiler.sampling_options import SamplingOptions, read_options
from tilewright.engine import DeviceEngine, Engine
from tilewright.errors import PackError, UsageError
from tilewright.plan import Plan, Sampler
from tilewright.streams import Stream

from ..cuda.conftest import gpu, simt  # noqa: F401
from ..random_plans import random_plan
from .test_given_cells import plain_plan, random_given
from .test_inputs import make  # noqa: F401
from .test_samplers import COLOURS, SIZE

Make = Callable[[Plan], Engine | DeviceEngine]
COUNT = 5

OPTIONS: dict[str, dict[str, Any]] = {
    "halton": {"order": "halton"},
    "raster": {"order": "raster"},
    "refine-once": {"refine": 1},
    "refine": {"refine": 5},
    "refine-halton": {"order": "halton", "refine": 4},
    "refine-raster": {"order": "raster", "refine": 3},
    "begin": {"begin": 0.5},
    "begin-all": {"begin": 1, "order": "halton"},
    "cold": {"temperature": 0},
    "hot": {"temperature": 3.5, "begin": 0.25, "refine": 2},
}


def options(plan: Plan, **given: Any) -> SamplingOptions:
    arguments = {"order": None, "refine": None, "begin": None, "temperature": None} | given
    made = read_options(plan, **arguments, name="the plan", caller="run()")
    assert made is not None
    return made


def digits_reversed(number: int, base: int, count: int) -> int:
    result = 0
    for _ in range(count):
        result = result * base + number % base
        number //= base
    return result


def halton_order(height: int, width: int) -> list[int]:
    """The cells in the order of docs/numerics.md."""
    rows = next(m for m in range(20) if 2**m >= height)
    columns = next(n for n in range(20) if 3**n >= width)
    order: dict[int, None] = {}
    for i in range(2**rows * 3**columns):
        y = height * digits_reversed(i % 2**rows, 2, rows) // 2**rows
        x = width * digits_reversed(i % 3**columns, 3, columns) // 3**columns
        order.setdefault(y * width + x)
    return list(order)


def word(seed: int, number: int, at: int, stream: int) -> int:
    """Word `at` of a stream."""
    counter = np.array([number % 2**32, number >> 32, at // 4, stream], np.uint32)
    return int(seeds.philox(counter, np.array([seed % 2**32, seed >> 32], np.uint32))[at % 4])


def sorted_cells(sampler: Sampler, order: str, seed: int, number: int, cells: list[int], r: int) -> list[int]:
    if order == "raster" and r == 0:
        return sorted(cells)
    if order != "halton":
        return sorted(cells, key=lambda c: (word(seed, number, c, 5 + 256 * r), c))
    height, width = sampler.height, sampler.width
    dy, dx = (word(seed, number, i, 12 + 256 * r) * (height, width)[i] >> 32 for i in (0, 1))
    rank = {cell: i for i, cell in enumerate(halton_order(height, width))}
    return sorted(cells, key=lambda c: rank[(c // width - dy) % height * width + (c % width - dx) % width])


def brute_force(
    plan: Plan, chosen: SamplingOptions, numbers: list[int], seed: int, given: dict[str, Any]
) -> Any:
    """The pictures of a masked sampler, cell by cell and with the network in between."""
    s = plan.sampler
    assert s is not None
    size, pictures = s.height * s.width, []
    for number, cells, allowed in zip(numbers, given["cells"], given["allowed"], strict=True):
        picture = cells.reshape(-1).tolist()
        entries = [k for k in range(s.colours) if allowed[k]]
        unknown = [c for c in range(size) if picture[c] == s.colours]
        order = sorted_cells(s, chosen.order, seed, number, unknown, 0)
        for c in unknown:
            w = word(seed, number, c, 13)
            if w >> 16 < chosen.begin:
                picture[c] = entries[(w & 0xFFFF) * len(entries) >> 16]
        groups = [
            (order[j * len(order) // s.steps : (j + 1) * len(order) // s.steps], 0) for j in range(s.steps)
        ]
        for r in range(1, chosen.refine + 1):
            share = 400 if chosen.refine == 1 else 400 - 350 * (r - 1) // (chosen.refine - 1)
            some = max(len(unknown) * share // 1000, min(len(unknown), 1))
            groups.append((sorted_cells(s, chosen.order, seed, number, unknown, r)[:some], r))
        for group, r in groups:
            for c in group if r else []:
                picture[c] = s.colours
            one = np.array([number], np.uint64)
            now = np.array(picture, np.uint8).reshape(1, s.height, s.width)
            scores = reference.trace(plan, 1, seed=seed, start=one, cells=now)[s.scores].reshape(
                size, s.colours
            )
            for c in group:
                blocks = -(-s.colours // 8)
                sums = {}
                for k in entries:
                    at = 8 * c * blocks + k
                    both = word(seed, number, at // 2, 6 + 256 * r)
                    random = both >> 16 if at % 2 else both & 0xFFFF
                    sums[k] = int(scores[c, k]) + int(chosen.noise[random >> 4])
                picture[c] = max(entries, key=lambda k: (sums[k], -k))
        pictures.append(np.array(picture, np.uint8).reshape(cells.shape))
    return np.stack(pictures)


@pytest.mark.parametrize("name", OPTIONS)
def test_the_reference_is_the_specification(name: str) -> None:
    for plan in (plain_plan("masked", 9), random_plan(4, "masked", causal=False, size=(3, 5))):
        chosen = options(plan, **OPTIONS[name])
        s = plan.sampler
        assert s is not None
        rng = np.random.default_rng(4)
        cells = rng.integers(0, s.colours, (COUNT, s.height, s.width), dtype=np.uint8)
        cells[rng.random(cells.shape) < np.resize([0, 1, 0.1, 0.5, 0.9], COUNT)[:, None, None]] = s.colours
        allowed = rng.random((COUNT, s.colours)) < 0.5
        allowed[np.arange(COUNT), rng.integers(0, s.colours, COUNT)] = True
        numbers = rng.integers(0, 2**64, COUNT, dtype=np.uint64)
        given = {"cells": cells, "allowed": allowed}
        expected = brute_force(plan, chosen, numbers.tolist(), 9, given)
        for run in (reference.run, fast_reference.run):
            got = run(plan, COUNT, seed=9, tile_numbers=numbers, sampling=chosen, **given)["indices"]
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", OPTIONS)
def test_the_core_gives_the_bytes_of_the_reference(make: Make, name: str) -> None:  # noqa: F811
    for plan in (plain_plan("masked", 9), random_plan(5, "masked", causal=False, wrap=True, size=(9, 4))):
        made, chosen = make(plan), options(plan, **OPTIONS[name])
        for count in (COUNT, 2):
            given = random_given(np.random.default_rng(count), count) if plan.sampler.height == SIZE else {}
            got = made.run(count, seed=7, start=3, sampling=chosen, **given)
            expected = fast_reference.run(plan, count, seed=7, start=3, sampling=chosen, **given)
            np.testing.assert_array_equal(got["indices"], expected["indices"])


def test_the_options_of_a_plan_hold_where_a_call_gives_none(make: Make) -> None:  # noqa: F811
    plain = plain_plan("masked", 9)
    chosen = options(plain, order="halton", refine=3, begin=0.5)
    assert plain.sampler is not None
    own = replace(plain, sampler=replace(plain.sampler, order="halton", refine=3, begin=chosen.begin))
    made = make(own)
    expected = fast_reference.run(plain, COUNT, seed=7, sampling=chosen)["indices"]
    np.testing.assert_array_equal(made.run(COUNT, seed=7)["indices"], expected)
    np.testing.assert_array_equal(fast_reference.run(own, COUNT, seed=7)["indices"], expected)
    back = options(own, order="random", refine=0, begin=0)
    np.testing.assert_array_equal(
        made.run(COUNT, seed=7, sampling=back)["indices"], reference.run(plain, COUNT, seed=7)["indices"]
    )
    traced = make(plain).trace(7, 1)
    for ours, theirs in zip(made.trace(7, 1), traced, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("method", ["masked", "autoregressive"])
def test_a_temperature_rebuilds_the_table_of_noise(make: Make, method: str) -> None:  # noqa: F811
    plan = plain_plan(method, 9 if method == "masked" else 4)
    assert plan.sampler is not None
    plan = replace(plan, sampler=replace(plan.sampler, scale=np.float32(1e-4)))
    for temperature in (0, 0.3, 1, np.float32(2), 1e300):
        noise = noise_table(float(temperature), np.float32(1e-4))
        other = replace(plan, sampler=replace(plan.sampler, noise=noise))
        got = make(plan).run(COUNT, seed=2, sampling=options(plan, temperature=temperature))["indices"]
        np.testing.assert_array_equal(got, make(other).run(COUNT, seed=2)["indices"])


def test_every_option_changes_the_pictures() -> None:
    plan = plain_plan("masked", 9)
    engine = Engine(plan)
    made = [engine.run(COUNT, seed=7)["indices"].tobytes()]
    made += [
        engine.run(COUNT, seed=7, sampling=options(plan, **given))["indices"].tobytes()
        for given in OPTIONS.values()
    ]
    assert len(set(made)) == 1 + len(OPTIONS)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (3, 5), (16, 16), (18, 24), (40, 9)])
def test_halton_ranks_are_a_permutation(shape: tuple[int, int]) -> None:
    ranks = halton_ranks(*shape)
    order = halton_order(*shape)
    assert sorted(order) == list(range(shape[0] * shape[1]))
    np.testing.assert_array_equal(ranks.reshape(-1)[order], np.arange(len(order)))


def test_the_first_cells_of_a_halton_order_are_spread() -> None:
    """Each quarter of a map has a quarter of the first half of the cells; in a random order it rarely has."""
    first = halton_ranks(16, 16) < 128
    quarters = first.reshape(2, 8, 2, 8).sum(axis=(1, 3))
    assert np.abs(quarters - 32).max() <= 2


def test_streams_of_rounds_are_distinct() -> None:
    numbers = seeds.tile_numbers(0, 2)
    words = [
        seeds.draw_words(7, numbers, 2, 3, stream, r).tobytes()
        for stream in (Stream.ORDER, Stream.GUMBEL, Stream.HALTON)
        for r in (0, 1, 2, 65536)
    ]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"order": "spiral"}, r"order must be random, halton or raster, not 'spiral'"),
        ({"order": 3}, r"order must be random, halton or raster, not 3"),
        ({"refine": -1}, r"refine must be in 0\.\.65536, not -1"),
        ({"refine": 10**9}, r"refine must be in 0\.\.65536, not 1000000000"),
        ({"refine": 2.0}, r"refine must be an integer, not 2\.0"),
        ({"refine": True}, r"refine must be an integer, not True"),
        ({"begin": 1.5}, r"begin must be in 0\.\.1, not 1\.5"),
        ({"begin": "all"}, r"begin must be a number, not 'all'"),
        ({"temperature": float("nan")}, r"temperature must be finite and 0 or more, not nan"),
        ({"temperature": -0.1}, r"temperature must be finite and 0 or more, not -0\.1"),
    ],
)
def test_unsuitable_options(given: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=rf"^run\(\): {text}$"):
        options(plain_plan("masked", 9), **given)


def test_options_that_the_sampler_does_not_have() -> None:
    plan = plain_plan("autoregressive")
    for given in ({"order": "random"}, {"refine": 0}, {"begin": 0.0}):
        (name,) = given
        text = (
            rf"^run\(\): the plan fixes cells one by one in reading order: {name} is for masked samplers, "
            r"temperature for all$"
        )
        with pytest.raises(UsageError, match=text):
            options(plan, **given)
    without = replace(plan, sampler=None)
    text = r"^run\(\): the plan makes a picture in one pass: temperature is for packs with a sampler$"
    with pytest.raises(UsageError, match=text):
        options(without, temperature=1.0)


def test_refinement_counts_as_work() -> None:
    plan = plain_plan("masked", 9)
    heavy = replace(plan, steps=(replace(plan.steps[0], multiply_adds=2**36), *plan.steps[1:]))
    options(heavy, refine=1000)
    text = (
        r"^run\(\): refine=1020 takes 7\.1e\+13 multiply-adds a tile in all evaluations, more than 7\.0e\+13$"
    )
    with pytest.raises(UsageError, match=text):
        options(heavy, refine=1020)


def test_what_the_core_refuses(make: Make) -> None:  # noqa: F811
    plan = plain_plan("masked", 9)
    made, plain = make(plan), options(plan, refine=1)
    for wrong, text in (
        ({"order": "spiral"}, r"order must be 'random', 'halton' or 'raster', not 'spiral'$"),
        ({"refine": -1}, r"refine must be 0 to 65536, not -1$"),
        ({"refine": 65537}, r"refine must be 0 to 65536, not 65537$"),
        ({"begin": 65537}, r"begin must be 0 to 65536, not 65537$"),
        ({"noise": np.zeros(4095, np.int32)}, r"noise must hold 4096 values$"),
        ({"noise": np.full(4096, 2**24 + 1, np.int32)}, r"noise must be within 2\^24$"),
        ({"noise": np.zeros(4096, np.int64)}, r"noise must be a C-contiguous array of int32 \(any\)"),
    ):
        with pytest.raises(ValueError, match=rf"Executor\.run\(\): {text}"):
            made.run(1, sampling=replace(plain, **wrong))
    causal = make(plain_plan("autoregressive"))
    with pytest.raises(ValueError, match=r"order, refine and begin are options of masked samplers$"):
        causal.run(1, sampling=plain)
    with pytest.raises(PackError, match=r"the sampler's refine must be 0 to 65536, not -5$"):
        make(replace(plan, sampler=replace(plan.sampler, refine=-5)))


def test_the_core_counts_the_work_of_refinement() -> None:
    """Values of 512x512 cells of many channels: a round is a thousandth of the limit."""
    plan = random_plan(3, "masked", causal=False, size=(512, 512))
    engine = Engine(plan, "scalar")
    chosen = replace(options(plan, refine=1), refine=65536)
    rounds = 2**46 // plan.evaluation_work
    assert plan.sampler is not None
    if rounds < 65536:
        with pytest.raises(ValueError, match=r"refine of 65536 rounds: a tile takes .* more than 7\.0e\+13$"):
            engine.run(1, sampling=chosen)


def test_no_cell_is_unknown(make: Make) -> None:  # noqa: F811
    plan = plain_plan("masked", 9)
    cells = np.full((SIZE, SIZE), COLOURS - 1, np.uint8)
    got = make(plan).run(2, cells=cells, sampling=options(plan, refine=3, begin=1.0))["indices"]
    np.testing.assert_array_equal(got, np.broadcast_to(cells, got.shape))
