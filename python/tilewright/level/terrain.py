"""The terrain of a level: what is open and what is closed in each area of a plan, and the kinds of cells."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.arrays import BoolArray, Int64Array, Uint8Array
from tilewright.draws import Draws
from tilewright.level.draws import Noises, lowest
from tilewright.level.kinds import FLOOR, WATER
from tilewright.level.layout import VOID, Layout
from tilewright.level.paths import cheapest, label
from tilewright.level.styles import Style

_CLOSED = -1
_WAY, _OPEN, _CARVED = 2, 3, 9  # the prices of cells for ways: known ways, other open cells, closed ones
_POCKET = 6  # cells; smaller pockets are filled, larger ones are connected
_LEAST_SHARE = 4  # one in so many cells is open, or more, before props and pockets are closed
_SIDES = ((-1, 0), (0, 1), (1, 0), (0, -1))
# The numbers of noise maps.
_WOBBLE_ROWS, _WOBBLE_COLUMNS, _SHAPE, _POOLS, _PATCHES = range(5)

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Terrain:
    """cells: uint8 (H, W), kinds. open: bool (H, W), whether one can walk there. ways: bool (H, W), open cells that the
    ways between areas use. carved: bool (H, W), cells that were closed, and are open for ways and pockets. doors: the
    cell of each door, in their order.
    """

    cells: Uint8Array
    open: BoolArray
    ways: BoolArray
    carved: BoolArray
    doors: tuple[Cell, ...]


def build(
    layout: Layout, height: int, width: int, style: Style, noises: Noises, draws: Draws
) -> Terrain | None:
    """Return the terrain of a plan, or None if a door or a way has no place. Without doors there always is one.

    Stages of the level touch at doors only. All open cells of a stage are connected.
    """
    owner, rows, columns = _owners(layout, height, width, style, noises)
    stage = np.array(layout.stage)[owner]
    if not layout.doors:
        stage[stage == VOID] = 0
    zone = np.full((height, width), _CLOSED, dtype=np.int64)
    zone[1:-1, 1:-1] = stage[1:-1, 1:-1]
    fence = np.zeros((height, width), dtype=np.bool_)
    for step in _SIDES:
        other = _moved(zone, step, _CLOSED)
        fence |= (other >= 0) & (zone > other)
    zone[fence] = _CLOSED
    doors = [_door(layout, number, owner, zone, fence) for number in range(len(layout.doors))]
    opened = _open(layout, owner, rows, columns, style, noises, draws) & (zone >= 0)
    pools = np.zeros_like(opened)
    if style.liquid:
        pools = lowest(noises(_POOLS, height, width, style.grain + 1), opened, style.liquid)
        opened &= ~pools
    if style.houses:
        _build_houses(layout, opened, zone, draws)
    for area, (row, column) in enumerate(layout.centres):
        if layout.stage[area] != VOID:
            opened[row - 1 : row + 2, column - 1 : column + 2] = True
    opened &= zone >= 0
    _grow(opened, zone)
    zones: list[int] = zone.ravel().tolist()
    prices = np.where(opened, _OPEN, _CARVED).ravel().tolist()
    bridges: set[int] = set()
    used: set[int] = set()
    for first, last in _routes(layout, doors, width):
        path = None if last is None else cheapest(prices, zones, zones[first], width, first, last.__eq__)
        if path is None:
            return None
        used.update(path)
        for cell in path:
            if prices[cell] == _CARVED:
                bridges.add(cell)
            prices[cell] = _WAY
    opened |= _mask(used, opened)
    bridges |= _join_pockets(layout, opened, prices, zones)
    ways = _mask(used, opened)
    carved = _mask(bridges, opened)
    cells = _paint(opened, pools & ~opened, fence, ways, carved, style, noises)
    at = [door[0] for door in doors if door]
    for door in at:
        cells[door], opened[door], ways[door] = FLOOR, True, True
    return Terrain(cells, opened, ways, carved, tuple(at))


def _mask(numbers: set[int], like: BoolArray) -> BoolArray:
    mask = np.zeros(like.size, dtype=np.bool_)
    mask[list(numbers)] = True
    return mask.reshape(like.shape)


def _moved(values: npt.NDArray[Any], step: Cell, fill: int) -> npt.NDArray[Any]:
    """Return the value of the neighbour at a step, for every cell."""
    height, width = values.shape
    padded = np.pad(values, 1, constant_values=fill)
    return padded[1 + step[0] : 1 + step[0] + height, 1 + step[1] : 1 + step[1] + width]


def _owners(
    layout: Layout, height: int, width: int, style: Style, noises: Noises
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Return the area of each cell, and the rows and columns that decide it; all int64 (H, W).

    Rectangles for rooms; else the area of the nearest centre, from rows and columns that wobble.
    """
    across = len(layout.columns) - 1
    indices = np.indices((height, width), dtype=np.int64)
    rows, columns = indices[0], indices[1]
    grid_row = np.clip(
        np.searchsorted(layout.rows, np.arange(height), side="right") - 1, 0, len(layout.rows) - 2
    )
    grid_column = np.clip(np.searchsorted(layout.columns, np.arange(width), side="right") - 1, 0, across - 1)
    owner = grid_row[:, None] * across + grid_column[None, :]
    if style.shape == "rooms":
        return owner, rows, columns
    rows = rows + _wobble(noises, _WOBBLE_ROWS, height, width)
    columns = columns + _wobble(noises, _WOBBLE_COLUMNS, height, width)
    centres = np.array(layout.centres)
    best = np.full((height, width), np.iinfo(np.int64).max)
    for row_step in (-1, 0, 1):
        for column_step in (-1, 0, 1):
            near_row = np.clip(grid_row + row_step, 0, len(layout.rows) - 2)
            near_column = np.clip(grid_column + column_step, 0, across - 1)
            area = near_row[:, None] * across + near_column[None, :]
            distance = (rows - centres[area, 0]) ** 2 + (columns - centres[area, 1]) ** 2
            owner = np.where(distance < best, area, owner)
            best = np.minimum(distance, best)
    for number, (row, column) in enumerate(layout.centres):
        owner[row - 1 : row + 2, column - 1 : column + 2] = number
    return owner, rows, columns


def _wobble(noises: Noises, number: int, height: int, width: int) -> Int64Array:
    """Return smooth noise of -2 .. 2 cells."""
    values = noises(number, height, width, 2)
    values -= values.min()
    wobble: Int64Array = values * 5 // (values.max() + 1) - 2
    return wobble


def _door(
    layout: Layout, number: int, owner: Int64Array, zone: Int64Array, fence: BoolArray
) -> tuple[Cell, Cell, Cell] | None:
    """Return the cell of a door in the fence between two stages, and the open cells before and behind it."""
    before, behind = layout.doors[number]
    middle = np.array(layout.centres[before]) + np.array(layout.centres[behind])
    best: tuple[int, Cell, Cell, Cell] | None = None
    for row_step, column_step in _SIDES:
        near = _moved(np.where(zone == number, owner, _CLOSED), (row_step, column_step), _CLOSED) == before
        far = (
            _moved(np.where(zone == number + 1, owner, _CLOSED), (-row_step, -column_step), _CLOSED) == behind
        )
        for row, column in np.argwhere(fence & near & far).tolist():
            distance = (2 * row - int(middle[0])) ** 2 + (2 * column - int(middle[1])) ** 2
            place = (
                distance,
                (row, column),
                (row + row_step, column + column_step),
                (row - row_step, column - column_step),
            )
            best = place if best is None else min(best, place)
    return None if best is None else best[1:]


def _routes(
    layout: Layout, doors: list[tuple[Cell, Cell, Cell] | None], width: int
) -> list[tuple[int, int | None]]:
    """Return the cells that ways connect, in pairs; (cell, None) for a door without a place."""
    centres = [row * width + column for row, column in layout.centres]
    routes: list[tuple[int, int | None]] = [(centres[a], centres[b]) for a, b in layout.ways]
    for (before, behind), door in zip(layout.doors, doors, strict=True):
        for area, side in ((before, 1), (behind, 2)):
            routes.append((centres[area], None if door is None else door[side][0] * width + door[side][1]))
    return routes


def _open(
    layout: Layout,
    owner: Int64Array,
    rows: Int64Array,
    columns: Int64Array,
    style: Style,
    noises: Noises,
    draws: Draws,
) -> BoolArray:
    """Return the open cells of all areas."""
    height, width = owner.shape
    everywhere = np.ones((height, width), dtype=np.bool_)
    if style.shape == "rooms":
        opened = np.zeros((height, width), dtype=np.bool_)
        across = len(layout.columns) - 1
        for area, (row, column) in enumerate(layout.centres):
            down, right_of = divmod(area, across)
            top, left = layout.rows[down] + (down > 0), layout.columns[right_of] + (right_of > 0)
            bottom, right = layout.rows[down + 1], layout.columns[right_of + 1]
            opened[
                draws.within(top, row - 1) : draws.within(row + 2, bottom),
                draws.within(left, column - 1) : draws.within(column + 2, right),
            ] = True
        return opened
    if style.shape == "islands":
        centres = np.array(layout.centres)[owner]
        distance = (rows - centres[..., 0]) ** 2 + (columns - centres[..., 1]) ** 2
        sizes = np.array([draws.within(9, 22) for _ in layout.centres])
        near: BoolArray = distance <= sizes[owner]
        return near
    return lowest(noises(_SHAPE, height, width, style.grain), everywhere, 100 - style.closed)


def _build_houses(layout: Layout, opened: BoolArray, zone: Int64Array, draws: Draws) -> None:
    """Put a house, walls with a door and a floor, into a corner of most areas."""
    for area, (row, column) in enumerate(layout.centres):
        if layout.stage[area] == VOID or draws.below(5) == 0:
            continue
        high, wide = draws.within(4, 5), draws.within(4, 6)
        top = row - high - 1 if draws.below(2) else row + 3
        left = column + draws.within(-wide, 0)
        around = (slice(max(0, top - 1), top + high + 1), slice(max(0, left - 1), left + wide + 1))
        place = zone[around]
        if place.shape != (high + 2, wide + 2) or (place != layout.stage[area]).any():
            continue
        opened[around] = True
        opened[top : top + high, left : left + wide] = False
        opened[top + 1 : top + high - 1, left + 1 : left + wide - 1] = True
        opened[top + high - 1 if top < row else top, left + draws.within(1, wide - 2)] = True


def _grow(opened: BoolArray, zone: Int64Array) -> None:
    """Open cells beside open ones until enough are."""
    while opened.sum() * _LEAST_SHARE < opened.size:
        more = np.zeros_like(opened)
        for step in _SIDES:
            more |= _moved(opened, step, False)
        more &= (zone >= 0) & ~opened
        if not more.any():
            return
        opened |= more


def _join_pockets(layout: Layout, opened: BoolArray, prices: list[int], zones: list[int]) -> set[int]:
    """Fill small open regions without a centre, and connect the others by the cheapest path.

    Changes `opened`. Returns the cells that such paths open.
    """
    width = opened.shape[1]
    regions, sizes = label(opened)
    region_of: list[int] = regions.ravel().tolist()
    centres = [row * width + column for row, column in layout.centres]
    joined = {region_of[cell] for cell, stage in zip(centres, layout.stage, strict=True) if stage != VOID}
    by_region = np.argsort(regions, axis=None, kind="stable")[regions.size - sum(sizes) :]
    members = np.split(by_region, np.cumsum(sizes)[:-1])
    carved: set[int] = set()
    for region, here in enumerate(members):
        if region in joined:
            continue
        path = None
        first = int(here[0])
        if len(here) >= _POCKET:
            path = cheapest(prices, zones, zones[first], width, first, lambda cell: region_of[cell] in joined)
        if path is None:
            opened.reshape(-1)[here] = False
            for cell in here.tolist():
                region_of[cell], prices[cell] = -1, _CARVED
            continue
        joined.update(region_of[cell] for cell in path if region_of[cell] >= 0)
        for cell in path:
            if region_of[cell] < 0:
                carved.add(cell)
                region_of[cell], prices[cell] = region, _OPEN
    opened |= _mask(carved, opened)
    return carved


def _paint(
    opened: BoolArray,
    pools: BoolArray,
    fence: BoolArray,
    ways: BoolArray,
    bridges: BoolArray,
    style: Style,
    noises: Noises,
) -> Uint8Array:
    """Return the kinds of all cells."""
    height, width = opened.shape
    cells = np.full((height, width), style.outside, dtype=np.uint8)
    cells[pools] = style.pool
    cells[fence & ~opened] = style.fence
    cells[opened] = style.ground
    if style.patch:
        cells[lowest(noises(_PATCHES, height, width, 2), opened, style.patch)] = style.meadow
    if style.shore is not None:
        water = cells == WATER
        beside = np.zeros_like(water)
        for row_step in (-1, 0, 1):
            for column_step in (-1, 0, 1):
                beside |= _moved(water, (row_step, column_step), False)
        cells[opened & beside] = style.shore
    if style.way is not None:
        cells[ways] = style.way
    cells[bridges & opened] = style.bridge
    return cells
