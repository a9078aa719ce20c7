"""Random packs and arguments: `make_tileset` and `autotile` work, or say in a line what is wrong."""

import os
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack

from ..step_networks import conditioned_pack

SEEDS = int(os.environ.get("TILEWRIGHT_TILESET_SEEDS", "8"))
LAYOUTS = ("dual-grid", "corner-16", "edge-16", "blob-47", "rpgmaker-a2", "wall-16")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_sets(seed: int, tmp_path: Path) -> None:
    numbers = np.random.default_rng(seed)
    cell = int(numbers.integers(2, 6)) * 2
    edges = tuple(cell * int(n) for n in numbers.integers(2, 4, 2))
    pack = Pack(check_pack(conditioned_pack(edges=edges, cell=cell), tmp_path / "land.onnx"))
    names = [str(name) for name in numbers.permutation(pack.kinds)[: numbers.integers(1, 4)]]
    layout = LAYOUTS[int(numbers.integers(len(LAYOUTS)))]
    ground = None if numbers.random() < 0.3 else str(numbers.choice(pack.kinds))
    options = {
        "layout": layout,
        "ground": ground,
        "transparent": bool(numbers.random() < 0.5),
        "variants": int(numbers.integers(1, 4)),
        "candidates": int(numbers.integers(1, 3)),
        "moving": names[: numbers.integers(0, 3)],
        "frames": int(numbers.integers(2, 5)),
        "seed": seed,
    }
    try:
        tileset = tw.make_tileset(pack, names, **options)
    except tw.UsageError as error:
        told = str(error)
        assert told.startswith("make_tileset(): ") and "\n" not in told
        assert "ground" in told or (layout == "wall-16" and "takes" in told)
        return
    count = len(tileset.terrains)
    terrain = numbers.integers(-1, count, (6, 7))
    whole = layout in ("corner-16", "wall-16") or not options["transparent"]
    if whole:  # these have no tiles of nothing, and the first no tiles of three terrains
        terrain = terrain.clip(0)
        terrain = np.where(np.arange(7) < 4, 0, 1 % count) if layout == "corner-16" else terrain
        terrain = np.broadcast_to(terrain, (6, 7))
    if layout == "dual-grid" and whole:
        ground_number = [one.name for one in tileset.terrains].index(ground or names[0])
        terrain = np.where(terrain == terrain[0, 0], terrain, ground_number)
    drawn = tw.autotile(terrain, tileset, seed=seed)
    assert not whole or (drawn.picture()[..., 3] == 255).all()
    drawn.save(tmp_path / "map.tmx")
    assert np.array_equal(tw.load_map(tmp_path / "map.tmx").picture(), drawn.picture())
