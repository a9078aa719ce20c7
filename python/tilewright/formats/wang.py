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
