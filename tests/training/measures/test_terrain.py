"""Measures of painted maps: noise is recognised, pasted maps have their kinds, real maps are the floor."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tilewright.errors import UsageError
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_training.measures.protocol import QUICK, Protocol
from tilewright_training.measures.terrain import (
    colours_of,
    measure_terrain,
    paste,
    sets_to_measure,
    steps,
)

from ...step_networks import conditioned_pack
from ..terrain.test_terrain_set import GRASS, HEAD, SAND, write_art

PROTOCOL = Protocol(**{**QUICK, "c2st_steps": 30, "folds": 2}, pairs=12, seeds=(0,))


@pytest.fixture
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(edges=(12, 12), cell=4), Path("land.onnx")))


def write_land(folder: Path, pack: Pack, more: str = "") -> Path:
    """A recipe of floor and water, whose sheet has colours of the pack."""
    recipe = write_art(
        folder, HEAD + (more + GRASS + SAND).replace("grass", "floor").replace("sand", "water")
    )
    assert pack.kinds == ("floor", "wall", "water") and pack.file.head.palette is not None
    entries = np.random.default_rng(0).integers(0, 2, (6, 16)).repeat(2, axis=0).repeat(2, axis=1)
    Image.fromarray(pack.file.head.palette[entries]).save(folder / "s.png")
    return recipe


def test_a_random_pack_is_told_from_real_maps(tmp_path: Path, pack: Pack) -> None:
    recipe = write_land(tmp_path, pack)
    found = measure_terrain(pack, sets_to_measure(pack, tmp_path, recipe), PROTOCOL)
    assert list(found) == ["painted", "pasted", "floor"]
    assert found["painted"].c2st < 30 < found["floor"].c2st
    assert found["painted"].orphans > found["floor"].orphans == 0
    with pytest.raises(UsageError, match=r"random cannot paint the terrain of r\.toml: it lacks grass, sand"):
        sets_to_measure(pack, tmp_path, write_art(tmp_path, HEAD + GRASS + SAND))


def held_out_set(text: str) -> str:
    return text.replace("[[terrain]]", '[[terrain]]\nset = "other"')


def test_a_held_out_set_has_its_own_tiles_given(tmp_path: Path, pack: Pack) -> None:
    """Terrains that the pack lacks are left out, and those on them; its tiles are given, apart from borders."""
    ruins = SAND.replace("grass", "wall").replace("sand", "ruins")
    other = held_out_set(GRASS + SAND + GRASS.replace("grass", "wall") + ruins)
    recipe = write_land(tmp_path, pack, 'held_out = ["other"]\n' + other)
    (found,) = sets_to_measure(pack, tmp_path, recipe, ["other"])
    assert [terrain.name for terrain in found.terrains] == ["floor", "water", "wall"]
    (trained,) = sets_to_measure(pack, tmp_path, recipe)
    assert trained.name == "art"
    rows = measure_terrain(pack, [found], PROTOCOL, borders=True)
    assert list(rows) == ["borders", "plain", "pasted", "floor"]
    assert rows["borders"].orphans == rows["floor"].orphans == 0
    assert rows["plain"].orphans == 0 and rows["plain"].seams != rows["borders"].seams
    with pytest.raises(
        UsageError, match=r"--held-out-set must be a set that r\.toml holds out \(other\), not art"
    ):
        sets_to_measure(pack, tmp_path, recipe, ["art"])
    only_ruins = held_out_set(GRASS.replace("grass", "wall") + ruins)
    recipe = write_land(tmp_path, pack, 'held_out = ["other"]\n' + only_ruins)
    with pytest.raises(UsageError, match=r"the terrain of r\.toml: other: it has none of its borders"):
        sets_to_measure(pack, tmp_path, recipe, ["other"])


def test_the_distance_of_colours_from_a_palette(tmp_path: Path, pack: Pack) -> None:
    recipe = write_land(tmp_path, pack)
    sets = sets_to_measure(pack, tmp_path, recipe)
    assert pack.file.head.palette is not None
    assert vars(colours_of(sets, pack.file.head.palette)) == {"exact": 100.0, "mean": 0.0, "largest": 0.0}
    black = colours_of(sets, np.array([[0, 0, 0, 255]], np.uint8))
    assert black.exact < 100 and 0 < black.mean <= black.largest
    white = np.full((1, 1, 1, 4), 255, np.uint8)
    one = dataclasses.replace(sets[0].terrains[0], tiles=white, fills=white)
    far = colours_of([dataclasses.replace(sets[0], terrains=(one,))], np.array([[0, 0, 0, 255]], np.uint8))
    assert far.largest == pytest.approx(1, abs=1e-3)
    assert (
        sets[0].in_palette(np.array([[0, 0, 0, 255]], np.uint8)).terrains[0].tiles == (0, 0, 0, 255)
    ).all()


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
