"""Mixed sheets: above a row of every frame one character, below it another one whose silhouette fits."""

import numpy as np

from tilewright.frame_sheets import FrameSheet
from tilewright_training.data.dataset import Dataset
from tilewright_training.data.mixing import Mixer

FRAME, ROWS, COLUMNS = 8, 2, 3


def sheets(widths: list[int]) -> Dataset:
    """Characters of these widths in pixels, each in a colour of its own."""
    images = np.zeros((len(widths), ROWS * FRAME, COLUMNS * FRAME, 4), np.uint8)
    for number, width in enumerate(widths):
        for left in range(0, COLUMNS * FRAME, FRAME):
            images[number, :, left : left + width] = 10 + number, 0, 0, 255
    labels = np.zeros(len(widths), np.int64)
    return Dataset(images, labels, ("a",), (), "", cell=FRAME, sheet=FrameSheet(ROWS, COLUMNS))


def mixed(data: Dataset, share: float, count: int = 200) -> np.ndarray:
    chosen = np.zeros(count, np.int64)
    return Mixer(data, share).draw(np.random.default_rng(0), chosen)


def test_frames_continue_as_another_character_at_one_row() -> None:
    found = mixed(sheets([5, 5]), 1.0)
    frames = found.reshape(len(found), ROWS, FRAME, COLUMNS, FRAME, 4)[
        ..., 0, 0
    ]  # colours of the first column
    assert (frames == frames[:, :1, :, :1]).all()  # every frame is cut at the same row
    colours = frames[:, 0, :, 0]
    assert (colours[:, 0] == 10).all() and (np.diff(colours.astype(int), axis=1) >= 0).all()
    cuts = set((colours == 10).sum(axis=1).tolist())
    assert {3, 4, 5} <= cuts <= {3, 4, 5, FRAME}  # FRAME: nothing but itself was tried


def test_silhouettes_that_do_not_fit_are_not_mixed() -> None:
    data = sheets([8, 2])
    assert (mixed(data, 1.0) == data.images[0]).all()


def test_the_share_is_kept_and_the_art_unchanged() -> None:
    data = sheets([5, 5, 5, 5])
    before = np.array(data.images)
    changed = (mixed(data, 0.5, 400) != data.images[0]).any(axis=(1, 2, 3)).mean()
    assert 0.3 < changed < 0.45  # a fourth of the others are the same sheet
    np.testing.assert_array_equal(data.images, before)
