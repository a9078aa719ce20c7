"""Sheets of ground autotiles (A2) of RPG Maker MV and MZ, from tilesets whose tiles are composed of quarters.

A block has 2 x 3 tiles, or 4 x 6 quarters: an icon, the four inner corners, and a ring of 2 x 2 tiles. The engine makes
each of its 48 shapes of four quarters. A sheet has 8 x 4 blocks of 48-pixel tiles.
"""

from collections.abc import Mapping

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.formats.png import png, portable_pictures
from tilewright.tileset.tileset import Tileset

TILE = 48  # pixels, in the engine
BLOCKS = (4, 8)  # rows and columns of a sheet
_WANTED = "an A2 sheet needs a terrain with the 47 tiles of a blob set, made of quarters"

# Of each quarter of a tile: its row and column, and the positions of the edges and of the corner that it touches.
_QUARTERS = ((0, 0, 0, 6, 7), (0, 1, 0, 2, 1), (1, 0, 4, 6, 5), (1, 1, 4, 2, 3))


def tileset_files(tileset: Tileset, stem: str) -> dict[str, bytes]:
    """Return NAME.a2.png: a block for each terrain that has all quarters, in the order of the terrains."""
    height, width = tileset.shape
    if height != width or height % 2 or TILE % height:
        raise UsageError(
            f"save(): tiles of {width}x{height} pixels cannot be enlarged to RPG Maker's {TILE}x{TILE}"
        )
    pictures, palette = portable_pictures(tileset)
    blocks = [_block(tileset, pictures, terrain) for terrain in range(len(tileset.terrains))]
    found = [block for block in blocks if block is not None]
    rows, columns = BLOCKS
    if not 1 <= len(found) <= rows * columns:
        raise UsageError(
            f"save(): {len(found)} terrains for the {rows * columns} blocks of a sheet: {_WANTED}"
        )
    empty = 0 if palette is None else int((palette[:, 3] == 0).argmax())
    sheet = np.full((rows * 3 * height, columns * 2 * width, *pictures.shape[3:]), empty, np.uint8)
    for number, block in enumerate(found):
        top, left = number // columns * 3 * height, number % columns * 2 * width
        sheet[top : top + 3 * height, left : left + 2 * width] = block
    scale = TILE // height
    large = sheet.repeat(scale, axis=0).repeat(scale, axis=1)
    return {f"{stem}.a2.png": png(large, palette, tileset.provenance)}


def _block(tileset: Tileset, pictures: Uint8Array, terrain: int) -> Uint8Array | None:
    """Return the block (3 * T, 2 * T, ...) of a terrain, or None if its tiles do not have all of its quarters.

    Raises UsageError if two tiles have different pictures in one quarter. Of tiles with equal codes, the first counts.
    """
    half = tileset.shape[0] // 2
    quarters: dict[tuple[int, int], tuple[int, Uint8Array]] = {}
    seen: set[bytes] = set()
    lone = None
    for tile in np.flatnonzero(tileset.centres == terrain).tolist():
        same = tileset.codes[tile] == terrain
        if same.tobytes() in seen:
            continue
        seen.add(same.tobytes())
        lone = pictures[tile] if not same.any() else lone
        for row, column, vertical, horizontal, corner in _QUARTERS:
            place = _place(row, column, bool(same[vertical]), bool(same[horizontal]), bool(same[corner]))
            part = pictures[tile, row * half : (row + 1) * half, column * half : (column + 1) * half]
            known = quarters.setdefault(place, (tile, part))
            if not np.array_equal(known[1], part):
                name = tileset.terrains[terrain].name
                raise UsageError(
                    f"save(): tiles {known[0]} and {tile} of {name!r} differ in a quarter: {_WANTED}"
                )
    if lone is None or len(quarters) < 20:
        return None
    return _assembled(quarters, lone)


def _place(row: int, column: int, vertical: bool, horizontal: bool, corner: bool) -> tuple[int, int]:
    """Return the row and column in the block of a quarter, by whether its neighbours have the terrain."""
    if vertical and horizontal:
        # The interior is the far quarter of the ring; the inner corners are in the tile at the top right.
        return (4 - row, 2 - column) if corner else (row, 2 + column)
    return 2 + (2 - row if vertical else 3 * row), (2 - column if horizontal else 3 * column)


def _assembled(quarters: Mapping[tuple[int, int], tuple[int, Uint8Array]], lone: Uint8Array) -> Uint8Array:
    half = len(lone) // 2
    block = np.empty((6 * half, 4 * half, *lone.shape[2:]), np.uint8)
    block[: 2 * half, : 2 * half] = lone  # the icon
    for (row, column), (_, part) in quarters.items():
        block[row * half : (row + 1) * half, column * half : (column + 1) * half] = part
    return block
