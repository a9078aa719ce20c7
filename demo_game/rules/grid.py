"""Places, walls and ways on a grid of cells.

A cell is CELL units wide. A position (x, y) is the middle of a body's feet in units; a cell is (row, column).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

CELL = 256
Cell = tuple[int, int]
HEADINGS = ((1, 0), (-1, 0), (0, 1), (0, -1))

# The feet are smaller than a cell, so that bodies fit through doorways easily.
_HALF_WIDTH, _HALF_HEIGHT = 80, 64
_CORNER = 96  # the largest distance from an opening at which a body is steered around the corner
_FAR = 1 << 30


@dataclass
class Body:
    """Something that walks. left: whether it faces left. stride: steps since it stood still."""

    x: int
    y: int
    facing: tuple[int, int] = (0, 1)
    left: bool = False
    stride: int = 0

    @property
    def cell(self) -> Cell:
        """The cell of its feet."""
        return self.y // CELL, self.x // CELL

    def near(self, x: int, y: int, reach: int) -> bool:
        """Whether a position is less than `reach` units away in both directions."""
        return abs(self.x - x) < reach and abs(self.y - y) < reach


class Grid:
    """The cells of a depth and which of them can be walked on. Doors close and open cells."""

    def __init__(self, open_cells: Iterable[Iterable[bool]]) -> None:
        self.open = [[bool(cell) for cell in row] for row in open_cells]
        self.height, self.width = len(self.open), len(self.open[0])

    def is_open(self, cell: Cell) -> bool:
        """Whether a cell can be walked on. Cells outside cannot."""
        row, column = cell
        return 0 <= row < self.height and 0 <= column < self.width and self.open[row][column]

    def fits(self, x: int, y: int) -> bool:
        """Whether feet at (x, y) are on open cells only."""
        columns = range((x - _HALF_WIDTH) // CELL, (x + _HALF_WIDTH - 1) // CELL + 1)
        return all(
            self.open[row][column]
            for row in range((y - _HALF_HEIGHT) // CELL, (y + _HALF_HEIGHT - 1) // CELL + 1)
            for column in columns
        )

    def move(self, body: Body, dx: int, dy: int) -> bool:
        """Move each axis until a wall blocks it. Returns whether the whole distance was possible."""
        whole = True
        for step_x, step_y in ((dx, 0), (0, dy)):
            while step_x or step_y:
                if self.fits(body.x + step_x, body.y + step_y):
                    body.x += step_x
                    body.y += step_y
                    break
                whole = False
                step_x, step_y = int(step_x / 2), int(step_y / 2)
        return whole

    def walk(self, body: Body, dx: int, dy: int, speed: int) -> bool:
        """Walk one step in the direction (dx, dy), each -1, 0 or 1, around corners. Returns whether it moved."""
        before = body.x, body.y
        if dx or dy:
            pace = speed * 181 // 256 if dx and dy else speed  # 181/256 is about 1/sqrt(2)
            if not self.move(body, dx * pace, dy * pace) and (dx == 0) != (dy == 0):
                self._round_corner(body, dx * pace, dy * pace, speed)
            body.facing = (dx, 0) if dx and (not dy or body.facing[0] == dx) else (0, dy) if dy else (dx, 0)
            body.left = dx < 0 if dx else body.left
        moved = (body.x, body.y) != before
        body.stride = body.stride + 1 if moved else 0
        return moved

    def _round_corner(self, body: Body, dx: int, dy: int, speed: int) -> None:
        for miss in range(8, _CORNER + 1, 8):
            for sign in (-1, 1):
                aside_x, aside_y = (0, sign * miss) if dx else (sign * miss, 0)
                if self.fits(body.x + dx + aside_x, body.y + dy + aside_y):
                    step = sign * min(miss, speed)
                    self.move(body, 0 if dx else step, step if dx else 0)
                    return

    def sees(self, start: Cell, end: Cell) -> bool:
        """Whether a straight line between two cells crosses open cells only (Bresenham's line)."""
        (row, column), (last_row, last_column) = start, end
        across, down = abs(last_column - column), -abs(last_row - row)
        step_x, step_y = (1 if last_column > column else -1), (1 if last_row > row else -1)
        error = across + down
        while (row, column) != end:
            if not self.open[row][column]:
                return False
            twice = 2 * error
            if twice >= down:
                error += down
                column += step_x
            if twice <= across:
                error += across
                row += step_y
        return True

    def distances(self, goals: Iterable[Cell], most: int = _FAR) -> dict[Cell, int]:
        """Return the steps from each cell to the nearest goal, for cells at most `most` steps away."""
        found = dict.fromkeys(goals, 0)
        waiting = deque(found)
        while waiting:
            cell = waiting.popleft()
            steps = found[cell] + 1
            if steps > most:
                break
            row, column = cell
            for near in ((row, column + 1), (row, column - 1), (row + 1, column), (row - 1, column)):
                if near in found:
                    continue
                down, across = near  # `is_open` takes twice the time, and bodies ask for ways all the time
                if 0 <= down < self.height and 0 <= across < self.width and self.open[down][across]:
                    found[near] = steps
                    waiting.append(near)
        return found


def middle(cell: Cell) -> tuple[int, int]:
    """Return the position (x, y) of the middle of a cell."""
    return cell[1] * CELL + CELL // 2, cell[0] * CELL + CELL // 2


def towards(body: Body, cell: Cell, slack: int = 24) -> tuple[int, int]:
    """Return the keys (dx, dy) that lead to the middle of a neighbouring cell."""
    x, y = middle(cell)
    away_x, away_y = x - body.x, y - body.y
    return (
        0 if abs(away_x) < slack else (1 if away_x > 0 else -1),
        0 if abs(away_y) < slack else (1 if away_y > 0 else -1),
    )


def downhill(distances: dict[Cell, int], cell: Cell) -> Cell:
    """Return the neighbour of a cell that is nearest to the goal of `distances`, or the cell itself."""
    row, column = cell
    near = ((row, column), (row, column + 1), (row, column - 1), (row + 1, column), (row - 1, column))
    return min(near, key=lambda one: distances.get(one, _FAR))
