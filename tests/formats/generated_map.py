"""Maps of generated sets, one for each layout, for tests."""

from functools import lru_cache
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack

from ..step_networks import conditioned_pack

LAYOUTS = ("dual-grid", "corner-16", "edge-16", "blob-47", "rpgmaker-a2", "wall-16")
CELL = 8


@lru_cache
def generated_set(layout: str, transparent: bool = True) -> tw.Tileset:
    """A set of a network with random weights: "wall", and "floor" below it or beside it."""
    pack = Pack(check_pack(conditioned_pack(edges=(24, 24), cell=CELL), Path("land.onnx")))
    names = ["floor", "wall"] if layout == "corner-16" else ["wall"]
    ground = None if layout == "corner-16" else "floor"
    return tw.make_tileset(
        pack, names, layout=layout, ground=ground, transparent=transparent, variants=2, candidates=1, seed=3
    )


@lru_cache
def walled_map() -> tw.Map:
    """Water, floor, void and walls one cell thick in one set."""
    pack = Pack(check_pack(conditioned_pack(edges=(24, 24), cell=CELL), Path("land.onnx")))
    names = ["floor", "water", "wall"]
    tileset = tw.make_tileset(pack, names, layout="wall-16", walls=["wall"], variants=1, candidates=1, seed=3)
    terrain = np.random.default_rng(6).integers(0, 3, (12, 15))
    terrain[2::2, 2::2] = 0  # LDtk has no rules for walls that touch and do not join
    terrain[[0, -1]], terrain[:, [0, -1]] = 0, 0
    terrain[0] = 3
    return tw.autotile(terrain, tileset, seed=4)


def generated_map(layout: str, transparent: bool = True) -> tw.Map:
    """A map of both terrains; where a set is transparent, of its terrain and nothing."""
    tileset = generated_set(layout, transparent)
    first = len(tileset.terrains) > 1 and tileset.terrains[0].name == "floor"
    cells = np.random.default_rng(5).random((7, 9)) < 0.6
    if layout == "wall-16":  # LDtk has no rules for walls that touch and do not join
        cells = np.pad(cells[1:-1, 1:-1], 1)
        cells[2::2, 2::2] = False
    terrain = np.where(cells, int(first), int(first) - 1)
    if layout == "wall-16":
        terrain[0] = 2  # void
    return tw.autotile(terrain, tileset, seed=4)
