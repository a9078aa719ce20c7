"""Animation sheets from first frames."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack

from .step_networks import conditioned_pack, frames_pack, masked_pack, walk_pack

FRAME = 4


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(walk_pack(FRAME, (3, 2)), Path("walk.onnx")))


def fronts(count: int) -> np.ndarray:
    """First frames of at most three of the five entries each."""
    rng = np.random.default_rng(3)
    entries = np.array([rng.permutation(5)[:3] for _ in range(count)], np.uint8)
    drawn = rng.integers(0, 3, (count, FRAME, FRAME))
    return entries[np.arange(count)[:, None, None], drawn]


def test_frames_have_their_own_kinds_unless_a_request_says_otherwise(pack: Pack) -> None:
    cells = np.arange(6).reshape(3, 2)
    batch = pack.generate(3, seed=5)
    assert isinstance(batch, tw.FrameBatch) and batch.frames.shape == (3, 6, FRAME, FRAME)
    np.testing.assert_array_equal(batch.kind_maps, np.broadcast_to(cells, (3, 3, 2)))
    np.testing.assert_array_equal(batch.indices, pack.generate(3, seed=5, kind=cells).indices)
    assert (batch.indices != pack.generate(3, seed=5, kind=pack.kinds[0]).indices).any()
    assert "animate()" in pack.file.abilities


def test_the_first_frame_stays_and_no_frame_has_a_colour_that_it_lacks(pack: Pack) -> None:
    given = fronts(100)
    batch = pack.animate(given, seed=8)
    np.testing.assert_array_equal(batch.frames[:, 0], given)
    for sheet, front in zip(batch.indices, given, strict=True):
        assert set(np.unique(sheet)) == set(np.unique(front))
    free = pack.animate(given, seed=8, new_colours=True)
    np.testing.assert_array_equal(free.frames[:, 0], given)
    assert (np.sort(free.indices.reshape(100, -1))[:, -1] > given.max(axis=(1, 2))).any()
    np.testing.assert_array_equal(pack.animate(given[7:9], seed=8, start=7).indices, batch.indices[7:9])
    np.testing.assert_array_equal(pack.animate(given, seed=8, threads=2).indices, batch.indices)


def test_the_front_may_be_one_picture_in_colours(pack: Pack) -> None:
    given = fronts(1)[0]
    rgba = pack.file.head.palette[given]
    np.testing.assert_array_equal(pack.animate(rgba, seed=2).indices, pack.animate(given, seed=2).indices)
    words = pack.animate(given, seed=2, words="red dragon")
    assert (words.indices != pack.animate(given, seed=2).indices).any()


@pytest.mark.parametrize("content", [masked_pack, frames_pack, conditioned_pack])
def test_other_packs_do_not_animate(content: object) -> None:
    other = Pack(check_pack(content(), Path("other.onnx")))  # type: ignore[operator]
    with pytest.raises(tw.UsageError, match=r"^pack.animate\(\): random does not generate animation sheets"):
        other.animate(fronts(1))
    assert "animate()" not in other.file.abilities


def test_a_picture_that_is_no_frame_is_refused(pack: Pack) -> None:
    with pytest.raises(
        tw.UsageError, match=r"must be \(4, 4\), \(N, 4, 4\) or the same with RGBA, not \(12, 8\)"
    ):
        pack.animate(np.zeros((12, 8), np.uint8))
    with pytest.raises(tw.UsageError, match="has entry 7"):
        pack.animate(np.full((4, 4), 7, np.uint8))
