"""Layouts of autotiles: which tile a cell of a terrain shows, given which of its neighbours have the same terrain.

Most layouts become a table of 256 tiles, one per mask of neighbours. Bit b of a mask is set if neighbour b has
the terrain; neighbours are numbered clockwise from the top: N, NE, E, SE, S, SW, W, NW.

The tiles of others lie between four cells, half a tile further. They become a table of 16 tiles, one per code of the
cells that have the terrain: 1 top left, 2 top right, 4 bottom left, 8 bottom right.
"""

from collections.abc import Callable
from functools import partial
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
CODES = 16
EVERYWHERE = CODES - 1
OPPOSITE = {6: (2, 4), 9: (1, 8)}  # codes of two opposite corners


class Layout(NamedTuple):
    """A layout: the size of its block in tiles, and the function that reads the table from the block.

    read: maps a block uint8 (rows * T, columns * T, 4) to tiles uint8 (256 or 16, T, T, 4), for even T.
    """

    rows: int
    columns: int
    read: Callable[[Uint8Array], Uint8Array]


def read_layout(sheet: Uint8Array, name: str, at: tuple[int, int], tile: int, where: str) -> Uint8Array:
    """Return the tiles uint8 (256 or 16, T, T, 4) of the block at (column, row) `at` of a sheet uint8 (H, W, 4).

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
        HORIZONTAL_EDGE: ((middle, top), (middle, top), (middle, bottom), (middle, bottom)),
        VERTICAL_EDGE: ((left, centre), (right, centre), (left, centre), (right, centre)),
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
    places = {OUTER: 0, VERTICAL_EDGE: 1, HORIZONTAL_EDGE: 2, INNER: 3, FULL: 4}
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


def _from_places(block: Uint8Array, tile: int, places: list[tuple[int, int]]) -> Uint8Array:
    """Cut the tile at a (column, row) for each mask."""
    return np.stack([block[y * tile : (y + 1) * tile, x * tile : (x + 1) * tile] for x, y in places])


def _sides(mask: int) -> str:
    """Return which of N, E, S and W are in a mask."""
    return "".join(name for name, bit in zip("NESW", (0, 2, 4, 6), strict=True) if mask >> bit & 1)


_ENDS = {"": (5, 0), "E": (4, 1), "EW": (5, 1), "W": (6, 1), "S": (3, 0), "NS": (3, 1), "N": (3, 2)}
_BLOB = {"ES": (0, 0), "ESW": (1, 0), "SW": (2, 0), "NES": (0, 1), "NESW": (1, 1), "NSW": (2, 1)}
_BLOB |= {"NE": (0, 2), "NEW": (1, 2), "NW": (2, 2)}
_WALL = {"": (1, 1), "N": (1, 1), "E": (1, 0), "W": (1, 0), "EW": (1, 0), "S": (0, 1), "NS": (0, 1)}
_WALL |= {"ES": (0, 0), "SW": (2, 0), "NE": (0, 2), "NW": (2, 2)}
_WALL |= {"ESW": (4, 0), "NES": (3, 1), "NESW": (4, 1), "NSW": (5, 1), "NEW": (4, 2)}
_BLOB_47: tuple[tuple[int | None, ...], ...] = (  # the mask of each tile, None where there is none
    (28, 124, 112, 16, 20, 116, 92, 80, 84, 221, None),
    (31, 255, 241, 17, 23, 247, 223, 209, 215, 119, None),
    (7, 199, 193, 1, 29, 253, 127, 113, 125, 93, 117),
    (4, 68, 64, 0, 5, 197, 71, 65, 69, 87, 213),
    (None, None, None, None, 21, 245, 95, 81, 85, None, None),
)


def _edges_16(block: Uint8Array) -> Uint8Array:
    """Read a 3x3 block, the parts of a vertical line, a single tile, and below it the parts of a horizontal line."""
    places = _ENDS | _BLOB
    return _from_places(block, block.shape[1] // 7, [places[_sides(mask)] for mask in range(MASKS)])


def _wall(block: Uint8Array) -> Uint8Array:
    """Read walls of one tile's thickness, with front faces: corners and lines in a square, then junctions."""
    return _from_places(block, block.shape[1] // 6, [_WALL[_sides(mask)] for mask in range(MASKS)])


def _pit(block: Uint8Array) -> Uint8Array:
    """Read a pit, seen from the front, so that it has no lower border: the row below the upper border and the others,
    3 tiles wide and one tile wide, then inner corners at the left, on both sides and at the right.
    """

    def place(mask: int) -> tuple[int, int]:
        sides = _sides(mask)
        west, east = "W" in sides, "E" in sides
        if not (west or east):
            return 4, int("N" in sides)
        if "N" in sides and west and east:
            missing = (not mask >> 7 & 1, not mask >> 1 & 1)  # NW, NE
            if any(missing):
                return {(True, False): 5, (True, True): 6, (False, True): 7}[missing], 0
        return 1 - (not west) + (not east), int("N" in sides)

    return _from_places(block, block.shape[1] // 8, [place(mask) for mask in range(MASKS)])


def _blob_47(block: Uint8Array) -> Uint8Array:
    """Read a tile for each of the 47 combinations of sides and of corners between them."""
    places = {
        mask: (x, y) for y, row in enumerate(_BLOB_47) for x, mask in enumerate(row) if mask is not None
    }
    return _from_places(block, block.shape[1] // 11, [places[cornered(mask)] for mask in range(MASKS)])


def _blob_46(block: Uint8Array) -> Uint8Array:
    """Read the same without a tile for no neighbours, which is made of the ends of a horizontal line."""
    tiles, half = _blob_47(block), block.shape[0] // 10
    left, right = tiles[1 << 2][:, :half], tiles[1 << 6][:, half:]
    tiles[[mask for mask in range(MASKS) if not _sides(mask)]] = np.concatenate([left, right], axis=1)
    return tiles


def cornered(mask: int) -> int:
    """Return a mask without the corners whose two sides are not both in it."""
    kept = mask
    for corner in (1, 3, 5, 7):
        if not (mask >> corner - 1 & 1 and mask >> (corner + 1) % 8 & 1):
            kept &= ~(1 << corner)
    return kept


def _corner_3x3(block: Uint8Array, around_hole: bool = True, below: bool = False) -> Uint8Array:
    """Read a 3x3 block and next to it 2x2 tiles with a corner missing each, of tiles between four cells.

    around_hole: the missing corners meet in the middle of the 2x2 tiles; otherwise they are the outer ones. below:
    the 2x2 tiles are below the 3x3 block, at the left; otherwise on its right, at the top.
    """
    tile = block.shape[1] // (3 if below else 5)
    ring = {
        8: (0, 0),
        12: (1, 0),
        4: (2, 0),
        10: (0, 1),
        15: (1, 1),
        5: (2, 1),
        2: (0, 2),
        3: (1, 2),
        1: (2, 2),
    }
    missing = (8, 4, 2, 1) if around_hole else (1, 2, 4, 8)  # in reading order of the 2x2 tiles
    x, y = (0, 3) if below else (3, 0)
    holes = {EVERYWHERE - code: (x + n % 2, y + n // 2) for n, code in enumerate(missing)}
    places = ring | holes
    tiles = _from_places(block, tile, [places.get(code, (0, 0)) for code in range(CODES)])
    tiles[0] = 0
    for code in OPPOSITE:
        tiles[code] = opposite_corners(tiles, code)
    return tiles


def opposite_corners(tiles: Uint8Array, code: int) -> Uint8Array:
    """Make the tile (T, T, 4) with two opposite corners, a code of OPPOSITE, of those with one, in tiles (16, T, T, 4).
    Opaque ones are shown on their side of the diagonal.
    """
    first, second = OPPOSITE[code]
    right, down = np.arange(tiles.shape[1]), np.arange(tiles.shape[1])[:, None]
    side = right >= down if code == 6 else right + down < tiles.shape[1]
    shown = (tiles[first][..., 3] > 0) & (side | (tiles[second][..., 3] == 0))
    return np.where(shown[..., None], tiles[first], tiles[second])


LAYOUTS = {
    "rpgmaker2000": Layout(4, 3, _rpgmaker2000),
    "rpgmaker2000-water": Layout(5, 1, _rpgmaker2000_water),
    "rpgmaker-a2": Layout(3, 2, _rpgmaker_a2),
    "ring-3x3": Layout(3, 3, _ring_3x3),
    "ring-3x3-inner": Layout(3, 5, _ring_inner),
    "edges-16": Layout(3, 7, _edges_16),
    "corner-3x3-inner": Layout(3, 5, _corner_3x3),
    "corner-3x3-outer": Layout(3, 5, partial(_corner_3x3, around_hole=False)),
    "corner-3x5-inner": Layout(5, 3, partial(_corner_3x3, below=True)),
    "blob-47": Layout(5, 11, _blob_47),
    "blob-46": Layout(5, 11, _blob_46),
    "wall": Layout(3, 6, _wall),
    "pit": Layout(2, 8, _pit),
}
