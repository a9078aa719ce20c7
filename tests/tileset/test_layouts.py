"""The layouts of complete tilesets: all slots, four variants, and borders that fit by construction."""

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.tileset.corners import CornerParts, Corners
from tilewright.tileset.layouts import Materials
from tilewright.tileset.tileset import CORNERS, EDGES, NO_TERRAIN
from tilewright.tileset.windows import Windows

from ..level.drawn_map import blob_codes
from ..step_networks import conditioned_pack
from .own_tiles import own_tiles

CELL, BAND, HALF = 10, 2, 5
SLOTS = {"dual-grid": 15, "edge-16": 16, "blob-47": 47, "rpgmaker-a2": 47}
VARIANTS = 4
NEAR = slice(HALF - BAND, HALF + BAND)
STEPS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # of the positions of a code


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(edges=(30, 30), cell=CELL), Path("land.onnx")))


@pytest.fixture(params=["pack", "tiles"])
def source(request: pytest.FixtureRequest, pack: Pack) -> dict[str, object]:
    """What draws the terrains: the pack, or the caller, whose tiles it joins."""
    return {"tiles": own_tiles(pack), "new_colours": True} if request.param == "tiles" else {}


def made(pack: Pack, terrains: list[str], layout: str, **options: object) -> tw.Tileset:
    chosen = {"variants": VARIANTS, "candidates": 1, "seed": 5} | options
    return tw.make_tileset(pack, terrains, layout=layout, **chosen)


@pytest.mark.parametrize("layout", SLOTS)
@pytest.mark.parametrize("transparent", [True, False])
def test_all_slots_are_present_in_four_variants(
    pack: Pack, layout: str, transparent: bool, source: dict[str, object]
) -> None:
    names = ["wall", "water"]
    tileset = made(pack, names, layout, ground="floor", transparent=transparent, **source)
    sets = VARIANTS if layout == "rpgmaker-a2" else 1
    variants = VARIANTS // sets
    expected = [f"{name} {number}" if number > 1 else name for number in range(1, sets + 1) for name in names]
    assert [terrain.name for terrain in tileset.terrains] == (
        expected if transparent else ["floor", *expected]
    )
    outside = NO_TERRAIN if transparent else 0
    for number, terrain in enumerate(tileset.terrains):
        if terrain.name == "floor":
            continue
        mine = (tileset.codes == number).any(axis=1) | (tileset.centres == number)
        codes, counts = np.unique(tileset.codes[mine], axis=0, return_counts=True)
        assert len(codes) == SLOTS[layout] and (counts == variants).all()
        used = {"dual-grid": CORNERS, "edge-16": EDGES}.get(layout, slice(None))
        assert np.isin(codes[:, used], (number, outside)).all()
        if SLOTS[layout] == 47:
            whole = np.where(blob_codes() == 0, number, outside)
            assert set(map(tuple, codes.tolist())) == set(map(tuple, whole.tolist()))
    plain = (tileset.codes[:, used] == 0).all(axis=1) & (tileset.centres < 1)
    assert transparent or plain.sum() == variants
    clear = (tileset.rgba[..., 3] == 0).any()
    # A random network may paint nothing of the ground within cells, and there all else are tiles.
    assert clear == transparent if layout == "dual-grid" or not source else clear <= transparent
    assert tileset.provenance["layout"] == layout


def test_overlay_tiles_of_one_edge_have_the_same_pixels_beside_it(
    pack: Pack, source: dict[str, object]
) -> None:
    """Also the transparent ones, so any variant fits any neighbour."""
    tileset = made(pack, ["wall", "water", "floor"], "dual-grid", **source)
    corners = tileset.codes[:, CORNERS][:, [3, 0, 2, 1]].reshape(-1, 2, 2)
    art = tileset.pictures
    for terrain in range(3):
        mine = (corners == terrain).any(axis=(1, 2))
        sides = (
            (corners[:, 0], art[:, :BAND]),
            (corners[:, 1], art[:, -BAND:]),
            (corners[:, :, 0], art[:, :, :BAND]),
            (corners[:, :, 1], art[:, :, -BAND:]),
        )
        for (edge, pixels), code in product(sides, product((terrain, NO_TERRAIN), repeat=2)):
            same = pixels[mine & (edge == code).all(axis=1)]
            assert len(same) >= VARIANTS and (same == same[0]).all()
        full = art[mine & (corners == terrain).all(axis=(1, 2))]
        assert (full > 0).all()  # no holes


def test_an_overlay_has_the_terrain_at_its_corners_and_nowhere_else(
    pack: Pack, source: dict[str, object]
) -> None:
    """Every opaque pixel is connected to a corner of the terrain, and every transparent one to another corner."""
    tileset = made(pack, ["wall", "water"], "dual-grid", **source)
    corners = tileset.codes[:, CORNERS][:, [3, 0, 2, 1]].reshape(-1, 2, 2) != NO_TERRAIN
    opaque = tileset.pictures > 0
    places = ((0, 0), (0, -1), (-1, 0), (-1, -1))
    for tile, inside in zip(opaque, corners.reshape(-1, 4), strict=True):
        for (row, column), here in zip(places, inside, strict=True):
            assert tile[row, column] == here
        for sort in (True, False):
            reached = {
                (row % CELL, column % CELL)
                for (row, column), here in zip(places, inside, strict=True)
                if here == sort
            }
            todo = list(reached)
            for row, column in todo:
                for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                    at = row + down, column + right
                    if at not in reached and max(at) < CELL and min(at) >= 0 and tile[at] == sort:
                        reached.add(at)
                        todo.append(at)
            assert len(reached) == (tile == sort).sum()


def code_of(cells: np.ndarray, row: int, column: int, corners: bool) -> tuple[int, ...]:
    """The code of a cell: a corner counts if both sides beside it have its terrain, and never in an edge set."""
    own = cells[row, column]
    same = [bool(cells[row + down, column + right] == own) for down, right in STEPS]
    for i in range(1, 8, 2):
        same[i] = corners and same[i] and same[i - 1] and same[(i + 1) % 8]
    return tuple(same)


@pytest.mark.parametrize("layout", ["edge-16", "blob-47", "rpgmaker-a2"])
def test_every_seam_of_cells_was_generated_as_one_picture(
    pack: Pack, layout: str, source: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all neighbourhoods of two cells, the pixels on both sides of each part of their border are from one square."""
    squares: list[np.ndarray] = []
    generate = CornerParts.tiles

    def recorded(self: CornerParts, codes: list[Corners], given: np.ndarray | None = None) -> np.ndarray:
        tiles = generate(self, codes, given)
        squares.extend(self.windows.palette[tiles])
        return tiles

    monkeypatch.setattr(CornerParts, "tiles", recorded)
    variants = {"variants": 1, "tiles": own_tiles(pack, 1)} if source else {}  # others are painted whole
    tileset = made(pack, ["wall"], layout, ground="floor", transparent=False, **source | variants)
    # In a square, the border of two cells runs from its middle to a side.
    cuts = (0, HALF, CELL) if layout != "edge-16" else (0, BAND, HALF, CELL - BAND, CELL)
    parts = [slice(*cut) for cut in pairwise(cuts)]
    turn = [slice((cut.start + HALF) % CELL, (cut.stop + HALF - 1) % CELL + 1) for cut in parts]
    rows = {(i, square[NEAR, part].tobytes()) for square in squares for i, part in enumerate(turn)}
    columns = {(i, square[part, NEAR].tobytes()) for square in squares for i, part in enumerate(turn)}
    tiles: dict[tuple[int, tuple[int, ...]], list[np.ndarray]] = {}
    for code, centre, art in zip(tileset.codes, tileset.centres, tileset.rgba, strict=True):
        if centre in (0, 1):
            same = code == centre
            tiles.setdefault((int(centre), tuple(same.tolist())), []).append(art)
    (ground,) = {key for key in tiles if key[0] == 0}
    corners = layout != "edge-16"
    seams = 0
    for bits in product((0, 1), repeat=12):
        cells = np.array(bits).reshape(3, 4)
        for turned, known in ((cells, columns), (cells.T, rows)):
            pair = []
            for at in (1, 2):
                row, column = (1, at) if turned is cells else (at, 1)
                own = int(turned[row, column])
                pair.append(tiles[(own, code_of(turned, row, column, corners)) if own else ground])
            for first, second in zip(pair[0], pair[1][::-1], strict=True):
                for number, part in enumerate(parts):
                    if turned is cells:
                        seam = np.concatenate([first[part, -BAND:], second[part, :BAND]], axis=1)
                    else:
                        seam = np.concatenate([first[-BAND:, part], second[:BAND, part]], axis=0)
                    assert (number, seam.tobytes()) in known
                    seams += 1
    assert seams >= 2 * 2 * 4096


@pytest.mark.parametrize("layout", ["edge-16", "blob-47"])
def test_variants_of_cells_have_one_outline(pack: Pack, layout: str) -> None:
    tileset = made(pack, ["wall", "water"], layout)
    art = tileset.pictures.reshape(-1, VARIANTS, CELL, CELL)
    assert ((art > 0) == (art > 0)[:, :1]).all()
    different = (art != art[:, :1]).any(axis=1)
    assert different.any(axis=(1, 2)).mean() > 0.5
    different[:, BAND:-BAND, BAND:-BAND] = False
    assert not different.any()


@pytest.mark.parametrize("layout", ["dual-grid", "corner-16", "blob-47", "rpgmaker-a2"])
def test_moving_tiles_loop_and_fit_in_every_frame(pack: Pack, layout: str) -> None:
    names = ["floor", "water"]
    still = tw.make_tileset(pack, names, layout=layout, variants=2, candidates=1, seed=5)
    moving = tw.make_tileset(
        pack, names, layout=layout, variants=2, candidates=1, seed=5, moving=["water"], frames=3
    )
    count = len(still)
    assert np.array_equal(moving.pictures[:count], still.pictures)
    assert np.array_equal(moving.palette, still.palette)
    assert (moving.codes[count:] == NO_TERRAIN).all() and (moving.probabilities[count:] == 0).all()
    assert moving.animations and len(moving) == count + 2 * len(moving.animations)
    assert all(one.frames[0] == one.tile < count and len(one.frames) == 3 for one in moving.animations)
    (loop,) = {one.loop for one in moving.animations}
    shown = [moving.pictures[moving.shown(at)[:count]] for at in (0, loop // 3, 2 * loop // 3)]
    assert np.array_equal(shown[0], still.pictures)
    if layout != "corner-16":
        assert all(((frame == 0) == (shown[0] == 0)).all() for frame in shown)  # outlines stand still
    for side in (np.s_[:, 0], np.s_[:, -1], np.s_[:, :, 0], np.s_[:, :, -1]):
        # Tiles that fit the same neighbours in the first frame fit the same ones in all.
        _, first = np.unique(shown[0][side], axis=0, return_inverse=True)
        for frame in shown[1:]:
            for number in range(first.max() + 1):
                same = frame[side][first == number]
                assert (same == same[0]).all()
    assert any((frame != shown[0]).any() for frame in shown[1:])


def test_one_terrain_alone_may_move(pack: Pack) -> None:
    tileset = tw.make_tileset(
        pack, ["water"], layout="corner-16", variants=1, candidates=1, moving=["water"], frames=2
    )
    assert len(tileset) == 2 and tileset.animations[0].frames == (0, 1)


def test_a_seed_gives_one_set(pack: Pack) -> None:
    for layout in ("dual-grid", "blob-47"):
        first, second = (
            tw.make_tileset(
                pack, ["wall"], layout=layout, ground="floor", variants=2, candidates=2, threads=n
            )
            for n in (1, 2)
        )
        assert np.array_equal(first.pictures, second.pictures)


def test_the_ground_of_an_overlay_has_other_colours(pack: Pack) -> None:
    """Without a ground, each terrain gets another terrain around it, the last one with few colours in common."""
    windows = Windows(pack, 1, 5, None, "test")
    colours = {0: [1] * 8 + [2] * 2, 1: [2] * 5 + [1] * 5, 2: [1] * 9 + [3]}
    for ground, around in ((None, {0: 1, 1: 2, 2: 1}), (1, {0: 1, 1: 2, 2: 1}), (2, {0: 2, 1: 2, 2: 1})):
        materials = Materials(windows, (0, 1, 2), ground, None)
        materials._plain = {kind: np.array(values, np.uint8) for kind, values in colours.items()}
        assert materials.pairs() == list(around.items())


def test_windows_of_two_cells_are_enough() -> None:
    small = Pack(check_pack(conditioned_pack(edges=(12, 12), cell=6), Path("land.onnx")))
    assert len(made(small, ["wall"], "blob-47", ground="water")) == 47 * VARIANTS
