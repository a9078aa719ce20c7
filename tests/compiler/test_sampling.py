"""Iterative packs in the reference, compared with a plain-Python sampler and with ONNX Runtime."""

import hashlib
import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tilewright import seeds
from tilewright.compiler import reference, sampling
from tilewright.pack import PackFile, check_pack
from tilewright.plan import Sampler

from ..step_networks import LOGIT, PACKS, STREAM, autoregressive_pack, masked_pack

SCALE = np.float32(STREAM.scale) * np.float32(LOGIT)
Evaluate = Callable[[np.ndarray], np.ndarray]


@pytest.fixture(params=PACKS)
def pack(request: pytest.FixtureRequest) -> PackFile:
    return check_pack(PACKS[request.param](), Path(f"{request.param}.onnx"))


def random_word(seed: int, tile: int, number: int, stream: int) -> int:
    """Return word `number` of a tile's stream."""
    counter = np.array([tile & 0xFFFFFFFF, tile >> 32, number // 4, stream], dtype=np.uint32)
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], dtype=np.uint32)
    return int(seeds.philox(counter, key)[number % 4])


def sample(
    evaluate: Evaluate,
    sampler: Sampler,
    seed: int,
    tile: int,
    given: np.ndarray | None = None,
    allowed: Sequence[int] | None = None,
) -> np.ndarray:
    """Draw one picture cell by cell, as docs/numerics.md specifies. evaluate: cells (H, W) -> scores (H * W,
    K). given: (H, W), K where a cell is unknown. allowed: the entries that may be drawn.
    """
    count, colours = sampler.height * sampler.width, sampler.colours
    cells = np.full(count, colours, np.uint8) if given is None else given.reshape(-1).copy()
    unknown = [cell for cell in range(count) if cells[cell] == colours]
    groups = [[cell] for cell in unknown]
    if sampler.method == "masked":
        order = sorted(unknown, key=lambda cell: (random_word(seed, tile, cell, 5), cell))
        ends = [j * len(order) // sampler.steps for j in range(sampler.steps + 1)]
        groups = [order[first:last] for first, last in pairwise(ends)]
    for group in groups:
        scores = evaluate(cells.reshape(sampler.height, sampler.width))
        for cell in group:
            best = None
            for colour in range(colours) if allowed is None else allowed:
                number = cell * 8 * math.ceil(colours / 8) + colour
                word = random_word(seed, tile, number // 2, 6)
                random = word >> 16 if number % 2 else word & 0xFFFF
                noisy = int(scores[cell, colour]) + int(sampler.noise[random >> 4])
                if best is None or noisy > best:
                    best, cells[cell] = noisy, colour
    return cells.reshape(sampler.height, sampler.width)


def reference_scores(pack: PackFile, kind: int) -> Evaluate:
    def evaluate(cells: np.ndarray) -> np.ndarray:
        values = reference.trace(pack.plan, 1, kinds=np.array([kind], np.int32), cells=cells[None])
        return values["logits"].reshape(cells.size, -1)

    return evaluate


def onnxruntime_scores(pack: PackFile, kind: int, **conditions: np.ndarray) -> Evaluate:
    """conditions: instead of the kind in each cell, and of no words."""
    session = onnxruntime.InferenceSession(pack.content, providers=["CPUExecutionProvider"])

    def evaluate(cells: np.ndarray) -> np.ndarray:
        feed = {
            "cells": cells[None],
            "kind": np.array([kind], np.int64),
            "kind_map": np.full((1, *cells.shape), kind, np.uint8),
            "words": np.zeros((1, len(pack.words)), np.uint8),
            **conditions,
        }
        wanted = {value.name: feed[value.name] for value in session.get_inputs()}
        (logits,) = session.run(["logits"], wanted)
        return np.rint(logits[0].reshape(-1, cells.size).T / np.float64(SCALE))

    return evaluate


SMALL = [name for name in PACKS if "255" not in name and "two-colours" not in name]


@pytest.mark.parametrize("name", SMALL)
def test_the_reference_is_the_law_in_plain_python(name: str) -> None:
    pack = check_pack(PACKS[name](), Path(name))
    assert pack.plan.sampler is not None
    seed, start = 2**64 - 5, 2**32 - 1
    kinds = np.array([0, pack.plan.kinds - 1], np.int32)
    pictures = reference.run(pack.plan, 2, seed=seed, start=start, kinds=kinds)["indices"]
    for i, kind in enumerate(kinds):
        expected = sample(reference_scores(pack, kind), pack.plan.sampler, seed, start + i)
        np.testing.assert_array_equal(pictures[i], expected)


@pytest.mark.parametrize("name", SMALL)
def test_onnxruntime_in_the_same_loop_draws_the_same(name: str) -> None:
    pack = check_pack(PACKS[name](), Path(name))
    assert pack.plan.sampler is not None
    kinds = seeds.draw_kinds(3, 0, 2, pack.plan.kinds)
    ours = reference.run(pack.plan, 2, seed=3)["indices"]
    theirs = [sample(onnxruntime_scores(pack, k), pack.plan.sampler, 3, i) for i, k in enumerate(kinds)]
    assert (ours == np.stack(theirs)).mean() >= 0.99


@pytest.mark.parametrize("name", SMALL)
def test_onnxruntime_in_the_same_loop_completes_pictures(name: str) -> None:
    """Half of the cells are given, and half of the entries may be drawn."""
    pack, rng = check_pack(PACKS[name](), Path(name)), np.random.default_rng(1)
    sampler = pack.plan.sampler
    assert sampler is not None
    cells = rng.integers(0, sampler.colours, (sampler.height, sampler.width), np.uint8)
    cells[rng.random(cells.shape) < 0.5] = sampler.colours
    allowed = np.arange(sampler.colours) % 2 == 0
    numbers = np.array([2**40], np.uint64)
    kinds = np.zeros(1, np.int32)
    ours = reference.run(
        pack.plan, 1, seed=3, tile_numbers=numbers, kinds=kinds, cells=cells, allowed=allowed
    )
    entries = np.flatnonzero(allowed).tolist()
    theirs = sample(onnxruntime_scores(pack, 0), sampler, 3, 2**40, cells, entries)
    assert (ours["indices"][0] == theirs).mean() >= 0.99
    assert (theirs == cells)[cells < sampler.colours].all()


def test_onnxruntime_has_the_same_scores(pack: PackFile) -> None:
    sampler, rng = pack.plan.sampler, np.random.default_rng(0)
    assert sampler is not None
    for kind in range(pack.plan.kinds):
        cells = rng.integers(0, sampler.colours, (sampler.height, sampler.width), np.uint8, endpoint=True)
        ours, theirs = reference_scores(pack, kind)(cells), onnxruntime_scores(pack, kind)(cells)
        assert (ours == theirs).mean() >= 0.999


@pytest.mark.parametrize("name", [name for name in PACKS if name.startswith("conditioned")])
def test_onnxruntime_has_the_same_scores_of_conditions(name: str) -> None:
    pack, rng = check_pack(PACKS[name](), Path(name)), np.random.default_rng(2)
    sampler = pack.plan.sampler
    assert sampler is not None
    shape = 1, sampler.height, sampler.width
    seen = []
    for _ in range(10):
        cells = rng.integers(0, sampler.colours, shape, np.uint8, endpoint=True)
        kind_maps = rng.integers(0, pack.plan.kinds, shape, np.uint8)
        words = rng.integers(0, 2, (1, len(pack.words)), np.uint8)
        values = reference.trace(pack.plan, 1, cells=cells, kind_maps=kind_maps, words=words)
        theirs = onnxruntime_scores(pack, 0, kind_map=kind_maps, words=words)(cells[0])
        seen.append((values["logits"].reshape(theirs.shape) == theirs).mean())
    assert np.mean(seen) >= 0.999


def test_tiles_are_drawn_alone_and_every_cell_is_known(pack: PackFile) -> None:
    sampler = pack.plan.sampler
    assert sampler is not None
    together = reference.run(pack.plan, 5, seed=7, start=2**64 - 2)["indices"]
    assert together.shape == (5, sampler.height, sampler.width)
    assert together.max() < sampler.colours
    kinds = seeds.draw_kinds(7, 0, 1, pack.plan.kinds)
    alone = reference.run(pack.plan, 1, seed=7, start=0, kinds=kinds)["indices"]
    np.testing.assert_array_equal(together[2:3], alone)
    assert reference.run(pack.plan, 0)["indices"].shape == (0, sampler.height, sampler.width)


def test_temperature_nought_is_the_best_score() -> None:
    plan = check_pack(masked_pack(steps=1, temperature=0.0), Path("cold.onnx")).plan
    scores = reference.trace(plan, 4, seed=1)["logits"]
    np.testing.assert_array_equal(reference.run(plan, 4, seed=1)["indices"], scores.argmax(axis=-1))


def test_draws_have_the_probabilities_of_a_softmax() -> None:
    """With one step and one kind, every cell is drawn from the scores of the unknown map."""
    plan = check_pack(masked_pack(size=4, steps=1, kinds=1, temperature=2.0), Path("warm.onnx")).plan
    logits = reference.trace(plan, 1)["logits"][0] * float(SCALE) / 2.0
    expected = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    pictures = reference.run(plan, 20_000, seed=5)["indices"]
    shares = (pictures[..., None] == np.arange(5)).mean(axis=0)
    assert np.abs(shares - expected).max() < 0.015


@pytest.mark.parametrize("causal", [True, False])
def test_causal_means_that_later_cells_do_not_matter(causal: bool) -> None:
    """Covers both causal and other networks."""
    plan = check_pack(autoregressive_pack(causal=causal), Path("ordered.onnx")).plan
    rng = np.random.default_rng(1)
    cells = rng.integers(0, 10, (1, 36), dtype=np.uint8)
    whole = reference.trace(plan, 1, cells=cells.reshape(1, 6, 6))["logits"].reshape(36, -1)
    same = []
    for cell in range(36):
        unknown = cells.copy()
        unknown[:, cell:] = 9
        scores = reference.trace(plan, 1, cells=unknown.reshape(1, 6, 6))["logits"].reshape(36, -1)
        same.append(bool((scores[cell] == whole[cell]).all()))
    assert all(same) == causal


def test_the_plan_prints_its_sampler() -> None:
    plan = check_pack(masked_pack(), Path("masked.onnx")).plan
    text = str(plan)
    assert "embed_cells  kind + 8x8" in text
    assert text.endswith("sampler: masked; at most 6 evaluations a tile, of the cells that change")
    assert (plan.evaluations, plan.latent_size) == (6, 0)


def test_gumbel_quantiles() -> None:
    quantiles = sampling.gumbel_quantiles()
    exact = [-math.log(-math.log((i + 0.5) / 4096)) * 65536 for i in range(4096)]
    assert np.abs(quantiles - np.array(exact)).max() < 0.51
    assert (np.diff(quantiles) > 0).all()
    digest = hashlib.sha256(quantiles.astype("<i4").tobytes()).hexdigest()
    assert digest == "02a75e67280319c2f21db3c1e5484aca3c7a2764a2e8cca66b01658b920f84f1"


def test_noise_is_in_units_of_the_scores() -> None:
    quantiles = sampling.gumbel_quantiles()
    np.testing.assert_array_equal(sampling.noise_table(1.0, np.float32(2**-16)), quantiles)
    np.testing.assert_array_equal(sampling.noise_table(0.5, np.float32(2**-16)), np.rint(quantiles / 2))
    assert not sampling.noise_table(0.0, np.float32(1e-30)).any()
    extreme = sampling.noise_table(1e308, np.float32(1e-30))
    assert set(extreme.tolist()) <= {-(2**24), 0, 2**24}
