"""`split`: relatives stay together, kinds keep their proportions, mapped files stay mapped."""

from pathlib import Path

import numpy as np
import pytest

from tilewright.errors import DataError, UsageError
from tilewright_training.data.dataset import Dataset, Source, read_art
from tilewright_training.data.split import split
from tilewright_training.data.stored_set import SetWriter

from ..drawn import draw, save


def made(groups: np.ndarray, labels: np.ndarray, kinds: int) -> Dataset:
    images = np.zeros((len(labels), 8, 8, 4), np.uint8)
    images[:, 0, 0] = np.arange(len(labels))[:, None].astype("<u4").view(np.uint8)
    return Dataset(
        images, labels.astype(np.int64), tuple(f"k{i}" for i in range(kinds)), (), "", groups.astype(np.int32)
    )


@pytest.mark.parametrize("seed", range(4))
def test_groups_stay_whole_and_kinds_in_proportion(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 400, 2000))
    groups = np.unique(groups, return_inverse=True)[1]
    data = made(groups, groups * 7 % 5, 5)
    train, test = split(data, 0.1, seed)
    assert not set(train.groups) & set(test.groups)
    assert len(train.labels) + len(test.labels) == 2000
    for kind in range(5):
        share = (test.labels == kind).sum() / (data.labels == kind).sum()
        assert share == pytest.approx(0.1, abs=0.03)
    assert test.kinds == train.kinds == data.kinds
    assert len({data.digest, train.digest, test.digest}) == 3


def test_a_seed_is_a_split() -> None:
    data = made(np.arange(300), np.arange(300) % 3, 3)
    assert split(data, 0.2, 5)[1].digest == split(data, 0.2, 5)[1].digest
    assert split(data, 0.2, 5)[1].digest != split(data, 0.2, 6)[1].digest


def test_groups_of_several_kinds_count_for_each() -> None:
    groups = np.repeat(np.arange(100), 4)
    labels = np.tile([0, 0, 1, 1], 100)
    train, test = split(made(groups, labels, 2), 0.25)
    assert np.bincount(test.labels).tolist() == [50, 50]
    assert np.bincount(train.labels).tolist() == [150, 150]


def test_a_kind_of_one_family_stays_in_training() -> None:
    groups = np.concatenate([np.zeros(20, int), np.arange(1, 101)])
    labels = np.concatenate([np.zeros(20, int), np.ones(100, int)])
    train, test = split(made(groups, labels, 2))
    assert (train.labels == 0).sum() == 20
    assert (test.labels == 1).sum() == 10


def test_nothing_to_spare() -> None:
    with pytest.raises(DataError, match="nothing can be held out of 6 tiles in 1 groups of relatives"):
        split(made(np.zeros(6, int), np.zeros(6, int), 1))
    with pytest.raises(UsageError, match="held_out must be between 0 and 1, not 1"):
        split(made(np.arange(6), np.zeros(6, int), 1), 1.0)


def test_recoloured_siblings_are_relatives_by_name_and_by_shape(tmp_path: Path) -> None:
    (tmp_path / "mon").mkdir()
    slime = draw("slime", 1)
    for name, colour in (("red_slime", (200, 0, 0)), ("blue_slime2", (0, 0, 200)), ("something", (9, 99, 9))):
        sibling = slime.copy()
        sibling[slime[..., 3] > 0, :3] = np.where(
            (slime[slime[..., 3] > 0, :3] == (20, 12, 28)).all(axis=1, keepdims=True), 5, colour
        )
        save(tmp_path / "mon" / f"{name}.png", sibling)
    rng = np.random.default_rng(0)
    other = np.full((16, 16, 4), 255, np.uint8)
    other[..., :3] = rng.integers(0, 9, (16, 16, 1))
    save(tmp_path / "mon" / "green_slime.png", other)  # a relative by name only
    save(tmp_path / "mon" / "wall.png", draw("wall", 2))
    data, _ = read_art([tmp_path], 16)
    blue, green, red, something, wall = data.groups
    assert blue == green == red == something != wall


@pytest.mark.parametrize(
    "names",
    [
        [f"hero_{i:02}" for i in range(60)],
        [f"sprite{i}" for i in range(60)],
        [f"{name}_{i:02}" for name in ("orc", "elf", "imp") for i in range(20)],
        [*(f"hero_{i:02}" for i in range(50)), *"abcdefghij"],
    ],
)
def test_numbered_names_are_no_relatives(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "hero").mkdir()
    rng = np.random.default_rng(0)
    for name in names:
        noise = rng.integers(0, 256, (16, 16, 4), np.uint8)
        noise[..., 3] = 255
        save(tmp_path / "hero" / f"{name}.png", noise)
    data, _ = read_art([tmp_path], 16)
    assert len(set(data.groups.tolist())) == len(names)
    assert len(split(data)[1].labels) == len(names) // 10


def test_names_still_tell_relatives_in_a_kind_of_many_drawings(tmp_path: Path) -> None:
    (tmp_path / "hero").mkdir()
    rng = np.random.default_rng(0)
    for name in ["elf", "orc", "imp", "cat", "dog", "bat", "rat"]:
        for i in range(3):
            noise = rng.integers(0, 256, (16, 16, 4), np.uint8)
            noise[..., 3] = 255
            save(tmp_path / "hero" / f"{name}_{i}.png", noise)
    data, _ = read_art([tmp_path], 16)
    assert np.bincount(data.groups).tolist() == [3] * 7


def test_a_mapped_set_is_split_without_being_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (50, 8, 8, 4), np.uint8)
    images[..., 3] = 255
    with SetWriter(tmp_path / "set", 8) as writer:
        writer.add(images)
        writer.finish(np.arange(50) % 2, np.arange(50), ("a", "b"), (Source("x", "y", "z"),))
    data, _ = read_art([tmp_path / "set"], 8)
    train, test = split(data, 0.2)
    held = np.flatnonzero(np.isin(data.groups, test.groups))
    kept = np.setdiff1d(np.arange(50), held)
    assert train.images.shape == (len(kept), 8, 8, 4)
    assert len(train.images) == len(kept)
    for key in (3, slice(2, 9), np.array([4, 0, 4]), (slice(None), 0, 1), (2, 3), (..., 3), ([1, 2], 5)):
        assert np.array_equal(train.images[key], images[kept][key])
    assert np.array_equal(np.asarray(test.images), images[held])
