"""A terrain with the tiles of an artist's autotile."""

from dataclasses import dataclass

from tilewright.arrays import BoolArray, Uint8Array

from .layouts import CODES

OPAQUE = 128  # lowest alpha of a pixel that is drawn


@dataclass(frozen=True, eq=False)
class Autotile:
    """A terrain that is drawn on another one, or on nothing.

    name: the terrain inside the border. outside: the terrain outside it; None for a terrain that covers
    everything. tiles: uint8 (256, T, T, 4), by mask of neighbours, or (16, T, T, 4), by the code of four cells
    (layouts.py). fills: uint8 (F, T, T, 4), the tiles of cells whose neighbours all have this terrain. shape:
    in maps (recipe.py). drawn: bool (256,), the masks that have a tile; None for all. Maps do without the others.

    Tiles may be transparent where the terrain outside shows.
    """

    name: str
    outside: str | None
    tiles: Uint8Array
    fills: Uint8Array
    shape: str | None = None
    drawn: BoolArray | None = None

    @property
    def between_cells(self) -> bool:
        """Whether tiles lie between four cells."""
        return len(self.tiles) == CODES

    @property
    def covers_cells(self) -> bool:
        """Whether its tiles hide parts of cells that do not have it, so that other terrains must not touch it."""
        return self.between_cells and bool((self.tiles[1:, ..., 3] >= OPAQUE).all())
