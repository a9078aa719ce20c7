"""`make_level`: a finite map from a seed, with a closed border and one connected walkable region."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from tilewright.arrays import BoolArray, Uint8Array
from tilewright.errors import UsageError
from tilewright.level.constraints import Border
from tilewright.level.examples import GLYPHS, KINDS, STYLES, WALKABLE
from tilewright.level.overlap import Overlap, learn
from tilewright.level.paths import join
from tilewright.level.solver import solve
from tilewright.seeds import check_seed

MIN_SIDE, MAX_SIDE = 8, 512

_LEVEL_ATTEMPTS = 6
_MIN_SHARE = 5  # a level is accepted if at least one in _MIN_SHARE cells is walkable
_KEEP_REGION = 6  # cells; smaller regions are filled, not connected
_WALL = KINDS.index("wall")


@dataclass(frozen=True, eq=False)
class Level:
    """A map of height x width cells. Its border is not walkable, and all walkable cells are connected.

    kinds: names of the kinds. cells: uint8 (H, W), indices into `kinds`; read-only. walkable: bool (H, W);
    read-only. start: (row, column), a walkable cell near the middle. seed, style: the arguments of
    `make_level`.

    `str(level)` draws it in characters, one line per row.
    """

    kinds: tuple[str, ...]
    cells: Uint8Array
    walkable: BoolArray
    start: tuple[int, int]
    seed: int
    style: str

    def __str__(self) -> str:
        glyphs = [GLYPHS[kind] for kind in self.kinds]
        rows = [[glyphs[cell] for cell in row] for row in self.cells.tolist()]
        row, column = self.start
        rows[row][column] = "@"
        return "\n".join("".join(line) for line in rows)


def level_styles() -> tuple[str, ...]:
    """Return the names of the styles of `make_level`."""
    return tuple(STYLES)


def make_level(width: int, height: int, seed: int = 0, style: str = "dungeon") -> Level:
    """Generate a level. The same arguments give the same level on every machine.

    width, height: cells, 8 .. 512. seed: 0 .. 2**64 - 1. style: one of `level_styles()`.

    At least a fifth of the cells are walkable. Raises UsageError for an argument out of range.
    """
    for name, side in (("width", width), ("height", height)):
        if (
            isinstance(side, bool)
            or not isinstance(side, (int, np.integer))
            or not MIN_SIDE <= side <= MAX_SIDE
        ):
            raise UsageError(
                f"make_level(): {name} must be an integer in {MIN_SIDE}..{MAX_SIDE} cells, not {side!r}"
            )
    seed = check_seed(seed, "make_level()")
    if style not in STYLES:
        raise UsageError(f"make_level(): style must be one of {', '.join(STYLES)}, not {style!r}")
    ground = KINDS.index(STYLES[style].ground)
    for attempt in range(_LEVEL_ATTEMPTS):
        cells = _collapse(int(height), int(width), seed, style, attempt)
        cells = join(cells, _walkable(cells), ground, _KEEP_REGION)
        if _walkable(cells).sum() * _MIN_SHARE >= cells.size:
            break
    else:
        cells = _with_hall(cells, ground)
    walkable = _walkable(cells)
    cells.setflags(write=False)
    walkable.setflags(write=False)
    return Level(KINDS, cells, walkable, _start(walkable), seed, style)


@cache
def _learned(style: str) -> Overlap:
    return learn(_parse(STYLES[style].example))


def _parse(example: str) -> Uint8Array:
    kinds = {glyph: KINDS.index(kind) for kind, glyph in GLYPHS.items()}
    return np.array([[kinds[glyph] for glyph in line] for line in example.splitlines()], dtype=np.uint8)


def _walkable(cells: Uint8Array) -> BoolArray:
    return np.isin(cells, [KINDS.index(kind) for kind in WALKABLE])


def _collapse(height: int, width: int, seed: int, style: str, attempt: int) -> Uint8Array:
    """Return cells uint8 (height, width) surrounded by walls."""
    overlap = _learned(style)
    patterns = overlap.patterns
    size = patterns.shape[1]
    rows, columns = height - size + 1, width - size + 1
    edges = {
        "top": patterns[:, 0],
        "bottom": patterns[:, -1],
        "left": patterns[:, :, 0],
        "right": patterns[:, :, -1],
    }
    walls = [
        Border(np.flatnonzero((edge == _WALL).all(axis=1)), (side,), side) for side, edge in edges.items()
    ]
    solution = solve(overlap.rules, rows, columns, (seed + attempt) % 2**64, walls)
    if solution.tiles is None:  # a map too small for the style
        return np.full((height, width), _WALL, dtype=np.uint8)
    return overlap.decode(solution.tiles)


def _with_hall(cells: Uint8Array, ground: int) -> Uint8Array:
    """Add a hall in the middle that is large enough for the guaranteed share, and connect everything to it."""
    height, width = cells.shape
    rows, columns = height // 2 + 1, width // 2 + 1
    top, left = (height - rows) // 2, (width - columns) // 2
    cells[top : top + rows, left : left + columns] = ground
    return join(cells, _walkable(cells), ground, _KEEP_REGION)


def _start(walkable: BoolArray) -> tuple[int, int]:
    """Return the walkable cell nearest to the middle, surrounded by free cells if there is one."""
    roomy = walkable.copy()
    for row_step in (-1, 0, 1):
        for column_step in (-1, 0, 1):
            roomy &= np.roll(walkable, (row_step, column_step), axis=(0, 1))
    rows, columns = np.nonzero(roomy if roomy.any() else walkable)
    distances = (2 * rows - walkable.shape[0]) ** 2 + (2 * columns - walkable.shape[1]) ** 2
    nearest = int(distances.argmin())
    return int(rows[nearest]), int(columns[nearest])
