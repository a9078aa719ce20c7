"""Draw the pictures of docs/tilesets.md with a pack that was trained on terrain.

  python -m tilewright_training.experiments.tileset_pictures overworld docs/images

Each picture is an indexed PNG. The one of Tiled is drawn by its program tmxrasterizer, and left out without it.
"""

import argparse
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tilewright as tw
from tilewright.arrays import Uint8Array
from tilewright.files import write_atomically
from tilewright.formats.png import png
from tilewright.generator import Pack
from tilewright.level.styles import STYLES
from tilewright.pictures import read_picture
from tilewright.tileset.colours import index_pictures
from tilewright.tileset.quarters import a2_of_pieces, pieces_of_tiles

GROUND, SHOWN = "grass", "water"
PAIRS = (
    *(("grass", "water"), ("grass", "sand"), ("grass", "dirt")),
    *(("grass", "forest"), ("grass", "mountain"), ("snow", "ice")),
)
LAND = ("grass", "sand", "water", "dirt", "mountain")  # the terrains of a level, the lowest first
KINDS = {"floor": "dirt", "wall": "mountain", "lava": "water"}
LEVEL = (26, 20, 54, "overworld")
WALLS = ("floor", "tiles", "water", "wall")  # the last is the wall
WALLED_LEVEL = (32, 24, 3, "dungeon")
COARSE = (
    "mmmmmgggggffffff",
    "mmmmggggggggffff",
    "mmmgggddddggggff",
    "mgggggdggdgggggg",
    "ggsssgdggddddddd",
    "ssswwssdgggggggg",
    "wwwwwwwdssgggggg",
    "wwwwwwwwwssssggg",
    "wwwwwwwwwwwwwsss",
)
LETTERS = {"g": "grass", "s": "sand", "w": "water", "d": "dirt", "m": "mountain", "f": "forest"}
BOARD = np.array([[200, 200, 200, 255], [216, 216, 216, 255]], np.uint8)  # behind transparent pixels
ISLAND = ("..........", "..##..##..", "..#####...", ".####.##..", ".#######..", "...##..#..", "..........")


def main(argv: Sequence[str] | None = None) -> None:
    """Draw all pictures, or those whose names are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--candidates", type=int, default=1)
    options = parser.parse_args(argv)
    pack = tw.load(options.pack)
    for name in options.only:
        picture = PICTURES[name](pack, options.candidates)
        if picture is None:
            print(f"{name}: left out; it needs tmxrasterizer (Debian: apt install tiled)")
            continue
        path = options.folder / f"tileset-{name}.png"
        save(picture, path)
        print(f"{path}: {picture.shape[1]}x{picture.shape[0]}")


def save(picture: Uint8Array, path: Path) -> None:
    """Write RGBA uint8 (H, W, 4) at twice its size, with a palette."""
    indexed = index_pictures(picture[None])
    entries, palette = (picture, None) if indexed is None else (indexed[0][0], indexed[1])
    write_atomically(path, png(entries.repeat(2, axis=0).repeat(2, axis=1), palette, {}))


def layouts(pack: Pack, candidates: int) -> Uint8Array:
    """Each layout of one terrain, one below the other; of A2, the block."""
    made = []
    for layout in ("dual-grid", "corner-16", "edge-16", "blob-47"):
        names = [GROUND, SHOWN] if layout == "corner-16" else [SHOWN]
        ground = None if layout == "corner-16" else GROUND
        tileset = tw.make_tileset(
            pack, names, layout=layout, ground=ground, variants=1, candidates=candidates, seed=7
        )
        made.append(_sheet(tileset.rgba, 16))
    tileset = tw.make_tileset(
        pack, [SHOWN], layout="rpgmaker-a2", ground=GROUND, variants=1, candidates=candidates, seed=7,
        transparent=False,
    )  # fmt: skip
    cells = tileset.centres == 1
    pieces = pieces_of_tiles(tileset.rgba[cells], tileset.codes[cells] == 1)
    made.append(a2_of_pieces(pieces, tileset.rgba[cells][0]))
    return _stacked(made)


def pairs(pack: Pack, candidates: int) -> Uint8Array:
    """Six pairs of terrains: an island of one in the other."""
    inside = np.array([[cell == "#" for cell in row] for row in ISLAND])
    made = []
    for ground, name in PAIRS:
        tileset = tw.make_tileset(
            pack, [ground, name], transparent=False, variants=2, candidates=candidates, seed=7
        )
        made.append(tw.autotile(inside.astype(np.int64), tileset, seed=1).picture())
    rows = [np.concatenate(made[first : first + 3], axis=1) for first in range(0, len(made), 3)]
    return np.concatenate(rows)


@lru_cache(maxsize=1)
def _land(pack: Pack, candidates: int) -> tw.Tileset:
    return tw.make_tileset(pack, LAND, ground=LAND[0], variants=2, candidates=candidates, seed=7)


def repair(pack: Pack, candidates: int) -> Uint8Array:
    """A level before closed cells were opened for its ways, and after."""
    level, tileset = tw.make_level(*LEVEL), _land(pack, candidates)
    closed = np.where(level.carved, np.uint8(STYLES[level.style].outside), level.cells)
    drawn = [tw.draw_level(one, tileset, kinds=KINDS) for one in (replace(level, cells=closed), level)]
    gap = np.full((len(drawn[0]), 4, 4), 255, np.uint8)
    return np.concatenate([drawn[0], gap, drawn[1]], axis=1)


def walls(pack: Pack, candidates: int) -> Uint8Array:
    """The tiles of walls, and a level drawn with them; by the pack `dungeon` if the other has no walls."""
    pack = pack if set(WALLS) <= set(pack.kinds) else tw.load("dungeon")
    tileset = tw.make_tileset(
        pack, WALLS, layout="wall-16", walls=WALLS[-1:], variants=2, candidates=candidates, seed=7
    )
    kinds = dict.fromkeys(("grass", "sand"), WALLS[1]) | {"lava": "water"}
    level = tw.draw_level(tw.make_level(*WALLED_LEVEL), tileset, kinds=kinds)
    sheet = _sheet(tileset.rgba[tileset.centres == WALLS.index("wall")][::2], 4)
    board = np.full((len(level), sheet.shape[1] + 4, 4), 255, np.uint8)
    board[: len(sheet), : sheet.shape[1]] = sheet
    return np.concatenate([board, level], axis=1)


def coarse(pack: Pack, candidates: int) -> Uint8Array:
    """A coarse map, with the mean colour of each terrain, and the picture that the pack paints from it."""
    cells = np.array([[pack.kinds.index(LETTERS[letter]) for letter in row] for row in COARSE])
    painted = pack.paint(cells, seed=3).rgba[0]
    size, colours = pack.cell, np.empty((*cells.shape, 4), np.uint8)
    squares = painted.reshape(cells.shape[0], size, cells.shape[1], size, 4)
    middle = slice(size // 4, size - size // 4)  # the rest may show borders
    middles = squares[:, middle, :, middle].mean(axis=(1, 3))
    for kind in np.unique(cells):
        colours[cells == kind] = middles[cells == kind].mean(axis=0)
    small = colours.repeat(size // 2, axis=0).repeat(size // 2, axis=1)
    board = np.full((len(painted), small.shape[1] + 4, 4), 255, np.uint8)
    top = (len(painted) - len(small)) // 2
    board[top : top + len(small), : small.shape[1]] = small
    return np.concatenate([board, painted], axis=1)


def tiled(pack: Pack, candidates: int) -> Uint8Array | None:
    """The level that `repair` shows, saved for Tiled and drawn by it; None if it is not installed."""
    program = shutil.which("tmxrasterizer")
    if program is None:
        return None
    level = tw.make_level(*LEVEL)
    made = tw.tile_level(level, _land(pack, candidates), kinds=KINDS)
    with TemporaryDirectory() as folder:
        made.map.save(Path(folder) / "level.tmx")
        command = [program, "--hide-layer", "objects", f"{folder}/level.tmx", f"{folder}/level.png"]
        subprocess.run(command, check=True, env={"QT_QPA_PLATFORM": "offscreen"}, capture_output=True)
        picture = read_picture(Path(folder) / "level.png")
    # Tiled's picture begins where the layers do: half a tile up and left.
    half, size = made.map.tileset.shape[0] // 2, made.map.tileset.shape[0]
    rows, columns = level.cells.shape
    return picture[half : half + rows * size, half : half + columns * size]


PICTURES = {
    "layouts": layouts,
    "pairs": pairs,
    "repair": repair,
    "walls": walls,
    "coarse": coarse,
    "tiled": tiled,
}


def _sheet(tiles: Uint8Array, columns: int) -> Uint8Array:
    """Return tiles (N, T, T, 4) in rows, two pixels apart, on a board."""
    size = tiles.shape[1]
    rows = -(-len(tiles) // columns)
    sheet = np.zeros((rows * (size + 2) + 2, columns * (size + 2) + 2, 4), np.uint8)
    for number, tile in enumerate(tiles):
        y, x = 2 + number // columns * (size + 2), 2 + number % columns * (size + 2)
        y_tile, x_tile = np.indices((size, size)) // 4
        clear = tile[..., 3:] == 0
        sheet[y : y + size, x : x + size] = np.where(clear, BOARD[(y_tile + x_tile) % 2], tile)
    return sheet


def _stacked(pictures: Sequence[Uint8Array]) -> Uint8Array:
    """Return pictures one below the other, eight pixels apart."""
    width = max(picture.shape[1] for picture in pictures)
    parts = [
        np.pad(picture, ((0, 8), (0, width - picture.shape[1]), (0, 0)), constant_values=0)
        for picture in pictures
    ]
    return np.concatenate(parts)[:-8]


if __name__ == "__main__":
    main()
