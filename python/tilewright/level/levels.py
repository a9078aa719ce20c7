"""`make_level`: a finite map from a seed, closed at its border and walkable as one whole."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from tilewright.errors import UsageError
from tilewright.level.examples import GLYPHS, KINDS, STYLES, WALKABLE
from tilewright.level.overlap import Overlap, learn
from tilewright.level.paths import join
from tilewright.level.solver import solve
from tilewright.seeds import check_seed

BoolArray = npt.NDArray[np.bool_]
CellArray = npt.NDArray[np.uint8]

MIN_SIDE, MAX_SIDE = 8, 512

_BLOCK = 40  # solved at once: small enough that contradictions stay rare and cheap
_BLOCK_ATTEMPTS = 8
_LEVEL_ATTEMPTS = 6
_MIN_SHARE = 5  # a level is accepted when at least one cell in so many can be walked on
_KEEP_REGION = 6  # cells; smaller pockets are filled, not joined
_WALL = KINDS.index("wall")


@dataclass(frozen=True, eq=False)
class Level:
    """A map of height x width cells. Its border cannot be walked on; all walkable cells hang together.

    kinds: names of the kinds of cells.
    cells: uint8 (H, W), an index into `kinds`; read-only.
    walkable: bool (H, W); read-only.
    start: (row, column), a walkable cell near the middle.
    seed, style: what `make_level` was asked for.

    `str(level)` draws it in characters, a line per row.
    """

    kinds: tuple[str, ...]
    cells: CellArray
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
    """The names of the styles that `make_level` knows."""
    return tuple(STYLES)


def make_level(width: int, height: int, seed: int = 0, style: str = "dungeon") -> Level:
    """Make a level. The same arguments give the same level on every machine.

    width, height: cells, 8 .. 512. seed: 0 .. 2**64 - 1. style: one of `level_styles()`.

    At least a fifth of the cells can be walked on. Raises UsageError for an argument outside its range.
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


def _parse(example: str) -> CellArray:
    kinds = {glyph: KINDS.index(kind) for kind, glyph in GLYPHS.items()}
    return np.array([[kinds[glyph] for glyph in line] for line in example.splitlines()], dtype=np.uint8)


def _walkable(cells: CellArray) -> BoolArray:
    return np.isin(cells, [KINDS.index(kind) for kind in WALKABLE])


def _collapse(height: int, width: int, seed: int, style: str, attempt: int) -> CellArray:
    """Cells uint8 (height, width) with walls all around, solved block by block in reading order."""
    overlap = _learned(style)
    size = overlap.patterns.shape[1]
    placed = np.full((height - size + 1, width - size + 1), -1, dtype=np.int32)
    first_attempt = attempt << 16
    for top in range(0, placed.shape[0], _BLOCK):
        for left in range(0, placed.shape[1], _BLOCK):
            _solve_block(overlap, placed, top, left, seed, first_attempt)
            first_attempt += 2 * _BLOCK_ATTEMPTS
    cells = overlap.decode(placed)
    cells[[0, -1], :] = _WALL
    cells[:, [0, -1]] = _WALL
    return cells


def _solve_block(
    overlap: Overlap, placed: npt.NDArray[np.int32], top: int, left: int, seed: int, first_attempt: int
) -> None:
    """Place the patterns of the block at (top, left), continuing its upper and left neighbours if it can."""
    block = placed[top : top + _BLOCK, left : left + _BLOCK]
    alone = _walled_domains(overlap, placed, top, left)
    joined = alone.copy()
    if left:
        joined[:, 0] &= overlap.allowed[0][placed[top : top + _BLOCK, left - 1]]
    if top:
        joined[0] &= overlap.allowed[1][placed[top - 1, left : left + _BLOCK]]
    for domains, first in ((joined, first_attempt), (alone, first_attempt + _BLOCK_ATTEMPTS)):
        solved = solve(overlap.weights, overlap.allowed, domains, seed, first, _BLOCK_ATTEMPTS)
        if solved is not None:
            block[:] = solved
            return
    # The example itself is a solution, if a familiar one.
    rows = np.arange(top, top + block.shape[0]) % overlap.example.shape[0]
    columns = np.arange(left, left + block.shape[1]) % overlap.example.shape[1]
    block[:] = overlap.example[np.ix_(rows, columns)]


def _walled_domains(
    overlap: Overlap, placed: npt.NDArray[np.int32], top: int, left: int
) -> npt.NDArray[np.uint8]:
    """uint8 (H, W, T) for a block: every pattern anywhere, but only walls along the map's border."""
    patterns = overlap.patterns
    height, width = placed[top : top + _BLOCK, left : left + _BLOCK].shape
    domains = np.ones((height, width, len(patterns)), dtype=np.uint8)
    if top == 0:
        domains[0] &= (patterns[:, 0, :] == _WALL).all(axis=1)
    if top + height == placed.shape[0]:
        domains[-1] &= (patterns[:, -1, :] == _WALL).all(axis=1)
    if left == 0:
        domains[:, 0] &= (patterns[:, :, 0] == _WALL).all(axis=1)
    if left + width == placed.shape[1]:
        domains[:, -1] &= (patterns[:, :, -1] == _WALL).all(axis=1)
    return domains


def _with_hall(cells: CellArray, ground: int) -> CellArray:
    """Cells with a hall in the middle, large enough for the promised share, and all else joined to it."""
    height, width = cells.shape
    rows, columns = height // 2 + 1, width // 2 + 1
    top, left = (height - rows) // 2, (width - columns) // 2
    cells[top : top + rows, left : left + columns] = ground
    return join(cells, _walkable(cells), ground, _KEEP_REGION)


def _start(walkable: BoolArray) -> tuple[int, int]:
    """The walkable cell nearest to the middle, with free cells all around it where there is one."""
    roomy = walkable.copy()
    for row_step in (-1, 0, 1):
        for column_step in (-1, 0, 1):
            roomy &= np.roll(walkable, (row_step, column_step), axis=(0, 1))
    rows, columns = np.nonzero(roomy if roomy.any() else walkable)
    distances = (2 * rows - walkable.shape[0]) ** 2 + (2 * columns - walkable.shape[1]) ** 2
    nearest = int(distances.argmin())
    return int(rows[nearest]), int(columns[nearest])
