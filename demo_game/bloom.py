"""The exchange of a depth's pictures: cell by cell, from the hero outwards."""

import pygame

from .rules.grid import Cell

_STEPS_PER_CELL = 2  # of the game, for a cell of distance
_SCATTER = 5  # steps by which cells of the same distance differ


class Bloom:
    """Pictures of a map, some of whose cells are of `before` still. maps: one for each frame of `after`.

    origin: the cell that changes first. clock: of the run, in steps.
    """

    def __init__(
        self, before: list[pygame.Surface], after: list[pygame.Surface], tile: int, origin: Cell, clock: int
    ) -> None:
        self._after, self._tile = after, tile
        self.maps = [before[frame % len(before)].copy() for frame in range(len(after))]
        width, height = after[0].get_size()
        self._left = sorted(
            (
                (
                    clock
                    + int(_STEPS_PER_CELL * ((row - origin[0]) ** 2 + (column - origin[1]) ** 2) ** 0.5)
                    + (row * 7 + column * 5 + row * column) % _SCATTER,
                    row,
                    column,
                )
                for row in range(height // tile)
                for column in range(width // tile)
            ),
            reverse=True,
        )

    def advance(self, clock: int) -> bool:
        """Change the cells that are due. Returns False once all have changed."""
        while self._left and self._left[-1][0] <= clock:
            _, row, column = self._left.pop()
            area = (column * self._tile, row * self._tile, self._tile, self._tile)
            for changed, after in zip(self.maps, self._after, strict=True):
                changed.blit(after, area, area)
        return bool(self._left)
