"""Measures of motion, and sheets that are drawn again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tilewright.generator import Pack
from tilewright.motion import FAULT, faults, motion
from tilewright.pack import check_pack

from .step_networks import walk_pack

PALETTE = np.array([[0, 0, 0, 0], [9, 9, 9, 255]], np.uint8)


def walker(moves: list[tuple[int, int]], height: int = 8) -> np.ndarray:
    """A clip of boxes 6 pixels wide, moved down and to the right: bool (1, 1, F, 16, 16)."""
    frames = np.zeros((1, 1, len(moves), 16, 16), bool)
    for number, (down, right) in enumerate(moves):
        frames[0, 0, number, 4 + down : 4 + height + down, 4 + right : 10 + right] = True
    return frames


def test_what_stands_still_does_not_move() -> None:
    found = motion(walker([(0, 0)] * 4))
    assert (found.height, found.feet, found.torso, found.overlap) == (0, 0, 0, 1000)


def test_measures_are_in_pixels_and_sixteenths() -> None:
    found = motion(walker([(0, 0), (1, 3), (0, 0), (0, -1)]))
    assert (found.height, found.feet, found.torso) == (0, 1, 64)
    assert found.overlap == 1000 * 7 * 3 // (48 + 48 - 7 * 3)
    squat = walker([(0, 0), (0, 0)])
    squat[0, 0, 1, 4:6] = False
    found = motion(squat)
    assert (found.height, found.feet, found.torso) == (2, 0, 24)  # the centre moves from 5.5 to 7


def test_empty_frames_overlap_with_nothing() -> None:
    found = motion(np.zeros((1, 1, 2, 16, 16), bool))
    assert (found.height, found.feet, found.overlap) == (0, 0, 0)


def test_faults_count_the_bounds_that_a_sheet_exceeds() -> None:
    kinds = np.zeros(1, np.int32)

    def of(clip: np.ndarray) -> int:
        sheet = clip[0, 0].swapaxes(0, 1).reshape(1, 16, -1).astype(np.uint8)
        return int(faults(sheet, kinds, (1, clip.shape[2]), PALETTE)[0])

    assert of(walker([(0, 0), (1, 0), (0, 0), (0, -1)])) == 0
    assert of(walker([(0, 0), (2, 0)])) == FAULT + 1  # the feet
    assert of(walker([(0, 0), (0, 3)])) == FAULT + 2  # the torso, and little overlap
    assert of(walker([(0, 0), (4, 0)])) == FAULT + 3


def test_sheets_with_faults_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tilewright.motion.LEAST_OVERLAP", 700)  # of random pixels, some overlap less
    file = check_pack(walk_pack(4, (1, 2)), Path("walk.onnx"))
    palette = np.where(np.arange(5)[:, None] == 0, np.uint8(0), file.head.palette)
    pack = Pack(replace(file, head=replace(file.head, palette=palette)))
    first = pack.generate(30, seed=3, gate=False)
    gated = pack.generate(30, seed=3)
    gate = pack.file.gate
    assert gate is not None
    before, after = (gate(batch.indices, np.zeros(30, np.int32)) for batch in (first, gated))  # type: ignore[arg-type]
    assert (after <= before).all() and (after < before).any()
    kept = before == 0
    np.testing.assert_array_equal(gated.indices[kept], first.indices[kept])  # type: ignore[index]
    np.testing.assert_array_equal(pack.generate(3, seed=3, start=9).indices, gated.indices[9:12])  # type: ignore[index]
    fronts = first.frames[:, 0]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(pack.animate(fronts, seed=3).frames[:, 0], fronts)
