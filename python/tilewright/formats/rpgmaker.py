"""Sheets of ground autotiles (A2) of RPG Maker MV and MZ, from tilesets whose tiles are composed of quarters.

The engine makes each of its 48 shapes of four quarters of a block (tileset/quarters.py). A sheet has 8 x 4 blocks of
48-pixel tiles.
"""

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.formats.png import png, portable_pictures
from tilewright.tileset.quarters import CASES, QUARTERS, a2_of_pieces, cases_of
from tilewright.tileset.tileset import Tileset

TILE = 48  # pixels, in the engine
BLOCKS = (4, 8)  # rows and columns of a sheet
_WANTED = "an A2 sheet needs a terrain with the 47 tiles of a blob set, made of quarters"


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
    pieces = np.zeros((len(QUARTERS), CASES, half, half, *pictures.shape[3:]), np.uint8)
    known: dict[tuple[int, int], int] = {}  # the tile of each quarter
    tiles = np.flatnonzero(tileset.centres == terrain)
    same, first = np.unique(tileset.codes[tiles] == terrain, axis=0, return_index=True)
    lone = pictures[tiles[first[~same.any(axis=1)]]]
    for number in np.argsort(first):
        tile = int(tiles[first[number]])
        for quarter, case in enumerate(cases_of(same[number]).tolist()):
            row, column, *_ = QUARTERS[quarter]
            part = pictures[tile, row * half : (row + 1) * half, column * half : (column + 1) * half]
            if (quarter, case) not in known:
                known[quarter, case] = tile
                pieces[quarter, case] = part
            elif not np.array_equal(pieces[quarter, case], part):
                name = tileset.terrains[terrain].name
                raise UsageError(
                    f"save(): tiles {known[quarter, case]} and {tile} of {name!r} differ in a quarter: {_WANTED}"
                )
    if not len(lone) or len(known) < len(QUARTERS) * CASES:
        return None
    block: Uint8Array = a2_of_pieces(pieces, lone[0])
    return block
