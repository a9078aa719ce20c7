"""Pictures of any size: Pack.paint and the grid of its windows."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright import canvas
from tilewright.arrays import AnyArray, Uint8Array, Uint64Array
from tilewright.engine import backends
from tilewright.generator import Pack
from tilewright.pack import check_pack

from .step_networks import conditioned_pack, masked_pack

GRID = canvas.Grid((12, 12), 4, 9)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(cell=2), Path("land.onnx")))


def kinds_of(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 3, (rows, columns))


def show(kinds: Uint8Array, cells: Uint8Array, numbers: Uint64Array) -> Uint8Array:
    """Known cells as they are, unknown ones as the kind below."""
    return np.where(cells == GRID.unknown, kinds, cells)


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (8, 8), (13, 4)])
@pytest.mark.parametrize("origin", [(0, 0), (5, -3), (-7, 1)])
def test_every_pixel_is_painted_with_its_own_kind(shape: tuple[int, int], origin: tuple[int, int]) -> None:
    kinds = kinds_of(*shape).astype(np.uint8)
    painted = canvas.paint(GRID, kinds, origin, show)
    np.testing.assert_array_equal(painted, kinds.repeat(4, axis=0).repeat(4, axis=1))


def test_windows_see_what_earlier_phases_painted() -> None:
    """The first phase sees nothing; windows of the last one see all pixels around their block."""
    seen: list[tuple[int, int]] = []

    def look(kinds: Uint8Array, cells: Uint8Array, numbers: Uint64Array) -> Uint8Array:
        seen.append((int((cells != GRID.unknown).sum()), len(cells)))
        return show(kinds, cells, numbers)

    canvas.paint(GRID, kinds_of(16, 16).astype(np.uint8), (0, 0), look)
    assert len(seen) == 4 and seen[0][0] == 0
    assert [known > 0 for known, _ in seen[1:]] == [True] * 3
    inside = 12 * 12 - 8 * 8
    assert seen[3][0] <= inside * seen[3][1] and seen[3][0] > 0.5 * inside * seen[3][1]


def test_windows_have_the_number_of_their_place_in_the_world() -> None:
    numbers: list[int] = []

    def note(kinds: Uint8Array, cells: Uint8Array, given: Uint64Array) -> Uint8Array:
        numbers.extend(given.tolist())
        return show(kinds, cells, given)

    canvas.paint(GRID, np.zeros((2, 2), np.uint8), (-1, 4), note)
    assert {(number >> 32, number % 2**32) for number in numbers} == {
        (2**32 - 1, 1),
        (2**32 - 1, 2),
        (0, 1),
        (0, 2),
    }


def test_parts_of_a_world_fit_together(pack: Pack) -> None:
    world = kinds_of(40, 40)
    whole = pack.paint(world, seed=5, origin=(3, -2)).indices[0]
    part = pack.paint(world[10:34, 8:30], seed=5, origin=(13, 6)).indices[0]
    margin = 3 * pack.shape[0]
    np.testing.assert_array_equal(
        part[margin:-margin, margin:-margin], whole[20 + margin : 68 - margin, 16 + margin : 60 - margin]
    )
    elsewhere = pack.paint(world, seed=5, origin=(4, -2)).indices[0]
    other = pack.paint(world, seed=6, origin=(3, -2)).indices[0]
    assert not np.array_equal(whole, elsewhere) and not np.array_equal(whole, other)


def test_a_kind_may_lie_outside_of_the_map(pack: Pack) -> None:
    kinds = kinds_of(7, 9)
    made = pack.paint(kinds, seed=5, origin=(3, -2), outside=pack.kinds[2])
    wide = pack.paint(np.pad(kinds, 1, constant_values=2), seed=5, origin=(2, -3))
    inside = slice(pack.cell, -pack.cell)
    np.testing.assert_array_equal(made.indices, wide.indices[:, inside, inside])
    np.testing.assert_array_equal(made.kind_maps, kinds[None])
    assert not np.array_equal(made.indices, pack.paint(kinds, seed=5, origin=(3, -2)).indices)
    with pytest.raises(tw.UsageError) as caught:
        pack.paint(kinds, outside="lava")
    assert str(caught.value) == "pack.paint(): outside: unknown kind 'lava'; random has floor, wall, water"


def test_both_sides_of_a_border_are_near_it() -> None:
    kinds = np.zeros((1, 3, 4), np.uint8)
    kinds[0, 2, 3] = 1
    pixels = kinds.repeat(4, axis=1).repeat(4, axis=2)
    expected = np.zeros((12, 16), bool)
    expected[6:, 10:] = True
    expected[10:, 14:] = False  # the far part of the cell itself
    np.testing.assert_array_equal(canvas.near_borders(pixels, 2)[0], expected)
    np.testing.assert_array_equal(canvas.near_borders(pixels[0], 2), expected)
    assert not canvas.near_borders(np.zeros((8, 8), np.uint8), 3).any()


def test_insides_are_painted_as_if_there_were_no_other_kind() -> None:
    def confused(kinds: Uint8Array, cells: Uint8Array, numbers: Uint64Array) -> Uint8Array:
        """A network that paints 5 in any window of several kinds."""
        several = (kinds != kinds[:, :1, :1]).any(axis=(1, 2), keepdims=True)
        return np.where(cells == GRID.unknown, np.where(several, np.uint8(5), kinds), cells)

    kinds = np.zeros((6, 8), np.uint8)
    kinds[1:5, 2:6] = 2
    pixels = kinds.repeat(4, axis=0).repeat(4, axis=1)
    canvases = [canvas.paint(GRID, kinds, (3, 1), confused)]
    given = canvas.paint_insides(GRID, kinds, (3, 1), confused)
    canvases.append(canvas.paint(GRID, kinds, (3, 1), confused, given))
    band = canvas.near_borders(pixels, 2)
    assert (canvases[0][~band] == 5).any() and (canvases[1][band] == 5).all()
    np.testing.assert_array_equal(canvases[1][~band], pixels[~band])


def test_insides_are_painted_within_the_mask_only(pack: Pack) -> None:
    kinds = np.zeros((6, 8), int)
    kinds[:, 4:] = 2
    mask = np.zeros((12, 16), bool)
    mask[3:9, 3:13] = True
    picture = np.ones((12, 16), np.uint8)
    painted = pack.paint(kinds, seed=5, picture=picture, mask=mask, insides_first=True).indices
    alone = pack.paint(np.full_like(kinds, 2), seed=5).indices
    assert painted is not None and alone is not None and (painted[0][~mask] == 1).all()
    np.testing.assert_array_equal(painted[0, 3:9, 9:13], alone[0, 3:9, 9:13])
    with pytest.raises(tw.UsageError, match=r"pack.paint\(\): insides_first must be True or False, not 1"):
        pack.paint(kinds, insides_first=1)  # type: ignore[arg-type]


def test_the_canvas_is_one_on_every_backend_and_with_every_number_of_threads(pack: Pack) -> None:
    kinds = kinds_of(9, 14)
    expected = pack.paint(kinds, seed=3, threads=1)
    assert expected.indices.shape == (1, 18, 28) and expected.rgba.shape == (1, 18, 28, 4)
    np.testing.assert_array_equal(expected.kind_maps, kinds[None])
    for backend in backends():
        other = Pack(pack.file, backend)
        for threads in (1, 2):
            np.testing.assert_array_equal(
                other.paint(kinds, seed=3, threads=threads).indices, expected.indices
            )


@pytest.mark.parametrize(
    ("kind_map", "origin", "told"),
    [
        (np.zeros((0, 5), int), (0, 0), "pack.paint(): the map has no cells: 0 x 5"),
        (np.zeros((5000, 5000), np.uint8), (0, 0), "a map of 5000 x 5000 cells is 100,000,000 pixels, more"),
        (np.full((2, 2), 3), (0, 0), "pack.paint(): kind[0, 0] is 3; the kinds of"),
        (np.full((2, 2), -1), (0, 0), "pack.paint(): kind[0, 0] is -1; the kinds of"),
        (np.zeros((2, 2)), (0, 0), "pack.paint(): kind_map must be an integer array (rows, columns)"),
        (np.zeros((2, 2, 2), int), (0, 0), "pack.paint(): kind_map must be an integer array (rows, columns)"),
        (np.zeros((2, 2), int), (2**40, 0), "pack.paint(): origin must be at most 2147483647, not 1099511627776"),
    ],
)  # fmt: skip
def test_bad_maps_are_refused(pack: Pack, kind_map: np.ndarray, origin: tuple[int, int], told: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        pack.paint(kind_map, origin=origin)
    assert told in str(caught.value)


def test_given_pixels_stay_and_the_rest_is_painted_beside_them(pack: Pack) -> None:
    kinds = kinds_of(6, 7)
    edges = 6 * pack.cell, 7 * pack.cell
    whole = pack.paint(kinds, seed=1).indices[0]
    mask = np.zeros(edges, bool)
    mask[3:9, 2:11] = True
    again = pack.paint(kinds, seed=2, picture=whole, mask=mask).indices[0]
    np.testing.assert_array_equal(again[~mask], whole[~mask])
    assert (again[mask] != whole[mask]).any()
    in_ground = pack.paint(kinds, seed=2, picture=whole, mask=mask, outside="floor").indices[0]
    np.testing.assert_array_equal(in_ground[~mask], whole[~mask])
    np.testing.assert_array_equal(
        pack.paint(kinds, seed=1, picture=whole, mask=np.ones(edges, bool)).indices[0], whole
    )
    np.testing.assert_array_equal(
        pack.paint(kinds, seed=3, picture=whole, mask=np.zeros(edges, bool)).indices[0], whole
    )


def test_only_allowed_entries_are_painted(pack: Pack) -> None:
    allowed = np.array([False, True, True, False, False])
    assert set(np.unique(pack.paint(kinds_of(6, 7), seed=1, allowed=allowed).indices)) == {1, 2}
    with pytest.raises(tw.UsageError, match=r"pack\.paint\(\): allowed must be \(5,\) or \(1, 5\)"):
        pack.paint(kinds_of(2, 2), allowed=np.ones(4, bool))


def test_windows_without_unknown_pixels_are_not_sampled() -> None:
    kinds = kinds_of(16, 16).astype(np.uint8)
    given = np.zeros((64, 64), np.uint8)
    given[30:34, 30:34] = GRID.unknown
    seen: list[Uint8Array] = []

    def look(kinds: Uint8Array, cells: Uint8Array, numbers: Uint64Array) -> Uint8Array:
        seen.extend(cells)
        return show(kinds, cells, numbers)

    painted = canvas.paint(GRID, kinds, (0, 0), look, given)
    here = painted[30:34, 30:34]
    np.testing.assert_array_equal(here, kinds.repeat(4, axis=0).repeat(4, axis=1)[30:34, 30:34])
    assert all((cells == GRID.unknown).any() for cells in seen)
    everything: list[int] = []
    canvas.paint(GRID, kinds, (0, 0), lambda k, c, n: (everything.append(len(c)), show(k, c, n))[1])
    assert len(seen) < 0.7 * sum(everything)  # those at the edges show what is beyond the canvas


@pytest.mark.parametrize(
    ("picture", "mask", "told"),
    [
        (np.zeros((4, 4), np.uint8), None, "pack.paint(): give a picture and a mask of what is painted, or neither"),
        (None, np.zeros((4, 4), bool), "pack.paint(): give a picture and a mask of what is painted, or neither"),
        (np.zeros((2, 4, 4), np.uint8), np.zeros((4, 4), bool), "pack.paint(): give one picture, not 2"),
        (np.zeros((5, 4), np.uint8), np.zeros((5, 4), bool), "must be (4, 4), (N, 4, 4) or the same with RGBA, not (5"),
        (np.zeros((4, 4), np.uint8), np.zeros((4, 4), int), "mask must be a bool array, True where pixels are"),
        (np.zeros((4, 4), np.uint8), np.zeros((2, 4), bool), "mask must be (4, 4) or (1, 4, 4), like the pictures"),
        (np.full((4, 4), 250, np.uint8), np.zeros((4, 4), bool), "a picture has entry 250, but the palette of"),
    ],
)  # fmt: skip
def test_bad_given_canvases_are_refused(pack: Pack, picture: AnyArray, mask: AnyArray, told: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        pack.paint(np.zeros((2, 2), int), picture=picture, mask=mask)
    assert told in str(caught.value)


def test_packs_that_cannot_paint_say_so() -> None:
    with pytest.raises(tw.UsageError, match="cannot paint maps: that takes a sampler and a kind per cell"):
        Pack(check_pack(masked_pack(), Path("m.onnx"))).paint(np.zeros((2, 2), int))
    with pytest.raises(
        tw.UsageError, match="with cells of 1; to paint, a picture must be at least two cells"
    ):
        Pack(check_pack(conditioned_pack(), Path("m.onnx"))).paint(np.zeros((2, 2), int))
