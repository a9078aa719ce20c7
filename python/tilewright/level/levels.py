"""`make_level`: a finite map from a seed, with a start, an exit, locked doors and their keys, that can be finished."""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import BoolArray, Uint8Array
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.level.draws import Noises
from tilewright.level.kinds import GLYPHS, KINDS, walkable
from tilewright.level.layout import Layout, plan
from tilewright.level.paths import distances
from tilewright.level.props import place_props
from tilewright.level.styles import STYLES
from tilewright.level.terrain import Cell, Terrain, build
from tilewright.seeds import check_seed

MIN_SIDE, MAX_SIDE = 8, 512
_MOST_LOCKS = 3
_STEPS_PER_LOCK = 20
_NEAR = 64  # cells around the middle of an area that are candidates for an object
_MARKS = {"exit": ">", "key": "k", "door": "+", "treasure": "$"}


@dataclass(frozen=True)
class LevelObject:
    """Something on a cell of a level.

    kind: "key", "door", "treasure", "exit", or a prop of the style, such as "pillar". row, column: its cell. lock: the
    number of the door, for a door and its key, else -1. solid: whether it is why its cell is not walkable.
    """

    kind: str
    row: int
    column: int
    lock: int = -1
    solid: bool = False


@dataclass(frozen=True, eq=False)
class Level:
    """A map of height x width cells. Its border is not walkable, and all walkable cells are connected.

    kinds: names of the kinds. cells: uint8 (H, W), indices into `kinds`; read-only. walkable: bool (H, W);
    read-only. Cells of doors are walkable. start, exit: (row, column), walkable cells. objects: what is on the
    cells. Door k needs the key with the same `lock`; the exit cannot be reached without passing it. steps: the
    length of the shortest way from the start over all keys to the exit. difficulty: 100 * (steps + 20 * doors) //
    (height + width).
    carved: bool (H, W), cells that were closed and were opened so that the level can be finished; read-only.
    seed, style: the arguments of `make_level`.

    `str(level)` draws it in characters, one line per row.
    """

    kinds: tuple[str, ...]
    cells: Uint8Array
    walkable: BoolArray
    carved: BoolArray
    start: Cell
    exit: Cell
    objects: tuple[LevelObject, ...]
    steps: int
    difficulty: int
    seed: int
    style: str

    def __str__(self) -> str:
        glyphs = [GLYPHS[kind] for kind in self.kinds]
        rows = [[glyphs[cell] for cell in row] for row in self.cells.tolist()]
        for thing in self.objects:
            if thing.kind in _MARKS:
                rows[thing.row][thing.column] = _MARKS[thing.kind]
        rows[self.start[0]][self.start[1]] = "@"
        return "\n".join("".join(line) for line in rows)


def level_styles() -> tuple[str, ...]:
    """Return the names of the styles of `make_level`."""
    return tuple(STYLES)


def make_level(width: int, height: int, seed: int = 0, style: str = "dungeon") -> Level:
    """Generate a level that can be finished. The same arguments give the same level on every machine.

    width, height: cells, 8 .. 512. seed: 0 .. 2**64 - 1. style: one of `level_styles()`. Levels of about 30 x 20 cells
    and more have one to three locked doors.

    At least a fifth of the cells are walkable. Raises UsageError for an argument out of range.
    """
    for name, side in (("width", width), ("height", height)):
        if (
            isinstance(side, bool)
            or not isinstance(side, (int, np.integer))
            or not MIN_SIDE <= side <= MAX_SIDE
        ):
            raise UsageError(
                f"make_level(): {name} must be an integer in {MIN_SIDE}..{MAX_SIDE} cells, not {side!r:.60}"
            )
    seed = check_seed(seed, "make_level()")
    if style not in STYLES:
        raise UsageError(f"make_level(): style must be one of {', '.join(STYLES)}, not {style!r:.60}")
    height, width = int(height), int(width)
    for most_locks in range(_MOST_LOCKS, 0, -1):
        level = _attempt(height, width, seed, style, most_locks)
        if level is not None:
            return level
    level = _attempt(height, width, seed, style, 0)
    assert level is not None, "a level without doors can always be finished"
    return level


def _attempt(height: int, width: int, seed: int, style: str, most_locks: int) -> Level | None:
    """Return a level with up to `most_locks` doors, or None if one has no place."""
    number = list(STYLES).index(style)
    draws = Draws(seed, number * (_MOST_LOCKS + 1) + most_locks)
    layout = plan(height, width, draws, most_locks, STYLES[style].voids)
    terrain = build(layout, height, width, STYLES[style], Noises(seed, number), draws)
    if terrain is None:
        return None
    objects = _objects(layout, terrain, draws)
    start = layout.centres[layout.start]
    end = next((thing.row, thing.column) for thing in objects if thing.kind == "exit")
    cells = terrain.cells
    reserved = terrain.ways.copy()
    for row, column in [start, *((thing.row, thing.column) for thing in objects)]:
        reserved[row, column] = True
    name, kind = STYLES[style].solid
    for sort, places in place_props(terrain.open, reserved, seed):
        for row, column in places:
            solid = sort == 0
            if solid:
                cells[row, column] = kind
            objects.append(
                LevelObject(name if solid else STYLES[style].props[sort - 1], row, column, solid=solid)
            )
    free = walkable(cells)
    steps = _steps(free, start, end, objects)
    if steps is None:
        return None
    cells.setflags(write=False)
    free.setflags(write=False)
    terrain.carved.setflags(write=False)
    difficulty = 100 * (steps + _STEPS_PER_LOCK * len(terrain.doors)) // (height + width)
    return Level(
        KINDS, cells, free, terrain.carved, start, end, tuple(objects), steps, difficulty, seed, style
    )


def _objects(layout: Layout, terrain: Terrain, draws: Draws) -> list[LevelObject]:
    """Return doors, keys, exit and treasures, each on a cell of its own, near the middle of its area."""
    width = terrain.open.shape[1]
    objects = [LevelObject("door", row, column, lock) for lock, (row, column) in enumerate(terrain.doors)]
    passable = [int(cell) for cell in terrain.open.ravel()]
    for row, column in terrain.doors:
        passable[row * width + column] = 0
    start_row, start_column = layout.centres[layout.start]
    taken = {start_row * width + start_column}

    def put(kind: str, area: int, lock: int = -1) -> None:
        row, column = layout.centres[area]
        is_only = kind == "exit" and area == layout.start
        reached = list(distances(passable, width, row * width + column, None if is_only else _NEAR))
        if is_only:
            reached.reverse()  # a level of one area: as far as possible
        else:
            reached = reached[: 1 + draws.below(12)][::-1] + reached
        cell = next((cell for cell in reached if cell not in taken), None)
        if cell is not None:
            taken.add(cell)
            objects.append(LevelObject(kind, cell // width, cell % width, lock))

    put("exit", layout.exit)
    for lock, area in enumerate(layout.keys):
        put("key", area, lock)
    for area in layout.treasures:
        put("treasure", area)
    return objects


def _steps(free: BoolArray, start: Cell, end: Cell, objects: list[LevelObject]) -> int | None:
    """Return the steps of the shortest way from the start over all keys, each before its door, to the end.

    Returns None if there is no such way. Keys are taken in the order of their doors: each but the first lies behind the
    door before.
    """
    width = free.shape[1]
    passable = [int(cell) for cell in free.ravel()]
    where = {(thing.kind, thing.lock): thing.row * width + thing.column for thing in objects}
    locks = sorted(lock for kind, lock in where if kind == "door")
    for lock in locks:
        passable[where["door", lock]] = 0
    steps, here = 0, start[0] * width + start[1]
    for goal, opens in [(where.get(("key", lock)), lock) for lock in locks] + [
        (end[0] * width + end[1], None)
    ]:
        reached = distances(passable, width, here)
        if goal is None or goal not in reached:
            return None
        steps, here = steps + reached[goal], goal
        if opens is not None:
            passable[where["door", opens]] = 1
    return steps
