"""RPG Maker's A2 sheets, read by the layout with which training reads those of artists."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright_training.terrain.layouts import read_layout

from ..level.drawn_map import blob_codes, layered_map, palette
from .generated_map import generated_set

# The quarters (x, y) of a block by (both sides, diagonal, side, up or down, neither), of the engine's table of floors.
TABLE = (
    ((2, 4), (2, 0), (0, 4), (2, 2), (0, 2)),  # top left
    ((1, 4), (3, 0), (3, 4), (1, 2), (3, 2)),  # top right
    ((2, 3), (2, 1), (0, 3), (2, 5), (0, 5)),  # bottom left
    ((1, 3), (3, 1), (3, 3), (1, 5), (3, 5)),  # bottom right
)
AROUND = ((6, 0, 7), (2, 0, 1), (6, 4, 5), (2, 4, 3))  # of each quarter: side, up or down, diagonal


def composed(block: np.ndarray, codes: np.ndarray, terrain: int) -> np.ndarray:
    """The tiles of an A2 block (6 * h, 4 * h), as the engine composes them: (N, 2 * h, 2 * h)."""
    half = len(block) // 6
    tiles = np.empty((len(codes), 2 * half, 2 * half), np.uint8)
    for tile, code in zip(tiles, codes == terrain, strict=True):
        for quarter, (side, vertical, diagonal) in enumerate(AROUND):
            if code[side] and code[vertical]:
                case = 0 if code[diagonal] else 1
            else:
                case = 4 if not (code[side] or code[vertical]) else 3 if code[side] else 2
            x, y = (n * half for n in TABLE[quarter][case])
            row, column = quarter // 2 * half, quarter % 2 * half
            tile[row : row + half, column : column + half] = block[y : y + half, x : x + half]
    return tiles


@pytest.fixture
def tileset() -> tw.Tileset:
    """Two terrains, each of them 47 tiles made of a random block, and a plain tile."""
    numbers = np.random.default_rng(2)
    blocks = numbers.integers(1, 12, (2, 48, 32), np.uint8)
    over = np.where(blob_codes() == 0, 1, 2).astype(np.int16)
    codes = np.concatenate([blob_codes(), over, np.full((1, 8), 2, np.int16)])
    art = [composed(blocks[0], blob_codes(), 0), composed(blocks[1], over, 1), blocks[:1, :16, :16]]
    centres = np.repeat([0, 1, 2], [47, 47, 1]).astype(np.int16)
    terrains = (tw.Terrain("grass"), tw.Terrain("water"), tw.Terrain("sand"))
    return tw.Tileset(
        "set", np.concatenate(art), palette(), terrains, codes, centres, provenance={"pack": "p"}
    )


def test_the_engine_composes_the_tiles_of_a_sheet(tileset: tw.Tileset, tmp_path: Path) -> None:
    (path,) = tileset.save(tmp_path / "world.a2.png")
    assert path.name == "world.a2.png"
    with Image.open(path) as opened:
        assert (opened.size, opened.mode, opened.text) == ((768, 576), "P", {"pack": "p"})
        sheet = np.asarray(opened.convert("RGBA"))
    for terrain in (0, 1):
        tiles = read_layout(sheet, "rpgmaker-a2", (2 * terrain, 0), 48, "test")
        for tile in np.flatnonzero(tileset.centres == terrain):
            mask = sum(1 << bit for bit in range(8) if tileset.codes[tile, bit] == terrain)
            assert np.array_equal(tiles[mask], tileset.rgba[tile].repeat(3, axis=0).repeat(3, axis=1))
        icon = sheet[:48, 96 * terrain : 96 * terrain + 48]
        assert np.array_equal(icon, tiles[0])
    assert (sheet[:, 192:, 3] == 0).all()  # the plain tile is no autotile


@pytest.mark.parametrize("layout", ["rpgmaker-a2", "blob-47"])
def test_generated_sets_become_blocks(layout: str, tmp_path: Path) -> None:
    """A block for each variant of an A2 set; of a blob set, the tiles that are made of quarters."""
    tileset = generated_set(layout)
    (path,) = tileset.save(tmp_path / "wall.a2.png")
    with Image.open(path) as opened:
        sheet = np.asarray(opened.convert("RGBA"))
    step = 1 if layout == "rpgmaker-a2" else 2
    for terrain in range(len(tileset.terrains)):
        tiles = read_layout(sheet, "rpgmaker-a2", (2 * terrain, 0), 48, "test")
        for tile in np.flatnonzero(tileset.centres == terrain)[::step]:
            mask = sum(1 << bit for bit in range(8) if tileset.codes[tile, bit] == terrain)
            assert np.array_equal(tiles[mask], tileset.rgba[tile].repeat(6, axis=0).repeat(6, axis=1))
    assert (sheet[:, 96 * len(tileset.terrains) :, 3] == 0).all()


def test_tiles_that_are_not_made_of_quarters_are_named(tileset: tw.Tileset, tmp_path: Path) -> None:
    art = tileset.pictures.copy()
    art[20, 0, 0] = art[20, 0, 0] % 11 + 1
    with pytest.raises(
        tw.UsageError, match=r"^save\(\): tiles \d+ and \d+ of 'grass' differ in a quarter: an A2 sheet"
    ):
        replace(tileset, pictures=art).save(tmp_path / "world.a2.png")
    with pytest.raises(
        tw.UsageError, match=r"^save\(\): 0 terrains for the 32 blocks of a sheet: an A2 sheet needs"
    ):
        layered_map().tileset.save(tmp_path / "world.a2.png")
    with pytest.raises(
        tw.UsageError, match=r"^save\(\): tiles of 16x9 pixels cannot be enlarged to RPG Maker's 48x48$"
    ):
        layered_map((9, 16)).tileset.save(tmp_path / "world.a2.png")
