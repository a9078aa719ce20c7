"""Measures of painted maps: noise is recognised, pasted maps have their kinds, real maps are the floor."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_training.measures.protocol import QUICK, Protocol
from tilewright_training.measures.terrain import measure_terrain, paste, steps

from ...step_networks import conditioned_pack
from ..terrain.test_terrain_set import GRASS, HEAD, SAND, write_art

PROTOCOL = Protocol(**{**QUICK, "c2st_steps": 30, "folds": 2}, pairs=12, seeds=(0,))


def test_a_random_pack_is_told_from_real_maps(tmp_path: Path) -> None:
    text = (GRASS + SAND).replace("grass", "floor").replace("sand", "water")
    recipe = write_art(tmp_path, HEAD + text)
    pack = Pack(check_pack(conditioned_pack(edges=(12, 12), cell=4), Path("land.onnx")))
    assert pack.kinds == ("floor", "wall", "water") and pack.file.head.palette is not None
    entries = np.random.default_rng(0).integers(0, 2, (6, 16)).repeat(2, axis=0).repeat(2, axis=1)
    Image.fromarray(pack.file.head.palette[entries]).save(tmp_path / "s.png")
    found = measure_terrain(pack, tmp_path, recipe, PROTOCOL)
    assert list(found) == ["painted", "pasted", "floor"]
    assert found["painted"].c2st < 30 < found["floor"].c2st
    assert found["painted"].orphans > found["floor"].orphans == 0
    with pytest.raises(UsageError, match=r"random cannot paint the terrain of r\.toml: it lacks grass, sand"):
        measure_terrain(pack, tmp_path, write_art(tmp_path, HEAD + GRASS + SAND), PROTOCOL)


def test_pasted_maps_have_wobbly_borders() -> None:
    kinds = np.zeros((4, 6), np.uint8)
    kinds[:, 3:] = 1
    fills = {kind: np.full((16, 16), kind + 5, np.uint8) for kind in (0, 1)}
    picture = paste(kinds, fills, 16, np.random.default_rng(0))
    assert picture.shape == (64, 96) and (picture[:, :24] == 5).all() and (picture[:, 72:] == 6).all()
    borders = (picture == 5).sum(axis=1)
    assert borders.std() > 1 and abs(borders.mean() - 48) < 8


def test_steps_across_cells() -> None:
    rgb = np.zeros((1, 8, 8, 3), np.int64)
    rgb[:, :, 4:] = 30
    rgb[:, ::2] += 10
    assert steps(rgb, 4, 0) == pytest.approx((30 + 10) / (0 + 10))
    assert steps(rgb, 4, 2) == pytest.approx((0 + 10) / (30 / 5 + 10))
