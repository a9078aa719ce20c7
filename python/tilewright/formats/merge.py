"""Tilesets that were read become one `Tileset`; flipped and turned tiles become tiles of their own."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tilewright.arrays import AnyArray, Int16Array, Int64Array
from tilewright.errors import DataError
from tilewright.formats.tsx_reader import TilesetParts, joined
from tilewright.tileset.animation import Animation
from tilewright.tileset.colours import index_pictures
from tilewright.tileset.tileset import (
    MAX_FACTS,
    MAX_TERRAINS,
    MAX_TILES,
    NO_TERRAIN,
    Terrain,
    Tileset,
)

MAX_READ_PIXELS = 1 << 24
MAX_INDEXED_PIXELS = 1 << 22  # counting the colours of more takes seconds
_LIMITS = f"{MAX_TILES}, or {MAX_READ_PIXELS} pixels"
HORIZONTAL, VERTICAL, DIAGONAL = 4, 2, 1  # Tiled's flags; the diagonal flip comes first
_PLACES = (1, 2, 5, 8, 7, 6, 3, 0)  # of the positions of a code, in rows of three


def merged(parts: list[TilesetParts], path: Path) -> Tileset:
    """Return one tileset with the tiles of all, in order. Terrains of one name become one.

    It has a palette if there are few enough colours and pixels: that of the image, if there is one, and it has one.
    """
    count = sum(len(part.pictures) for part in parts)
    pixels = sum(part.pictures[..., 0].size for part in parts)
    if count > MAX_TILES or pixels > MAX_READ_PIXELS:
        raise DataError(f"{path}: the tilesets have {count} tiles: more than {_LIMITS}")
    terrains: dict[str, Terrain] = {}
    codes, centres, animations, start = [], [], [], 0
    for part in parts:
        for terrain in part.terrains:
            terrains[terrain.name] = joined(terrains.get(terrain.name, terrain), terrain)
        table = np.array([*(list(terrains).index(t.name) for t in part.terrains), NO_TERRAIN], np.int16)
        codes.append(table[part.codes])  # the last entry of the table is that of -1
        centres.append(table[part.centres])
        for one in part.animations:
            frames = tuple(start + frame for frame in one.frames)
            animations.append(Animation(start + one.tile, frames, one.milliseconds))
        start += len(part.pictures)
    if len(terrains) > MAX_TERRAINS:
        raise DataError(f"{path}: more than {MAX_TERRAINS} terrains")
    rgba = np.concatenate([part.pictures for part in parts])
    palette = parts[0].palette if len(parts) == 1 else None
    found = None
    if pixels <= MAX_INDEXED_PIXELS:
        found = index_pictures(rgba, palette)
        if found is None and palette is not None:
            found = index_pictures(rgba)
    pictures, palette = found or (rgba, None)
    facts = [fact for part in parts for fact in part.provenance.items()]
    return Tileset(
        name=parts[0].name,
        pictures=pictures,
        palette=palette,
        terrains=tuple(terrains.values()),
        codes=np.concatenate(codes),
        centres=np.concatenate(centres),
        probabilities=np.concatenate([part.probabilities for part in parts]),
        solid=np.concatenate([part.solid for part in parts]),
        animations=tuple(animations),
        provenance=dict(facts[:MAX_FACTS]),
    )


def turned(tileset: Tileset, tiles: Int64Array, flags: Int64Array, path: Path) -> Tileset:
    """Return the tileset with more tiles: `tiles` with the flags of each. Raises DataError for too many.

    Codes turn with the pictures. An animated tile stands still when it is turned.
    """
    height, width = tileset.shape
    count = len(tileset) + len(tiles)
    if count > MAX_TILES or count * height * width > MAX_READ_PIXELS:
        raise DataError(f"{path}: {count} tiles with those that are flipped: more than {_LIMITS}")
    if height != width and (flags & DIAGONAL).any():
        raise DataError(f"{path}: tiles that are not square are turned by 90 degrees")
    pictures = tileset.pictures[tiles]
    squares = np.full((len(tiles), 9), NO_TERRAIN, np.int16)
    squares[:, _PLACES] = tileset.codes[tiles]
    codes: Int16Array = squares.reshape(-1, 3, 3)
    codes = _flip(codes, flags).reshape(-1, 9)[:, list(_PLACES)]

    def longer(old: AnyArray, new: AnyArray) -> AnyArray:
        return np.concatenate([old, new])

    return replace(
        tileset,
        pictures=longer(tileset.pictures, _flip(pictures, flags)),
        codes=longer(tileset.codes, codes),
        centres=longer(tileset.centres, tileset.centres[tiles]),
        probabilities=longer(tileset.probabilities, tileset.probabilities[tiles]),
        solid=longer(tileset.solid, tileset.solid[tiles]),
    )


def _flip(squares: AnyArray, flags: Int64Array) -> AnyArray:
    """Flip each of (N, H, W, ...) by its flags."""
    made = squares.copy()
    for number, flag in enumerate(flags.tolist()):
        if flag & DIAGONAL:
            made[number] = made[number].swapaxes(0, 1).copy()
        if flag & HORIZONTAL:
            made[number] = made[number][:, ::-1].copy()
        if flag & VERTICAL:
            made[number] = made[number][::-1].copy()
    return made
