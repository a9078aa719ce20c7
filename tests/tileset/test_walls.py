"""Sets of the layout wall-16: all slots, variants, seams that were parts of one picture, and void."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.arrays import Int64Array, Uint8Array
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.plan import Plan
from tilewright.tileset.tileset import CORNERS, EDGES, NO_TERRAIN
from tilewright.tileset.walls import SHARED
from tilewright.tileset.windows import Area, Windows

from ..step_networks import conditioned_pack
from ..test_heads import changed

CELL, VARIANTS = 6, 3


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(edges=(18, 18), cell=CELL), Path("land.onnx")))


def made(pack: Pack, terrains: list[str], **options: object) -> tw.Tileset:
    options = {"variants": VARIANTS, "candidates": 1, "seed": 5} | options
    return tw.make_tileset(pack, terrains, layout="wall-16", **options)


def test_all_slots_are_present_in_all_variants(pack: Pack) -> None:
    tileset = made(pack, ["floor", "wall"])
    assert [terrain.name for terrain in tileset.terrains] == ["floor", "wall", "void"]
    assert [terrain.behind_walls for terrain in tileset.terrains] == [False, False, True]
    assert np.bincount(tileset.centres).tolist() == [VARIANTS, 16 * VARIANTS, 1]
    assert (tileset.codes[:, CORNERS] == NO_TERRAIN).all()
    codes, counts = np.unique(tileset.codes[tileset.centres == 1][:, EDGES], axis=0, return_counts=True)
    assert len(codes) == 16 and np.isin(codes, (0, 1)).all() and (counts == VARIANTS).all()
    assert all((tileset.codes[tileset.centres == n][:, EDGES] == n).all() for n in (0, 2))
    assert np.array_equal(tileset.solid, tileset.centres > 0)
    assert (tileset.rgba[..., 3] == 255).all()
    assert tileset.provenance["layout"] == "wall-16"
    (void,) = tileset.rgba[tileset.centres == 2]
    brightness = tileset.rgba[..., :3].sum(axis=-1, dtype=int)
    assert (void == void[0, 0]).all() and void[0, 0, :3].sum(dtype=int) <= brightness.min()


def test_other_terrains_have_all_tiles_of_cells(pack: Pack) -> None:
    tileset = made(pack, ["water", "wall"], ground="floor", walls=["wall"], moving=["water"], frames=2)
    assert [terrain.name for terrain in tileset.terrains] == ["floor", "water", "wall", "void"]
    for number, slots in ((1, 47), (2, 16)):
        codes, counts = np.unique(tileset.codes[tileset.centres == number], axis=0, return_counts=True)
        assert len(codes) == slots and (counts == VARIANTS).all()
    walls = tileset.codes[tileset.centres == 2] == 2
    assert np.array_equal(walls[:, CORNERS], walls[:, EDGES] & np.roll(walls[:, EDGES], -1, axis=1))
    assert np.array_equal(tileset.solid, tileset.centres > 1)
    assert tileset.animations


def test_every_seam_of_walls_was_part_of_one_picture(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all pairs of tiles that continue at their common side, the pixels on both sides of it are one seam."""
    runs: list[Uint8Array] = []
    generate = Windows.best

    def recorded(self: Windows, maps: Int64Array, cells: Uint8Array, area: Area) -> Uint8Array:
        found = generate(self, maps, cells, area)
        if found.shape[1:] == (3 * CELL, 3 * CELL):
            runs.extend(found)
        return found

    monkeypatch.setattr(Windows, "best", recorded)
    tileset = made(pack, ["floor", "wall"])
    middle, border = slice(CELL, 2 * CELL), slice(2 * CELL - SHARED, 2 * CELL + SHARED)
    down, across = runs
    seams = down[border, middle], across[middle, border]
    walls = tileset.centres == 1
    joined, art = tileset.codes[walls][:, EDGES] == 1, tileset.pictures[walls]
    pairs = 0
    for upper in art[joined[:, 2]]:
        for lower in art[joined[:, 0]]:
            assert np.array_equal(np.concatenate([upper[-SHARED:], lower[:SHARED]]), seams[0])
            pairs += 1
    for left in art[joined[:, 1]]:
        for right in art[joined[:, 3]]:
            seam = np.concatenate([left[:, -SHARED:], right[:, :SHARED]], axis=1)
            assert np.array_equal(seam, seams[1])
            pairs += 1
    assert pairs == 2 * (8 * VARIANTS) ** 2


def test_a_terrain_of_the_pack_may_be_called_void() -> None:
    kinds = ["floor", "wall", "void"]
    content = changed(conditioned_pack(edges=(18, 18), cell=CELL), kinds=kinds)
    pack = Pack(check_pack(content, Path("land.onnx")))
    tileset = made(pack, kinds, walls=["wall"], variants=1)
    assert [(t.name, t.behind_walls) for t in tileset.terrains] == [
        *((name, False) for name in kinds),
        ("void behind walls", True),
    ]
    assert np.array_equal(np.unique(tileset.centres[tileset.solid]), [1, 3])


def test_variants_differ_inside(pack: Pack) -> None:
    tileset = made(pack, ["floor", "wall"])
    art = tileset.pictures[tileset.centres == 1].reshape(16, VARIANTS, CELL, CELL)
    assert (art != art[:, :1]).any(axis=(1, 2, 3)).mean() > 0.5


def test_a_seed_gives_one_set_and_each_wall_its_own_words(pack: Pack) -> None:
    first, second = (made(pack, ["floor", "wall", "water"], variants=1, threads=n) for n in (1, 2))
    assert np.array_equal(first.pictures, second.pictures)
    assert not np.array_equal(*(first.pictures[first.centres == number] for number in (1, 2)))


def test_a_pack_of_smaller_pictures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless its network can generate others."""
    monkeypatch.setattr(Plan, "resized", lambda plan, height, width: plan)
    small = Pack(check_pack(conditioned_pack(edges=(12, 12), cell=CELL), Path("land.onnx")))
    with pytest.raises(tw.UsageError) as caught:
        made(small, ["floor", "wall"])
    assert str(caught.value) == (
        f"make_tileset(): wall-16 takes pictures of 3 x 3 cells, and {small.name} generates 2 x 2"
    )
