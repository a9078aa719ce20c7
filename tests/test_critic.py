"""Packs whose critic has pictures drawn again."""

import base64
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tilewright import engine
from tilewright.compiler import reference
from tilewright.critic import MOST_SHORT, NEIGHBOURS, Critic, neighbour_codes
from tilewright.errors import PackError
from tilewright.generator import Pack, pack_of
from tilewright.runner import REDRAWS, STEP
from tilewright.training_pictures import COPY, OUTSIDE, TrainingPictures
from tilewright_training.export.export_onnx import with_fields

from .networks import critic, dcgan_pack, palette_pack
from .step_networks import conditioned_pack, tokens_pack, walk_pack

PLAIN = pack_of(palette_pack(transparent=True), Path("p.onnx"))
NETWORK = critic()


def scores(pictures: np.ndarray | None, kinds: np.ndarray) -> np.ndarray:
    assert pictures is not None
    return Critic.of(NETWORK, [0]).on("").scores(pictures, kinds)


def median_of(kind: int) -> int:
    """Return a score that half of a kind's pictures reach."""
    pictures = PLAIN.generate(200, kind=PLAIN.kinds[kind], seed=99).indices
    return int(np.median(scores(pictures, np.full(200, kind))))


LEAST = [median_of(kind) for kind in range(len(PLAIN.kinds))]


def judged(least: list[int] = LEAST, **more: object) -> Pack:
    fields = {"critic": Critic.of(NETWORK, least).to_metadata(), **more}
    return pack_of(with_fields(PLAIN.file.content, fields), Path("p.onnx"))


def test_codes_of_neighbours() -> None:
    """Bit by bit, in plain Python, with edges that continue at the other side."""
    pictures = np.random.default_rng(0).integers(0, 3, (4, 5, 6), dtype=np.uint8)
    expected = np.zeros_like(pictures)
    for (n, y, x), entry in np.ndenumerate(pictures):
        places = (y, x + 1), (y + 1, x), (y + 1, x + 1), (y + 1, x - 1)
        for bit, (row, column) in enumerate(places):
            expected[n, y, x] |= (pictures[n, row % 5, column % 6] == entry) << bit
    np.testing.assert_array_equal(neighbour_codes(pictures), expected)
    assert len(NEIGHBOURS) == 4 and len(np.unique(expected)) > 8


@pytest.mark.parametrize("backend", engine.backends())
def test_scores_are_those_of_the_reference(backend: str) -> None:
    batch = PLAIN.generate(20, seed=3)
    pictures = batch.indices
    assert pictures is not None
    made = Critic.of(NETWORK, [0])
    given = {"cells": pictures, "kind_maps": neighbour_codes(pictures)}
    expected = reference.run(made.plan, len(pictures), **given)["score"][np.arange(20), batch.kind_ids]
    np.testing.assert_array_equal(made.on(backend).scores(pictures, batch.kind_ids, threads=2), expected)
    assert len(np.unique(expected)) > 5


def test_faults_are_what_a_score_is_short_of() -> None:
    pictures = PLAIN.generate(60, seed=4).indices
    assert pictures is not None
    kinds = (np.arange(60) % 3).astype(np.int32)
    found = scores(pictures, kinds).astype(int)
    least = np.array([255, int(np.median(found)), 0], np.uint8)
    faults = Critic.of(NETWORK, least).on("").faults(pictures, kinds)
    np.testing.assert_array_equal(faults, np.clip(least[kinds] - found, 0, MOST_SHORT))
    assert MOST_SHORT < OUTSIDE < COPY and (faults[2::3] == 0).all() and (faults > 0).any()


def test_a_pack_draws_again() -> None:
    """Pictures that reach the score of their kind stay the same; of the others, more do than before."""
    pack, least = judged(), np.array(LEAST)
    before, after = PLAIN.generate(200, seed=5), pack.generate(200, seed=5, threads=2)
    enough = scores(before.indices, before.kind_ids) >= least[before.kind_ids]
    same = (after.indices == before.indices).all(axis=(1, 2))  # type: ignore[union-attr]
    assert 0.2 < enough.mean() < 0.8 and same[enough].all()
    assert (scores(after.indices, after.kind_ids) >= least[after.kind_ids]).mean() > 0.95
    np.testing.assert_array_equal(pack.generate(200, seed=5, gate=False).indices, before.indices)
    np.testing.assert_array_equal(pack.generate(3, seed=5, start=50).indices, after.indices[50:53])  # type: ignore[index]
    assert "draws again: what the critic rejects (gate)" in str(pack.file)


def test_definition_of_a_draw() -> None:
    """A score that no picture reaches: the first of the draws with the greatest score stays."""
    pack = judged([255] * len(LEAST))
    kind = np.zeros(1, np.int32)
    for number in range(5):
        draws = [
            reference.run(PLAIN.file.plan, 1, seed=(9 + r * STEP) % 2**64, kinds=kind, start=number)[
                "indices"
            ]
            for r in range(REDRAWS + 1)
        ]
        best = int(np.argmax([int(scores(draw, kind)[0]) for draw in draws]))
        result = pack.generate(1, kind=pack.kinds[0], seed=9, start=number).indices
        np.testing.assert_array_equal(result, draws[best])


def test_copies_are_worse_than_low_scores() -> None:
    """A copy of training art is replaced by a picture with a lower score."""
    first = PLAIN.generate(1, kind=PLAIN.kinds[0], seed=9).indices
    palette = PLAIN.file.head.palette  # type: ignore[union-attr]
    assert first is not None and palette is not None
    known = TrainingPictures.of(first, np.zeros(1, np.int64), len(LEAST), palette)
    pack = judged([255] * len(LEAST), training_pictures=known.to_metadata())
    result = pack.generate(1, kind=pack.kinds[0], seed=9).indices
    assert result is not None and known.faults(result, np.zeros(1, np.int32)) != COPY
    assert "copies of 1 training pictures, what is unlike all of its kind, what the critic" in str(pack.file)


VALUE = Critic.of(NETWORK, LEAST).to_metadata()


@pytest.mark.parametrize(
    "value",
    [
        7,
        {},
        {"network": VALUE["network"]},
        {"network": VALUE["network"], "least": LEAST[:-1]},
        {"network": VALUE["network"], "least": [256] * len(LEAST)},
        {"network": VALUE["network"], "least": [True] * len(LEAST)},
        {"network": "%%%%", "least": LEAST},
        {"network": "A" * (2 << 20), "least": LEAST},
        {"network": base64.b64encode(critic(8, 8)).decode(), "least": LEAST},
        {"network": base64.b64encode(critic(kinds=2)).decode(), "least": LEAST},
    ],
)
def test_damaged(value: object) -> None:
    with pytest.raises(PackError, match=r"p\.onnx has damaged metadata"):
        pack_of(with_fields(PLAIN.file.content, {"critic": value}), Path("p.onnx"))


@pytest.mark.parametrize("content", [palette_pack(), b"", b"\0" * 40])
def test_networks_that_are_no_critics(content: bytes) -> None:
    value = {"network": base64.b64encode(content).decode(), "least": LEAST}
    with pytest.raises(PackError):
        pack_of(with_fields(PLAIN.file.content, {"critic": value}), Path("p.onnx"))


def test_not_for_all_packs() -> None:
    for content in (tokens_pack(), dcgan_pack()):
        with pytest.raises(PackError, match=r"p\.onnx has damaged metadata: ValueError"):
            pack_of(with_fields(content, {"critic": VALUE}), Path("p.onnx"))
    maps = conditioned_pack()
    plain = pack_of(maps, Path("p.onnx"))
    value = Critic.of(critic(*plain.shape, kinds=1), [0]).to_metadata()
    with pytest.raises(PackError, match="the metadata's critic does not fit the network"):
        pack_of(with_fields(maps, {"critic": value}), Path("p.onnx"))


@pytest.mark.parametrize("column", [False, True])
def test_sheets_are_judged_as_wholes(column: bool) -> None:
    content = walk_pack(8, (2, 2), ((3, 1, True),), column)
    plain = pack_of(content, Path("p.onnx"))
    network = critic(*plain.shape, kinds=1)
    fronts = np.random.default_rng(2).integers(0, 5, (80, 8, 8), np.uint8)

    def judged(sheets: np.ndarray | None) -> np.ndarray:
        assert sheets is not None
        return Critic.of(network, [0]).on("").scores(sheets, np.zeros(len(sheets), np.int32)).astype(int)

    first = plain.animate(fronts, seed=4)
    before = judged(first.indices)
    least = int(np.median(before))
    fields = {"critic": Critic.of(network, [least]).to_metadata()}
    pack = pack_of(with_fields(content, fields), Path("p.onnx"))
    assert "and what the critic rejects" in str(pack.file)
    batch = pack.animate(fronts, seed=4)
    after = judged(batch.indices)
    np.testing.assert_array_equal(batch.frames[:, 0], fronts)
    np.testing.assert_array_equal(batch.frames[:, 3], batch.frames[:, 1, :, ::-1])
    assert (after >= least).mean() > (before >= least).mean()
    two = Critic.of(critic(*plain.shape, kinds=2), [0, 0]).to_metadata()
    with pytest.raises(PackError, match="there must be a score"):
        pack_of(with_fields(content, {"critic": two}), Path("p.onnx"))


@pytest.mark.parametrize("column", [False, True])
def test_other_draws_of_characters_have_other_first_frames(column: bool) -> None:
    content = walk_pack(8, (2, 2), (), column)
    plain = pack_of(content, Path("p.onnx"))
    made = Critic.of(critic(*plain.shape, kinds=1), [0])
    first = plain.generate(40, seed=4)
    assert first.indices is not None
    scores = made.on("").scores(first.indices, np.zeros(40, np.int32))
    least = int(np.median(scores)) + 1
    fields = {"critic": Critic.of(made.network, [least]).to_metadata()}
    pack = pack_of(with_fields(content, fields), Path("p.onnx"))
    whole = pack.generate(40, seed=4)
    rejected = scores < least
    np.testing.assert_array_equal(whole.indices[~rejected], first.indices[~rejected])
    assert (whole.frames[rejected, 0] != first.frames[rejected, 0]).any(axis=(1, 2)).mean() > 0.5
    np.testing.assert_array_equal(pack.generate(9, seed=4, start=31).indices, whole.indices[31:])


def test_pickled_packs_have_their_critic() -> None:
    pack = judged()
    again = pickle.loads(pickle.dumps(pack))
    np.testing.assert_array_equal(again.generate(20, seed=1).rgba, pack.generate(20, seed=1).rgba)


def test_description_of_what_is_drawn_again() -> None:
    """A pack of very many training pictures has bounds and no codes."""
    palette = PLAIN.file.head.palette
    assert palette is not None
    kinds = np.zeros(1, np.int64)
    known = TrainingPictures.of(np.zeros((1, 16, 16), np.uint8), kinds, len(LEAST), palette)
    bounds = replace(known, codes=known.codes[:0]).to_metadata()
    assert "draws again: what is unlike all of its kind (gate)" in str(
        plain_with(training_pictures=bounds).file
    )


def plain_with(**fields: object) -> Pack:
    return pack_of(with_fields(PLAIN.file.content, fields), Path("p.onnx"))
