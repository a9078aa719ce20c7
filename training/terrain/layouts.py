"""Layouts of autotiles: which tile a cell of a terrain shows, given which of its neighbours have the same terrain.

Every layout becomes a table of 256 tiles, one per mask of neighbours. Bit b of a mask is set if neighbour b has
the terrain; neighbours are numbered clockwise from the top: N, NE, E, SE, S, SW, W, NW.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError
from tilewright.tileset.quarters import (
    CASES,
    FULL,
    HORIZONTAL_EDGE,
    INNER,
    OUTER,
    QUARTERS,
    VERTICAL_EDGE,
    cases_of,
    compose,
    pieces_of_a2,
)

NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # (dy, dx) of each bit
MASKS = 1 << len(NEIGHBOURS)
ALL = MASKS - 1


class Layout(NamedTuple):
    """A layout: the size of its block in tiles, and the function that reads the table from the block.

    read: maps a block uint8 (rows * T, columns * T, 4) to tiles uint8 (256, T, T, 4), for even T.
    """

    rows: int
    columns: int
    read: Callable[[Uint8Array], Uint8Array]


def read_layout(sheet: Uint8Array, name: str, at: tuple[int, int], tile: int, where: str) -> Uint8Array:
    """Return the tiles uint8 (256, T, T, 4) of the block at (column, row) `at` of a sheet uint8 (H, W, 4).

    tile: T, even. Raises DataError, with a text that begins with `where`, if the block is not within the sheet.
    """
    layout = LAYOUTS[name]
    left, top = at[0] * tile, at[1] * tile
    bottom, right = top + layout.rows * tile, left + layout.columns * tile
    if bottom > sheet.shape[0] or right > sheet.shape[1]:
        rows, columns = sheet.shape[0] // tile, sheet.shape[1] // tile
        raise DataError(
            f"{where}: the {layout.columns} x {layout.rows} tiles of {name} at {list(at)} are not within the "
            f"sheet of {columns} x {rows}"
        )
    return layout.read(sheet[top:bottom, left:right])


def _from_pieces(pieces: Uint8Array) -> Uint8Array:
    """Compose tiles (256, T, T, 4) of quarters (4, 5, T/2, T/2, 4), by quarter and case."""
    same = (np.arange(MASKS)[:, None] >> np.arange(len(NEIGHBOURS)) & 1).astype(bool)
    tiles: Uint8Array = compose(pieces, cases_of(same))
    return tiles


def _pieces(block: Uint8Array, tile: int, places: dict[int, tuple[tuple[int, int], ...]]) -> Uint8Array:
    """Cut quarters (4, 5, T/2, T/2, 4). places: for each case, the (column, row) of the tile of each quarter."""
    half = tile // 2
    pieces = np.empty((len(QUARTERS), CASES, half, half, 4), dtype=np.uint8)
    for case, tiles in places.items():
        for quarter, (column, row) in enumerate(tiles):
            y = row * tile + QUARTERS[quarter][0] * half
            x = column * tile + QUARTERS[quarter][1] * half
            pieces[quarter, case] = block[y : y + half, x : x + half]
    return pieces


def _ring(left: int, top: int) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return the places of a 3x3 block whose border tiles show the edges and outer corners."""
    middle, right, centre, bottom = left + 1, left + 2, top + 1, top + 2
    return {
        FULL: ((middle, centre),) * 4,
        VERTICAL_EDGE: ((middle, top), (middle, top), (middle, bottom), (middle, bottom)),
        HORIZONTAL_EDGE: ((left, centre), (right, centre), (left, centre), (right, centre)),
        OUTER: ((left, top), (right, top), (left, bottom), (right, bottom)),
    }


def _rpgmaker2000(block: Uint8Array) -> Uint8Array:
    """Read a terrain of an RPG Maker 2000 chip set: the inner corners above on the right, a 3x3 block below."""
    tile = block.shape[1] // 3
    return _from_pieces(_pieces(block, tile, _ring(0, 1) | {INNER: ((2, 0),) * 4}))


def _rpgmaker2000_water(block: Uint8Array) -> Uint8Array:
    """Read one frame of the water of an RPG Maker 2000 chip set: a column of outer corners, vertical edges,
    horizontal edges, inner corners, and the interior.
    """
    places = {OUTER: 0, HORIZONTAL_EDGE: 1, VERTICAL_EDGE: 2, INNER: 3, FULL: 4}
    return _from_pieces(
        _pieces(block, block.shape[1], {case: ((0, row),) * 4 for case, row in places.items()})
    )


def _rpgmaker_a2(block: Uint8Array) -> Uint8Array:
    """Read a 2 x 3 block of RPG Maker VX and later."""
    return _from_pieces(pieces_of_a2(block))


def _ring_3x3(block: Uint8Array) -> Uint8Array:
    """Read a 3x3 block without inner corners, which show the interior instead."""
    places = _ring(0, 0)
    return _from_pieces(_pieces(block, block.shape[1] // 3, places | {INNER: places[FULL]}))


def _ring_inner(block: Uint8Array) -> Uint8Array:
    """Read a 3x3 block followed on the right by a 2x2 block around a hole, whose tiles show the inner corners."""
    inner = ((4, 1), (3, 1), (4, 0), (3, 0))
    return _from_pieces(_pieces(block, block.shape[1] // 5, _ring(0, 0) | {INNER: inner}))


LAYOUTS = {
    "rpgmaker2000": Layout(4, 3, _rpgmaker2000),
    "rpgmaker2000-water": Layout(5, 1, _rpgmaker2000_water),
    "rpgmaker-a2": Layout(3, 2, _rpgmaker_a2),
    "ring-3x3": Layout(3, 3, _ring_3x3),
    "ring-3x3-inner": Layout(3, 5, _ring_inner),
}
