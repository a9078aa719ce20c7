"""Statues: walls that stand alone, which a tileset of walls can only draw as the piece of one."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

import tilewright as tw

from .sprites import Pictures

GREY = ("121419", "24282f", "3c424c", "5a616b", "7b828a", "9ea4a8", "c2c6c6", "e6e7e2")  # of stone


def statues_in(level: tw.Level) -> npt.NDArray[np.bool_]:
    """Return the walls within a level that have no wall on any side, bool (H, W)."""
    wall: npt.NDArray[np.bool_] = level.cells == level.kinds.index("wall")
    alone = np.zeros_like(wall)
    beside = wall[:-2, 1:-1] | wall[2:, 1:-1] | wall[1:-1, :-2] | wall[1:-1, 2:]
    alone[1:-1, 1:-1] = wall[1:-1, 1:-1] & ~beside
    return alone


def without(level: tw.Level, statues: npt.NDArray[np.bool_]) -> tw.Level:
    """Return a level to draw, with floor below the statues bool (H, W)."""
    floor = np.uint8(level.kinds.index("floor"))
    return replace(level, cells=np.where(statues, floor, level.cells))


def with_statues(drawn: tw.Map, statues: npt.NDArray[np.bool_], looks: Pictures) -> tw.Map:
    """Return a map with a layer of solid statues bool (H, W). looks: uint8 (N, S, S, 4), taken in turn."""
    tileset, count = drawn.tileset, len(drawn.tileset)
    added = len(looks)
    nothing = np.full((added, 9), -1, np.int16)
    whole = replace(
        tileset,
        pictures=np.concatenate([tileset.rgba, looks]),
        palette=None,
        codes=np.concatenate([tileset.codes, nothing[:, :8]]),
        centres=np.concatenate([tileset.centres, nothing[:, 8]]),
        probabilities=np.append(tileset.probabilities, np.zeros(added)),
        solid=np.append(tileset.solid, np.ones(added, np.bool_)),
    )
    tiles = np.full(drawn.shape, -1, np.int32)
    tiles[: len(statues), : statues.shape[1]][statues] = count + np.arange(statues.sum()) % added
    return replace(drawn, tileset=whole, layers=(*drawn.layers, tw.Layer("statues", tiles)))
