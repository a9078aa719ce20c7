"""The choice of a tile for each cell."""

import hashlib

import numpy as np
import pytest

from tilewright.errors import UsageError
from tilewright.level import make_level, tile_map

LEVEL = make_level(48, 32, 7, "dungeon")
COUNTS = {"floor": 4, "wall": 3, "grass": 2, "water": 1, "lava": 1, "sand": 1}


def test_variants_are_in_range_and_mostly_the_main_one():
    chosen = tile_map(LEVEL, COUNTS)
    assert chosen.shape == LEVEL.cells.shape
    assert chosen.dtype == np.int32
    for index, kind in enumerate(LEVEL.kinds):
        here = chosen[LEVEL.cells == index]
        assert not len(here) or 0 <= here.min() <= here.max() < COUNTS[kind]
    assert 0.85 < (chosen == 0).mean() < 0.98


def test_alternates_never_lie_side_by_side():
    departs = tile_map(LEVEL, {kind: 4 for kind in LEVEL.kinds}) > 0
    assert departs.any()
    assert not (departs[:, 1:] & departs[:, :-1]).any()
    assert not (departs[1:] & departs[:-1]).any()


def test_a_seed_is_a_tile_map():
    first, second = tile_map(LEVEL, COUNTS), tile_map(LEVEL, COUNTS, seed=LEVEL.seed)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, tile_map(LEVEL, COUNTS, seed=8))
    assert (
        hashlib.sha256(first.astype("<i4").tobytes()).hexdigest()
        == "74b4dc19efe5dd331c64c154ac043507e4fc07b40bbea23f3bef159c0a5adbe2"
    )


def test_bad_arguments_are_named():
    with pytest.raises(UsageError) as caught:
        tile_map(LEVEL, {"floor": 1, "grass": 1, "wall": 0})
    assert str(caught.value) == "tile_map(): variants must give 1 or more tiles of kind 'wall', not 0"
    with pytest.raises(UsageError) as caught:
        tile_map(LEVEL, COUNTS, seed=-1)
    assert str(caught.value) == "tile_map(): seed must be an integer in 0..2**64-1, not -1"
