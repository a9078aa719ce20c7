"""What the terrain codes of a tileset are: corners, edges, or both. Editors have a mode for each."""

from typing import Literal

from tilewright.tileset.tileset import CORNERS, EDGES, NO_TERRAIN, Tileset

WangType = Literal["corner", "edge", "mixed"]


def wang_type(tileset: Tileset) -> WangType | None:
    """Return at which positions the tiles have terrains, or None if there are none."""
    used = (tileset.codes != NO_TERRAIN).any(axis=0)
    if not used.any():
        return None
    if not used[EDGES].any():
        return "corner"
    return "mixed" if used[CORNERS].any() else "edge"


def main_terrain(tileset: Tileset, tile: int) -> int:
    """Return the terrain of the tile itself; if it has none, the most frequent of its code, or -1."""
    centre = int(tileset.centres[tile])
    found: list[int] = [terrain for terrain in tileset.codes[tile].tolist() if terrain != NO_TERRAIN]
    if centre != NO_TERRAIN or not found:
        return centre
    return max(sorted(set(found)), key=found.count)
