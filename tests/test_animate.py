"""Animation sheets from first frames."""

import time
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.frame_sheets import read_copies
from tilewright.generator import Pack
from tilewright.heads import Frames
from tilewright.pack import check_pack

from .networks import dcgan_pack
from .step_networks import conditioned_pack, frames_pack, masked_pack, walk_pack
from .test_heads import changed

FRAME = 4


@pytest.fixture(scope="module", params=["sheet", "column"])
def pack(request: pytest.FixtureRequest) -> Pack:
    content = walk_pack(FRAME, (3, 2), column=request.param == "column")
    return Pack(check_pack(content, Path("walk.onnx")))


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
    np.testing.assert_array_equal(batch.frames[:, 0], pack.generate(3, seed=5, kind=cells).frames[:, 0])
    assert (batch.frames[:, 0] != pack.generate(3, seed=5, kind=pack.kinds[1]).frames[:, 0]).any()
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


def test_a_call_may_have_a_temperature_of_its_own(pack: Pack) -> None:
    given = fronts(20)
    batch = pack.animate(given, seed=8)
    np.testing.assert_array_equal(pack.animate(given, seed=8, temperature=0.8).indices, batch.indices)
    hot = pack.animate(given, seed=8, temperature=9.0)
    np.testing.assert_array_equal(hot.frames[:, 0], given)
    assert (hot.indices != batch.indices).any()


def test_the_front_may_be_one_picture_in_colours(pack: Pack) -> None:
    given = fronts(1)[0]
    rgba = pack.file.head.palette[given]
    np.testing.assert_array_equal(pack.animate(rgba, seed=2).indices, pack.animate(given, seed=2).indices)
    words = pack.animate(given, seed=2, words="red dragon")
    assert (words.indices != pack.animate(given, seed=2).indices).any()


def test_generated_sheets_are_completed_from_their_own_first_frames(pack: Pack) -> None:
    batch = pack.generate(40, seed=5, start=3)
    assert isinstance(batch, tw.FrameBatch) and batch.frames is not None
    np.testing.assert_array_equal(batch.indices, pack.animate(batch.frames[:, 0], seed=5, start=3).indices)
    lacking = [front for front in batch.frames[:, 0] if len(np.unique(front)) < 5]
    assert lacking  # so that a sheet with all colours is possible
    for sheet, front in zip(batch.indices, batch.frames[:, 0], strict=True):
        assert set(np.unique(sheet)) == set(np.unique(front))
    streamed = np.concatenate([part.indices for part in pack.stream(40, batch=7, seed=5, start=3)])
    np.testing.assert_array_equal(streamed, batch.indices)
    assert len(pack.generate(0)) == 0


COPIES = ((2, 0, False), (4, 1, True), (5, 3, False))


@pytest.mark.parametrize("column", [False, True])
def test_frames_that_artists_repeat_are_copies(column: bool) -> None:
    pack = Pack(check_pack(walk_pack(FRAME, (3, 2), COPIES, column), Path("walk.onnx")))
    for batch in (
        pack.animate(fronts(30), seed=8),
        pack.generate(30, seed=8),
        pack.animate(fronts(30), gate=False),
    ):
        assert isinstance(batch, tw.FrameBatch) and batch.frames is not None
        np.testing.assert_array_equal(batch.frames[:, 2], batch.frames[:, 0])
        np.testing.assert_array_equal(batch.frames[:, 4], batch.frames[:, 1, :, ::-1])
        np.testing.assert_array_equal(batch.frames[:, 5], batch.frames[:, 3])
        assert (batch.frames[:, 1] != batch.frames[:, 3]).any()
    given = pack.generate(1, seed=8).indices
    mask = np.zeros(pack.shape, bool)
    mask[-FRAME:] = True
    np.testing.assert_array_equal(pack.inpaint(given, mask).indices[:, :-FRAME], given[:, :-FRAME])


def test_a_column_is_the_frames_of_a_sheet_that_are_no_copies() -> None:
    pack = Pack(check_pack(walk_pack(FRAME, (3, 2), COPIES, True), Path("walk.onnx")))
    head = pack.file.head
    assert (
        isinstance(head, Frames) and head.drawn == (3 * FRAME, FRAME) and pack.shape == (3 * FRAME, 2 * FRAME)
    )
    frames = np.random.default_rng(2).integers(0, 5, (7, 6, FRAME, FRAME), np.uint8)
    frames[:, 2], frames[:, 4], frames[:, 5] = frames[:, 0], frames[:, 1, :, ::-1], frames[:, 3]
    sheets = frames.reshape(7, 3, 2, FRAME, FRAME).swapaxes(2, 3).reshape(7, 3 * FRAME, 2 * FRAME)
    column = head.sheet.to_drawn(sheets)
    np.testing.assert_array_equal(column.reshape(7, 3, FRAME, FRAME), frames[:, [0, 1, 3]])
    np.testing.assert_array_equal(head.sheet.from_drawn(column), sheets)
    assert "paint()" not in pack.file.abilities
    with pytest.raises(tw.UsageError, match="draws the frames of a sheet one by one"):
        pack.paint(np.zeros((4, 4), int))


def test_given_cells_of_columns_stay() -> None:
    """Also those of frames that repeat others, where a caller gives other pixels."""
    pack = Pack(check_pack(walk_pack(FRAME, (3, 2), COPIES, True), Path("walk.onnx")))
    given = np.random.default_rng(4).integers(0, 5, (3, *pack.shape), np.uint8)
    nothing = np.zeros(pack.shape, bool)
    np.testing.assert_array_equal(pack.inpaint(given, nothing).indices, given)
    np.testing.assert_array_equal(pack.variations(given[0], 3, strength=0.0).indices, given[[0, 0, 0]])
    mask = nothing.copy()
    mask[:FRAME] = True
    drawn = pack.inpaint(given, mask, seed=3).indices
    assert drawn is not None and (drawn[:, :FRAME] != given[:, :FRAME]).any()
    np.testing.assert_array_equal(drawn[:, FRAME:], given[:, FRAME:])


def test_columns_make_no_tilesets() -> None:
    pack = Pack(check_pack(walk_pack(FRAME, (3, 2), (), True), Path("walk.onnx")))
    with pytest.raises(tw.UsageError, match="cannot make tilesets"):
        tw.make_tileset(pack, [pack.kinds[0], pack.kinds[1]])


def test_sheets_are_at_most_1024_pixels_wide_and_high() -> None:
    copies = [[number, 0, False] for number in range(1, 257)]
    content = changed(walk_pack(FRAME, (1, 1), (), True), sheet=[1, 257], copies=copies)
    with pytest.raises(tw.PackError, match="sheet does not fit the network"):
        check_pack(content, Path("walk.onnx"))


@pytest.mark.parametrize("changes", [{"column": False}, {"column": 1}, {"copies": []}, {"sheet": [3, 3]}])
def test_a_column_that_does_not_fit_the_network_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(tw.PackError, match=r"^walk.onnx"):
        check_pack(changed(walk_pack(FRAME, (3, 2), COPIES, True), **changes), Path("walk.onnx"))
    colours = changed(dcgan_pack(), head="frames", frame_size=[4, 8], sheet=[4, 2], format=2, column=True)
    with pytest.raises(tw.PackError, match="does not fit the network"):
        check_pack(colours, Path("rgba.onnx"))


@pytest.mark.parametrize(
    "copies",
    [[[1, 1, False]], [[0, 1, False]], [[6, 0, False]], [[1, 0]], [[1, -1, False]], [[1, 0, 1]], 7,
     [[2, 0, False], [1, 0, False]], [[1, 0, False], [2, 1, False]], [[1, 0, False], [1, 0, True]]],
)  # fmt: skip
def test_copies_that_are_impossible_are_refused(copies: object) -> None:
    with pytest.raises(tw.PackError, match=r"^walk.onnx has damaged metadata"):
        check_pack(changed(walk_pack(FRAME, (3, 2)), copies=copies), Path("walk.onnx"))


def test_packs_of_colours_repeat_frames_too() -> None:
    fields = {"head": "frames", "frame_size": [4, 8], "sheet": [4, 2], "format": 2}
    content = changed(dcgan_pack(), copies=[[1, 0, True], [5, 3, False]], **fields)
    frames = Pack(check_pack(content, Path("rgba.onnx"))).generate(2, seed=4).frames_rgba
    np.testing.assert_array_equal(frames[:, 1], frames[:, 0, :, ::-1])
    np.testing.assert_array_equal(frames[:, 5], frames[:, 3])
    assert (frames[:, 2] != frames[:, 0]).any()


def test_many_copies_are_read_in_linear_time() -> None:
    copies = [[number, 0, False] for number in range(1, 100_000)]
    started = time.process_time()
    assert len(read_copies(copies, 2**40)) == len(copies)
    assert time.process_time() - started < 2.0  # quadratic: 100 s


def test_random_copies_are_refused_or_kept() -> None:
    rng = np.random.default_rng(6)
    content, read = walk_pack(FRAME, (3, 2)), 0
    for _ in range(60):
        numbers = rng.integers(0, 7, (rng.integers(1, 4), 2)).tolist()
        copies = [[max(pair), min(pair), bool(rng.integers(2))] for pair in sorted(numbers, key=max)]
        try:
            pack = Pack(check_pack(changed(content, copies=copies), Path("walk.onnx")))
        except tw.PackError:
            continue
        read += 1
        frames = pack.generate(1, seed=read).frames[0]
        for number, source, mirrored in copies:
            np.testing.assert_array_equal(frames[number], frames[source][:, :: -1 if mirrored else 1])
    assert 10 < read < 50


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
