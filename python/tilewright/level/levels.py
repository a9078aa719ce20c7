"""`make_level`: a finite map from a seed, with a closed border and one connected walkable region."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from tilewright.arrays import BoolArray, Int32Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.level.examples import GLYPHS, KINDS, STYLES, WALKABLE
from tilewright.level.overlap import Overlap, learn
from tilewright.level.paths import join
from tilewright.level.solver import solve
from tilewright.seeds import check_seed

MIN_SIDE, MAX_SIDE = 8, 512

_BLOCK = 40  # largest side that is solved at once; contradictions stay rare and cheap
_BLOCK_ATTEMPTS = 8
_STRIPS = (0, 4, 8, 16)  # widths of the neighbouring strips that are solved again, tried in order
_OPEN = -1  # no pattern is placed yet
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
    """Return cells uint8 (height, width) surrounded by walls, solved block by block in reading order."""
    overlap = _learned(style)
    size = overlap.patterns.shape[1]
    placed = np.full((height - size + 1, width - size + 1), _OPEN, dtype=np.int32)
    first_attempt = attempt << 16
    for rows in _blocks(placed.shape[0]):
        for columns in _blocks(placed.shape[1]):
            _solve_block(overlap, placed, rows, columns, seed, first_attempt)
            first_attempt += 2 * _BLOCK_ATTEMPTS
    cells = overlap.decode(placed)
    cells[[0, -1], :] = _WALL
    cells[:, [0, -1]] = _WALL
    return cells


def _blocks(length: int) -> list[slice]:
    """Divide 0 .. length into blocks of at most _BLOCK and nearly equal length. Thin blocks are often
    contradictory.
    """
    count = -(-length // _BLOCK)
    ends = [length * number // count for number in range(count + 1)]
    return [slice(begin, end) for begin, end in pairwise(ends)]


def _solve_block(
    overlap: Overlap, placed: Int32Array, rows: slice, columns: slice, seed: int, first_attempt: int
) -> None:
    """Place the patterns of a block, consistent with the blocks above and to the left.

    If their borders contradict each other, strips of them are solved again together with the block.
    """
    for number, strip in enumerate(_STRIPS):
        window = (
            slice(max(0, rows.start - strip), rows.stop),
            slice(max(0, columns.start - strip), columns.stop),
        )
        domains = _domains(overlap, placed, window)
        first = first_attempt + (number << 12)
        solved = solve(overlap.weights, overlap.allowed, domains, seed, first, _BLOCK_ATTEMPTS)
        if solved is not None:
            placed[window] = solved
            return
    domains = _domains(overlap, np.full_like(placed, _OPEN), (rows, columns))
    first = first_attempt + _BLOCK_ATTEMPTS
    solved = solve(overlap.weights, overlap.allowed, domains, seed, first, _BLOCK_ATTEMPTS)
    if solved is None:  # fallback: the example itself is a solution
        height, width = overlap.example.shape
        example_rows = np.arange(rows.start, rows.stop) % height
        example_columns = np.arange(columns.start, columns.stop) % width
        solved = overlap.example[np.ix_(example_rows, example_columns)]
    placed[rows, columns] = solved


def _domains(overlap: Overlap, placed: Int32Array, window: tuple[slice, slice]) -> Uint8Array:
    """Return uint8 (H, W, T) for a window: patterns that fit those placed around it, and walls along the
    border.
    """
    rows, columns = window
    patterns = overlap.patterns
    right_of, below = overlap.allowed
    height, width = placed.shape
    domains = np.ones((rows.stop - rows.start, columns.stop - columns.start, len(patterns)), dtype=np.uint8)

    def restrict(edge: Uint8Array, outside: Int32Array, allowed: Uint8Array) -> None:
        edge &= np.where((outside == _OPEN)[:, None], 1, allowed[outside]).astype(np.uint8)

    if rows.start:
        restrict(domains[0], placed[rows.start - 1, columns], below)
    else:
        domains[0] &= (patterns[:, 0, :] == _WALL).all(axis=1)
    if rows.stop < height:
        restrict(domains[-1], placed[rows.stop, columns], below.T)
    else:
        domains[-1] &= (patterns[:, -1, :] == _WALL).all(axis=1)
    if columns.start:
        restrict(domains[:, 0], placed[rows, columns.start - 1], right_of)
    else:
        domains[:, 0] &= (patterns[:, :, 0] == _WALL).all(axis=1)
    if columns.stop < width:
        restrict(domains[:, -1], placed[rows, columns.stop], right_of.T)
    else:
        domains[:, -1] &= (patterns[:, :, -1] == _WALL).all(axis=1)
    return domains


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
